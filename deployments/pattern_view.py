"""``crashflow patterns``: which patterns there are, how one matches its examples, and what is wrong with packs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from db import patterns as stored_patterns
from db import session
from db.settings import Settings
from deployments import console
from tasks.clients import knowledge
from tasks.core import crash_json, pattern_examples, patterns_lint
from tasks.core.errors import NotFoundError
from tasks.core.frames import StackLists
from tasks.core.matching import CompiledPattern, PatternMatch
from tasks.core.pattern_examples import ReadExample
from tasks.core.patterns import Fault, Pattern, PatternPack
from tasks.steps import pattern_packs

_ROW = "{:<26} {:>7} {:>8}  {:<8}  {:<10}  {:<8}  {}"


def show_all(settings: Settings, *, is_json: bool) -> None:
    """Print a row for each pattern."""
    packs, faults = _packs(settings, knowledge.stack_lists())
    rows = [(pack.name, pattern) for pack in packs for pattern in pack.patterns]
    if is_json:
        for name, pattern in rows:
            console.raw(json.dumps({"pack": name, **pattern.model_dump(exclude={"examples"})}))
        return
    console.line(_ROW.format("pattern", "version", "examples", "severity", "template", "core bug", "title"))
    for _, pattern in rows:
        is_core = "yes" if pattern.is_core_bug else ""
        cells = (
            pattern.slug,
            pattern.version,
            len(pattern.examples),
            pattern.severity,
            pattern.template or "",
            is_core,
        )
        console.line(_ROW.format(*cells, pattern.title))
    for fault in faults:
        console.line(f"Refused: {fault.sentence}")


def show_one(settings: Settings, slug: str, *, is_json: bool) -> None:
    """
    Print everything that is known of a pattern, and how each of its expressions fares with its examples.

    Raises:
        NotFoundError: there is no such pattern; the text names some that are.
    """
    lists = knowledge.stack_lists()
    packs, _ = _packs(settings, lists)
    found = [(pack.name, pattern) for pack in packs for pattern in pack.patterns if pattern.slug == slug]
    if not found:
        known = ", ".join(pattern.slug for pack in packs for pattern in pack.patterns)
        raise NotFoundError(f"There is no pattern {slug}; there are: {known}.")
    for name, pattern in found:
        compiled = CompiledPattern(pattern=pattern)
        judged = [(example, example.match(compiled)) for example in pattern_examples.read_all(pattern, lists)]
        if is_json:
            console.raw(json.dumps(_value(name, pattern, judged)))
        else:
            _show(name, pattern, judged)


def lint(settings: Settings, paths: Sequence[Path], *, with_database: bool) -> bool:
    """Print what is wrong with the packs of these paths, or with all; return True where nothing is."""
    lists = knowledge.stack_lists()
    shipped = knowledge.pattern_packs()
    packs, faults = knowledge.read_packs(paths or settings.configuration.pattern_folders)
    names = {pack.name for pack in packs}
    others = [pack for pack in shipped if pack.name not in names]
    packs, known = (packs, others) if paths else ([*others, *packs], [])
    faults += patterns_lint.check(packs, lists, known)
    if with_database:
        faults += _changed(settings, packs)
    for fault in faults:
        console.line(fault.sentence)
    count = sum(len(pack.patterns) for pack in packs)
    if not faults:
        console.line(f"{count} pattern{'' if count == 1 else 's'}: nothing is wrong.")
    return not faults


def _packs(settings: Settings, lists: StackLists) -> tuple[list[PatternPack], list[Fault]]:
    return pattern_packs.collect(settings.configuration.pattern_folders, lists)


def _changed(settings: Settings, packs: Sequence[PatternPack]) -> list[Fault]:
    database = session.connect(settings)
    try:
        with database.transaction() as transaction:
            return patterns_lint.changed(packs, stored_patterns.imported(transaction))
    finally:
        database.close()


def _value(pack: str, pattern: Pattern, judged: Sequence[tuple[ReadExample, PatternMatch | None]]) -> dict[str, Any]:
    examples = [
        {
            "title": example.example.title,
            "origin": example.example.origin,
            "match": crash_json.match_json(match) if match else None,
            "is_match": bool(match and match.is_match),
        }
        for example, match in judged
    ]
    return {"pack": pack, **pattern.model_dump(exclude={"examples"}), "examples": examples}


def _show(pack: str, pattern: Pattern, judged: Sequence[tuple[ReadExample, PatternMatch | None]]) -> None:
    console.line(f"{pattern.title}")
    for name, text in _fields(pack, pattern):
        console.line(f"  {name:<11} {text}")
    for example, match in judged:
        console.line()
        console.line(f"  example     {example.example.title} ({example.example.origin})")
        for line in _evidence(example, match):
            console.line(f"    {line}")


def _fields(pack: str, pattern: Pattern) -> list[tuple[str, str]]:
    return [
        ("pattern", f"{pattern.slug}, version {pattern.version}, of pack {pack}"),
        ("how bad", f"{pattern.severity}, {pattern.category}"),
        ("kinds", ", ".join(pattern.kinds) or "any"),
        ("cause", pattern.root_cause),
        *((("remedy", pattern.remedy),) if pattern.remedy else ()),
        ("template", pattern.template or "none"),
        ("core bug", "yes: a person decides" if pattern.is_core_bug else "no"),
        ("fixes may change the core", "yes" if pattern.allows_core else "no"),
        ("location", pattern.location or "any place"),
        *(("stack", expression) for expression in pattern.stack),
        ("threshold", f"{pattern.threshold:.0%} of {len(pattern.stack)} stack expressions"),
        *(("evidence", text) for text in pattern.evidence),
    ]


def _evidence(example: ReadExample, match: PatternMatch | None) -> list[str]:
    if match is None:
        return [f"no match: {example.reason or 'kind or location are not those of the pattern'}"]
    verdict = "match" if match.is_match else "no match"
    lines = [f"{verdict}, {match.score:.0%}; location hit {match.location}"]
    for hit in match.matched:
        thread = f" of thread {hit.thread}" if hit.thread else ""
        lines.append(f"frame {hit.frame_index}{thread}: {hit.text} <- {hit.expression}")
    lines += [f"missed: {expression}" for expression in match.missing]
    return lines

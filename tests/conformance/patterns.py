"""
Do the patterns find real crashes, and no others?

Real examples are the server reports of the corpus; which of them is of which pattern is told below by the reports' own
grouping. Beside them run the examples that ship, and the first seven patterns as they were planned, on the same texts.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deployments import console
from tasks.clients.knowledge import pattern_packs, stack_lists
from tasks.core import parsers, pattern_examples, patterns_lint, signature
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.frames import StackLists
from tasks.core.matching import PatternIndex
from tasks.core.patterns import Pattern
from tests.conformance import corpus
from tests.conformance.corpus import LabelledText

TARGETS = {"false_matches": 0, "lint_faults": 0, "examples_matched": 1.0, "seeds_matching": 7}
_SEEDS = Path(__file__).with_name("seed_patterns.toml")

REPORTS: Mapping[str, tuple[str, ...]] = {
    "bih-collision": ("tc-playerbot-fork-docs#45270534381_1",),
    "spell-cpp-603": ("tc-playerbot-fork-docs#45773800580_1",),
    "map-cpp-686": ("tc-playerbot-fork-docs#45313602732_1",),
    "unit-10863-spellmod": ("tc-playerbot-fork-docs#45270534381_2", "tc-playerbot-fork-docs#45621962846_1"),
    "null-socket": (),
    "deadlock": (),
    "ghost-aura": ("tc-playerbot-fork-docs#45268257883_1",),
    "ai-value-context": tuple(
        f"mod-playerbots/mod-playerbots#{number}" for number in ("1105_1", "205_1", "1146_2", "2070_1", "2474_1")
    ),
    "stale-player-ai": ("mod-playerbots/mod-playerbots#1507_1", "mod-playerbots/mod-playerbots#2618_1"),
    "flee-map-entry": ("mod-playerbots/mod-playerbots#1146_1", "mod-playerbots/mod-playerbots#2608_1"),
    "bot-login-callback": (
        *(f"mod-playerbots/mod-playerbots#1840_{number}" for number in (2, 3, 4)),
        "ZhengPeiRu21/mod-playerbots#35_1",
    ),
    "dispel-null-aura": ("mod-playerbots/mod-playerbots#1934_1",),
    "event-dispatcher-shutdown": ("tc-playerbot-fork-docs#45864548376_1",),
    "map-object-race": ("tc-playerbot-fork-docs#45446565489_1",),
    "getmap-without-map": (
        "trickerer/Trinity-Bots#57_1",
        "trickerer/Trinity-Bots#212_1",
        *(f"TrinityCore/TrinityCore#{number}_1" for number in (17090, 17091, 21361)),
    ),
    "grid-out-of-range": ("TrinityCore/TrinityCore#27612_1", "TrinityCore/TrinityCore#21668_1"),
    "add-to-grid-twice": ("TrinityCore/TrinityCore#15808_1", "TrinityCore/TrinityCore#15684_1"),
    "aura-is-removed": ("TrinityCore/TrinityCore#22617_1", "TrinityCore/TrinityCore#22306_1"),
    "implicit-area-targets": ("TrinityCore/TrinityCore#18867_1", "TrinityCore/TrinityCore#22869_1"),
    "object-field-index": ("azerothcore/azerothcore-wotlk#13275_1", "azerothcore/azerothcore-wotlk#13275_2"),
    "spline-not-initialised": ("azerothcore/azerothcore-wotlk#17582_1", "azerothcore/azerothcore-wotlk#17571_1"),
    "delayed-damages": ("azerothcore/azerothcore-wotlk#16160_1", "azerothcore/azerothcore-wotlk#16142_1"),
    "stale-spell-mod": ("azerothcore/azerothcore-wotlk#26535_1",),
    "vmap-line-of-sight": (
        "ike3/mangosbot#25_1",
        "azerothcore/azerothcore-wotlk#21956_1",
        "cmangos/issues#190_1",
        "mangosR2/mangos#1418_1",
        "OregonCore/OregonCore#435_1",
        "OregonCore/OregonCore#480_1",
    ),
    "aura-holders-of-null-unit": ("cmangos/issues#3310_1", "cmangos/issues#3310_3"),
}
"""
Which reports are of which pattern: the groups of the corpus' index. Two groups hold crashes of two patterns, one by its
family and one by its place: the stale spell asserts in one core and is used in another, and the assertion on a missing
aura effect stands beside that on an effect that is there twice.
"""


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text under a name, and its crashes."""

    name: str
    crashes: tuple[Crash, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """How one pattern does: the names of the texts that it matches, by where they come from."""

    pattern: Pattern
    right: tuple[str, ...]
    false: tuple[str, ...]
    missed: tuple[str, ...]
    own: int
    others: tuple[str, ...]
    as_planned: tuple[str, ...] | None


def run(_: Sequence[LabelledText]) -> dict[str, Any]:
    """Print the table and what speaks against it; return figures, targets, and whether they are met."""
    root = corpus.folder()
    assert root is not None
    lists = stack_lists()
    packs = pattern_packs()
    patterns = [pattern for pack in packs for pattern in pack.patterns]
    reports = list(_texts((text.id, text.content()) for text in corpus.server_reports(root / "trinity")))
    foreign = list(_texts((text.id, text.content()) for text in corpus.load(root) if text.source != "trinity"))
    rows = _rows(patterns, [*reports, *foreign], lists)
    faults = patterns_lint.check(packs, lists)
    _show(rows, len(reports), len(foreign))
    for fault in faults:
        console.line(f"lint: {fault.sentence}")
    figures = _figures(rows, len(faults))
    is_met = all(figures[name] == target for name, target in TARGETS.items())
    return {"name": "patterns", "figures": figures, "targets": TARGETS, "met": is_met}


def planned() -> dict[str, Pattern]:
    """Return the first seven patterns as they were planned, by the slug of what became of them."""
    return {
        each["of"]: Pattern(
            slug=each["of"],
            version=1,
            title="as planned",
            location=each["location"],
            stack=tuple(each["stack"]),
            severity="high",
            category="as planned",
            root_cause="as planned",
        )
        for each in tomllib.loads(_SEEDS.read_text(encoding="utf-8"))["pattern"]
    }


def _rows(patterns: Sequence[Pattern], reports: Sequence[Text], lists: StackLists) -> list[Row]:
    examples = {
        pattern.slug: [
            Text(name=example.example.title, crashes=(example.crash,) if example.crash else ())
            for example in pattern_examples.read_all(pattern, lists)
        ]
        for pattern in patterns
    }
    old = planned()
    rows = []
    for pattern in patterns:
        slug = pattern.slug
        found = _matched(pattern, reports, lists)
        expected = set(REPORTS.get(slug, ()))
        others = [text for other, texts in examples.items() if other != slug for text in texts]
        rows.append(
            Row(
                pattern=pattern,
                right=tuple(name for name in found if name in expected),
                false=tuple(name for name in found if name not in expected),
                missed=tuple(sorted(expected - set(found))),
                own=len(_matched(pattern, examples[slug], lists)),
                others=_matched(pattern, others, lists),
                as_planned=_matched(old[slug], _as_read_before([*reports, *examples[slug]]), lists)
                if slug in old
                else None,
            )
        )
    return rows


def _as_read_before(texts: Iterable[Text]) -> Iterable[Text]:
    """Show the planned patterns what they were planned for: the stack of the crashing thread alone."""
    for text in texts:
        alone = (
            replace(crash, threads=tuple(each for each in crash.threads if each.is_crashed)) for crash in text.crashes
        )
        yield replace(text, crashes=tuple(alone))


def _matched(pattern: Pattern, texts: Iterable[Text], lists: StackLists) -> tuple[str, ...]:
    index = PatternIndex([pattern])
    found = []
    for text in texts:
        named = [(crash, signature.generate(crash, lists).location) for crash in text.crashes]
        if any(index.matches(crash, location.frame) for crash, location in named if location):
            found.append(text.name)
    return tuple(found)


def _texts(contents: Iterable[tuple[str, bytes]]) -> Iterable[Text]:
    for name, content in contents:
        try:
            yield Text(name=name, crashes=tuple(parsers.parse(content)))
        except DumpError:
            yield Text(name=name, crashes=())


def _figures(rows: Sequence[Row], faults: int) -> dict[str, Any]:
    shipped = sum(len(row.pattern.examples) for row in rows)
    planned_rows = [row for row in rows if row.as_planned is not None]
    return {
        "patterns": len(rows),
        "real": sum(len(row.right) for row in rows),
        "false_matches": sum(len(row.false) + len(row.others) for row in rows),
        "missed": sum(len(row.missed) for row in rows),
        "examples": shipped,
        "examples_matched": round(sum(row.own for row in rows) / max(1, shipped), 4),
        "lint_faults": faults,
        "seeds_matching": sum(bool(row.right) or row.own > 0 for row in planned_rows),
        "seeds_as_planned_matching": sum(bool(row.as_planned) for row in planned_rows),
    }


def _show(rows: Sequence[Row], reports: int, foreign: int) -> None:
    columns = ("pattern", "real", "false", "missed", "examples", "own", "others", "as planned")
    console.table(
        columns,
        [
            (
                row.pattern.slug,
                len(row.right),
                len(row.false),
                len(row.missed),
                len(row.pattern.examples),
                row.own,
                len(row.others),
                "-" if row.as_planned is None else len(row.as_planned),
            )
            for row in rows
        ],
        title=f"Patterns on {reports} server reports and {foreign} texts of other programs",
    )
    console.line()
    for row in rows:
        origins = sorted({example.origin for example in row.pattern.examples})
        console.line(f"{row.pattern.slug}: {', '.join(row.right) or 'no real report'}; examples: {'; '.join(origins)}")
        for name in row.false:
            console.line(f"  false: {name}")
        for name in row.others:
            console.line(f"  matches an example of another pattern: {name}")
        for name in row.missed:
            console.line(f"  missed: {name}")
        for name in row.as_planned or ():
            console.line(f"  as planned it matches: {name}")

"""
What is wrong with patterns, before they match anything: each rule says it in one sentence.

Packs come from a client, sentences go to people; ``deployments/patterns/README.md`` tells the rules to those who write
patterns. Most first patterns of any server could never match: that is what the examples are for.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from tasks.core import fixes, pattern_examples
from tasks.core.crash import Crash, CrashException, Frame, Kind, Thread
from tasks.core.errors import NotFoundError
from tasks.core.frames import StackLists
from tasks.core.matching import CompiledPattern
from tasks.core.pattern_examples import ReadExample
from tasks.core.patterns import Fault, Pattern, PatternPack, compile_expression

_NEUTRAL = ("Zyx::Qwv", "zyx_qwv", "/zyx/qwv.cpp:7", "C:\\zyx\\qwv.h:7", "Zyx::Qwv: zyx > qwv")
"""What a crash of some other program shows; a location that is found here is found everywhere."""

_DISPATCH = (
    "Engine::DoNextAction",
    "PlayerbotAI::DoNextAction",
    "PlayerbotAI::UpdateAI",
    "EventProcessor::Update",
    "Unit::Update",
    "Creature::Update",
    "Player::Update",
    "Map::Update",
    "InstanceMap::Update",
    "MapUpdater::WorkerThread",
    "World::UpdateSessions",
    "World::Update",
    "WorldUpdateLoop",
    "main",
)
_BROAD = 3
"""A pattern may be about one dispatch loop; about so many of them it is about none."""

_OTHER_LINES = (1, 20_003)
_LINE = re.compile(r":\(?\d{2,}|\bline\W{0,4}\d")
_BREAK = re.compile(r"\\[nr]|[\n\r]")
_MEMBER = re.compile(r"(?<!\w)m_[A-Za-z]\w*")
_VALUE = re.compile(r"this=|0x[0-9a-fA-F]|(?<![\w:{,.])\d{3,}(?![\w}])")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A pattern under examination: its pack, its compiled expressions, its examples as they were read."""

    pack: str
    pattern: Pattern
    compiled: CompiledPattern
    examples: tuple[ReadExample, ...]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything that a rule may compare with: the stack lists, and all patterns that are known."""

    lists: StackLists
    subjects: Sequence[Subject]


Rule = Callable[[Subject, Bench], Iterator[str]]


def check(packs: Sequence[PatternPack], lists: StackLists, known: Sequence[PatternPack] = ()) -> list[Fault]:
    """
    Return what is wrong with the patterns of ``packs``; those of ``known`` are only compared with.

    Whose examples a pattern may not match are those of patterns that are right in themselves.
    """
    subjects = list(_subjects(packs, lists))
    others = list(_subjects(known, lists))
    faults = _faults(subjects, OWN_RULES, Bench(lists=lists, subjects=(*others, *subjects)))
    wrong = {fault.slug for fault in faults}
    right = [subject for subject in subjects if subject.pattern.slug not in wrong]
    return faults + _faults(right, (_matches_no_others,), Bench(lists=lists, subjects=(*others, *right)))


def accept(
    packs: Sequence[PatternPack], lists: StackLists, known: Sequence[PatternPack] = ()
) -> tuple[list[PatternPack], list[Fault]]:
    """Return the packs without the patterns that are refused, and why these are: one wrong pattern stops no other."""
    faults = check(packs, lists, known)
    refused = {(fault.pack, fault.slug) for fault in faults}
    accepted = [
        replace(pack, patterns=tuple(each for each in pack.patterns if (pack.name, each.slug) not in refused))
        for pack in packs
    ]
    return accepted, faults


def changed(packs: Sequence[PatternPack], imported: Mapping[tuple[str, int], Pattern]) -> list[Fault]:
    """Say which patterns differ from what was imported under the same slug and version; examples may be added."""
    aside = {"examples", "remedy"}
    return [
        Fault(
            pack=pack.name,
            slug=pattern.slug,
            reason=f"it differs from version {pattern.version} that was imported before; raise the version.",
        )
        for pack in packs
        for pattern in pack.patterns
        if (before := imported.get((pattern.slug, pattern.version)))
        and before.model_dump(exclude=aside) != pattern.model_dump(exclude=aside)
    ]


def _faults(subjects: Sequence[Subject], rules: Sequence[Rule], bench: Bench) -> list[Fault]:
    return [
        Fault(pack=subject.pack, slug=subject.pattern.slug, reason=sentence)
        for subject in subjects
        for rule in rules
        for sentence in rule(subject, bench)
    ]


def _subjects(packs: Sequence[PatternPack], lists: StackLists) -> Iterator[Subject]:
    for pack in packs:
        for pattern in pack.patterns:
            yield Subject(
                pack=pack.name,
                pattern=pattern,
                compiled=CompiledPattern(pattern=pattern),
                examples=pattern_examples.read_all(pattern, lists),
            )


def _says_what_it_must(subject: Subject, _: Bench) -> Iterator[str]:
    if not subject.pattern.evidence:
        yield "it cites no evidence: say in which file, function or report the facts stand."
    if not subject.examples:
        yield "it ships no example, so that nothing shows that it can match."


def _names_what_exists(subject: Subject, _: Bench) -> Iterator[str]:
    for kind in subject.pattern.kinds:
        if kind not in get_args(Kind):
            yield f"there is no kind of crash {kind!r}; there are: {', '.join(get_args(Kind))}."
    if subject.pattern.template:
        try:
            fixes.template(subject.pattern.template)
        except NotFoundError as error:
            yield f"its template: {error}"


def _is_the_only_one(subject: Subject, bench: Bench) -> Iterator[str]:
    own = (subject.pattern.slug, subject.pattern.version)
    for other in bench.subjects:
        if other.compiled is not subject.compiled and own == (other.pattern.slug, other.pattern.version):
            yield f"version {own[1]} of it stands in pack {other.pack} too."


def _pins_no_line(subject: Subject, bench: Bench) -> Iterator[str]:
    for expression in (subject.pattern.location, *subject.pattern.stack):
        if _LINE.search(expression):
            yield f"{_quoted(expression)} pins a line; lines move with every commit, so write the function or the file."
            return
    for example in subject.examples:
        before = _found(subject, example)
        for line in _OTHER_LINES if before else ():
            lost = before - _found(subject, pattern_examples.with_lines(example, line, bench.lists))
            if lost:
                title = example.example.title
                yield f"{_quoted(min(lost))} pins a line: at other lines it is not found in example {title!r}."
                return


def _found(subject: Subject, example: ReadExample) -> set[str]:
    match = example.match(subject.compiled)
    return {subject.pattern.location, *(hit.expression for hit in match.matched)} if match else set()


def _can_stand_in_a_frame(subject: Subject, _: Bench) -> Iterator[str]:
    found = {expression for example in subject.examples for expression in _found(subject, example)}
    for expression in subject.pattern.stack:
        reason = _why_never(expression)
        if reason is None and found and expression not in found:
            reason = "is found in no frame of the examples"
        if reason:
            yield f"stack expression {_quoted(expression)} {reason}."


def _why_never(expression: str) -> str | None:
    """Say why an expression can't stand in a frame, or stands in all; None where nothing speaks against it."""
    if _BREAK.search(expression):
        return "holds a line break, and no frame does"
    if member := _MEMBER.search(expression):
        return f"names the member {member[0]}, and frames show functions and files"
    if value := _VALUE.search(expression):
        return f"looks for the value {value[0]!r}, and frames show no arguments"
    return "is found in every frame" if compile_expression(expression).search("") else None


def _is_not_too_broad(subject: Subject, _: Bench) -> Iterator[str]:
    location = subject.pattern.location
    everywhere = [text for text in _NEUTRAL if location and compile_expression(location).search(text)]
    if everywhere:
        yield f"its location {_quoted(location)} matches everything, even {everywhere[0]!r}."
    if loops := _matched_loops(subject):
        yield f"it matches stacks of dispatch loops alone, as at {', '.join(loops)}."


def _matched_loops(subject: Subject) -> list[str]:
    frames = tuple(Frame(index=index, function=name) for index, name in enumerate(_DISPATCH))
    kinds: tuple[str, ...] = subject.pattern.kinds or ("access_violation",)
    names = []
    for position, frame in enumerate(frames):
        thread = Thread(id="1", is_crashed=True, frames=frames[position:])
        for kind in kinds:
            crash = Crash(format="lint", exception=CrashException(kind=kind), threads=(thread,))  # type: ignore[arg-type]
            match = subject.compiled.match(crash, frame)
            if match and match.is_match and _DISPATCH[position] not in names:
                names.append(_DISPATCH[position])
    return names if len(names) >= _BROAD else []


def _matches_its_examples(subject: Subject, _: Bench) -> Iterator[str]:
    for example in subject.examples:
        reason = _why_unmatched(subject, example)
        if reason:
            yield f"it can't match its example {example.example.title!r}: {reason}."


def _why_unmatched(subject: Subject, example: ReadExample) -> str | None:
    if example.crash is None or example.signature is None or example.signature.location is None:
        return example.reason.removesuffix(".")
    pattern, kind = subject.pattern, example.crash.exception.kind
    if pattern.kinds and kind not in pattern.kinds:
        return f"its kind is {kind}"
    match = example.match(subject.compiled)
    if match is None:
        place = example.signature.location
        return f"its place is {place.name} in {place.frame.file or 'no file'}, where the location is not found"
    if match.is_match:
        return None
    found = f"{len(match.matched)} of {len(pattern.stack)} stack expressions are found"
    return f"{found}, {pattern.threshold:.0%} must be"


def _matches_no_others(subject: Subject, bench: Bench) -> Iterator[str]:
    for other in bench.subjects:
        if other.pattern.slug == subject.pattern.slug:
            continue
        for example in other.examples:
            match = example.match(subject.compiled)
            if match and match.is_match:
                yield f"it matches the example {example.example.title!r} of pattern {other.pattern.slug}."


def _quoted(expression: str) -> str:
    return f"`{expression if len(expression) <= 80 else expression[:77] + '...'}`"


OWN_RULES: tuple[Rule, ...] = (
    _says_what_it_must,
    _names_what_exists,
    _is_the_only_one,
    _pins_no_line,
    _can_stand_in_a_frame,
    _is_not_too_broad,
    _matches_its_examples,
)

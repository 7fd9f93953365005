"""
The 60% rule, for patterns and for defects, with the evidence that a person can check.

The rule routes; it is no proof that a fix applies. Both forms were measured on labelled crashes of several projects:
the location does most of the work, and for defects the share must hold both ways, or a short stack swallows everything.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import re2

from tasks.core.crash import Crash, Frame
from tasks.core.expression_index import ExpressionIndex
from tasks.core.names import normalise, unqualified
from tasks.core.patterns import Pattern, compile_expression
from tasks.core.signature import IN_FILE, TOP_FRAMES, SignatureResult

DEFECT_THRESHOLD = 0.6
_SHORT = 3
_PROVING_OFFSETS = 3
_KEY_LIMIT = 300
_MODULE_LIMIT = 120
_FREEZE_THREADS = 200
_FRAMES = 64
_TEXT_LIMIT = 4096
_KEPT_ANSWERS = 16_384
_KEPT_LENGTH = 512


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An expression of a pattern and the frame in which it was found; ``thread`` is None for the crashing one."""

    expression: str
    frame_index: int
    text: str
    thread: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatternMatch:
    """
    How well a crash fits a pattern.

    ``score`` is the share of the stack expressions that were found, 0 to 1; ``matched`` says which one hit which frame,
    ``missing`` which ones hit none, ``location`` what the location expression hit.
    """

    pattern: Pattern
    score: float
    location: str
    matched: tuple[Hit, ...]
    missing: tuple[str, ...]

    @property
    def is_match(self) -> bool:
        """True when enough of the stack expressions were found."""
        return self.score >= self.pattern.threshold


@dataclass(frozen=True, kw_only=True)
class DefectKey:
    """
    An exact key: crashes that share one are the same defect.

    ``kind`` is ``fingerprint``, ``module_offset`` or ``library_stack``.
    """

    kind: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What is compared between a crash and a defect. ``location`` is a normalised function name."""

    location: str | None
    in_app: tuple[str, ...]
    assertion: str | None = None


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a crash belongs. ``defect_id`` is None for a new defect; ``how`` is the reason, as ``group`` prints it."""

    how: str
    defect_id: int | None = None
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SearchedTexts:
    """What expressions are searched in: the texts of the place, and of each thread those of its frames."""

    kind: str
    place: tuple[str, ...]
    threads: tuple[tuple[str | None, tuple[tuple[int, tuple[str, ...]], ...]], ...]


@dataclass(frozen=True, kw_only=True)
class CompiledPattern:
    """A pattern with its expressions compiled, for matching many crashes."""

    pattern: Pattern
    _location: "re2._Regexp" = field(init=False, repr=False)
    _stack: tuple["re2._Regexp", ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_location", compile_expression(self.pattern.location))
        object.__setattr__(self, "_stack", tuple(compile_expression(text) for text in self.pattern.stack))

    def is_about(self, kind: str) -> bool:
        """Tell whether crashes of this kind can be the pattern's."""
        return not self.pattern.kinds or kind in self.pattern.kinds

    def match(self, crash: Crash, location: Frame) -> PatternMatch | None:
        """Score the crash; None when kind or location are not the pattern's."""
        return self.score(_searched(crash, location))

    def score(self, searched: SearchedTexts) -> PatternMatch | None:
        """Do as ``match`` does, with texts that other patterns are searched in as well."""
        if not self.is_about(searched.kind):
            return None
        place = next((text for text in searched.place if self._location.search(text)), None)
        if place is None:
            return None
        hits = max((self._hits(*thread) for thread in searched.threads), key=len, default=())
        found = {hit.expression for hit in hits}
        return PatternMatch(
            pattern=self.pattern,
            score=len(hits) / len(self.pattern.stack),
            location=place,
            matched=hits,
            missing=tuple(text for text in self.pattern.stack if text not in found),
        )

    def _hits(self, thread: str | None, frames: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[Hit, ...]:
        found = []
        for expression, compiled in zip(self.pattern.stack, self._stack, strict=True):
            texts = ((index, text) for index, texts in frames for text in texts if _is_in(compiled, text))
            first = next(texts, None)
            if first is not None:
                found.append(Hit(expression=expression, frame_index=first[0], text=first[1], thread=thread))
        return tuple(found)


class PatternIndex:
    """
    Patterns, oldest first, whose locations are searched all at once: with hundreds of them a crash is no slower.

    It is made once and used for many crashes; it answers as if each pattern were tried.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(CompiledPattern(pattern=pattern) for pattern in patterns)
        self._locations = ExpressionIndex([compiled.pattern.location for compiled in self.patterns])

    def matches(self, crash: Crash, location: Frame) -> list[PatternMatch]:
        """Return the patterns that match, the best first."""
        located = (self.patterns[number] for number in self._locations.search(location_texts(crash, location)))
        candidates = [compiled for compiled in located if compiled.is_about(crash.exception.kind)]
        if not candidates:
            return []
        searched = _searched(crash, location)
        scored = [compiled.score(searched) for compiled in candidates]
        return sorted((match for match in scored if match and match.is_match), key=_rank)


def _is_in(expression: "re2._Regexp", text: str) -> bool:
    return _kept_answer(expression, text) if len(text) <= _KEPT_LENGTH else expression.search(text) is not None


@functools.lru_cache(maxsize=_KEPT_ANSWERS)
def _kept_answer(expression: "re2._Regexp", text: str) -> bool:
    """Crashes of a server mostly have the same frames."""
    return expression.search(text) is not None


def frame_texts(frame: Frame) -> tuple[str, ...]:
    """Return the texts in which an expression may be found: function, normalised function, ``file:line``."""
    texts: list[str] = []
    if frame.function:
        texts = [frame.function, normalise(frame.function)]
    if frame.file:
        texts.append(f"{frame.file}:{frame.line}" if frame.line is not None else frame.file)
    return tuple(_searchable(text) for text in dict.fromkeys(texts))


def location_texts(crash: Crash, location: Frame) -> tuple[str, ...]:
    """Return what a location expression is searched in: the frame's texts, and the condition of a failed assertion."""
    exception = crash.exception
    if exception.kind != "assertion" or not exception.message:
        return frame_texts(location)
    function = normalise(location.function) if location.function else ""
    return (*frame_texts(location), _searchable(f"{function}: {exception.message}"))


def best_pattern(crash: Crash, signature: SignatureResult, index: PatternIndex) -> PatternMatch | None:
    """
    Return the best pattern that matches.

    The best score wins; of equal scores the pattern with more stack expressions, then the older.
    """
    if signature.location is None:
        return None
    return next(iter(index.matches(crash, signature.location.frame)), None)


def _rank(match: PatternMatch) -> tuple[float, int]:
    return -match.score, -len(match.pattern.stack)


def _searched(crash: Crash, location: Frame) -> SearchedTexts:
    """Of a freeze every thread is searched: the stack of the watchdog that ended it does not show who was stuck."""
    threads = [thread for thread in crash.threads if thread.is_crashed][:1]
    if crash.exception.kind == "deadlock":
        threads += [thread for thread in crash.threads if thread not in threads][:_FREEZE_THREADS]
    return SearchedTexts(
        kind=crash.exception.kind,
        place=location_texts(crash, location),
        threads=tuple(
            (
                None if thread.is_crashed else thread.id,
                tuple((frame.index, frame_texts(frame)) for frame in thread.frames[: _FRAMES if number else None]),
            )
            for number, thread in enumerate(threads)
        ),
    )


def _searchable(text: str) -> str:
    """Cut hostile lengths, and replace halves of surrogate pairs, which RE2 does not take."""
    cut = text[:_TEXT_LIMIT]
    return cut if cut.isascii() else cut.encode("utf-8", errors="replace").decode("utf-8")


def shape(signature: SignatureResult) -> Shape:
    """
    Return what of a signature is compared with defects.

    GCC does not qualify the function that a failed assertion names, MSVC does, and some reports hold no more: there the
    bare name is what a defect is searched by.
    """
    names = signature.distinctive[:TOP_FRAMES]
    location = names[0].partition(IN_FILE)[0] if names else None
    if location and signature.assertion:
        location = unqualified(location)
    return Shape(location=location, in_app=names, assertion=signature.assertion)


def keys(crash: Crash, signature: SignatureResult) -> tuple[DefectKey, ...]:
    """
    Return the exact keys of a crash.

    The fingerprint holds across builds. What has no symbol of ours is known by module and offset, and by the chain of
    library functions, within one build only; where the build is not stated, a whole stack of equal offsets proves it.
    """
    found = []
    if signature.fingerprint:
        found.append(DefectKey(kind="fingerprint", value=f"{signature.algorithm}:{signature.fingerprint}"))
    location = signature.innermost
    if location and location.frame.function is None and location.frame.offset is not None:
        offsets = [_offset(frame) for frame in crash.frames if frame.module and frame.offset is not None]
        if crash.build:
            found.append(DefectKey(kind="module_offset", value=f"{crash.build}:{_offset(location.frame)}"))
        elif len(set(offsets)) >= _PROVING_OFFSETS:
            found.append(DefectKey(kind="module_offset", value=" ".join(offsets)[:_KEY_LIMIT]))
    if location and not location.is_ours and crash.build:
        names = [normalise(frame.function) for frame in crash.frames[:TOP_FRAMES] if frame.function]
        found.append(DefectKey(kind="library_stack", value=f"{crash.build}:{' '.join(names)[:_KEY_LIMIT]}"))
    return tuple(found)


def searchable_location(shape: Shape) -> str | None:
    """Return the location under which defects of the same place are found; None where only exact keys can tell."""
    return None if shape.location is None or "+0x" in shape.location else shape.location


def similarity(crash: Shape, defect: Shape) -> float:
    """
    Return how much of their in-app frames crash and defect share, seen from the side that shares less.

    0 where the location, its source or the assertion text differ: then they are not the same defect, whatever they
    share. Of the
    top ten and the top three the larger share counts, as frames that one tool inlines are missing below; the top three
    only where the caller of the location is the same and both stacks go on below them.
    """
    if not crash.location or crash.location != defect.location or crash.assertion != defect.assertion:
        return 0.0
    known, other = _with_files_of_both(crash.in_app[:TOP_FRAMES], defect.in_app[:TOP_FRAMES])
    ours, theirs = _alike(known, other), _alike(other, known)
    if ours[:1] != theirs[:1]:
        return 0.0
    if crash.assertion and 1 in {len(ours), len(theirs)}:
        return 1.0
    shares = [_share(ours, theirs)]
    if ours[:2] == theirs[:2] and min(len(ours), len(theirs)) > _SHORT:
        shares.append(_common(ours[:3], theirs[:3]))
    return max(shares)


def place(crash: Shape, candidates: Iterable[tuple[int, Shape]]) -> Placement:
    """
    Choose the defect among candidates that have the same location, oldest first; new where none shares 60% both ways.

    Exact keys come before this rule and are looked up by the caller.
    """
    best = Placement(how="new")
    for defect_id, candidate in candidates:
        score = similarity(crash, candidate)
        if score >= DEFECT_THRESHOLD and score > best.score:
            best = Placement(how="rule", defect_id=defect_id, score=score)
    return best


def _with_files_of_both(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drop the source of the location where only one of them states it: what is not known contradicts nothing."""
    if all(IN_FILE in "".join(names[:1]) for names in (ours, theirs)):
        return ours, theirs
    bare = [tuple(name.partition(IN_FILE)[0] for name in names[:1]) + names[1:] for names in (ours, theirs)]
    return bare[0], bare[1]


def _share(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    """
    Return the two-way share of two stacks.

    Of three names, 60% would leave room for one that contradicts: short stacks may miss a frame, but not replace it.
    """
    if not ours or not theirs:
        return 0.0
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) <= _SHORT and not set(shorter) <= set(longer):
        return 0.0
    return _common(ours, theirs)


def _common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    return len(set(ours) & set(theirs)) / max(len(set(ours)), len(set(theirs)))


def _alike(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Spell names as the other stack does: symbolisers leave static and inlined functions unqualified."""
    bare = {name for name in others if "::" not in name}
    return tuple(unqualified(name) if unqualified(name) in bare else name for name in names)


def _offset(frame: Frame) -> str:
    return f"{(frame.module or '').replace(chr(92), '/').rpartition('/')[2][:_MODULE_LIMIT]}+0x{frame.offset or 0:x}"

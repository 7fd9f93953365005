"""
The name of the defect behind a crash: which frames are ours, where the crash is, one readable line, one fingerprint.

The algorithm and its lists are told in ``stack_lists/README.md``; the rules run in the order of ``RULES`` below.
"""

import hashlib
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import re2

from tasks.core.crash import Crash, Frame
from tasks.core.names import normalise, unqualified

ALGORITHM = "crashflow-1"
TOP_FRAMES = 10
LIST_NAMES = (
    "machinery",
    "ignored",
    "dispatch",
    "entries",
    "prefixes",
    "sentinels",
    "system_modules",
    "system_files",
)
_SIGNATURE_LIMIT = 255
_IN_APP_LIMIT = 64
_ANSWERS_LIMIT = 10_000
_ANSWER_NAME_LIMIT = 300
_CYCLE_DEPTH = 100
_TYPE = re2.compile(r"\b[A-Z][a-z]\w+(?:::\w+)*|\b(?:[a-z_]\w*::)+\w+")
_TELLING_KINDS = frozenset({"out_of_memory", "unknown"})
"""Kinds whose message can name the defect without a stack: what memory ran out for, which library is missing."""


class StackList:
    """
    One list of regular expressions; ``name in list`` asks whether one of them matches the whole name.

    Answers are kept for the next crashes, which mostly have the same frames.
    """

    def __init__(self, text: str, *, is_case_sensitive: bool = True) -> None:
        expressions = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        joined = "|".join(f"(?:{expression})" for expression in expressions)
        self._expression = re2.compile(joined if is_case_sensitive else f"(?i)(?:{joined})") if expressions else None
        self._answers: dict[object, bool] = {}

    def __contains__(self, name: object) -> bool:
        answer = self._answers.get(name)
        if answer is None:
            answer = self._expression is not None and bool(self._expression.fullmatch(str(name)))
            if len(self._answers) >= _ANSWERS_LIMIT:
                self._answers.clear()
            if len(str(name)) <= _ANSWER_NAME_LIMIT:
                self._answers[name] = answer
        return answer


@dataclass(frozen=True, kw_only=True)
class StackLists:
    """The lists of ``stack_lists/``, read by a client and passed in."""

    machinery: StackList
    ignored: StackList
    dispatch: StackList
    entries: StackList
    prefixes: StackList
    sentinels: StackList
    system_modules: StackList
    system_files: StackList

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> "StackLists":
        """Build the lists from the texts of the files, keyed by ``LIST_NAMES``."""
        is_path = {"system_modules", "system_files"}
        return cls(**{name: StackList(texts[name], is_case_sensitive=name not in is_path) for name in LIST_NAMES})


@dataclass(frozen=True, kw_only=True)
class InAppFrame:
    """
    A frame of ours: ``name`` is normalised, ``module+0xoffset`` where no symbol is known, the file where no more is.

    ``is_ours`` is False for the library's frame by which a crash is named where none is ours.
    """

    name: str
    frame: Frame
    is_ours: bool = True


@dataclass(frozen=True, kw_only=True)
class SignatureResult:
    """
    What a crash is called and by what it is recognised.

    ``location`` is the first in-app frame; ``in_app`` are the names of all frames of ours, ``distinctive`` of those the
    names that tell defects apart, in the spelling in which they are compared. ``assertion`` is the assertion's text
    without numbers, or what else must be equal. ``fingerprint`` is None where no frame carries a symbol.
    """

    signature: str
    algorithm: str
    fingerprint: str | None
    location: InAppFrame | None
    in_app: tuple[str, ...]
    distinctive: tuple[str, ...]
    assertion: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Draft:
    crash: Crash
    lists: StackLists
    frames: tuple[Frame, ...]
    in_app: tuple[InAppFrame, ...] = ()
    library: InAppFrame | None = None
    distinctive: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def noted(self, note: str) -> "_Draft":
        return replace(self, notes=(*self.notes, note))


def generate(crash: Crash, lists: StackLists) -> SignatureResult:
    """
    Name the defect behind a crash in one line that a person can search for.

    Frames above a sentinel are dropped, ignored frames skipped, and prefix frames joined with ``" | "`` up to the first
    frame that is ours. Only the crashing thread is read.

    Returns:
        The signature, the algorithm's name, and a note for each rule that changed it.
    """
    draft = _Draft(crash=crash, lists=lists, frames=crash.frames)
    for rule in RULES:
        draft = rule(draft)
    stated = _stated(draft)
    is_told = stated is not None and crash.exception.kind in _TELLING_KINDS
    is_known = is_told or any(_is_named(frame) for frame in draft.in_app)
    return SignatureResult(
        signature=" | ".join(draft.words)[:_SIGNATURE_LIMIT],
        algorithm=ALGORITHM,
        fingerprint=_fingerprint(draft.distinctive, stated) if is_known else None,
        location=draft.in_app[0] if draft.in_app else draft.library,
        in_app=tuple(frame.name for frame in draft.in_app[:_IN_APP_LIMIT]),
        distinctive=draft.distinctive,
        assertion=stated,
        notes=draft.notes,
    )


def assertion_text(crash: Crash) -> str | None:
    """Return the failed condition without numbers and addresses, or None for other crashes."""
    return _without_numbers(crash.exception.message) if crash.exception.kind == "assertion" else None


def _stated(draft: _Draft) -> str | None:
    """
    Return what crash and defect must have equal whatever their stacks share.

    The text of a failed assertion; for a leak that it is one, as its stack says who allocated, not who failed; and
    where no frame is ours, what the program said of its end if that alone tells why.
    """
    exception = draft.crash.exception
    if exception.kind == "assertion":
        return assertion_text(draft.crash)
    if exception.kind == "sanitizer" and "leak" in (exception.code or ""):
        return "memory leak"
    is_telling = exception.kind in _TELLING_KINDS and not draft.in_app and not draft.library
    return _without_numbers(exception.message) if is_telling else None


def _without_numbers(message: str | None) -> str | None:
    text = re2.sub(r"0x[0-9a-fA-F]+|\d+", "N", message or "")
    return " ".join(str(text).split())[:200] or None


def _drop_above_sentinel(draft: _Draft) -> _Draft:
    last = max((i for i, frame in enumerate(draft.frames) if _function(frame) in draft.lists.sentinels), default=-1)
    if last < 0 or not draft.frames[last + 1 :]:
        return draft
    return replace(draft, frames=draft.frames[last + 1 :]).noted(
        f"dropped {last + 1} frames down to {_function(draft.frames[last])}: they handle the crash"
    )


def _select_in_app(draft: _Draft) -> _Draft:
    selected = tuple(
        InAppFrame(name=name, frame=frame) for frame in draft.frames if (name := in_app_name(frame, draft.lists))
    )
    above = next((i for i, frame in enumerate(draft.frames) if selected and frame is selected[0].frame), 0)
    changed = replace(draft, in_app=selected)
    return changed.noted(f"skipped {above} ignored frames above the first of ours") if above else changed


def _stand_at_the_assertion(draft: _Draft) -> _Draft:
    """A failed assertion names its file: that is a place, where the stack has none."""
    site = draft.crash.exception.site
    if draft.in_app or not site or draft.crash.exception.kind != "assertion":
        return draft
    file, _, line = site.rpartition(":")
    file = file if line.isdecimal() else site
    stated = Frame(index=0, file=file, line=int(line) if line.isdecimal() else None)
    at = next((frame for frame in draft.frames if frame.function and frame.file == file), stated)
    place = InAppFrame(name=_function(at) or _base(file), frame=at)
    return replace(draft, in_app=(place,)).noted("no frame of ours: the assertion's own place was taken")


def _take_templates_of_ours(draft: _Draft) -> _Draft:
    """A template of a library with a type of ours in it is code of ours, where the stack shows nothing better."""
    if draft.in_app:
        return draft
    frame = next((frame for frame in draft.frames if _types_of_ours(frame.function, draft.lists)), None)
    if frame is None:
        return draft
    place = InAppFrame(name=_function(frame), frame=frame)
    return replace(draft, in_app=(place,)).noted("no frame of ours: a library's template of our type was taken")


def _types_of_ours(function: str | None, lists: StackLists) -> tuple[str, ...]:
    """Return the types within template arguments that are no library's: qualified names, and names in CamelCase."""
    inside = (function or "")[: _SIGNATURE_LIMIT * 8].partition("<")[2]
    found = dict.fromkeys(_TYPE.findall(inside))
    return tuple(name for name in found if name not in lists.ignored and name not in lists.machinery)[:3]


def _fall_back_to_a_library(draft: _Draft) -> _Draft:
    """A stack that is all libraries is named by the topmost of their functions; such a name is no evidence."""
    if draft.in_app:
        return draft
    named = (frame for frame in draft.frames if frame.function and _function(frame) not in draft.lists.machinery)
    first = next(named, None)
    if first is None:
        return draft
    library = InAppFrame(name=_function(first), frame=first, is_ours=False)
    return replace(draft, library=library).noted("no frame of ours: named by the topmost library function")


def _keep_what_is_distinctive(draft: _Draft) -> _Draft:
    """Choose the names that are compared: the location, and below it what is no dispatch loop or accessor."""
    if not draft.in_app:
        return draft
    if draft.crash.exception.kind == "stack_overflow" and (cycle := _cycle(draft.in_app)):
        return replace(draft, distinctive=cycle)
    first, *below = draft.in_app
    names = [_place_name(first, draft)]
    previous = first.name
    for frame in below:
        is_passed = frame.name in draft.lists.dispatch or frame.name in draft.lists.entries
        if frame.name != previous and not is_passed and frame.name not in draft.lists.prefixes:
            names.append(frame.name)
        previous = frame.name
    return replace(draft, distinctive=tuple(names[:_IN_APP_LIMIT]))


def _cycle(in_app: tuple[InAppFrame, ...]) -> tuple[str, ...]:
    """Name the functions that call each other for ever, sorted: where in the cycle the stack ends is chance."""
    names = [frame.name for frame in in_app[:_CYCLE_DEPTH]]
    return tuple(sorted({name for name in names if names.count(name) >= 3}))


def _place_name(first: InAppFrame, draft: _Draft) -> str:
    """
    Spell the location as it is compared.

    Every program has a ``main``, so it is told apart by its file or program, and a library's template by our types in
    it. GCC does not qualify the function that a failed assertion names, MSVC does, and some reports hold no more.
    """
    if first.name in draft.lists.entries:
        program = first.frame.file or first.frame.module or draft.crash.executable
        return f"{first.name} ({_base(program)})" if program else first.name
    if first.name in draft.lists.ignored and (types := _types_of_ours(first.frame.function, draft.lists)):
        return f"{first.name} [{', '.join(types)}]"
    return unqualified(first.name) if draft.crash.exception.kind == "assertion" else first.name


def _say_what_is_special(draft: _Draft) -> _Draft:
    exception = draft.crash.exception
    special = {
        "stack_overflow": "stack overflow",
        "deadlock": "deadlock",
        "out_of_memory": "out of memory",
        "division_by_zero": "division by zero",
    }.get(exception.kind)
    if exception.kind == "assertion" or (exception.kind == "unknown" and not draft.frames):
        special = _without_numbers(exception.message)
    if exception.kind == "cpp_exception" and exception.message:
        special = exception.message.partition(":" if "::" not in exception.message else ": ")[0].strip()
    if not special:
        return draft
    return replace(draft, words=(special[:120],)).noted(f"kind {exception.kind} stands first")


def _join_names(draft: _Draft) -> _Draft:
    words: list[str] = []
    for frame in draft.in_app:
        words.append(frame.name)
        if frame.name not in draft.lists.prefixes:
            break
    if not words:
        nothing = f"no frame of ours in {len(draft.frames)} frames" if draft.frames else "no stack"
        words = [draft.library.name if draft.library else nothing]
        draft = draft.noted("no in-app frame: the crash needs symbols or a stack")
    elif len(words) > 1:
        draft = draft.noted(f"joined {len(words) - 1} prefix frames with the frame that called them")
    return replace(draft, words=(*draft.words, *words))


RULES: tuple[Callable[[_Draft], _Draft], ...] = (
    _drop_above_sentinel,
    _select_in_app,
    _stand_at_the_assertion,
    _take_templates_of_ours,
    _fall_back_to_a_library,
    _keep_what_is_distinctive,
    _say_what_is_special,
    _join_names,
)


def in_app_name(frame: Frame, lists: StackLists) -> str | None:
    """Return the name under which a frame counts as ours, or None where it is the system's."""
    module = _base(frame.module)
    if module and module in lists.system_modules:
        return None
    if frame.file and frame.file in lists.system_files:
        return None
    if frame.function:
        name = normalise(frame.function)
        return None if name in lists.machinery or name in lists.ignored else name
    if module and frame.offset is not None:
        return f"{module}+0x{frame.offset:x}"
    return _base(frame.file) or None


def _base(path: str | None) -> str:
    return posixpath.basename((path or "").replace("\\", "/"))


def _function(frame: Frame) -> str:
    return normalise(frame.function) if frame.function else ""


def _is_named(frame: InAppFrame) -> bool:
    return frame.frame.function is not None or frame.frame.file is not None


def _fingerprint(names: tuple[str, ...], assertion: str | None) -> str:
    text = "\n".join([ALGORITHM, assertion or "", *names[:TOP_FRAMES]])
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:32]

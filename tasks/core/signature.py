"""
The name of the defect behind a crash: which frames are ours, where the crash is, one readable line, one fingerprint.

The algorithm and its lists are told in ``stack_lists/README.md``; the rules run in the order of ``RULES`` below.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import re2

from tasks.core.crash import Crash, Frame
from tasks.core.frames import InAppFrame, StackLists, base_name, function_name, in_app_name, types_of_ours
from tasks.core.names import ANONYMOUS, LAMBDA, normalise, unqualified

ALGORITHM = "crashflow-1"
TOP_FRAMES = 10
_SIGNATURE_LIMIT = 255
IN_FILE = " in "
"""Stands between a location and its source, where the name alone does not tell it from others."""

_IN_APP_LIMIT = 64
_NAME_LIMIT = 512
"""Characters of a name that count; an entry of a Postgres index holds 2,704 bytes."""

_SOURCE = re2.compile(r"(?i)[^<>]{1,200}\.(c|cc|cpp|cxx|c\+\+|m|mm)")
_CYCLE_DEPTH = 100
_PLUMBING_DEPTH = 10
_RAW_NAME_LIMIT = 2_000
_LAMBDA_ARGUMENT = re2.compile(r"<(?:[^()]*[ ,<])?([\w:~]+)\([^()]*\)(?: const)?::(?:\{lambda|<lambda|'lambda|\$_)")
_SITE_DEPTH = 4
_TELLING_KINDS = frozenset({"out_of_memory", "unknown"})
"""Kinds whose message can name the defect without a stack: what memory ran out for, which library is missing."""


@dataclass(frozen=True, kw_only=True)
class SignatureResult:
    """
    What a crash is called and by what it is recognised.

    ``innermost`` is the first in-app frame, ``location`` where people look: the same but for a failed assertion, which
    names its place itself. ``in_app`` are the names of all frames of ours, ``distinctive`` of those the names that tell
    defects apart, in the spelling in which they are compared. ``assertion`` is the assertion's text without numbers, or
    what else must be equal. ``fingerprint`` is None where the location has no symbol.
    """

    signature: str
    algorithm: str
    fingerprint: str | None
    location: InAppFrame | None
    innermost: InAppFrame | None
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
    is_known = is_told or (bool(draft.in_app) and _is_named(draft.in_app[0]))
    innermost = draft.in_app[0] if draft.in_app else draft.library
    return SignatureResult(
        signature=" | ".join(draft.words)[:_SIGNATURE_LIMIT],
        algorithm=ALGORITHM,
        fingerprint=_fingerprint(draft.distinctive, stated) if is_known else None,
        location=_location(draft) or innermost,
        innermost=innermost,
        in_app=tuple(frame.name[:_NAME_LIMIT] for frame in draft.in_app[:_IN_APP_LIMIT]),
        distinctive=tuple(name[:_NAME_LIMIT] for name in draft.distinctive),
        assertion=stated,
        notes=draft.notes,
    )


def assertion_text(crash: Crash) -> str | None:
    """Return the failed condition without numbers and addresses, or None for other crashes."""
    return _without_numbers(crash.exception.message) if crash.exception.kind == "assertion" else None


def _location(draft: _Draft) -> InAppFrame | None:
    """
    Return the place that a failed assertion names, in the spelling of the stack where the function stands on it.

    None for other crashes, and where the program does not name the function.
    """
    exception = draft.crash.exception
    if exception.kind != "assertion" or not exception.site or not exception.site_function:
        return None
    file, line = _place(exception.site)
    name = normalise(exception.site_function)
    on_stack = (frame for frame in draft.in_app[:_SITE_DEPTH] if unqualified(frame.name) == unqualified(name))
    found = next(on_stack, None)
    if found:
        return replace(found, frame=found.frame._replace(file=file, line=line))
    return InAppFrame(name=name, frame=Frame(index=0, function=exception.site_function, file=file, line=line))


def _place(site: str) -> tuple[str, int | None]:
    file, _, line = site.rpartition(":")
    return (file, int(line)) if line.isdecimal() and file else (site, None)


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
    last = max((i for i, frame in enumerate(draft.frames) if function_name(frame) in draft.lists.sentinels), default=-1)
    if last < 0 or not draft.frames[last + 1 :]:
        return draft
    return replace(draft, frames=draft.frames[last + 1 :]).noted(
        f"dropped {last + 1} frames down to {function_name(draft.frames[last])}: they handle the crash"
    )


def _select_in_app(draft: _Draft) -> _Draft:
    selected = tuple(
        InAppFrame(name=name, frame=frame) for frame in draft.frames if (name := in_app_name(frame, draft.lists))
    )
    above = next((i for i, frame in enumerate(draft.frames) if selected and frame is selected[0].frame), 0)
    changed = replace(draft, in_app=selected)
    return changed.noted(f"skipped {above} ignored frames above the first of ours") if above else changed


def _stand_at_the_assertion(draft: _Draft) -> _Draft:
    """A failed assertion names its file: that is a place, where the stack has none or an offset alone."""
    site = draft.crash.exception.site
    is_known = bool(draft.in_app) and _is_named(draft.in_app[0])
    if is_known or not site or draft.crash.exception.kind != "assertion":
        return draft
    file, line = _place(site)
    stated = Frame(index=0, function=draft.crash.exception.site_function, file=file, line=line)
    at = next((frame for frame in draft.frames if frame.function and frame.file == file), stated)
    place = InAppFrame(name=function_name(at) or base_name(file), frame=at)
    below = (frame for frame in draft.in_app if _is_named(frame))
    return replace(draft, in_app=(place, *below)).noted("no frame of ours: the assertion's own place was taken")


def _take_templates_of_ours(draft: _Draft) -> _Draft:
    """A template of a library with a type of ours in it is code of ours, where the stack shows nothing better."""
    if draft.in_app:
        return draft
    frame = next((frame for frame in draft.frames if types_of_ours(frame.function, draft.lists)), None)
    if frame is None:
        return draft
    place = InAppFrame(name=function_name(frame), frame=frame)
    return replace(draft, in_app=(place,)).noted("no frame of ours: a library's template of our type was taken")


def _stand_at_the_reporter(draft: _Draft) -> _Draft:
    """Where a program's own crash handler is all that the stack shows, with its source, the handler itself crashed."""
    frames = [frame for frame in draft.frames if frame.function or frame.module or frame.file]
    if draft.in_app or not frames or not all(_is_sourced_handler(frame, draft.lists) for frame in frames):
        return draft
    place = InAppFrame(name=function_name(frames[0]), frame=frames[0])
    return replace(draft, in_app=(place,)).noted("nothing but the crash handler of the program: it crashed itself")


def _is_sourced_handler(frame: Frame, lists: StackLists) -> bool:
    is_source = (
        bool(frame.file)
        and frame.file not in lists.system_files
        and base_name(frame.module) not in lists.system_modules
    )
    return is_source and "::" in function_name(frame) and function_name(frame) in lists.machinery


def _fall_back_to_a_library(draft: _Draft) -> _Draft:
    """A stack that is all libraries is named by the topmost of their functions; such a name is no evidence."""
    if draft.in_app:
        return draft
    named = (frame for frame in draft.frames if frame.function and function_name(frame) not in draft.lists.machinery)
    first = next(named, None)
    if first is None:
        return draft
    library = InAppFrame(name=function_name(first), frame=first, is_ours=False)
    return replace(draft, library=library).noted("no frame of ours: named by the topmost library function")


def _keep_what_is_distinctive(draft: _Draft) -> _Draft:
    """
    Choose the names that are compared: the location, and below it what is no dispatch loop or accessor.

    An offset below a named location says nothing: it holds in one build alone.
    """
    if not draft.in_app:
        return draft
    if draft.crash.exception.kind == "stack_overflow" and (cycle := _cycle(draft.in_app)):
        return replace(draft, distinctive=cycle)
    first, *below = _without_plumbing(draft.in_app)
    lists = draft.lists
    names = [_place_name(first, draft)]
    previous = _compared(first.name)
    for frame in below:
        name = _compared(frame.name)
        is_passed = name in lists.dispatch or name in lists.entries or name in lists.prefixes
        if name != previous and not is_passed and _is_named(frame):
            names.append(name)
        previous = name
    return replace(draft, distinctive=tuple(names[:_IN_APP_LIMIT]))


def _without_plumbing(in_app: tuple[InAppFrame, ...]) -> list[InAppFrame]:
    """
    Pass over what stands between a lambda and the function around it: whoever called it was handed it there.

    A template that was made for the lambda can hold it inlined, and then it is all that the stack shows of it.
    """
    kept: list[InAppFrame] = []
    position = 0
    while position < len(in_app):
        frame = in_app[position]
        name = _handed_out_by(frame)
        near = in_app[position + 1 : position + 1 + _PLUMBING_DEPTH] if name else ()
        around = next((i for i, other in enumerate(near, start=position + 1) if other.name == name), None)
        if around is None:
            kept.append(frame)
        position = position + 1 if around is None else around
    return kept


def _handed_out_by(frame: InAppFrame) -> str | None:
    """Return the function whose lambda this frame is, or for whose lambda this template was made."""
    if frame.name.endswith("::" + LAMBDA):
        return _compared(frame.name)
    function = (frame.frame.function or "")[:_RAW_NAME_LIMIT]
    if "<" not in function or ("lambda" not in function and "$_" not in function):
        return None
    made_for = _LAMBDA_ARGUMENT.search(function)
    return str(made_for.group(1)) if made_for else None


def _cycle(in_app: tuple[InAppFrame, ...]) -> tuple[str, ...]:
    """Name the functions that call each other for ever, sorted: where in the cycle the stack ends is chance."""
    names = [frame.name for frame in in_app[:_CYCLE_DEPTH]]
    return tuple(sorted({_compared(name) for name in names if names.count(name) >= 3}))


def _place_name(first: InAppFrame, draft: _Draft) -> str:
    """
    Spell the location as it is compared.

    Every program has a ``main``, so it is told apart by its file or program, and a library's template by our types in
    it.
    """
    compared = _compared(first.name)
    if compared in draft.lists.entries:
        program = first.frame.file or first.frame.module or draft.crash.executable
        return f"{compared} ({base_name(program)})" if program else compared
    if first.name in draft.lists.ignored and (types := types_of_ours(first.frame.function, draft.lists)):
        return f"{first.name} [{', '.join(types)}]"
    return _in_file(compared, first.frame.file) if first.frame.function else compared


def _in_file(name: str, file: str | None) -> str:
    """Add the source to a function without a class: programs are full of ``init``. Headers are no evidence."""
    source = base_name(file)
    return f"{name}{IN_FILE}{source.lower()}" if "::" not in name and _SOURCE.fullmatch(source) else name


def _compared(name: str) -> str:
    """
    Spell a function as it is compared.

    What has no linkage is not qualified by GCC's sanitizers, but is by gdb. A lambda is code of the function around it,
    and whether it has a frame of its own is the optimiser's choice.
    """
    while name.endswith("::" + LAMBDA):
        name = name.removesuffix("::" + LAMBDA)
    return unqualified(name) if ANONYMOUS in name else name


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
    _stand_at_the_reporter,
    _fall_back_to_a_library,
    _keep_what_is_distinctive,
    _say_what_is_special,
    _join_names,
)


def _is_named(frame: InAppFrame) -> bool:
    return frame.frame.function is not None or frame.frame.file is not None


def _fingerprint(names: tuple[str, ...], assertion: str | None) -> str:
    text = "\n".join([ALGORITHM, assertion or "", *names[:TOP_FRAMES]])
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:32]

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
from tasks.core.names import normalise

ALGORITHM = "crashflow-1"
TOP_FRAMES = 10
LIST_NAMES = ("ignored", "dispatch", "prefixes", "sentinels", "system_modules", "system_files")
_SIGNATURE_LIMIT = 255


class StackList:
    """One list of regular expressions; ``name in list`` asks whether one of them matches the whole name."""

    def __init__(self, text: str, *, is_case_sensitive: bool = True) -> None:
        expressions = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        joined = "|".join(f"(?:{expression})" for expression in expressions)
        self._expression = re2.compile(joined if is_case_sensitive else f"(?i)(?:{joined})") if expressions else None

    def __contains__(self, name: object) -> bool:
        return self._expression is not None and bool(self._expression.fullmatch(str(name)))


@dataclass(frozen=True, kw_only=True)
class StackLists:
    """The lists of ``stack_lists/``, read by a client and passed in."""

    ignored: StackList
    dispatch: StackList
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
    """A frame of ours: ``name`` is normalised, or ``module+0xoffset`` where no symbol is known."""

    name: str
    frame: Frame
    is_dispatch: bool = False


@dataclass(frozen=True, kw_only=True)
class SignatureResult:
    """
    What a crash is called and by what it is recognised.

    ``location`` is the first in-app frame; ``in_app`` are the names that count for matching, the location first;
    ``assertion`` is the assertion's text without numbers. ``fingerprint`` is None where no frame carries a symbol.
    """

    signature: str
    algorithm: str
    fingerprint: str | None
    location: InAppFrame | None
    in_app: tuple[str, ...]
    assertion: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Draft:
    crash: Crash
    lists: StackLists
    frames: tuple[Frame, ...]
    in_app: tuple[InAppFrame, ...] = ()
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
    names = _names_for_matching(draft)
    assertion = assertion_text(crash)
    return SignatureResult(
        signature=" | ".join(draft.words)[:_SIGNATURE_LIMIT],
        algorithm=ALGORITHM,
        fingerprint=_fingerprint(names, assertion) if any(_has_symbol(frame) for frame in draft.in_app) else None,
        location=draft.in_app[0] if draft.in_app else None,
        in_app=names,
        assertion=assertion,
        notes=draft.notes,
    )


def assertion_text(crash: Crash) -> str | None:
    """Return the failed condition without numbers and addresses, or None for other crashes."""
    if crash.exception.kind != "assertion" or not crash.exception.message:
        return None
    text = re2.sub(r"0x[0-9a-fA-F]+|\d+", "N", crash.exception.message)
    return " ".join(str(text).split())[:200]


def _drop_above_sentinel(draft: _Draft) -> _Draft:
    last = max((i for i, frame in enumerate(draft.frames) if _function(frame) in draft.lists.sentinels), default=-1)
    if last < 0 or not draft.frames[last + 1 :]:
        return draft
    return replace(draft, frames=draft.frames[last + 1 :]).noted(
        f"dropped {last + 1} frames down to {_function(draft.frames[last])}: they handle the crash"
    )


def _select_in_app(draft: _Draft) -> _Draft:
    selected = tuple(
        InAppFrame(name=name, frame=frame, is_dispatch=name in draft.lists.dispatch)
        for frame in draft.frames
        if (name := in_app_name(frame, draft.lists))
    )
    above = next((i for i, frame in enumerate(draft.frames) if selected and frame is selected[0].frame), 0)
    changed = replace(draft, in_app=selected)
    return changed.noted(f"skipped {above} ignored frames above the first of ours") if above else changed


def _say_what_is_special(draft: _Draft) -> _Draft:
    exception = draft.crash.exception
    special = {
        "stack_overflow": "stack overflow",
        "deadlock": "deadlock",
        "out_of_memory": "out of memory",
        "division_by_zero": "division by zero",
    }.get(exception.kind)
    if exception.kind == "assertion":
        special = assertion_text(draft.crash)
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
        words = [f"no frame of ours in {len(draft.frames)} frames" if draft.frames else "no stack"]
        draft = draft.noted("no in-app frame: the crash needs symbols or a stack")
    elif len(words) > 1:
        draft = draft.noted(f"joined {len(words) - 1} prefix frames with the frame that called them")
    return replace(draft, words=(*draft.words, *words))


RULES: tuple[Callable[[_Draft], _Draft], ...] = (
    _drop_above_sentinel,
    _select_in_app,
    _say_what_is_special,
    _join_names,
)


def in_app_name(frame: Frame, lists: StackLists) -> str | None:
    """Return the name under which a frame counts as ours, or None where it is the system's."""
    module = posixpath.basename((frame.module or "").replace("\\", "/"))
    if module and module in lists.system_modules:
        return None
    if frame.file and frame.file in lists.system_files:
        return None
    if frame.function:
        name = normalise(frame.function)
        return None if name in lists.ignored else name
    if module and frame.offset is not None:
        return f"{module}+0x{frame.offset:x}"
    return None


def _function(frame: Frame) -> str:
    return normalise(frame.function) if frame.function else ""


def _has_symbol(frame: InAppFrame) -> bool:
    return frame.frame.function is not None


def _names_for_matching(draft: _Draft) -> tuple[str, ...]:
    names = [frame.name for i, frame in enumerate(draft.in_app) if i == 0 or not frame.is_dispatch]
    return tuple(names[:64])


def _fingerprint(names: tuple[str, ...], assertion: str | None) -> str:
    text = "\n".join([ALGORITHM, assertion or "", *names[:TOP_FRAMES]])
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:32]

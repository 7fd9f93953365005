"""What a program says beside the stack that it prints: the signal, the address, the exception that nobody caught."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from tasks.core.crash import CrashException, Frame
from tasks.core.parsers import last_words, posix, signal_cause

_SIGNAL = re.compile(
    r"\b(SIG(?:SEGV|ABRT|FPE|ILL|BUS|TRAP|SYS))\b|\b[Ss]ignal:? ?(?:#|no\. )?(?:[A-Z][a-z/ ]{3,40}\()?(\d{1,2})\b"
)
_FAULT = re.compile(
    r"(?:\(@|\(SIG[A-Z]{2,8}\) \(|\b[Aa]ddr(?:ess)?(?: not mapped to object \[|: ?| ))"
    r"(?:(0x[0-9a-fA-F]{1,16})|NULL pointer|\(nil\)|0(?![\w.]))"
)
_ACCESS = re.compile(r"Access: (read|write)|attempt to (read|write) memory")
_THROWN = re.compile(
    r"terminate called after throwing an instance of '([^'\n]{1,1000})'(?:\s{1,80}what\(\):[ \t]*([^\n]{0,1000}))?"
)
_SHELL_WORDS = (("Segmentation fault", "SIGSEGV"), ("Floating point exception", "SIGFPE"), ("Aborted", "SIGABRT"))


def shell_signal(said: str) -> str | None:
    """Return the signal that a shell names in its own words when a program died of it."""
    return next((name for words, name in _SHELL_WORDS if words in said), None)


def says_signal(said: str) -> bool:
    """Tell whether a signal is named."""
    return _stated(said) is not None or shell_signal(said) is not None


@lru_cache(maxsize=1)
def _stated(said: str) -> re.Match[str] | None:
    """Find the first signal that is named; kept, as the words of each stack are asked several times."""
    return _search(_SIGNAL, ("SIG", "ignal"), said)


def _search(pattern: re.Pattern[str], literals: Sequence[str], said: str) -> re.Match[str] | None:
    """Search from the first of the literals on, one of which stands in the first two characters of each match."""
    places = [at for at in map(said.find, literals) if at >= 0]
    return pattern.search(said, max(0, min(places) - 1)) if places else None


def says_death(said: str) -> bool:
    """Tell whether the words are those of a dying program."""
    return says_signal(said) or last_words.find(said) is not None


def explain(frames: Sequence[Frame], said: str) -> tuple[CrashException, tuple[str, ...]]:
    """Say why the program died, with notes."""
    stated = _stated(said)
    signal = (posix.signal_name(stated[1] or stated[2]) if stated else None) or shell_signal(said)
    fault = _search(_FAULT, ("(@", "ddr", "(SIG"), said)
    address = int(fault[1] or "0", 16) if fault else None
    explained, reasons = signal_cause.explain(signal, frames, address, said)
    access = _search(_ACCESS, ("Access: ", "attempt to "), said) if explained.kind == "access_violation" else None
    if access:
        explained = replace(explained, access="read" if "read" in access.groups() else "write")
    thrown = _search(_THROWN, ("terminate called",), said) if explained.kind in {"abort", "unknown"} else None
    if thrown:
        message = f"{thrown[1]}: {thrown[2].strip()}" if thrown[2] else thrown[1]
        return CrashException(kind="cpp_exception", signal="SIGABRT", message=message), ()
    return explained, reasons

"""
One crash told by two files: the text has the stack, the dump has how memory was accessed.

The crash that has the better stack is the base; the other one fills in what the base does not say. Which of the files
was read first makes no difference.
"""

from dataclasses import dataclass, replace

from tasks.core.crash import Crash, CrashException

_VAGUE = frozenset({"unknown", "breakpoint"})
_SAID_OF_ONE_FILE = ("A minidump is read without symbols",)


@dataclass(frozen=True, kw_only=True)
class Enriched:
    """The joined crash. ``is_base_kept`` is False where the second file has the better stack."""

    crash: Crash
    is_base_kept: bool


def join(first: Crash, second: Crash) -> Enriched:
    """Join what two files tell of one crash; ``first`` is the one that is known already."""
    is_base_kept = _worth(first) >= _worth(second)
    base, other = (first, second) if is_base_kept else (second, first)
    exception, told = _fill(base.exception, other.exception)
    notes = [note for note in other.notes if not note.startswith(_SAID_OF_ONE_FILE)] if not other.frames else []
    if told:
        notes.append(f"The {other.format} beside it tells {', '.join(told)}.")
    joined = replace(
        base,
        exception=exception,
        threads=base.threads or other.threads,
        build=base.build or other.build,
        executable=base.executable or other.executable,
        command_line=base.command_line or other.command_line,
        occurred_at=base.occurred_at or other.occurred_at,
        notes=tuple(dict.fromkeys((*base.notes, *notes))),
    )
    return Enriched(crash=joined, is_base_kept=is_base_kept)


def is_same_death(text: Crash, dump: Crash) -> bool:
    """Tell whether a dump may be of this crash of a text that holds several: their codes and places do not differ."""
    codes = {crash.exception.code for crash in (text, dump) if crash.exception.code}
    places = [crash.frames[0].address for crash in (text, dump) if crash.frames and crash.frames[0].address]
    return len(codes) < 2 and (len(places) < 2 or len(set(places)) == 1)


def _worth(crash: Crash) -> tuple[int, int, int]:
    """Order crashes by their stacks: names first, then frames, then threads."""
    named = sum(frame.function is not None for frame in crash.frames)
    return named, len(crash.frames), len(crash.threads)


def _fill(base: CrashException, other: CrashException) -> tuple[CrashException, tuple[str, ...]]:
    """Fill in what the base does not say of the exception; return the words for what was filled in."""
    told = []
    if base.kind in _VAGUE and other.kind not in {*_VAGUE, base.kind}:
        base = replace(base, kind=other.kind)
        told.append("the kind")
    if base.address is None and other.address is not None:
        base = replace(base, address=other.address)
        told.append("the data address")
    if base.access is None and other.access is not None:
        base = replace(base, access=other.access)
        told.append("the access")
    if not base.message and other.message:
        base = replace(base, message=other.message, site=base.site or other.site)
        told.append("the message")
    if base.code is None and base.signal is None and (other.code or other.signal):
        base = replace(base, code=other.code, signal=other.signal)
        told.append("the code")
    return base, tuple(told)

"""
Minidumps as crashes, as far as they can be read without symbols: one frame, where the exception is, and why.

The text report that lies beside a server's dump has the stack; the dump has what the text lacks: how and where memory
was accessed, and the assertion's text as its writer put it into the comment.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO

from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.parsers import assertions, last_words, minidump_streams, posix, signal_cause, windows_codes
from tasks.core.parsers.minidump_streams import MAC_PLATFORMS, WINDOWS_PLATFORMS, DumpedException, Minidump

NAME = "minidump"

_MACH_SIGNALS = {1: "SIGSEGV", 2: "SIGILL", 3: "SIGFPE", 5: "SIGABRT", 6: "SIGTRAP", 0x43507378: "SIGABRT"}
"""Mach exceptions by number, and Crashpad's own for a process that ended itself."""

_ENDED_ITSELF = frozenset({"assertion", "abort", "breakpoint", "unknown"})
_MESSAGE_LIMIT = 400
_THREADS_LIMIT = 1000
_NEEDS_SYMBOLS = "A minidump is read without symbols: its one frame is where the exception is."


def parse(stream: BinaryIO) -> list[Crash]:
    """
    Read the crash of a minidump.

    Raises:
        DumpError: it is no minidump, or is cut before its directory.
    """
    return [_crash(minidump_streams.read(stream))]


def _crash(dump: Minidump) -> Crash:
    crashed = dump.exception
    pc = _place(dump, crashed) if crashed else None
    threads = _threads(dump, crashed, pc)
    frames = next((thread.frames for thread in threads if thread.is_crashed), ())
    exception, notes = _exception(dump, crashed, frames)
    program = dump.modules[0] if dump.modules else None
    return Crash(
        format=NAME,
        exception=exception,
        threads=threads,
        build=program.debug_id if program else None,
        executable=program.name or None if program else None,
        occurred_at=datetime.fromtimestamp(dump.written_at, tz=UTC) if dump.written_at else None,
        is_complete=False,
        notes=(*((_NEEDS_SYMBOLS,) if frames else ()), *notes, *dump.remarks),
    )


def _place(dump: Minidump, crashed: DumpedException) -> int | None:
    """Return where the program was: Windows states it in the record, others put the data address there."""
    if dump.platform in WINDOWS_PLATFORMS or dump.platform is None:
        return crashed.address
    return crashed.pc


def _threads(dump: Minidump, crashed: DumpedException | None, pc: int | None) -> tuple[Thread, ...]:
    """Return the crashing thread first, then the others, each with the place where it was."""
    own = crashed.thread_id if crashed else None
    name = next((thread.name for thread in dump.threads if thread.id == own), None)
    first = () if own is None else (Thread(id=str(own), name=name, is_crashed=True, frames=_frames(dump, pc)),)
    others = (thread for thread in dump.threads[:_THREADS_LIMIT] if thread.id != own)
    return (
        *first,
        *(Thread(id=str(thread.id), name=thread.name, frames=_frames(dump, thread.pc)) for thread in others),
    )


def _frames(dump: Minidump, pc: int | None) -> tuple[Frame, ...]:
    if pc is None:
        return ()
    module = dump.find(pc)
    if module is None:
        return (Frame(index=0, address=pc),)
    return (Frame(index=0, module=module.name or None, offset=pc - module.base, address=pc),)


def _exception(
    dump: Minidump, crashed: DumpedException | None, frames: tuple[Frame, ...]
) -> tuple[CrashException, tuple[str, ...]]:
    if crashed is None:
        return CrashException(), ("The minidump holds no exception: it was written of a process that still ran.",)
    if dump.platform in WINDOWS_PLATFORMS or dump.platform is None:
        return _windows_exception(dump, crashed)
    signal = _MACH_SIGNALS.get(crashed.code) if dump.platform in MAC_PLATFORMS else posix.signal_name(crashed.code)
    explained, notes = signal_cause.explain(signal, frames, crashed.address, dump.comment)
    return replace(explained, signal=signal), notes


def _windows_exception(dump: Minidump, crashed: DumpedException) -> tuple[CrashException, tuple[str, ...]]:
    code = f"{crashed.code:08X}"
    parameters = dict(enumerate(crashed.parameters))
    exception = CrashException(kind=windows_codes.KINDS.get(code, "unknown"), code=code)
    if code in {windows_codes.ACCESS_VIOLATION, windows_codes.IN_PAGE_ERROR}:
        access, address = windows_codes.access(parameters)
        is_jump = access == "read" and address is not None and address == crashed.address
        exception = replace(exception, access="execute" if is_jump else access, address=address)
    if code == windows_codes.FAIL_FAST:
        exception = replace(exception, message=windows_codes.FAIL_FAST_REASONS.get(parameters.get(0, -1)))
    return _with_comment(exception, dump.comment)


def _with_comment(exception: CrashException, comment: str) -> tuple[CrashException, tuple[str, ...]]:
    """Take the assertion's text from the comment, into which servers write it."""
    if not comment:
        return exception, ()
    failed = assertions.find(comment)
    if failed and exception.kind in _ENDED_ITSELF:
        message = failed.condition or failed.detail
        site = f"{failed.file}:{failed.line}" if failed.file and failed.line else failed.file
        notes = (f"The assertion stands at {failed.site}.",) if failed.site else ()
        return replace(exception, kind="assertion", message=message or comment[:_MESSAGE_LIMIT], site=site), notes
    spoken = last_words.find(comment)
    if exception.kind == "assertion":
        message = (spoken.message if spoken else None) or comment[:_MESSAGE_LIMIT]
        return replace(exception, message=message), ()
    return exception, (f"The comment of the minidump says: {comment[:_MESSAGE_LIMIT]}",)

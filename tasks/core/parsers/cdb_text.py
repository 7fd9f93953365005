"""
Text that WinDbg and CDB print: ``!analyze -v`` old and new, ``k`` in all its forms, ``~*k``, ``.exr -1``, ``!locks``.

One text holds the same stack several times, and the stack of the thread as the dump left it, which can be the crash
handler's. ``!analyze`` blames, so its stack can be empty, cut, or made up; the stack of ``.ecxr`` is then the better.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial

from tasks.core.crash import Crash, CrashException, Frame, Kind, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cdb_frames, cdb_sessions, cdb_threads, last_words, windows_codes
from tasks.core.parsers.cdb_frames import AnyRow
from tasks.core.parsers.cdb_sessions import FRAMES_LIMIT, Record, Session, Stack
from tasks.core.parsers.cdb_threads import Choice
from tasks.core.parsers.last_words import LastWords
from tasks.core.parsers.literals import Literals, compiled

NAME = "cdb_text"

_SIGN = re.compile(
    rb"^[ \t>]{0,8}(?:\*[ \t]{5,60}(?:Exception|Bugcheck) Analysis|ExceptionAddress: ?[0-9a-f]{8}"
    rb"|(?:STACK_TEXT|FAULTING_IP|EXCEPTION_RECORD|KEY_VALUES_STRING|FAILURE_BUCKET_ID|BUGCHECK_CODE):"
    rb"|(?:# )?(?:Child-SP|ChildEBP|RetAddr)[ ]{1,20}[:A-Za-z]|#? ?Call Site\s*$|CritSec \S{1,400} at [0-9a-f]"
    rb"|[.#]?[ ]{0,6}\d{1,5}[ ]{1,4}Id: [0-9a-f]{1,8}\.[0-9a-f]{1,8} Suspend:"
    rb"|(?:[0-9a-f]{2,4} )?[0-9a-f]{8}`[0-9a-f]{8} [0-9a-f]{8}`[0-9a-f]{8}[ :][^\n]{1,200}?(?:!|\+0x)"
    rb"|(?:[0-9a-f]{2,4} )?[0-9a-f]{8} [0-9a-f]{8} (?:[0-9a-f]{8} ){0,3}\w{1,100}!"
    rb"|\[0x[0-9a-f]{1,3}\][ :]{1,12}[\w.-]{1,260}(?:!\S| \+ 0x)"
    rb"|\([0-9a-f]{1,8}\.[0-9a-f]{1,8}\): [^\n]{1,200}? - code [0-9a-f]{8} \()",
    re.MULTILINE,
)
_SIGNPOSTS = Literals(
    (
        b"xception Analysis",
        b"Bugcheck Analysis",
        b"ExceptionAddress:",
        b"STACK_TEXT:",
        b"FAULTING_IP:",
        b"KEY_VALUES_STRING:",
        b"BUCKET_ID:",
        b"RetAddr",
        b"Call Site",
        b"CritSec ",
        b" Suspend:",
        b" - code ",
        b"[0x0]",
        b"[0x1]",
    )
)
_ROW_SIGN = compiled(rb"(?m)^[ \t>]{0,8}(?:[0-9a-f]{2,4} )?[0-9a-f]{8}`?[0-9a-f]{0,8} [0-9a-f]{8}")
_WINDOW = 4096
_CODE = re.compile(r"(?:\([A-Z]+\) )?(?:0x)?([0-9a-fA-F]{8})\b")
_TIME = re.compile(
    r"\w{3} (\w{3})\s{1,2}(\d{1,2}) (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,3}))? (\d{4})"
    r"(?: \((?:UTC|GMT) ?([+-]) ?(\d{1,2})(?::(\d\d))?\))?"
)
_WORD = re.compile(r'"[^"]*"|\S+')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_THROW_HELPER = re.compile(r"std::_X([a-z]\w*)$")
_ASSERT_FUNCTION = re.compile(
    r"_?_?w?assert$|_assert_fail$|common_assert_to_\w+|_?(?:V?CrtDbgReport)\w*|(?:\w+::)Assert$|qt_assert\w*"
)
_TERMINATE = frozenset({"terminate", "std::terminate", "__std_terminate", "_CxxThrowException"})
_TOP = 32


def sniff(head: bytes) -> bool:
    """Tell whether a text holds lines of this debugger: a heading, a field, or a stack in its columns."""
    places = sorted(_SIGNPOSTS.places(head))
    if any(_SIGN.search(head, head.rfind(b"\n", 0, at) + 1, at + _WINDOW) for at in places):
        return True
    row = _ROW_SIGN.search(head) if b"!" in head or b"+0x" in head else None
    return bool(row and _SIGN.search(head, row.start(), row.start() + _WINDOW))


def parse(content: bytes) -> list[Crash]:
    """
    Read every session of the debugger that tells of a crash, in the order of the text.

    Raises:
        UnrecognisedError: the text is about the Windows kernel, or holds neither an exception nor a stack.
    """
    sessions = cdb_sessions.read(content)
    crashes = [_crash(session) for session in sessions if not _is_kernel(session)]
    if crashes:
        return crashes
    if sessions:
        raise UnrecognisedError(
            "The text analyses a crash of the Windows kernel, not of a program: give the dump of the server's process."
        )
    raise UnrecognisedError("The text has words of WinDbg but no exception and no stack: run `!analyze -v; ~*kv`.")


def _is_kernel(session: Session) -> bool:
    """Tell a session about the kernel; its module is ``nt``, while programs call it through ``ntdll``."""
    first = session.stacks[:1]
    return session.is_kernel or any(row.site.startswith("nt!") for stack in first for row in stack.named_rows())


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the session says of the exception, before the stacks are looked at."""

    record: Record
    code: str | None


def _crash(session: Session) -> Crash:
    told = _told(session)
    choice = cdb_threads.choose(session, told.record, told.code)
    frames = _frames(session, choice.crashed, told.record) if choice.crashed else ()
    exception, reasons = _exception(session, told, choice, frames)
    threads = tuple(_threads(session, choice, frames))
    executable = session.fields.get("PROCESS_NAME")
    return Crash(
        format=NAME,
        exception=exception,
        threads=threads,
        build=_build(session),
        executable=executable,
        command_line=tuple(word.strip('"') for word in _WORD.findall(session.command_line or "")),
        occurred_at=_time(session.time),
        is_complete=_is_complete(choice.crashed),
        notes=(*choice.notes, *reasons, *_remarks(session, choice)),
    )


def _told(session: Session) -> _Told:
    record = session.records[0] if session.records else Record()
    names = ("EXCEPTION_CODE_STR", "EXCEPTION_CODE", "ERROR_CODE")
    codes = (match[1].upper() for name in names if (match := _CODE.match(session.fields.get(name, ""))))
    stated = record.code if record.code and _CODE.fullmatch(record.code) else None
    return _Told(record=record, code=stated or next(codes, None) or session.event_code)


def _frames(session: Session, stack: Stack, record: Record) -> tuple[Frame, ...]:
    """Make the frames of a stack; that of the exception begins where the exception happened."""
    is_of_exception = stack.origin in {"analysis", "context"} and not cdb_threads.is_pseudo(stack)
    address = record.address if is_of_exception or _is_top(stack, record) else None
    base_of = session.base_of if session.modules else None
    return cdb_frames.frames(stack.rows, address, base_of, partial(_frame, session))


def _frame(session: Session, row: AnyRow, index: int, address: int | None) -> Frame:
    site = cdb_frames.read_site(row.site)
    if site.function and cdb_threads.is_false_name(site, session):
        site = site._replace(function=None, is_false=True)
    base = session.base_of(site.module) if session.modules else None
    return cdb_frames.frame(index, row, site, code=(address, base))


def _is_top(stack: Stack, record: Record) -> bool:
    return bool(record.symbol and cdb_threads.is_same_place(next(stack.named_rows(1)).site, record.symbol))


def _threads(session: Session, choice: Choice, frames: Sequence[Frame]) -> Iterable[Thread]:
    if choice.crashed is not None:
        named = session.threads.get(choice.number) if choice.number is not None else None
        name = named.name if named else None
        number = choice.number if choice.number is not None else choice.task
        yield Thread(id=str(number or 0), name=name, is_crashed=True, frames=tuple(frames))
    for stack in session.stacks:
        named = session.threads.get(stack.thread) if stack.origin == "thread" and stack.thread is not None else None
        if named and stack.rows and stack is not choice.crashed and named.number != choice.number:
            yield Thread(id=str(named.number), name=named.name, frames=_frames(session, stack, Record()))


def _exception(
    session: Session, told: _Told, choice: Choice, frames: Sequence[Frame]
) -> tuple[CrashException, tuple[str, ...]]:
    code, record = told.code, told.record
    kind: Kind = windows_codes.KINDS.get(code, "unknown")
    names = [frame.function or "" for frame in frames[:_TOP]]
    spoken = last_words.find("\n".join(session.said))
    if spoken and not (code == windows_codes.ASSERTION_FAILURE or _is_asserting(kind, names)):
        spoken = None
    if choice.is_freeze:
        return CrashException(kind="deadlock", code=code, message=_message(session, told, spoken)), ()
    if session.verifier_stop:
        return CrashException(kind="sanitizer", code=code, message=session.verifier_stop), ()
    if code == windows_codes.CPP_EXCEPTION or _is_thrown(kind, names):
        return CrashException(kind="cpp_exception", code=code, message=_thrown(record, names)), ()
    if spoken or _is_asserting(kind, names):
        words = spoken or LastWords(kind="assertion")
        stated = CrashException(
            kind="assertion", code=code, message=words.message, site=words.site, site_function=words.function
        )
        return stated, words.notes
    if kind in {"access_violation", "bus_error"}:
        return _access(session, told, kind)
    if kind == "unknown" and cdb_threads.is_runaway([frame.function or "" for frame in frames]):
        kind = "stack_overflow"
    return CrashException(kind=kind, code=code, message=_message(session, told, None)), ()


def _access(session: Session, told: _Told, kind: Kind) -> tuple[CrashException, tuple[str, ...]]:
    record = told.record
    access, address = windows_codes.access(record.parameters)
    if record.attempt and access is None:
        access = {"r": "read", "w": "write", "e": "execute"}[record.attempt[0]]  # type: ignore[assignment]
        address = record.attempted
    said: tuple[str, ...] = ()
    if record.parameters and address is None:
        said = ("The processor did not tell the address: the pointer was no valid address at all.",)
    if access is None:
        fault = session.keys.get("AV.Fault", "").lower()
        access = fault if fault in {"read", "write", "execute"} else None  # type: ignore[assignment]
    return CrashException(kind=kind, code=told.code, address=address, access=access), said


def _is_asserting(kind: Kind, names: Sequence[str]) -> bool:
    is_own_end = kind in {"abort", "breakpoint", "assertion", "access_violation", "unknown"}
    return is_own_end and any(_ASSERT_FUNCTION.match(name) for name in names)


def _is_thrown(kind: Kind, names: Sequence[str]) -> bool:
    return kind == "abort" and "_CxxThrowException" in names and any(name in _TERMINATE for name in names)


def _thrown(record: Record, names: Sequence[str]) -> str | None:
    """Name the type of the exception: the debugger lists it before its bases, the library throws by functions."""
    for said in record.types:
        return said.removeprefix("class ").removeprefix("struct ") or None
    helpers = (_THROW_HELPER.match(name) for name in names)
    return next((f"std::{match[1]}" for match in helpers if match), None)


def _message(session: Session, told: _Told, spoken: LastWords | None) -> str | None:
    if spoken and spoken.message:
        return spoken.message
    if told.code == windows_codes.FAIL_FAST and 0 in told.record.parameters:
        return windows_codes.FAIL_FAST_REASONS.get(told.record.parameters[0])
    if told.code == windows_codes.HEAP_CORRUPTION:
        return "heap corruption"
    contended = [lock for lock in session.locks if lock.contention]
    return f"{contended[0].name} is held" if contended else None


def _build(session: Session) -> str | None:
    """The version of the image that is blamed, where that is the program and not a library."""
    program = session.fields.get("PROCESS_NAME", "").lower()
    if not program or session.fields.get("IMAGE_NAME", "").lower() != program:
        return None
    return session.fields.get("IMAGE_VERSION") or session.fields.get("DEBUG_FLR_IMAGE_TIMESTAMP")


def _time(text: str | None) -> datetime | None:
    """Read ``Tue Feb  4 09:51:15.000 2025 (UTC + 7:00)``."""
    match = _TIME.match(text or "")
    if match is None or match[1] not in _MONTHS:
        return None
    month, day, hour, minute, second, fraction, year, sign, *zone = match.groups()
    shift = timedelta(hours=int(zone[0]), minutes=int(zone[1] or 0)) if sign else None
    try:
        return datetime(
            int(year),
            _MONTHS.index(month) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            int((fraction or "0").ljust(3, "0")) * 1000,
            tzinfo=timezone(shift if sign == "+" else -shift) if shift is not None else None,
        )
    except ValueError:
        return None


def _is_complete(stack: Stack | None) -> bool:
    return stack is not None and not (stack.left_out or stack.is_doubtful or cdb_threads.is_pseudo(stack))


def _remarks(session: Session, choice: Choice) -> Iterable[str]:
    if choice.crashed is None:
        yield "The text holds no stack of the crash: run `.ecxr; kvn` and save what it prints."
    elif choice.crashed.is_doubtful:
        yield "The debugger warns that frames may be wrong: symbols or images were missing."
    if choice.crashed and choice.crashed.left_out:
        yield f"The stack has {choice.crashed.left_out} more frames; the first {FRAMES_LIMIT} were kept."
    if choice.crashed and any(cdb_threads.is_false_name(site, session) for site in session.sites_of(choice.crashed)):
        yield "Names that are only the nearest export were not believed: the program's symbols were missing."
    if session.verifier_stop:
        yield "Application Verifier stopped the program."
    if session.stacks_left_out:
        yield f"{session.stacks_left_out} more stacks were left out."
    bucket = session.keys.get("Failure.Bucket") or session.fields.get("FAILURE_BUCKET_ID")
    if bucket:
        yield f"The debugger's bucket is {bucket[:300]}."

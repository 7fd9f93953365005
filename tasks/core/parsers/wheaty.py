"""
Text reports that servers of the TrinityCore family write on Windows when they die (``WheatyExceptionReport``).

The layout descends from Matt Pietrek's MSJExceptionHandler and is the same in TrinityCore, AzerothCore, SkyFire and
mangos but for the banner. The exception's words are the system's, in its language, so only the code is read. Registers
are not: AzerothCore prints R9 as R8 and so on, and RBP is cut to 32 bits everywhere.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tasks.core.crash import NULL_PAGE, Crash, CrashException, Frame, Kind, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import assertions, wheaty_frames, wheaty_stacks, wheaty_threads
from tasks.core.parsers.assertions import Assertion
from tasks.core.parsers.wheaty_frames import Row
from tasks.core.parsers.wheaty_stacks import FRAMES_LIMIT, REPORTS_LIMIT, Block, Fault, Report
from tasks.core.parsers.wheaty_threads import Choice
from tasks.core.parsers.windows_codes import CPP_EXCEPTION, KINDS

NAME = "wheaty"

_SIGN = re.compile(
    rb"^[ \t>*#_`\\]{0,8}(?:Exception code:[ \t]{0,4}[0-9A-F]{8}\b|Address {1,4}Frame {1,6}Function {1,8}SourceFile"
    rb"|Date \d{1,2}:\d{1,2}:\d{4}\. Time \d|Crash date:? \d{1,2}:\d{1,2}:\d{4})",
    re.MULTILINE,
)
_SIGNPOSTS = (b"Exception code:", b"Address ", b"Date ", b"Crash date")
_HASH = re.compile(r"(?<![\w-])([0-9a-f]{7,40}\+?)(?![\w-])")
_NUMBER = re.compile(r"[\s*]{0,8}((?:\d{1,2}(?:\.\d{1,2}){1,3}[a-z]? {0,3}- {0,3})?\d{1,6})[\s*]{0,8}")
_DATE = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{4})\.? {0,4}Time:? {0,4}(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?")
_MARKER = re.compile(r"(?:ABORTED|FATAL ERROR|ERROR|ASSERTION FAILED)[:.]?\s{0,100}")
_THROWN = re.compile(r"(?:Local |Parameter )?\s*([A-Za-z_][\w:<>, ]{0,400}?)[ \t*&]+'?uncaught_exception\b")
_HELPER = re.compile(r"std::_X([a-z]\w*)")
_HELPERS_DEPTH = 32
_MESSAGE_LIMIT = 400


def sniff(head: bytes) -> bool:
    """Tell whether a text is such a report, or at least a stack out of one."""
    if any(sign in head for sign in _SIGNPOSTS) and _SIGN.search(head):
        return True
    return wheaty_frames.has_row(head)


def parse(content: bytes) -> list[Crash]:
    """
    Read every report of a file, in its order: two crashes within a second are appended to one file.

    Raises:
        UnrecognisedError: the text ends before the exception, or is none of these reports.
    """
    reports = wheaty_stacks.read(content)
    told = [report for report in reports if report.code or report.has_rows or report.message]
    if not told:
        raise UnrecognisedError(
            "The report ends before it names the exception, as it was cut while it was written: "
            "give the .dmp file that stands beside it."
        )
    return [_crash(report, is_last=len(told) == REPORTS_LIMIT and report is told[-1]) for report in told]


def _crash(report: Report, *, is_last: bool) -> Crash:
    choice = wheaty_threads.choose(report)
    text = "\n".join(line.strip() for line in report.message if line.strip())
    failed = _assertion(text)
    threads = tuple(_thread(block, report, is_crashed=i == choice.crashed) for i, block in enumerate(choice.blocks))
    notes = [*choice.notes, *_remarks(report, choice, failed)]
    crashed = next((thread for thread in threads if thread.is_crashed), None)
    if failed and failed.function and not choice.is_freeze and not (crashed and crashed.frames):
        threads = (_asserting(failed, crashed), *(thread for thread in threads if not thread.is_crashed))
        notes.append("The stack is missing: its one frame is the place where the assertion stands.")
    elif report.fault and report.fault.place.module and not report.has_rows and not choice.is_freeze:
        threads = (Thread(id="1", is_crashed=True, frames=(_faulting(report.fault),)),)
        notes.append("The stack is missing: its one frame is the place of the fault.")
    if is_last:
        notes.append(f"The file may hold more reports: the first {REPORTS_LIMIT} were read.")
    exception = _exception(report, failed, crashed.frames if crashed else ())
    return Crash(
        format=NAME,
        exception=replace(exception, kind="deadlock") if choice.is_freeze else exception,
        threads=threads,
        build=_build(report.revision),
        executable=_executable(report),
        occurred_at=_time(report.date),
        is_complete=_is_complete(report, choice),
        notes=tuple(notes),
    )


def _thread(block: Block, report: Report, *, is_crashed: bool) -> Thread:
    rows = wheaty_threads.without_false_names(block.rows, report=report)
    frames = tuple(wheaty_frames.frame(index, row) for index, row in enumerate(rows))
    fault = report.fault
    if is_crashed and frames and fault and frames[0].address == fault.address and frames[0].module is None:
        frames = (frames[0]._replace(module=fault.place.module), *frames[1:])
    return Thread(id=str(block.number), is_crashed=is_crashed, frames=frames)


def _faulting(fault: Fault) -> Frame:
    return wheaty_frames.frame(0, Row(fault.address, fault.place))


def _asserting(failed: Assertion, crashed: Thread | None) -> Thread:
    frame = Frame(index=0, function=failed.function, file=failed.file, line=failed.line)
    return Thread(id=crashed.id if crashed else "1", is_crashed=True, frames=(frame,))


def _exception(report: Report, failed: Assertion | None, frames: Sequence[Frame]) -> CrashException:
    kind: Kind = KINDS.get(report.code, "unknown")
    if report.code is None and report.message:
        kind = "assertion"
    message = failed.condition if failed else None
    if report.code == CPP_EXCEPTION:
        message = _thrown(report.thrown) or _thrown_by_helper(frames) or message
    address = report.fault.address if report.fault else report.pointer
    is_wild = kind == "access_violation" and address is not None and _is_wild(report, address)
    return CrashException(
        kind=kind,
        code=report.code,
        address=address if is_wild else None,
        access="execute" if is_wild else None,
        message=message,
        site=failed.place if failed else None,
        site_function=failed.function if failed else None,
    )


def _is_wild(report: Report, address: int) -> bool:
    """True when the program jumped to where no code is: then, and only then, the fault address is the one accessed."""
    return address < NULL_PAGE or (report.fault is not None and report.fault.place.section is None)


def _assertion(text: str) -> Assertion | None:
    """Read the assertion; its banner may have lost the line that names it where ``#`` and ``>`` mean something."""
    if not text:
        return None
    found = assertions.find(text) or assertions.find(f">> ABORTED\n{text}")
    if found:
        return found
    marker = _MARKER.search(text)
    said = text[marker.end() :].partition("\n")[0] if marker else text.partition("\n")[0]
    return Assertion(condition=(said or (marker[0].strip(":. \n") if marker else ""))[:_MESSAGE_LIMIT] or None)


def _thrown(lines: Iterable[str]) -> str | None:
    """``type: what()`` of the exception that nobody caught, as far as the report says either."""
    told = [line.strip() for line in lines if line.strip()]
    kinds = (match[1].strip() for line in told if (match := _THROWN.match(line)))
    thrown = next(kinds, None)
    what = told[0][:_MESSAGE_LIMIT] if told and "uncaught_exception" not in told[0] else None
    return f"{thrown}: {what}" if thrown and what else thrown or what


def _thrown_by_helper(frames: Sequence[Frame]) -> str | None:
    """The library throws its own exceptions in functions that are named after them: ``std::_Xout_of_range``."""
    helpers = (_HELPER.fullmatch(frame.function or "") for frame in frames[:_HELPERS_DEPTH])
    return next((f"std::{helper[1]}" for helper in helpers if helper), None)


def _build(revision: str | None) -> str | None:
    """
    Return the revision's hash, with its ``+`` where the tree was changed; dates and counters are digits alone.

    Trees of before git state a number. A tree without its history states ``unknown`` or ``Archive``: that is no build.
    """
    hashes = (found[1] for found in _HASH.finditer(revision or ""))
    stated = next((word for word in hashes if len(word) > 11 or not word.isdecimal()), None)
    number = _NUMBER.fullmatch(revision or "")
    return stated or (number[1] if number else None)


def _executable(report: Report) -> str | None:
    known = [report.fault.place.module] if report.fault else []
    modules = (row.place.module for block in report.blocks for row in block.rows)
    return next((name for name in (*known, *modules) if name and name.lower().endswith(".exe")), None)


def _time(date: str | None) -> datetime | None:
    """Read ``Date D:M:YYYY. Time H:M``, the server's local time."""
    match = _DATE.search(date or "")
    if match is None:
        return None
    day, month, year, hour, minute, second = (int(number or 0) for number in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (the report states no zone)
    except ValueError:
        return None


def _is_complete(report: Report, choice: Choice) -> bool:
    crashed = choice.blocks[choice.crashed] if choice.crashed is not None else None
    is_whole = crashed is not None and bool(crashed.rows) and not crashed.left_out and not crashed.is_elided
    return is_whole and not report.is_truncated


def _remarks(report: Report, choice: Choice, failed: Assertion | None) -> Iterable[str]:
    if failed and failed.site:
        yield f"The assertion stands at {failed.site}."
    if failed and failed.detail and failed.detail != failed.condition:
        yield f"The assertion says: {failed.detail[:300]}"
    if report.code is None:
        yield "The text does not say which exception ended the process."
    if report.is_truncated:
        yield "The server failed while it wrote the report: the end is missing."
    if report.is_from_locals and report.has_rows:
        yield "The stacks were read from the section of local variables."
    if choice.crashed is not None and not choice.blocks[choice.crashed].rows:
        yield "The report holds no frame of the crashing stack."
    if choice.crashed is not None and choice.blocks[choice.crashed].is_elided:
        yield "Frames were left out by the one who copied the stack."
    for block in choice.blocks:
        if block.left_out:
            yield f"Stack {block.number} has {block.left_out} more frames; the first {FRAMES_LIMIT} were kept."
    if report.blocks_left_out:
        yield f"{report.blocks_left_out} more stacks were left out."

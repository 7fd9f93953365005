"""
What ``minidump_stackwalk`` of Breakpad and rust-minidump prints of a minidump: the reason, then each thread's stack.

Frames are ``12  MODULE!FUNCTION [FILE : LINE + 0x34]``, ``12  MODULE + 0x34`` or ``12  0xADDRESS``, each above its
registers and how it was found. The machine-readable form (``-m``) has a line for each, with fields between bars.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tasks.core.crash import Access, Crash, CrashException, Frame, Kind, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import posix, sanitizer_frames, signal_cause

NAME = "minidump_stackwalk"

FRAMES_LIMIT = 512
THREADS_LIMIT = 1024

_SIGNS = (b"Crash reason: ", b"Crash|")
_THREAD_SIGNS = (b"\nThread ", b"\n0|0|")
_LINE_LIMIT = 12 * 1024
_REASON = re.compile(r"Crash reason:\s{1,8}(\S[^\n]{0,300})")
_ADDRESS = re.compile(r"Crash address:\s{1,8}(0x[0-9a-fA-F]{1,16})")
_ASSERTION = re.compile(r"Assertion:\s{1,8}(\S[^\n]{0,1000})")
_THREAD = re.compile(
    r"Thread (\d{1,7})(?: (?!\()(\S.{0,100}?))?(?: \((crashed|requested dump[^)]{0,100})\))?(?: - .{0,200})?"
)
_FRAME = re.compile(
    r"(?P<number>\d{1,6})\s{2,4}(?:(?!0x)(?P<module>[^\s!+][^!+]{0,300}?)(?:!(?P<name>\S.{0,4096}?))??"
    r"(?: \[(?P<file>[^\[\]]{1,1000}?)(?: : (?P<line>\d{1,9}))?(?: \+ 0x[0-9a-f]{1,16})?\]"
    r"| \+ 0x(?P<offset>[0-9a-f]{1,16}))?"
    r"|0x(?P<address>[0-9a-f]{1,16}))"
)
_COUNTER = re.compile(r"\b(?:[er]ip|pc) = 0x([0-9a-f]{1,16})")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}")
_SOURCE_REVISION = re.compile(r"(?:\w+:[^:]{1,200}:)?([^:]{1,400}?)(?::[0-9a-f]{12,64})?$")
_WINDOWS: dict[str, Kind] = {
    "EXCEPTION_ACCESS_VIOLATION": "access_violation",
    "EXCEPTION_IN_PAGE_ERROR": "access_violation",
    "EXCEPTION_STACK_OVERFLOW": "stack_overflow",
    "EXCEPTION_INT_DIVIDE_BY_ZERO": "division_by_zero",
    "EXCEPTION_FLT_DIVIDE_BY_ZERO": "division_by_zero",
    "EXCEPTION_ILLEGAL_INSTRUCTION": "illegal_instruction",
    "EXCEPTION_BREAKPOINT": "breakpoint",
    "STATUS_STACK_BUFFER_OVERRUN": "abort",
    "STATUS_HEAP_CORRUPTION": "abort",
    "EXC_BAD_ACCESS": "access_violation",
    "EXC_ARITHMETIC": "division_by_zero",
    "EXC_BAD_INSTRUCTION": "illegal_instruction",
    "EXC_BREAKPOINT": "breakpoint",
    "Out of Memory": "out_of_memory",
    "Unhandled C++ Exception": "cpp_exception",
}
_ACCESS: dict[str, Access] = {"WRITE": "write", "READ": "read", "EXEC": "execute"}


@dataclass
class _Walk:
    """The lines of a dump so far: words of the head, and the threads with what was left out of them."""

    words: list[str] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    left_out: int = 0


def sniff(head: bytes) -> bool:
    """Tell whether a text holds the head of a walk and a thread."""
    return any(sign in head for sign in _SIGNS) and any(sign in head for sign in _THREAD_SIGNS)


def parse(content: bytes) -> list[Crash]:
    """
    Read the one crash; the thread that is marked as crashed counts, else none does.

    Raises:
        UnrecognisedError: no thread has a stack.
    """
    walk = _machine(content) if b"\n0|0|" in content else _human(content)
    if not any(thread.frames for thread in walk.threads):
        raise UnrecognisedError("The walk of the minidump holds no stack: give its whole output.")
    crashed = next((thread for thread in walk.threads if thread.is_crashed), None)
    explained, notes = _explain("\n".join(walk.words), crashed.frames if crashed else ())
    left_out = (f"The stacks have {walk.left_out} more frames; the first {FRAMES_LIMIT} of each were kept.",)
    return [
        Crash(
            format=NAME,
            exception=explained,
            threads=tuple(sorted(walk.threads, key=lambda thread: not thread.is_crashed)),
            is_complete=not walk.left_out,
            notes=(*notes, *(left_out if walk.left_out else ())),
        )
    ]


def _human(content: bytes) -> _Walk:
    walk = _Walk()
    for raw in io.BytesIO(content):
        text = sanitizer_frames.decode(raw[:_LINE_LIMIT]).rstrip()
        thread = _THREAD.fullmatch(text) if raw.startswith(b"Thread ") else None
        if thread:
            _close(walk)
            if len(walk.threads) >= THREADS_LIMIT:
                break
            is_crashed = thread[3] is not None and not any(other.is_crashed for other in walk.threads)
            walk.threads.append(Thread(id=thread[1], name=thread[2], is_crashed=is_crashed))
        elif raw.startswith(b"Loaded modules"):
            break
        elif not walk.threads:
            walk.words.append(text)
        elif len(walk.frames) >= FRAMES_LIMIT and raw[:7].strip()[:1].isdigit():
            walk.left_out += 1
        elif raw[:1] in b" 0123456789" and (match := _FRAME.fullmatch(text.strip())):
            _add(walk, _frame(match))
        elif walk.frames and "Found by: inlining" in text:
            walk.frames[-1] = walk.frames[-1]._replace(is_inlined=True)
        elif walk.frames and (counter := _COUNTER.search(text)) and walk.frames[-1].address is None:
            walk.frames[-1] = walk.frames[-1]._replace(address=int(counter[1], 16))
    _close(walk)
    return walk


def _add(walk: _Walk, frame: Frame) -> None:
    if len(walk.frames) < FRAMES_LIMIT:
        walk.frames.append(frame.numbered(len(walk.frames)))
    else:
        walk.left_out += 1


def _close(walk: _Walk) -> None:
    if walk.threads:
        walk.threads[-1] = replace(walk.threads[-1], frames=tuple(walk.frames))
    walk.frames = []


def _frame(match: re.Match[str]) -> Frame:
    line, offset, address = match["line"], match["offset"], match["address"]
    return Frame(
        index=0,
        function=match["name"],
        file=_source(match["file"]),
        line=int(line) if line else None,
        module=match["module"],
        offset=int(offset, 16) if offset and not match["name"] else None,
        address=int(address, 16) if address else None,
    )


def _source(path: str | None) -> str | None:
    """Take off what a source server adds: ``hg:host/repository:DIRECTORY/FILE:REVISION``."""
    found = _SOURCE_REVISION.match(path) if path and path[1:3] != ":\\" else None
    return found[1] if found else path


def _machine(content: bytes) -> _Walk:
    walk = _Walk()
    crashed = ""
    stacks: dict[str, list[Frame]] = {}
    for raw in io.BytesIO(content):
        fields = sanitizer_frames.decode(raw[:_LINE_LIMIT]).rstrip("\r\n").split("|")
        if fields[0] == "Crash" and len(fields) > 3:
            walk.words += [f"Crash reason:  {fields[1]}", f"Crash address: {fields[2]}"]
            crashed = fields[3]
        elif len(fields) == 7 and fields[0].isdecimal() and fields[1].isdecimal():
            frames = stacks.setdefault(fields[0], []) if len(stacks) < THREADS_LIMIT else []
            if len(frames) < FRAMES_LIMIT:
                frames.append(_frame_of_fields(len(frames), fields))
            else:
                walk.left_out += 1
    walk.threads = [
        Thread(id=number, is_crashed=number == crashed, frames=tuple(frames)) for number, frames in stacks.items()
    ]
    return walk


def _frame_of_fields(index: int, fields: Sequence[str]) -> Frame:
    _, _, module, name, file, line, offset = fields
    is_offset = _HEX.fullmatch(offset) is not None and not name
    return Frame(
        index=index,
        function=name or None,
        file=_source(file or None),
        line=int(line) if line.isdecimal() and len(line) < 10 else None,
        module=module or None,
        offset=int(offset, 16) if is_offset and module else None,
    )


def _explain(said: str, frames: Sequence[Frame]) -> tuple[CrashException, tuple[str, ...]]:
    stated, place = _REASON.search(said), _ADDRESS.search(said)
    reason = stated[1] if stated else ""
    address = int(place[1], 16) if place else None
    checked = _ASSERTION.search(said)
    if checked and not checked[1].startswith("Unknown"):
        return CrashException(kind="assertion", message=checked[1].strip()), ()
    kind = next((kind for word, kind in _WINDOWS.items() if reason.startswith(word)), None)
    if kind is None:
        signal = posix.signal_name(reason.partition(" ")[0])
        return signal_cause.explain(signal, frames, address, "")
    access = next((access for word, access in _ACCESS.items() if word in reason.rpartition(" ")[2]), None)
    is_access = kind == "access_violation"
    explained = CrashException(
        kind=kind, code=reason, address=address if is_access else None, access=access if is_access else None
    )
    return explained, ()

"""
Panics of Rust, as its standard library prints them, with the native stack below.

``thread 'NAME' panicked at FILE:LINE:COLUMN:`` and the message on the next line (since 1.73; before, message and place
on one line), ``stack backtrace:``, and frames ``12: FUNCTION`` or ``12: 0xADDRESS - FUNCTION`` with ``at
FILE:LINE:COLUMN`` below each. A second panic while the first unwinds is told the same way.
"""

import re
from collections.abc import Iterator

from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import mangling, sanitizer_frames

NAME = "rust_panic"

FRAMES_LIMIT = 512
PANICS_LIMIT = 256

_STACK = b"stack backtrace:"
_PANIC = re.compile(r"thread (?:'([^'\n]{0,200})'|<unnamed>)(?: \(\d{1,10}\))? panicked at ([^\n]{1,4000})")
_OLD = re.compile(r"'(.{0,3000})', ([^\s',]{1,500}?):(\d{1,9})(?::\d{1,9})?$")
_PLACE = re.compile(r"(\S[^\n]{0,500}?):(\d{1,9}):\d{1,9}:$")
_FRAME = re.compile(r"\s*(\d{1,6}): +(?:0x([0-9a-f]{1,16})(?: - |$))?(\S.{0,4096})?")
_AT = re.compile(r"\s+at (\S.{0,1000}?):(\d{1,9})(?::\d{1,9})?")
_LINE_LIMIT = 12 * 1024
_REACH = 64 * 1024
_SILENCE = 2
_NO_NAME = frozenset({"<unknown>", "__mh_execute_header", "???"})


def sniff(head: bytes) -> bool:
    """Tell whether a text holds a panic and the line above its stack."""
    return _STACK in head and b" panicked at " in head


def parse(content: bytes) -> list[Crash]:
    """
    Read every panic with a stack, in the order of the text.

    Raises:
        UnrecognisedError: no panic has a stack.
    """
    crashes: list[Crash] = []
    end, start = 0, content.find(_STACK)
    while start >= 0 and len(crashes) < PANICS_LIMIT:
        said = sanitizer_frames.decode(content[max(end, start - _REACH) : start])
        frames, left_out, end = _frames(content, start + len(_STACK))
        if frames and " panicked at " in said:
            crashes.append(_crash(said, frames, left_out))
        start = content.find(_STACK, max(end, start + len(_STACK)))
    if not crashes:
        raise UnrecognisedError("The panic holds no stack: run with RUST_BACKTRACE=1.")
    return crashes


def _lines(content: bytes, start: int) -> Iterator[tuple[int, str]]:
    """Yield each line with the offset behind it."""
    while start < len(content):
        end = content.find(b"\n", start)
        end = end if end >= 0 else len(content)
        yield end + 1, sanitizer_frames.decode(content[start : min(end, start + _LINE_LIMIT)]).rstrip()
        start = end + 1


def _frames(content: bytes, start: int) -> tuple[list[Frame], int, int]:
    frames: list[Frame] = []
    left_out = silence = 0
    address: int | None = None
    for end, line in _lines(content, start):
        match, place = _FRAME.fullmatch(line), _AT.fullmatch(line)
        if match:
            start, silence = end, 0
            address = int(match[2], 16) if match[2] else None
            name = match[3] if match[3] not in _NO_NAME else None
            left_out += len(frames) >= FRAMES_LIMIT
            if len(frames) < FRAMES_LIMIT:
                frames.append(Frame(index=len(frames), function=name and mangling.readable(name), address=address))
        elif place and frames:
            frames[-1] = frames[-1]._replace(file=place[1], line=int(place[2]))
        elif line.strip():
            silence += 1
            if silence > _SILENCE:
                break
    return frames, left_out, start


def _crash(said: str, frames: list[Frame], left_out: int) -> Crash:
    panic = list(_PANIC.finditer(said))[-1:]
    name, headline = (panic[0][1], panic[0][2]) if panic else (None, "")
    old, place = _OLD.search(headline.rstrip()), _PLACE.search(headline.rstrip())
    below = said[panic[0].end() :].strip().splitlines() if panic else []
    message = old[1] if old else below[0].strip() if place and below else headline.strip() or None
    stated = old or place
    file, line = (stated[2 if old else 1], stated[3 if old else 2]) if stated else (None, None)
    return Crash(
        format=NAME,
        exception=CrashException(kind="assertion", message=message, site=f"{file}:{line}" if file else None),
        threads=(Thread(id=name or "1", name=name, is_crashed=True, frames=tuple(frames)),),
        is_complete=not left_out,
        notes=(f"The stack has {left_out} more frames; the first {FRAMES_LIMIT} were kept.",) if left_out else (),
    )

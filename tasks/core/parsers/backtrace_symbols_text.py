"""
Stacks that a program printed itself, without a debugger and with few words: ``backtrace_symbols``, ACE, Boost, glog.

Posts and consoles hold such a list alone, below the words of an assertion, or below what a signal handler said. What
one line looks like is in ``printed_layouts``, what the words say in ``printed_words``, and what the handler's own
frames do to the stack in ``handler_frames``.
"""

import itertools
import re
from dataclasses import dataclass, field

from tasks.core.crash import Crash, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import (
    backtrace_frames,
    cause,
    handler_frames,
    last_words,
    native_frames,
    printed_words,
    text_lines,
)
from tasks.core.parsers.printed_layouts import KNOWN_SIGNPOSTS, KNOWN_SIGNS, LAYOUTS

NAME = "backtrace_symbols_text"

FRAMES_LIMIT = 512
STACKS_LIMIT = 256

_SIGN = re.compile(
    rb"^[^\S\n]*(?:%b)[^\S\n]*\r?$" % b"|".join([*(layout.sign for layout in LAYOUTS if layout.sign), *KNOWN_SIGNS]),
    re.MULTILINE,
)
_SIGNPOSTS = tuple(dict.fromkeys([*KNOWN_SIGNPOSTS, *(post for layout in LAYOUTS for post in layout.signposts)]))
_WINDOW = 8192
_TRIES_LIMIT = 20
_REPEATED = 8192
"""Lines of one text that are kept: a log can hold the same crash many times."""

_WORDS_LIMIT = 64 * 1024
_LINE_LIMIT = 2000
_SILENCE = 3
"""Lines that may stand between two frames of one stack: warnings of the symboliser and blank lines of posts."""

_SNIPPET = re.compile(r"\s{4,12}>?\s{0,12}\d{1,7}: ")
"""A line of source code that backward-cpp prints below a frame."""


@dataclass
class _Stack:
    """One printed stack, and what was said since the one before."""

    words: list[str] = field(default_factory=list)
    size: int = 0
    rows: list[tuple[int, Frame]] = field(default_factory=list)
    left_out: int = 0

    @property
    def said(self) -> str:
        """The words as one text."""
        return "\n".join(self.words)


def sniff(head: bytes) -> bool:
    """Tell whether two lines near each other are frames in one of these layouts."""
    return any(_is_near(head, signpost) for signpost in _SIGNPOSTS)


def parse(content: bytes) -> list[Crash]:
    """
    Read every stack that words of a death stand beside, in the order of the text; where none has any, the first.

    Raises:
        UnrecognisedError: the text holds no stack of at least two frames.
    """
    reader = _Reader()
    for piece in text_lines.pieces(content, backtrace_frames.LINE_LIMIT):
        reader.take(piece)
    stacks = [stack for stack in reader.stacks if len(stack.rows) > 1]
    if not stacks:
        raise UnrecognisedError("The text holds no list of frames that crashflow reads: give the whole output.")
    told = [_crash(stack, said) for stack in stacks if printed_words.says_death(said := stack.said)]
    return told or [_crash(stacks[0], stacks[0].said)]


def _is_near(head: bytes, signpost: bytes) -> bool:
    """Tell whether a stack stands where the signpost does; look-alikes before it are passed over."""
    position = head.find(signpost)
    for _ in range(_TRIES_LIMIT):
        if position < 0:
            return False
        if _has_stack(head, max(0, head.rfind(b"\n", 0, position))):
            return True
        position = head.find(signpost, position + _WINDOW // 2)
    return False


def _has_stack(head: bytes, start: int) -> bool:
    return len(list(itertools.islice(_SIGN.finditer(head, start, start + _WINDOW), 2))) > 1


class _Reader:
    """Goes through the lines; ``_silence`` counts those that are no frames since the last one."""

    def __init__(self) -> None:
        self.stacks = [_Stack()]
        self._silence = 0
        self._known: dict[str, tuple[int, Frame] | None] = {}

    def take(self, piece: str) -> None:
        """Read whole lines."""
        stack = self.stacks[-1]
        for module, name, offset, address, others in native_frames.read_lines(piece):
            if not module:
                self._take_others(others)
                stack = self.stacks[-1]
            elif (index := len(stack.rows)) < FRAMES_LIMIT:
                stack.rows.append((-1, native_frames.plain_frame(index, module, name, offset, address)))
                self._silence = 0
            else:
                stack.left_out += 1

    def _take_others(self, text: str) -> None:
        """Read lines that are no plain frames; those of a log, of which none can be a frame, all at once."""
        lines = text.split("\n")
        if backtrace_frames.may_hold_frame(text):
            for line in lines:
                self._take_other(line)
            return
        behind = 0
        while behind < len(lines) and self.stacks[-1].rows:
            self._pass(self.stacks[-1], lines[behind])
            behind += 1
        self._pass_all(lines[behind:])

    def _take_other(self, line: str) -> None:
        stack = self.stacks[-1]
        if "0x" not in line:
            found = self._read(line) if backtrace_frames.may_be_frame(line) else None
        elif len(stack.rows) >= FRAMES_LIMIT:
            stack.left_out += 1
            return
        else:
            found = self._read(line)
        if found:
            self._add(found)
        else:
            self._pass(stack, line)

    def _read(self, line: str) -> tuple[int, Frame] | None:
        known = self._known.get(line)
        if known is None:
            known = backtrace_frames.read_candidate(line, len(self.stacks[-1].rows))
            if known and len(self._known) < _REPEATED:
                self._known[line] = known
        return known

    def _add(self, found: tuple[int, Frame]) -> None:
        stack, number = self.stacks[-1], found[0]
        if number >= 0 and stack.rows and number == stack.rows[0][0]:
            stack = self._next()
        self._silence = 0
        if len(stack.rows) < FRAMES_LIMIT:
            stack.rows.append(found)
        else:
            stack.left_out += 1

    def _next(self) -> _Stack:
        if len(self.stacks) < STACKS_LIMIT:
            self.stacks.append(_Stack())
        return self.stacks[-1]

    def _pass_all(self, lines: list[str]) -> None:
        """Keep the last words before a stack that has no frame yet."""
        stack = self.stacks[-1]
        words = [line for line in lines if line and not line.isspace()]
        size = sum(map(len, words))
        if stack.size + size > _WORDS_LIMIT:
            for word in words:
                self._pass(stack, word)
            return
        self._silence += len(words)
        stack.words += words if size <= _LINE_LIMIT else [word[:_LINE_LIMIT] for word in words]
        stack.size += size

    def _pass(self, stack: _Stack, line: str) -> None:
        """Keep the last words before a stack, and the first behind it."""
        if not line or line.isspace() or (stack.rows and line[0].isspace() and _continue(stack, line)):
            return
        self._silence += 1
        if self._silence > _SILENCE and stack.rows:
            stack = self._next()
        if stack.size > _WORDS_LIMIT and stack.rows:
            return
        stack.words.append(line[:_LINE_LIMIT])
        stack.size += len(line)
        if stack.size > _WORDS_LIMIT and not stack.rows:
            del stack.words[: len(stack.words) // 2]
            stack.size = sum(map(len, stack.words))


def _continue(stack: _Stack, line: str) -> bool:
    """Pass over a line that belongs to the frame above it; it may state the frame's place."""
    place = backtrace_frames.continued(line)
    number, frame = stack.rows[-1]
    if place and frame.file is None:
        stack.rows[-1] = (number, frame._replace(file=place[0], line=place[1]))
    return bool(place) or _SNIPPET.match(line) is not None


def _crash(stack: _Stack, said: str) -> Crash:
    ordered = handler_frames.in_order(stack.rows)
    frames, notes = handler_frames.below_signal(ordered) if printed_words.says_signal(said) else (tuple(ordered), ())
    spoken = last_words.find(said)
    if spoken and spoken.function and spoken.kind == "assertion":
        frames, told = handler_frames.with_site(frames, spoken)
        notes = (*notes, *told)
    explained, reasons = printed_words.explain(frames, said)
    if not said:
        explained, reasons = cause.assume(explained, reasons, frames)
    left_out = (
        (f"The stack has {stack.left_out} more frames; the first {FRAMES_LIMIT} were kept.",) if stack.left_out else ()
    )
    program = next((frame.module for frame in frames if frame.module and not handler_frames.is_library(frame)), None)
    return Crash(
        format=NAME,
        exception=explained,
        threads=(Thread(id="1", is_crashed=True, frames=frames),),
        executable=program,
        is_complete=not stack.left_out,
        notes=(*notes, *reasons, *left_out),
    )

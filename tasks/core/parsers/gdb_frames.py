"""
The grammar of one frame as gdb prints it: ``#N  [0xADDRESS in ]NAME (ARGUMENTS)[ at FILE:LINE][ from MODULE]``.

A frame may take many lines: gdb wraps at the terminal's width, mailers wrap again, arguments hold whole containers.
The scanner reads each character at most once and stops storing arguments at a limit, so time grows with the text.
"""

import re
from collections.abc import Sequence

from tasks.core.crash import Frame, frame_of

START = re.compile(r"[ \t>\\]{0,8}(?:[-*+] )?#(\d{1,7})[ \t]+(?=\S)")
"""Where a frame begins. Posted copies are indented, quoted with ``>``, listed with ``-``, or have the ``#`` escaped."""

_SIMPLE = re.compile(
    r"(?:(0x[0-9a-fA-F]+) in )?([\w:~@.$]+) \(([^()\"'#\n]{0,600})\) (?:at ([^\s:]+):(\d{1,9})|from (\S+))"
)
_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}")
_ADDRESS = re.compile(r"(0x[0-9a-fA-F]{1,16}) in(?:\s|$)")
_NAME_TOKEN = re.compile(
    r"(?<!\w)operator ?(?:\(\)|\[\]|<=>|<<=|>>=|->\*|->|<<(?!\w)|>>|<=|>=|<(?=[ (])|>(?=[ (]))|[()<>\[\]{}]"
)
_OUTSIDE_STRING = re.compile(r"\"|[()]|'(?:\\[0-7]{1,3}|\\.|[^\\'\n])'")
_INSIDE_STRING = re.compile(r'\\.|"', re.DOTALL)
_TAIL = re.compile(r"\s*(?:at (?P<file>\S.*?):(?P<line>-?\d{1,9})(?=\s|$)|from (?P<module>\S.*))", re.DOTALL)
_END = re.compile(r"\)\s+(?:at (?P<file>[^\s()][^()\n]*?):(?P<line>\d{1,9})|from (?P<module>[^\s()]\S*))\s*$")
_OPENERS = {")": "(", "]": "[", "}": "{", ">": "<"}

_SHORT_LINE = 2000
_TEXT_LIMIT = 16 * 1024
_LINES_LIMIT = 400
_NAME_LINES_LIMIT = 40
_NAME_LIMIT = 4096
_ARGUMENTS_LIMIT = 2000


def read_complete(number: int, text: str, start: int) -> Frame | None:
    """Read a frame that stands complete and unambiguous on its line; None where the scanner has to look closer."""
    if len(text) > _SHORT_LINE:
        return None
    match = _SIMPLE.fullmatch(text, start)
    if match is None:
        return _read_template(number, text, start)
    address, name, arguments, *place = match.groups()
    return _frame(number, address, name, arguments, place)


def _read_template(number: int, text: str, start: int) -> Frame | None:
    """Names with templates: the only space before a parenthesis begins the arguments, the last ``) at`` ends them."""
    opening, closing = text.find(" (", start), text.rfind(") at ")
    if opening < 0 or closing < opening or text.find(" (", opening + 1) >= 0 or text.startswith("(anon", opening + 1):
        return None
    address, word, name = text[start:opening].partition(" in ")
    if not word or not _HEX.fullmatch(address):
        address, name = "", text[start:opening]
    is_balanced = name.count("<") == name.count(">") and name.count("(") == name.count(")")
    file, _, line = text[closing + 5 :].rpartition(":")
    if not is_balanced or not file or not line.isdecimal() or " " in file:
        return None
    return _frame(number, address, name, text[opening + 2 : closing][:_ARGUMENTS_LIMIT], (file, line[:9], None))


def _frame(number: int, address: str | None, name: str, arguments: str, place: Sequence[str | None]) -> Frame:
    file, line, module = place
    function = name[:_NAME_LIMIT] if name != "??" else None
    code = int(address, 16) if address else None
    return frame_of((number, function, file, int(line) if line else None, module, None, code, False, arguments))


class FrameScanner:
    """Reads one frame, line by line: ``feed`` while ``accepts`` the next line, then ``frame``."""

    def __init__(self, number: int, text: str) -> None:
        self._number = number
        self._address: int | None = None
        self._stack: list[str] = []
        self._open = dict.fromkeys("([{<", 0)
        self._name = ""
        self._arguments: list[str] = []
        self._arguments_size = 0
        self._tail = ""
        self._depth = 0
        self._is_in_string = False
        self._is_spaced = False
        self._phase = "address"
        self._first_line = text[:_TEXT_LIMIT]
        self._ends: re.Match[str] | None = None
        self._lines = 0
        self._size = 0
        self._last = ""
        self.feed(text)

    def accepts(self, line: str) -> bool:
        """Tell whether a line that starts nothing else continues this frame."""
        stripped = line.strip()
        if self._lines >= _LINES_LIMIT or self._size >= _TEXT_LIMIT or not self._tail_is_open:
            return False
        if self._phase == "arguments":
            return True
        if self._phase == "tail":
            words = self._tail.split()
            if not stripped or self._is_spaced:
                return not words and self._lines < _NAME_LINES_LIMIT and (not stripped or stripped.startswith("at "))
            return stripped.startswith(("at ", "from ")) or stripped in {"at", "from"} or words in (["at"], ["from"])
        is_wrapped = bool(self._stack) or line[:4] == "    " != line[4:8] or len(self._last) >= 50
        return bool(stripped) and is_wrapped and self._lines < _NAME_LINES_LIMIT and not stripped.startswith("No ")

    def feed(self, line: str) -> None:
        """Read a line, or the rest of the frame's first line."""
        self._lines += 1
        self._is_spaced = not line.strip()
        self._last = line[-200:]
        if self._ends is None and self._phase != "tail":
            self._ends = _END.search(line[-4096:])
        text = line[: max(0, _TEXT_LIMIT - self._size)].strip("\r\n")
        self._size += len(line)
        text = text if self._lines == 1 else f" {text.strip()}"
        if self._phase == "address":
            text = self._read_address(text)
        if self._phase == "name":
            text = self._read_name(text)
        if self._phase == "arguments":
            text = self._read_arguments(text)
        if self._phase == "tail":
            self._tail += text

    def frame(self) -> Frame:
        """Return what was read; a frame that breaks off keeps what it has."""
        name, arguments, place = self._name, "".join(self._arguments), _TAIL.match(self._tail)
        if self._phase in {"address", "name"}:
            return self._bare_frame()
        if place is None and self._phase == "arguments":
            place = self._ends
        file, line, module = place.group("file", "line", "module") if place else (None, None, None)
        return Frame(
            index=self._number,
            function=_tidy(name),
            file=file.strip() if file else None,
            line=int(line) if line and int(line) > 0 else None,
            module=module.strip() if module else None,
            address=self._address,
            arguments=" ".join(arguments.split())[:_ARGUMENTS_LIMIT] if arguments else "",
        )

    @property
    def _tail_is_open(self) -> bool:
        return self._phase != "tail" or _TAIL.match(self._tail) is None

    def _read_address(self, text: str) -> str:
        match = _ADDRESS.match(text)
        if match:
            self._address = int(match[1], 16)
            text = text[match.end() :]
        self._phase = "name"
        return text.lstrip()

    def _read_name(self, text: str) -> str:
        for match in _NAME_TOKEN.finditer(text):
            mark, position = match[0], match.start()
            if mark in "([{<":
                is_after_space = position == 0 or text[position - 1].isspace()
                if mark == "(" and not self._stack and is_after_space and not text.startswith("(anonymous", position):
                    self._name += text[:position]
                    self._phase, self._depth = "arguments", 1
                    return text[position + 1 :]
                self._stack.append(mark)
                self._open[mark] += 1
            elif mark in _OPENERS:
                self._close(mark)
        self._name += text
        return ""

    def _close(self, mark: str) -> None:
        opener = _OPENERS[mark]
        is_operator = mark == ">" and self._stack[-1:] != ["<"]
        if is_operator or not self._open[opener]:
            return
        popped = ""
        while popped != opener:
            popped = self._stack.pop()
            self._open[popped] -= 1

    def _read_arguments(self, text: str) -> str:
        position = 0
        while True:
            pattern = _INSIDE_STRING if self._is_in_string else _OUTSIDE_STRING
            match = pattern.search(text, position)
            if match is None:
                self._keep(text)
                return ""
            mark, position = match[0], match.end()
            if mark == '"':
                self._is_in_string = not self._is_in_string
            elif mark == "(" and not self._is_in_string:
                self._depth += 1
            elif mark == ")" and not self._is_in_string:
                self._depth -= 1
                if self._depth == 0:
                    self._keep(text[: match.start()])
                    self._phase = "tail"
                    return text[position:]

    def _keep(self, text: str) -> None:
        if self._arguments_size < 2 * _ARGUMENTS_LIMIT:
            self._arguments.append(text[: 2 * _ARGUMENTS_LIMIT])
            self._arguments_size += len(text)

    def _bare_frame(self) -> Frame:
        """Read a frame without parentheses, ``NAME at FILE:LINE`` or ``NAME``, from its first line alone."""
        match = _ADDRESS.match(self._first_line)
        text = self._first_line[match.end() if match else 0 :]
        place = None
        for word in (" at ", " from "):
            position = text.rfind(word)
            found = _TAIL.match(text, position) if position >= 0 else None
            if found and place is None:
                place, text = found, text[:position]
        file, line, module = place.group("file", "line", "module") if place else (None, None, None)
        return Frame(
            index=self._number,
            function=_tidy(text),
            file=file,
            line=int(line) if line and int(line) > 0 else None,
            module=module.strip() if module else None,
            address=self._address,
        )


def _tidy(name: str) -> str | None:
    """Fold what was wrapped; gdb's ``??`` is no name."""
    folded = " ".join(name.split())[:_NAME_LIMIT]
    return None if folded in {"", "??"} else folded

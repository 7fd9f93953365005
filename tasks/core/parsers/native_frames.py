"""
The layouts in which programs print their own stack: one frame a line, without a debugger.

``#N 0xADDRESS in FUNCTION FILE:LINE`` and its relatives are read by ``sanitizer_frames``. Here: ``backtrace_symbols``
of glibc (``MODULE(FUNCTION+0xOFFSET) [0xADDRESS]``), V8 (``12: 0xADDRESS FUNCTION [MODULE]``), WebKit (``12  0xADDRESS
FUNCTION``), macOS (``12  Module  0xADDRESS FUNCTION + 34``), Chromium on Windows (``FUNCTION [0xADDRESS+34]
(FILE:LINE)``), RocksDB (``#12 MODULE(SYMBOL+0xOFFSET) [0xADDRESS] FUNCTION<TAB>FILE:LINE``).
"""

import re

from tasks.core.crash import Frame, frame_of
from tasks.core.parsers import mangling, sanitizer_frames

_GLIBC = (
    r"([./][!-'*-9;-Z\\^-~]{0,1000}+)\((?:([A-Za-z_][0-9A-Za-z_.$@]{0,4000}+))?(?:\+0x([0-9a-fA-F]{1,16}))?\) ?"
    r"\[0x([0-9a-fA-F]{1,16})\]"
)
"""Most lines of glibc: a path, and at most a mangled name. Sets without classes are matched several times faster."""

_GLIBC_LINE = re.compile(_GLIBC)
_GLIBC_LINES = re.compile(rf"^(?:{_GLIBC}$|(.*(?:\n(?![./]).*)*+)$)", re.MULTILINE)
"""Every line: those of glibc in their parts, others together with all below them that can't be such a line."""

_OFFSET = re.compile(r"(?:0x)?([0-9a-fA-F]{1,16})")
_BRACKETS = re.compile(r"[()]")
_ADDRESS = re.compile(r"[0-9a-fA-F]{1,16}")
_ORDINAL = re.compile(r"(?:[^()]{0,200}(?:: |\| |> ))?(\d{1,4})[.:](?: |$)")
_LOGGER = re.compile(r".{0,200}(?:: |\| |> )(?=[./]\S*$)")
"""What a logger puts before a frame of ``backtrace_symbols``, and the number that some programs give it."""

_NUMBERED = re.compile(
    r"(?P<number>\d{1,6}): (?:0x(?P<address>[0-9a-fA-F]{1,16}) ?)?(?P<name>[^\s\[\]/][^\[\]/]{0,4096}?)?"
    r"(?: ?\[(?P<module>[^\[\]]{1,1000})\])?"
)
_PLAIN = re.compile(r"(?P<number>\d{1,6})\s{2,4}0x(?P<address>[0-9a-fA-F]{1,16})(?: (?P<name>\S.{0,4096}))?")
_MAC = re.compile(
    r"(?P<number>\d{1,6})\s{1,4}(?P<module>\S.{0,60}?)\s{1,40}0x(?P<address>[0-9a-fA-F]{8,16}) "
    r"(?P<name>.{1,4096}?) \+ (?P<offset>\d{1,20})"
)
_WINDOWS = re.compile(
    r"(?P<name>\S.{0,4096}?) \[0x(?P<address>[0-9a-fA-F]{8,16})(?:\+(?P<offset>\d{1,10}))?\]"
    r"(?: \((?P<file>.{1,1000}):(?P<line>\d{1,9})\))?"
)
_ROCKS = re.compile(
    r"#(?P<number>\d{1,6})\s{1,4}(?P<module>[^\s()\[\]]{1,1000})"
    r"(?:\((?P<symbol>[^()]{0,4096}?)(?:\+0x[0-9a-f]{1,16})?\))? "
    r"\[0x(?P<address>[0-9a-f]{1,16})\](?: (?P<name>\S[^\t]{0,4096}?)(?:\t(?P<file>\S{1,1000}?):(?P<line>\d{1,9}))?)?"
)
_PATH_STARTS = frozenset({"/", ".", ""})
_LAYOUTS = (_NUMBERED, _PLAIN, _MAC, _WINDOWS)
_NO_NAME = frozenset({"", "0x0", "???", "??", "<unknown>", "(No symbol)", "<unavailable>"})


def read(raw: bytes) -> tuple[int, Frame] | None:
    """Return the number of a frame (-1 where the layout has none) and the frame; None for any other line."""
    if b"0x" not in raw and b"#" not in raw and b": " not in raw[:9]:
        return None
    is_numbered = b"#" in raw[:200]
    rocks = _ROCKS.fullmatch(_text(raw)) if is_numbered and b"[0x" in raw else None
    if rocks:
        return _frame(rocks)
    found = sanitizer_frames.read(raw) if is_numbered else None
    if found:
        return found.number, found.frame
    text = _text(raw)
    glibc = read_glibc(text)
    if glibc:
        return glibc
    for layout in _LAYOUTS:
        match = layout.fullmatch(text)
        if match:
            return _frame(match)
    return None


def _text(raw: bytes) -> str:
    return sanitizer_frames.decode(raw[: sanitizer_frames.LINE_LIMIT]).strip()


def read_plain(text: str, index: int) -> Frame | None:
    """Read a line of glibc with nothing unusual about it; None for all others, which may be frames all the same."""
    match = _GLIBC_LINE.fullmatch(text)
    return plain_frame(index, *match.groups()) if match else None


def read_lines(text: str) -> list[tuple[str, str, str, str, str]]:
    """Return every line: module, name, offset and address of a plain one of glibc, or the lines up to the next one."""
    return _GLIBC_LINES.findall(text)


def plain_frame(index: int, module: str, name: str, offset: str, address: str) -> Frame:
    """Make a frame of what a plain line of glibc holds; name and offset may be empty."""
    if name:
        return frame_of((index, mangling.readable(name), None, None, module, None, int(address, 16), False, ""))
    return frame_of((index, None, None, None, module, int(offset, 16) if offset else None, int(address, 16), False, ""))


def read_glibc(text: str) -> tuple[int, Frame] | None:
    """
    Read ``MODULE(FUNCTION+0xOFFSET) [0xADDRESS]``, of which only the address must be there, from its right end.

    The module is what the process calls itself (``postgres: ann shop [local] SELECT``), and functions can be demangled,
    so the bracket counts that closes before the address. Some servers put ``12. `` before the line.
    """
    opening = text.rfind("[0x") if text.endswith("]") else -1
    if opening < 0 or not _ADDRESS.fullmatch(text, opening + 3, len(text) - 1):
        return None
    head, inside = text[:opening].rstrip(), ""
    if head.endswith(")"):
        start = _opening_of_last(head)
        head, inside = head[: max(0, start)], head[start + 1 : -1]
        if start < 0 or (inside and "::" in head and "+" not in inside):
            return None
    elif "()+0x" in head or head.endswith(("(", "=")):
        return None
    plus = inside.rfind("+")
    offset = _OFFSET.fullmatch(inside, plus + 1) if plus >= 0 else None
    name = inside[:plus] if offset else inside
    ordinal = None if head[:1] in _PATH_STARTS else _ORDINAL.match(head)
    before = ordinal or (None if head[:1] in _PATH_STARTS else _LOGGER.match(head))
    frame = Frame(
        index=0,
        function=None if name in _NO_NAME else mangling.readable(name),
        module=(head[before.end() :] if before else head).strip() or None,
        offset=int(offset[1], 16) if offset and not name else None,
        address=int(text[opening + 3 : -1], 16),
    )
    return int(ordinal[1]) if ordinal else -1, frame


def _opening_of_last(text: str) -> int:
    """Find the bracket that the last character closes: the first, where a path without blanks stands before it."""
    first = text.find("(")
    if text.find(" ", 0, max(0, first)) < 0 and text.count("(") == text.count(")"):
        return first
    depth = 0
    for bracket in _BRACKETS.finditer(text[::-1]):
        depth += 1 if bracket[0] == ")" else -1
        if depth == 0:
            return len(text) - bracket.end()
    return -1


def _frame(match: re.Match[str]) -> tuple[int, Frame]:
    fields = match.groupdict()
    name = (fields.get("name") or "").strip()
    name = fields.get("symbol") or "" if name in _NO_NAME else name
    address = fields.get("address")
    frame = Frame(
        index=0,
        function=None if name in _NO_NAME else mangling.readable(name),
        file=fields.get("file"),
        line=int(fields["line"]) if fields.get("line") else None,
        module=(fields.get("module") or "").strip() or None,
        address=int(address, 16) if address else None,
    )
    return int(fields.get("number") or -1), frame

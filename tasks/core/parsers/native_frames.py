"""
The layouts in which programs print their own stack: one frame a line, without a debugger.

``#N 0xADDRESS in FUNCTION FILE:LINE`` and its relatives are read by ``sanitizer_frames``. Here: ``backtrace_symbols``
of glibc (``MODULE(FUNCTION+0xOFFSET) [0xADDRESS]``), V8 (``12: 0xADDRESS FUNCTION [MODULE]``), WebKit (``12  0xADDRESS
FUNCTION``), macOS (``12  Module  0xADDRESS FUNCTION + 34``), Chromium on Windows (``FUNCTION [0xADDRESS+34]
(FILE:LINE)``), RocksDB (``#12 MODULE(SYMBOL+0xOFFSET) [0xADDRESS] FUNCTION<TAB>FILE:LINE``).
"""

import re

from tasks.core.crash import Frame
from tasks.core.parsers import mangling, sanitizer_frames

_GLIBC = re.compile(
    r"(?P<module>[^\s()\[\]][^()\[\]\n]{0,1000}?)?(?:\((?P<name>.{0,4096}?)(?:\+0x(?P<offset>[0-9a-f]{1,16}))?\))? ?"
    r"\[0x(?P<address>[0-9a-fA-F]{1,16})\]"
)
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
_BEFORE_MODULE = re.compile(r"(?:.*(?:: |\| |> ))?(?:(\d{1,4})[.:](?: |$))?(.*)")
"""What a logger puts before a frame of ``backtrace_symbols``, and the number that some programs give it."""

_LAYOUTS = (_GLIBC, _NUMBERED, _PLAIN, _MAC, _WINDOWS)
_NO_NAME = frozenset({"", "0x0", "???", "??", "<unknown>", "(No symbol)", "<unavailable>"})


def read(raw: bytes) -> tuple[int, Frame] | None:
    """Return the number of a frame (-1 where the layout has none) and the frame; None for any other line."""
    if b"0x" not in raw and b"#" not in raw and b": " not in raw[:9]:
        return None
    is_numbered = b"#" in raw[:200]
    text = (
        sanitizer_frames.decode(raw[: sanitizer_frames.LINE_LIMIT]).strip() if not is_numbered or b"[0x" in raw else ""
    )
    rocks = _ROCKS.fullmatch(text) if is_numbered and text else None
    if rocks:
        return _frame(rocks)
    found = sanitizer_frames.read(raw) if is_numbered else None
    if found:
        return found.number, found.frame
    text = text or sanitizer_frames.decode(raw[: sanitizer_frames.LINE_LIMIT]).strip()
    for layout in _LAYOUTS:
        match = layout.fullmatch(text)
        if match:
            return _frame(match)
    return None


def _frame(match: re.Match[str]) -> tuple[int, Frame]:
    fields = match.groupdict()
    name = (fields.get("name") or "").strip()
    name = fields.get("symbol") or "" if name in _NO_NAME else name
    number, module = fields.get("number"), (fields.get("module") or "").strip()
    if match.re is _GLIBC and module:
        number, module = _BEFORE_MODULE.fullmatch(module).groups()  # type: ignore[union-attr]
    offset = fields.get("offset")
    has_module_offset = match.re is _GLIBC and not name and offset is not None
    address = fields.get("address")
    frame = Frame(
        index=0,
        function=None if name in _NO_NAME else mangling.readable(name),
        file=fields.get("file"),
        line=int(fields["line"]) if fields.get("line") else None,
        module=module or None,
        offset=int(offset, 16) if offset and has_module_offset else None,
        address=int(address, 16) if address else None,
    )
    return int(number or -1), frame

"""One frame of a stack that a program printed itself, in a layout of ``printed_layouts`` or ``native_frames``."""

import re

from tasks.core.crash import Frame
from tasks.core.parsers import mangling, native_frames, sanitizer_frames
from tasks.core.parsers.literals import Literals
from tasks.core.parsers.printed_layouts import LAYOUTS
from tasks.core.parsers.printed_layouts.libraries import BOOST

LINE_LIMIT = 12 * 1024

COUNTER = -2
"""The number of a line that states the program counter at which a signal came, above the stack of its handler."""

_LLVM = re.compile(rb"[ \t]{0,8}#\d{1,6} {1,3}0x[0-9a-f]{8,16} [^\s(<]")
_CONTINUED = re.compile(r"(?:at )?(?P<file>[^\s:][^:]{0,1000}):(?P<line>\d{1,9})(?::\d{1,9})?")
_SIGNS = Literals(("0x", ", in", '"frame":', "()", "# ", "> ", "@ ", ". inlined from "))
_NO_NAME = frozenset({"", "(unknown)", "??", "???", "?", "<unknown>", "<unknown function>", "[0x0]"})


def read(line: str, index: int = 0) -> tuple[int, Frame] | None:
    """
    Return the number of a frame (-1 where the layout has none) and the frame; None for any other line.

    ``index`` is its place where that is not known better.
    """
    return read_candidate(line, index) if "0x" in line or may_be_frame(line) else None


def read_candidate(line: str, index: int) -> tuple[int, Frame] | None:
    """Read a line that may be a frame."""
    text = line.strip()
    plain = native_frames.read_plain(text, index)
    return (-1, plain) if plain else _read(line[:LINE_LIMIT].encode(), text[:LINE_LIMIT])


def continued(line: str) -> tuple[str, int] | None:
    """Read the place that folly and others put in the line below a frame."""
    match = _CONTINUED.fullmatch(line[:LINE_LIMIT].strip()) if line[:8].isspace() else None
    return (match["file"], int(match["line"])) if match else None


def _read(raw: bytes, text: str) -> tuple[int, Frame] | None:
    is_numbered = text[:1] == "#" or "# " in text[:8]
    found = None if is_numbered else native_frames.read_glibc(text)
    if found:
        return found
    for layout in LAYOUTS:
        match = layout.frame.fullmatch(text) if layout.mark in text else None
        if match and not (layout is BOOST and _is_prose(match)):
            return _frame(match)
    if _LLVM.match(raw):
        line = sanitizer_frames.read(raw)
        return (line.number, line.frame) if line and (line.frame.module or line.frame.file) else None
    return native_frames.read(raw) if b"[0x" in raw or b" + " in raw else None


def may_hold_frame(text: str) -> bool:
    """Tell whether one of the lines may be a frame: none holds an address or what ``may_be_frame`` looks for."""
    return _SIGNS.is_any_in(text)


def may_be_frame(line: str) -> bool:
    """Tell cheaply most lines of a log from frames without an address, by what stands in the first characters."""
    if ", in" in line or '"frame":' in line:
        return True
    head = line[:32]
    return "# " in head or "> " in head or "@ " in head or "()" in line or ". inlined from " in head


def _is_prose(match: re.Match[str]) -> bool:
    """Tell numbered words from Boost's frames, which name a place, or a function by one word or with its arguments."""
    name, module = match["name"] or "", match["module"]
    has_place = bool(match["address"] or match["file"] or (module and any(mark in module for mark in "/\\.!")))
    return not has_place and " " in name and "(" not in name and "::" not in name


def _frame(match: re.Match[str]) -> tuple[int, Frame]:
    fields = match.groupdict()
    name = (fields.get("name") or "").strip()
    module, mark, inner = name.partition("!")
    if mark and module.isidentifier() and not fields.get("module"):
        fields["module"], name = module, inner
    name = name or fields.get("symbol") or ""
    address, line = fields.get("address"), fields.get("line")
    frame = Frame(
        index=0,
        function=None if name in _NO_NAME else mangling.readable(name),
        file=fields.get("file"),
        line=int(line) or None if line else None,
        module=fields.get("module") or None,
        address=int(address, 16) if address else None,
        is_inlined=fields.get("inlined") is not None,
    )
    return COUNTER if fields.get("counter") else int(fields.get("number") or -1), frame

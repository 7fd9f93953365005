"""
The layouts in which libraries print a program's own stack, beyond those of ``native_frames``.

ACE (``FUNCTION()+0xOFFSET [0xADDRESS]``), Boost.Stacktrace and libstdc++ (``12# FUNCTION at FILE:LINE``), the C++
library of Microsoft (``12> FILE(LINE): MODULE!FUNCTION+0x34``), backward-cpp (``#12 Source "FILE", line 34, in
FUNCTION``), glog, Abseil and folly (``@ 0xADDRESS [SIZE] FUNCTION``), ClickHouse (``12. FILE:34: FUNCTION @
0xADDRESS in MODULE``), PyTorch (``frame #12: FUNCTION + 0x34 (0xADDRESS in MODULE)``), Unreal Engine (``0xADDRESS
MODULE!FUNCTION [FILE:LINE]``), MongoDB (a JSON object a line).
"""

import re

from tasks.core.crash import Frame
from tasks.core.parsers import mangling, native_frames

LINE_LIMIT = 12 * 1024

_ACE = re.compile(r"(?P<name>[\w:~<>?@$].{0,4096}?)\(\)\+0x[0-9a-fA-F]{1,16} \[0x(?P<address>[0-9a-fA-F]{1,16})\]")
_BOOST = re.compile(
    r"(?P<number>\d{1,6})# (?:0x(?P<address>[0-9a-fA-F]{4,16})|(?P<name>\S.{0,4096}?))"
    r"(?: at (?P<file>\S.{0,1000}?):(?P<line>\d{1,9})| in (?P<module>\S.{0,1000}?))?(?: \[0x[0-9a-fA-F]{1,16}\])?"
)
_MICROSOFT = re.compile(
    r"(?P<number>\d{1,6})> (?:(?P<file>\S[^()]{0,1000})\((?P<line>\d{1,9})\): )?"
    r"(?P<module>[^\s!]{1,260})!(?P<name>\S.{0,4096}?)(?:\+0x[0-9a-fA-F]{1,16})?"
)
_BACKWARD = re.compile(
    r"(?:#(?P<number>\d{1,6})\s{1,8}(?:\|\s{1,4})?)?"
    r"(?:Object \"(?P<module>[^\"]{0,1000})\", at (?:0x)?(?P<address>[0-9a-fA-F]{1,16})"
    r"|Source \"(?P<file>[^\"]{1,1000})\", line (?P<line>\d{1,9})), in ?(?P<name>\S.{0,4096}?)?"
    r"(?: \[0x[0-9a-fA-F]{1,16}\])?"
)
_GLOG = re.compile(
    r"(?P<counter>PC: )?@\s{1,24}(?:0x)?(?P<address>[0-9a-fA-F]{1,16})\s{1,16}"
    r"(?:(?:\d{1,9}|\(unknown\))\s{1,16}(?=\S))?(?P<name>\S.{0,4096})"
)
_CLICKHOUSE = re.compile(
    r"(?P<number>\d{1,4})\. (?P<inlined>inlined from )?(?:(?P<file>[^\s:][^:]{0,1000}):(?P<line>\d{1,9}): )?"
    r"(?P<name>\S.{0,4096}?)(?: @ 0x(?P<address>[0-9a-fA-F]{1,16})(?: in (?P<module>\S.{0,1000}))?)?"
)
_TORCH = re.compile(
    r"frame #(?P<number>\d{1,6}): (?P<name>\S.{0,4096}?)(?: \+ 0x[0-9a-fA-F]{1,16})?"
    r" \((?:0x)?(?P<address>[0-9a-fA-F]{1,16}) in (?P<module>\S.{0,1000}?)\)"
)
_UNREAL = re.compile(
    r"(?:.{0,200}\s)?0x(?P<address>[0-9a-fA-F]{8,16}) (?P<module>[^\s!]{1,260})!(?P<name>\S.{0,4096}?)"
    r"(?:\(\+0x[0-9a-fA-F]{1,16}\))?(?: ?\[(?P<file>[^\[\]]{1,1000}):(?P<line>\d{1,9})\])?"
)
_MONGO = re.compile(
    r".{0,1000}?\"frame\":\{\"a\":\"(?P<address>[0-9A-F]{1,16})\"(?:[^{}]{0,200}?\"s\":\"(?P<symbol>[^\"]{0,4096})\""
    r"(?:,\"C\":\"(?P<name>[^\"\\]{0,4096})\")?)?.*"
)
_LAYOUTS = (
    ("()+0x", _ACE),
    ("# ", _BOOST),
    ("> ", _MICROSOFT),
    (", in", _BACKWARD),
    ("@ ", _GLOG),
    (" @ 0x", _CLICKHOUSE),
    ("inlined from ", _CLICKHOUSE),
    ("frame #", _TORCH),
    ("!", _UNREAL),
    ('"frame":{"a":', _MONGO),
)
_CALLED = re.compile(r"(?P<number>\d{1,4}): (?P<name>[A-Za-z_][\w:~<>]{0,400})\(\)")
_CONTINUED = re.compile(r"(?:at )?(?P<file>[^\s:][^:]{0,1000}):(?P<line>\d{1,9})(?::\d{1,9})?")
COUNTER = -2
"""The number of a line that states the program counter at which a signal came, above the stack of its handler."""

_NO_NAME = frozenset({"", "(unknown)", "?", "??", "???", "<unknown>", "<unknown function>", "[0x0]"})


def read(raw: bytes) -> tuple[int, Frame] | None:
    """Return the number of a frame (-1 where the layout has none) and the frame; None for any other line."""
    if not _may_be_frame(raw):
        return None
    text = decode(raw[:LINE_LIMIT]).strip()
    for sign, layout in _LAYOUTS:
        match = layout.fullmatch(text) if sign in text else None
        if match and not (layout is _BOOST and _is_prose(match)):
            return _frame(match)
    if b"[0x" in raw or b" + " in raw:
        return native_frames.read(raw[:LINE_LIMIT])
    called = _CALLED.fullmatch(text)
    return _frame(called) if called else None


def continued(raw: bytes) -> tuple[str, int] | None:
    """Read the place that folly and others put in the line below a frame."""
    match = _CONTINUED.fullmatch(decode(raw[:LINE_LIMIT]).strip()) if raw[:8].isspace() else None
    return (match["file"], int(match["line"])) if match else None


def _may_be_frame(raw: bytes) -> bool:
    """Tell cheaply most lines of a log from frames."""
    head = raw[:12]
    if b"[0x" in raw or b"# " in head or b"> " in head or b"@ " in head or b": " in head or b" @ 0x" in raw:
        return True
    if b" + " in raw or b", in" in raw or b"inlined from " in raw or b"frame" in raw:
        return True
    return b"!" in raw and b"0x" in raw


def _is_prose(match: re.Match[str]) -> bool:
    """Tell numbered words from Boost's frames, which name a place, or a function by one word or with its arguments."""
    name, module = match["name"] or "", match["module"]
    has_place = bool(match["address"] or match["file"] or (module and any(mark in module for mark in "/\\.!")))
    return not has_place and " " in name and "(" not in name and "::" not in name


def decode(raw: bytes) -> str:
    """Decode one line: UTF-8, else the Western code page."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


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
        line=int(line) if line else None,
        module=fields.get("module") or None,
        address=int(address, 16) if address else None,
        is_inlined=bool(fields.get("inlined")),
    )
    return COUNTER if fields.get("counter") else int(fields.get("number") or -1), frame

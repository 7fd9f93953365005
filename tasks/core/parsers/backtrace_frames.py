"""
The layouts in which libraries and servers print a program's own stack, beyond those of ``native_frames``.

ACE (``FUNCTION()+0xOFFSET [0xADDRESS]``), Boost.Stacktrace and libstdc++ (``12# FUNCTION at FILE:LINE``), the C++
library of Microsoft (``12> FILE(LINE): MODULE!FUNCTION+0x34``), backward-cpp (``#12 Source "FILE", line 34, in
FUNCTION``), glog, Abseil and folly (``@ 0xADDRESS FUNCTION``), LLVM (``#12 0xADDRESS FUNCTION (MODULE+0xOFFSET)``),
ClickHouse (``12. FILE:LINE: FUNCTION @ 0xADDRESS in MODULE``), Valgrind (``by 0xADDRESS: FUNCTION (FILE:LINE)``).
"""

import re
from functools import lru_cache

from tasks.core.crash import Frame
from tasks.core.parsers import mangling, native_frames, sanitizer_frames

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
    r"#(?P<number>\d{1,6})\s{1,8}(?:Object \"(?P<module>[^\"]{1,1000})\", at (?:0x)?(?P<address>[0-9a-fA-F]{1,16})"
    r"|(?:\| )?Source \"(?P<file>[^\"]{1,1000})\", line (?P<line>\d{1,9})), in (?P<name>\S.{0,4096}?)"
    r"(?: \[0x[0-9a-fA-F]{1,16}\])?"
)
_GLOG = re.compile(r"(?:PC: )?@\s{1,24}(?:0x)?(?P<address>[0-9a-fA-F]{1,16})\s{1,8}(?P<name>\S.{0,4096})")
_CLICKHOUSE = re.compile(
    r"(?P<number>\d{1,6})(?:\.\d{1,6})?\. (?P<inlined>inlined from )?"
    r"(?:(?P<file>/?[^\s:@]{1,1000}):(?P<line>\d{1,9}): )?"
    r"(?P<name>\S.{0,4096}?)(?: @ 0x(?P<address>[0-9a-fA-F]{4,16})(?: in (?P<module>\S.{0,1000}))?)?"
)
_CLICKHOUSE_OLD = re.compile(
    r"(?P<number>\d{1,6})\. 0x(?P<address>[0-9a-fA-F]{4,16}) (?P<name>\S.{0,4096}?)(?: (?P<module>/\S{1,1000}))?"
)
_VALGRIND = re.compile(
    r"(?:at|by) 0x(?P<address>[0-9A-Fa-f]{4,16}): (?P<name>\S.{0,4096}?)"
    r" \((?:in (?P<module>[^()]{1,1000})|(?P<file>[^()]{1,1000}):(?P<line>\d{1,9}))\)"
)
_LAYOUTS = (
    ("()+0x", _ACE),
    ("# ", _BOOST),
    ("> ", _MICROSOFT),
    (", in ", _BACKWARD),
    ("@ ", _GLOG),
    (". 0x", _CLICKHOUSE_OLD),
    (" @ 0x", _CLICKHOUSE),
    (". inlined from ", _CLICKHOUSE),
    (" 0x", _VALGRIND),
)
_LLVM = re.compile(rb"[ \t]{0,8}#\d{1,6} {1,3}0x[0-9a-f]{8,16} [^\s(<]")
_SIGNS = (b"0x", b"# ", b"> ", b", in ", b"@ ", b". inlined from ")
_NO_NAME = frozenset({"", "(unknown)", "??", "???", "?", "<unknown>", "[0x0]"})


def read(raw: bytes) -> tuple[int, Frame] | None:
    """Return the number of a frame (-1 where the layout has none) and the frame; None for any other line."""
    return _read(raw[:LINE_LIMIT])


@lru_cache(maxsize=2048)
def _read(raw: bytes) -> tuple[int, Frame] | None:
    """Stacks repeat lines: threads of a pool wait at one place, and a log can hold the same crash many times."""
    if b"0x" not in raw and not any(sign in raw[:32] for sign in _SIGNS) and b", in " not in raw:
        return None
    text = decode(raw).strip()
    is_numbered = text[:1] == "#" or "# " in text[:8]
    found = None if is_numbered else native_frames.read_glibc(text)
    if found:
        return found
    for sign, layout in _LAYOUTS:
        match = layout.fullmatch(text) if sign in text else None
        if match and not (layout is _BOOST and _is_prose(match)):
            return _frame(match)
    if _LLVM.match(raw):
        line = sanitizer_frames.read(raw)
        return (line.number, line.frame) if line and (line.frame.module or line.frame.file) else None
    return native_frames.read(raw) if b"[0x" in raw or b" + " in raw else None


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
    address, line = fields.get("address"), fields.get("line")
    frame = Frame(
        index=0,
        function=None if name in _NO_NAME else mangling.readable(name),
        file=fields.get("file"),
        line=int(line) or None if line else None,
        module=fields.get("module"),
        address=int(address, 16) if address else None,
        is_inlined=fields.get("inlined") is not None,
    )
    return int(fields.get("number") or -1), frame

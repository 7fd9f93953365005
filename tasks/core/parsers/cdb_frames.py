"""
The grammar of one frame of WinDbg and CDB: ``[NN] [SP] RET [: ARGS :] MODULE!FUNCTION+0xOFFSET [FILE @ LINE]``.

Which columns there are depends on the command (``k``, ``kb``, ``kn``, ``kv``, ``kP``, ``kc``) and on the word size;
the call site is what follows the last of them. Layouts: the debugger's documentation of ``k``, and observed output.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tasks.core.crash import Frame, frame_of

LINE_LIMIT = 8192
_NAME_LIMIT = 4096
_ARGUMENTS_LIMIT = 2000

_REPEATED_LIMIT = 256
"""Characters of a call site up to which it is kept: stacks are searched for one place several times."""

_ROW = re.compile(
    r"[\s>]{0,8}(?:(?P<number>[0-9a-fA-F]{2,4})\s{1,20})?(?:(?P<size>[0-9a-fA-F]{1,6})\s{1,20})?"
    r"(?P<inline>[(\[]Inline(?: Function)?[)\]]\s{1,20})?"
    r"(?P<columns>(?:(?:[0-9a-fA-F]{8}(?:`?[0-9a-fA-F]{8})?|--------(?:`--------)?|:)\s{1,80}){0,14})(?P<site>\S.*)"
)
_PLAIN = re.compile(
    r"(?:(?P<number>[0-9a-f]{2,4}) )?(?P<stack>[0-9a-f]{8}`[0-9a-f]{8}) (?P<ret>[0-9a-f]{8}`[0-9a-f]{8})"
    r"(?: {0,5}: [0-9a-f` ]{72}: ?| {1,5}(?=[^ :]))(?P<site>[^\n]{1,1000})"
)
_LINES = re.compile(
    r"^(?:(?:([0-9a-f]{2,4}) )?([0-9a-f]{8}`[0-9a-f]{8} [0-9a-f]{8}`[0-9a-f]{8})"
    r"(?: {1,5}(?![ :])| {0,5}: [0-9a-f` ]{72}: ?)([0-9A-Za-z_.-]{1,260})!([0-9A-Za-z_:~]{1,1000}+)"
    r"(?:\+0x([0-9a-fA-F]{1,16}))?"
    r"(?: \[([ -?A-Z\\^-~]{1,400}) @ ([0-9]{1,9})\])?[ \t]*$|(.+)$|$\n*+)",
    re.MULTILINE,
)
"""
Every line: most rows in their parts (ASCII, and a name without templates), else the line as it stands. Empty lines
below each other count as one: a text may hold nothing else.

Sets without classes are matched much faster.
"""

_BARE = re.compile(r"[\s>]{0,8}(?:(?P<number>[0-9a-fA-F]{2,4})\s{1,4})?(?P<site>\S.*)")
_MODEL = re.compile(r"\s{0,8}\[0x(?P<number>[0-9a-f]{1,4})\][\s:]{1,12}(?P<site>\S.*)")
_SITE = re.compile(r"[\w<>.\-$@?~]{1,260}(?:![\S ]|\+0x[0-9a-fA-F]{1,16})|0x[0-9a-fA-F]")
_REMARK = re.compile(r" \((?:FPO|CONV|Inline Function @|Inline|Managed|TrapFrame|JitHelp|No prior|perf|ICF)\b")
_SIMPLE = re.compile(
    r"([\w.-]{1,260})!([\w:~]{1,4096})(?:\+0x([0-9a-fA-F]{1,16}))?(?: \[([^\[\]\n@]{1,1000}) @ (\d{1,9})\] ?)?"
)
"""Most call sites: a name without templates and operators, to be read in one go."""

_DISPLACEMENT = re.compile(r"\+(?:0x)?([0-9a-fA-F]{1,16})$")
EXPORT_SPAN = 0x1000
"""An exported function longer than this is rarer than a wrong guess of the nearest export."""

_NEAR_DIGITS = 3
"""Hexadecimal digits of a displacement below ``EXPORT_SPAN``."""

_OPERATOR_CALL = "operator()"
_FALSE_NAMES = ("FNODOBFM", "::NNGAKEGL::")
"""The linker's names for string literals, which stand for code where no symbol is nearer."""


class Site(NamedTuple):
    """
    The parts of a call site.

    ``displacement`` counts from the function, and without one from the module; ``is_false`` says that it counts from a
    name that was not believed.
    """

    module: str | None = None
    function: str | None = None
    displacement: int = 0
    address: int | None = None
    arguments: str = ""
    file: str | None = None
    line: int | None = None
    is_false: bool = False


@dataclass(slots=True)
class Row:
    """One printed frame. ``number`` and ``ret`` (the return address) are None where the command does not print them."""

    number: int | None
    stack: int | None
    ret: int | None
    site: str
    is_inlined: bool = False

    @property
    def is_pseudo(self) -> bool:
        """True for the line that ``!analyze`` makes up where it blames no code."""
        return self.stack == 0 and self.ret == 0 and not self.is_inlined


Parts = tuple[str, str, str, str, str, str, str, str]
"""A line as ``PlainRow`` names its parts. Most rows are read as a whole only once, and never need names."""


class PlainRow(NamedTuple):
    """
    A row that was read with its call site, in the digits and words of its line; what is missing is empty.

    Any other line has nothing but its ``text``.
    """

    digits: str
    columns: str
    module: str
    function: str
    displacement: str
    file: str
    line: str
    text: str

    @property
    def is_inlined(self) -> bool:
        """Inlined calls are printed in another way."""
        return False

    @property
    def number(self) -> int | None:
        """The number of the frame."""
        return int(self.digits, 16) if self.digits else None

    @property
    def ret(self) -> int:
        """The return address."""
        return int(self.columns[18:26] + self.columns[27:], 16)

    @property
    def site(self) -> str:
        """The call site as it was printed."""
        displacement = f"+0x{self.displacement}" if self.displacement else ""
        place = f" [{self.file} @ {self.line}]" if self.line else ""
        return f"{self.module}!{self.function}{displacement}{place}"

    @property
    def is_pseudo(self) -> bool:
        """True for the line that ``!analyze`` makes up where it blames no code."""
        return self.columns == "00000000`00000000 00000000`00000000"


AnyRow = Row | PlainRow


def read_lines(text: str) -> list[Parts]:
    """Return every line of a text: most rows in their parts, all others as they stand."""
    return _LINES.findall(text)


def named(row: Row | Parts) -> AnyRow:
    """Return a row whose parts have names."""
    return row if isinstance(row, Row) else PlainRow._make(row)


def read_row(text: str, *, is_bare: bool = False) -> Row | None:
    """Read a line of a stack; None for any other line. ``is_bare`` also takes lines of ``kc``, which has no columns."""
    if "!" not in text and "0x" not in text:
        return None
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        number, stack, ret, site = plain.groups()
        return Row(
            int(number, 16) if number else None,
            int(stack[:8] + stack[9:], 16),
            int(ret[:8] + ret[9:], 16),
            site,
            " (Inline Function @" in site,
        )
    return _read_model(text) if text.lstrip()[:3] == "[0x" else _read_columns(text, is_bare=is_bare)


def _read_columns(text: str, *, is_bare: bool) -> Row | None:
    match = _ROW.match(text, 0, LINE_LIMIT)
    if match is None:
        return None
    columns = match["columns"].split()
    addresses = [_number(word) for word in columns if word != ":"]
    is_inlined = match["inline"] is not None
    is_row = len(addresses) > 1 or is_inlined or (":" in columns and bool(addresses))
    if not is_row:
        return _read_bare(text) if is_bare else None
    if not _SITE.match(match["site"]):
        return None
    has_stack = columns[1:2] != [":"]
    return Row(
        number=int(match["number"], 16) if match["number"] else None,
        stack=addresses[0] if has_stack and addresses else None,
        ret=addresses[1 if has_stack else 0] if len(addresses) > has_stack else None,
        site=match["site"].rstrip(),
        is_inlined=is_inlined or " (Inline Function @" in match["site"],
    )


def _read_model(text: str) -> Row | None:
    """Read a frame as the debugger's data model shows it: ``[0x0] : MODULE!FUNCTION + 0xOFFSET [FILE @ LINE]``."""
    match = _MODEL.match(text, 0, LINE_LIMIT)
    site = match["site"].replace(" + 0x", "+0x", 1).rstrip() if match else ""
    if match is None or not _SITE.match(site):
        return None
    return Row(int(match["number"], 16), None, None, site)


def _read_bare(text: str) -> Row | None:
    match = _BARE.match(text, 0, LINE_LIMIT)
    if match is None or not _SITE.match(match["site"]):
        return None
    number = int(match["number"], 16) if match["number"] else None
    return Row(number=number, stack=None, ret=None, site=match["site"].rstrip())


def _number(word: str) -> int | None:
    return None if word.startswith("-") else int(word.replace("`", ""), 16)


def read_site(text: str) -> Site:
    """Read what stands behind the columns. Linear in the length of the text."""
    return _read_site(text) if len(text) <= _REPEATED_LIMIT else _read_site.__wrapped__(text)


@lru_cache(maxsize=1024)
def _read_site(text: str) -> Site:
    simple = _SIMPLE.fullmatch(text)
    if simple is not None:
        module, name, digits, file, number = simple.groups()
        is_false = _FALSE_NAMES[0] in name or _FALSE_NAMES[1] in name
        function = None if is_false else name
        return Site(module, function, int(digits or "0", 16), None, "", file, int(number) if number else None, is_false)
    text, file, line = _cut_place(text.strip())
    remark = _REMARK.search(text)
    if remark:
        text = text[: remark.start()].rstrip()
    module, mark, name = text.partition("!")
    if not mark:
        return _without_symbol(text, file, line)
    name, displacement = _cut_displacement(name.strip())
    name, arguments = cut_arguments(name)
    is_false = not name or any(word in name for word in _FALSE_NAMES)
    return Site(
        module=module.strip() or None,
        function=None if is_false else name[:_NAME_LIMIT],
        displacement=displacement,
        arguments=arguments,
        file=file,
        line=line,
        is_false=is_false,
    )


def _without_symbol(text: str, file: str | None, line: int | None) -> Site:
    if text.startswith("0x"):
        digits = text[2:].replace("`", "").partition(" ")[0][:16]
        return Site(address=_hex(digits))
    module, displacement = _cut_displacement(text.partition(" ")[0])
    return Site(module=module, displacement=displacement, file=file, line=line)


def _hex(digits: str) -> int | None:
    try:
        return int(digits, 16)
    except ValueError:
        return None


def _cut_place(text: str) -> tuple[str, str | None, int | None]:
    """Cut off ``[FILE @ LINE]``, also where a copy lost the closing bracket."""
    start = text.rfind(" [")
    middle = text.rfind(" @ ")
    if start < 0 or middle < start:
        return text, None, None
    digits = text[middle + 3 :].rstrip("] ").strip()
    line = int(digits) if digits.isdecimal() and len(digits) < 10 else None
    return text[:start].rstrip(), text[start + 2 : middle].strip() or None, line


def _cut_displacement(name: str) -> tuple[str, int]:
    match = _DISPLACEMENT.search(name[-24:])
    if match is None or name.endswith("operator+"):
        return name, 0
    return name[: -len(match[0])], int(match[1], 16)


def cut_arguments(name: str) -> tuple[str, str]:
    """Split ``fn(int a = 0n5)``, as ``kp`` prints it, at the bracket outside of templates that begins the arguments."""
    if not name.endswith(")") or name.endswith(_OPERATOR_CALL):
        return name, ""
    depth = 0
    for position, mark in enumerate(name):
        depth += {"<": 1, ">": -1}.get(mark, 0)
        if mark == "(" and depth <= 0 and position and not name.endswith("operator", 0, position):
            return name[:position], " ".join(name[position + 1 : -1].split())[:_ARGUMENTS_LIMIT]
    return name, ""


def frames(
    rows: Iterable[Row | Parts],
    address: int | None,
    base_of: Callable[[str | None], int | None] | None,
    look_at: Callable[[AnyRow, int, int | None], Frame],
) -> tuple[Frame, ...]:
    """
    Number the rows, and give each the address of its code: the return address of the row above it.

    ``address`` is that of the first, if it is known; ``base_of`` tells where a module begins, if any module's start is
    known; ``look_at`` makes the frame of a row whose name can't be believed as it stands.
    """
    found: list[Frame] = []
    for index, row in enumerate(rows):
        if isinstance(row, Row):
            found.append(look_at(row, index, address))
            address = address if row.is_inlined else row.ret
            continue
        _, columns, module, function, digits, file, line, _ = row
        is_far = not file and len(digits) > _NEAR_DIGITS and int(digits, 16) > EXPORT_SPAN
        if is_far or _FALSE_NAMES[0] in function or _FALSE_NAMES[1] in function:
            found.append(look_at(PlainRow._make(row), index, address))
        else:
            offset = None
            if base_of and address is not None and (base := base_of(module)) is not None and address >= base:
                offset = address - base
            number = int(line) if line else None
            found.append(frame_of((index, function, file or None, number, module, offset, address, False, "")))
        address = int(columns[18:26] + columns[27:], 16)
    return tuple(found)


def frame(index: int, row: AnyRow, site: Site, *, code: tuple[int | None, int | None]) -> Frame:
    """
    Make a frame of a row and its call site.

    ``code`` is where the frame's code stands, as far as the rows around it tell, and where its module begins.
    """
    known, base = code
    if known is None:
        known = site.address
    offset = known - base if known is not None and base is not None and known >= base else None
    if offset is None and site.module and site.function is None and not site.is_false:
        offset = site.displacement
    return Frame(
        index=index,
        function=site.function,
        file=site.file,
        line=site.line,
        module=site.module,
        offset=offset,
        address=known,
        is_inlined=row.is_inlined,
        arguments=site.arguments,
    )


def module_stem(path: str) -> str:
    """Name a module as frames do: the file's name without its extension, with ``_`` for what is no letter."""
    name = path.replace("\\", "/").rpartition("/")[2].strip()
    stem = name.rpartition(".")[0] or name
    return module_key(stem)


def module_key(name: str) -> str:
    """Return the key of a frame's module in ``Session.modules`` and ``Session.exports``."""
    return re.sub(r"[^\w]", "_", name).lower()

"""
The grammar of one frame of lldb: ``frame #N: 0xADDRESS MODULE`FUNCTION(ARGUMENTS) at FILE:LINE:COLUMN [opt]``.

An inlined call names the function into which it was compiled first: ``OUTER [inlined] INNER(ARGUMENTS)``. Without
debug information the offset into the function stands in the place of the file: ``FUNCTION + 33``.
"""

import re
from collections.abc import Iterator

from tasks.core.crash import Frame, frame_of

LINE_LIMIT = 16 * 1024
_NAME_LIMIT = 4096
_ARGUMENTS_LIMIT = 2000

_START = re.compile(r"[ \t>]{0,12}(?:\* )?frame #(\d{1,7}): (?:(0x[0-9a-fA-F]{1,16})(?: |$))?(.*)", re.DOTALL)
_PLAIN = re.compile(
    r" {0,8}(?:\* )?frame #([0-9]{1,7}): (?:0x([0-9a-fA-F]{1,16}) )?([!-_a-~]{1,400})`([0-9A-Za-z_:~]{1,1000}+)"
    r"(?:\(([ !-'*-Z\\^-~]{0,1000}+)\))?(?: \+ [0-9]{1,20})? at ([!-'*-9;-~]{1,1000}):([0-9]{1,9})(?::[0-9]{1,9})?"
)
"""Most frames: ASCII, and a name without templates. Sets without classes are matched several times faster."""

_SIMPLE = re.compile(
    r"([^\s`]{1,400})`([\w:~<>,.*& ]{1,1000}?)(?:\(([^()\[\]]{0,1000})\))?(?: \+ \d{1,20})?"
    r" at ([^\s:()]{1,1000}):(\d{1,9})(?::\d{1,9})?(?: \[(?:opt|artificial)\])*\s*"
)
_BRACKETS = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'(?:\\[0-7]{1,3}|\\.|[^\\'])'|[()]", re.DOTALL)
_MARKS = re.compile(r"(?: \[(?:opt|artificial|inlined)\])+$")
_PLACE = re.compile(r"(.{1,1000}?):(\d{1,9})(?::\d{1,9})?$")
_OFFSET = re.compile(r" \+ (\d{1,20})$")
_NO_NAME = re.compile(r"___lldb_unnamed_symbol\d*\w*(?:\$\$\S+)?$|\?\?+$")


def read(line: str) -> Frame | None:
    """Read a frame; None for any other line. Linear in the length of the line."""
    plain = _PLAIN.fullmatch(line)
    if plain and (not plain[5] or "=" in plain[5]):
        index, address, module, name, arguments, file, line_number = plain.groups()
        place = int(line_number) or None
        code = int(address, 16) if address else None
        return frame_of((int(index), name, file, place, module, None, code, False, arguments or ""))
    match = _START.match(line, 0, LINE_LIMIT)
    if match is None:
        return None
    number, address, rest = match.groups()
    simple = _SIMPLE.fullmatch(rest)
    if simple and (not simple[3] or "=" in simple[3]):
        module, name, arguments, file, line_number = simple.groups()
        place = int(line_number) or None
        code = int(address, 16) if address else None
        return frame_of((int(number), name, file, place, module, None, code, False, arguments or ""))
    module, mark, text = rest.partition("`")
    if not mark:
        module, text = "", rest
    text = _MARKS.sub("", text.rstrip())
    text, source, place = _cut_place(text)
    offset = _OFFSET.search(text[-24:])
    if offset:
        text = text[: -len(offset[0])]
    outer, inlined, inner = text.rpartition(" [inlined] ")
    name, arguments = _cut_arguments(inner if inlined else text)
    return Frame(
        index=int(number),
        function=None if not name or _NO_NAME.match(name) else name[:_NAME_LIMIT],
        file=source,
        line=place,
        module=module.strip()[:_NAME_LIMIT] or None,
        address=int(address, 16) if address else None,
        is_inlined=bool(inlined and outer),
        arguments=arguments,
    )


def _cut_place(text: str) -> tuple[str, str | None, int | None]:
    """Cut off the last ``at FILE:LINE:COLUMN``; arguments may hold others."""
    start = text.rfind(" at ")
    match = _PLACE.fullmatch(text, start + 4) if start >= 0 else None
    if match is None or text[start + 4 :].endswith(")"):
        return text, None, None
    return text[:start].rstrip(), match[1], int(match[2]) or None


def _cut_arguments(text: str) -> tuple[str, str]:
    """
    Take the arguments' values out of a name: ``f(int) const(x=1)`` -> ``f(int) const`` and ``x=1``.

    The values can stand in the place of the types, also in the middle of a lambda's name, and lldb puts them into the
    first brackets that it sees: those of ``(anonymous namespace)``.
    """
    text = text.strip()
    if "=" not in text or "(" not in text:
        return text.removesuffix("()"), ""
    pieces: list[str] = []
    arguments, last = "", 0
    for start, end in _groups(text):
        inside = text[start + 1 : end - 1]
        if "=" not in inside:
            continue
        arguments = arguments or inside[:_ARGUMENTS_LIMIT]
        is_last = end == len(text)
        is_call = is_last and not text[:start].endswith("operator")
        stand_in = "(anonymous namespace)" if text[:start].endswith("::") else "" if is_call else "()"
        pieces += [text[last:start], stand_in]
        last = end
    return "".join([*pieces, text[last:]]).strip(), arguments


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each bracket outside of all others opens and ends; strings and characters are passed over."""
    depth = start = 0
    for match in _BRACKETS.finditer(text):
        mark = match[0]
        if mark == "(":
            start = match.start() if depth == 0 else start
            depth += 1
        elif mark == ")" and depth:
            depth -= 1
            if depth == 0:
                yield start, match.end()

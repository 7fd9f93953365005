"""Reports of the Windows servers by their grammar, with every trap at once: what is read is what was rendered."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash

SERVER = "C:\\srv\\my worlds (2)\\worldserver.exe"
COLUMNS = "Address   Frame     Function      SourceFile"
RULE = f"#{'-' * 70}#"
CODES = {
    "C0000005 ACCESS_VIOLATION": "access_violation",
    "C0000005 Zugriffsverletzung": "access_violation",
    "C0000094 INT_DIVIDE_BY_ZERO": "division_by_zero",
    "E06D7363 Unhandled C++ exception": "cpp_exception",
    "C0000374 Ein Heap wurde besch\xe4digt.\r\n": "abort",
    "DEADBEEF": "unknown",
}
NAMES = (
    "Keep::Open",
    "Brew::operator+",
    "std::map<int,Keep *,std::less<int> >::operator[]",
    "`Ferry::Land'::`2'::<lambda_1>::operator()",
    "Lantern<std::pair<int,Keep const *> >::Visit",
)
PATHS = ("C:\\b (x86)\\a+b\\keep line 3.cpp", "d:\\src\\keep.h", "/src/keep.cpp")
ASSERTIONS = (
    "\n{site} in Keep::Open ASSERTION FAILED:\n  {condition}\nMapID: 5 X: 1\n\n  length 5\nName: Ada\n",
    RULE
    + "\n>> ASSERTION FAILED\n\n# Location: {site}\n# Function: Keep::Open\n# Condition: {condition}\n"
    + RULE
    + "\n",
    RULE + "\n \n# Location '{site}'\n# Function 'Keep::Open'\n# Condition '{condition}'\n\n# Debug info: 'a\nb'\n",
    "{site}: Error: Assertion in Keep::Open failed: {condition}\n",
)
DAMAGES = (
    lambda text: text,
    lambda text: text.replace("\r\n", "\n"),
    lambda text: text.replace("\r\n", "\n").replace("\n", "\n\n"),
    lambda text: text.replace("\r\n", "\r"),
    lambda text: text.replace("\r\n", "\n").replace("\n", "\n> "),
    lambda text: "Look:\n\n```\n" + text.replace("\r\n", "\n").replace("\n", "\n    ") + "\n```\nThanks.\n",
    lambda text: text.replace("*** Hardware", "**\\* Hardware"),
    lambda text: text + "Error writing the crash log\r\n",
)


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A report and what it says."""

    content: bytes
    kind: str
    code: str
    functions: list[str]
    message: str | None
    site: str | None


@st.composite
def rendered(draw: st.DrawFn) -> Rendered:
    width = draw(st.sampled_from((8, 16)))
    base = 0x400000 if width == 8 else 0x7FF700000000
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8))
    places = [f"{name}+{i + 16:X}  {draw(st.sampled_from(PATHS))} line {i + 1}" for i, name in enumerate(names)]
    rows = [f"{base + 0x1111 * (i + 1):0{width}X}  {0:0{width}X}  {place}" for i, place in enumerate(places)]
    idle = [f"{base * 2 + 5:0{width}X}  {0:0{width}X}  NtWaitForSingleObject+14"]
    is_assertion = draw(st.booleans())
    code = "C0000420 Une assertion a \xe9chou\xe9.\r\n" if is_assertion else draw(st.sampled_from(tuple(CODES)))
    site, condition = "C:\\my src\\Keep.cpp:12", draw(st.sampled_from(("gate && !barred", '!"no gate"', "a->b == 'x'")))
    words = draw(st.sampled_from(ASSERTIONS)).format(site=site, condition=condition) if is_assertion else ""
    blocks = [idle] * draw(st.integers(0, 3))
    blocks.insert(draw(st.integers(0, len(blocks))), rows)
    text = (
        "Revision: TrinityCore rev. 0a1b2c3d4e5f+ 2025-03-04 05:06:07 +0100 (master branch) (Win64, Debug, Static)\r\n"
        "Date 9:11:2025. Time 7:5 \r\n//=====================================================\r\n"
        f"*** Hardware ***\r\nProcessor: <unknown>\r\n\r\nException code: {code}\r\n"
        + (f"Assertion message: {words}\r\n" if words else "")
        + f"Fault address:  {rows[0][:width]} 01:{0x111:0{width}X} {SERVER}\r\n"
        + "\r\nRegisters:\r\nRAX:0000000000000000\r\nR8: 0000000000000001\r\n"
        + "".join(f"\r\nCall stack:\r\n{COLUMNS}\r\n" + "".join(f"{row}\r\n" for row in block) for block in blocks)
    )
    damaged = draw(st.sampled_from(DAMAGES))(text)
    return Rendered(
        content=damaged.encode(draw(st.sampled_from(("cp1252", "utf-8", "utf-16", "utf-8-sig")))),
        kind="assertion" if is_assertion else CODES[code],
        code=code[:8],
        functions=names,
        message=condition if is_assertion else None,
        site=site if is_assertion else None,
    )


@given(rendered())
def test_what_is_read_is_what_was_rendered(report: Rendered) -> None:
    (crash,) = parsers.parse(report.content)
    assert isinstance(crash, Crash)
    assert ("wheaty", report.kind, report.code) == (crash.format, crash.exception.kind, crash.exception.code)
    assert report.functions == [frame.function for frame in crash.frames]
    assert (report.message, report.site) == (crash.exception.message, crash.exception.site)
    assert ("0a1b2c3d4e5f+", None, None) == (crash.build, crash.exception.address, crash.exception.access)

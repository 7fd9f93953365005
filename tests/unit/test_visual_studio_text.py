"""Facts about call stacks copied from Visual Studio and Visual Studio Code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError

STACK = (
    ">\tworldd.exe!Keep::Open(int gate, Brew * brew) Line 42\tC++\n"
    " \t[Inline Frame] worldd.exe!Keep::Lift() Line 7\tC++\n"
    " \tworldd.exe!std::function<void __cdecl(int)>::operator()(int <args_0>) Line 3\tC++\n"
    " \t[External Code]\t\tAnnotated Frame\n"
    " \tworldd.exe!00007ff7680fcc6e()\tUnknown\tNo symbols loaded.\n"
    " \tntdll.dll!RtlUserThreadStart()\tUnknown\n"
)


def read(text: str) -> Crash:
    (crash,) = parsers.parse(text.encode())
    assert "visual_studio_text" == crash.format
    return crash


def test_each_line_is_a_frame() -> None:
    assert [
        ("Keep::Open", 42, False),
        ("Keep::Lift", 7, True),
        ("std::function<void __cdecl(int)>::operator()", 3, False),
        (None, None, False),
        ("RtlUserThreadStart", None, False),
    ] == [(frame.function, frame.line, frame.is_inlined) for frame in read(STACK).frames]


def test_visual_studio_code_puts_the_place_in_brackets() -> None:
    text = "worldd.exe!Keep::Open(int gate) (c:\\my src\\keep.cpp:42)\nworldd.exe!main() (c:\\my src\\main.cpp:9)\n"
    assert [("Keep::Open", "c:\\my src\\keep.cpp", 42), ("main", "c:\\my src\\main.cpp", 9)] == [
        (frame.function, frame.file, frame.line) for frame in read(text).frames
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "Unhandled exception at 0x7FF6AD53 in w.exe: 0xC0000005: Access violation reading location 0x10101010.",
            ("access_violation", "C0000005", 0x10101010, "read", None),
        ),
        (
            "Exception thrown: write access violation.\n**this** was nullptr.",
            ("access_violation", "C0000005", None, "write", None),
        ),
        (
            "Ausnahmefehler bei 0x00007FF84B45C259 (ntdll.dll) in w.dmp: 0xC0000374: Ein Heap wurde besch\xe4digt",
            ("abort", "C0000374", None, None, None),
        ),
        (
            "Exception at 0x7FFB in w.exe: Microsoft C++ exception: std::out_of_range at memory location 0x1.",
            ("cpp_exception", None, None, None, "std::out_of_range"),
        ),
        ("Look at this:", ("unknown", None, None, None, None)),
    ],
)
def test_the_message_above_says_why(words: str, expected: tuple[object, ...]) -> None:
    said = read(f"{words}\n\n{STACK}").exception
    assert expected == (said.kind, said.code, said.address, said.access, said.message)


@given(st.lists(st.sampled_from([*STACK.splitlines(), "worldd.exe!(", ">\ta.dll!" + "(" * 3000, ": 0xC0000005:"])))
def test_any_mixture_of_lines_is_read_or_refused(lines: list[str]) -> None:
    try:
        crashes = parsers.parse("\n".join(lines).encode())
    except DumpError:
        crashes = []
    assert all(len(crash.frames) <= 512 for crash in crashes)


def test_of_an_endless_stack_the_first_frames_are_kept_and_the_rest_is_told() -> None:
    row = b"\tworldd.exe!Keep::Open(int gate) Line 42\tC++\r\n"
    (whole,) = parsers.parse(row * 512)
    (cut,) = parsers.parse(row * 513 + b"words\r\n" * 10)
    assert (512, True) == (len(whole.frames), whole.is_complete)
    assert (512, False) == (len(cut.frames), cut.is_complete)
    assert "The stack has more frames; the first 512 were kept." in cut.notes

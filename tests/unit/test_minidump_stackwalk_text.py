"""Output of ``minidump_stackwalk``, for people and for machines. All texts are the tests' own."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.parsers import minidump_stackwalk_text

WALK = """\
Operating system: Linux
                  0.0.0 Linux 6.1.0 x86_64
CPU: amd64
     family 6 model 15 stepping 6

Crash reason:  SIGSEGV /SEGV_MAPERR
Crash address: 0x194
Process uptime: not available

Thread 3 hopper (crashed)
 0  millserver!mill::Hopper::Drop(int) [hopper.cpp : 12 + 0x5]
    rax = 0x0000000000000000   rip = 0x000000000040abcd
    Found by: given as instruction pointer in context
 1  millserver!mill::Sieve::Shake [hg:host/mill:src/sieve.cpp:0123456789abcdef : 44 + 0x8]
    Found by: inlining
 2  libmill.so + 0x461733
    rip = 0x084a9734
    Found by: stack scanning
 3  0x7f00
    Found by: stack scanning

Thread 0
 0  libc.so.6!poll + 0x10
    Found by: given as instruction pointer in context

Loaded modules:
0x00400000 - 0x0040afff  millserver  ???  (main)
"""
MACHINE = """\
OS|Linux|6.1.0
CPU|amd64|family 6|4
Crash|SIGFPE|0x40abcd|1
Module|millserver||millserver|ABC0|0x00400000|0x0040afff|1

0|0|libc.so.6|poll|||0x10
1|0|millserver|mill::Grind(int)|git:host/mill:src/grind.cpp:0123456789abcdef|12|0x5
1|1|libmill.so||||0x461733
"""


def only(text: str) -> Crash:
    (crash,) = parsers.parse(text.encode())
    return crash


def test_the_crashed_thread_comes_first_with_its_reason():
    crash = only(WALK)
    assert ("minidump_stackwalk", "access_violation", "SIGSEGV", 0x194) == (
        crash.format,
        crash.exception.kind,
        crash.exception.signal,
        crash.exception.address,
    )
    assert [("3", "hopper", True), ("0", None, False)] == [
        (thread.id, thread.name, thread.is_crashed) for thread in crash.threads
    ]


def test_a_frame_has_its_place_its_module_and_its_address():
    frames = [
        (frame.function, frame.file, frame.line, frame.module, frame.offset, frame.address, frame.is_inlined)
        for frame in only(WALK).frames
    ]
    assert [
        ("mill::Hopper::Drop(int)", "hopper.cpp", 12, "millserver", None, 0x40ABCD, False),
        ("mill::Sieve::Shake", "src/sieve.cpp", 44, "millserver", None, None, True),
        (None, None, None, "libmill.so", 0x461733, 0x84A9734, False),
        (None, None, None, None, None, 0x7F00, False),
    ] == frames


def test_the_form_for_machines_says_the_same():
    crash = only(MACHINE)
    assert ("division_by_zero", "1") == (crash.exception.kind, crash.threads[0].id)
    assert [("mill::Grind(int)", "src/grind.cpp", 12, None), (None, None, None, 0x461733)] == [
        (frame.function, frame.file, frame.line, frame.offset) for frame in crash.frames
    ]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("EXCEPTION_ACCESS_VIOLATION_WRITE", ("access_violation", 0x194, "write")),
        ("EXCEPTION_STACK_OVERFLOW", ("stack_overflow", None, None)),
        ("EXC_BAD_ACCESS / KERN_INVALID_ADDRESS", ("access_violation", 0x194, None)),
        ("SIGABRT", ("abort", None, None)),
        ("DUMP_REQUESTED", ("unknown", None, None)),
    ],
)
def test_reasons_of_other_systems_are_known(reason: str, expected: tuple[object, ...]):
    crash = only(WALK.replace("SIGSEGV /SEGV_MAPERR", reason))
    assert expected == (crash.exception.kind, crash.exception.address, crash.exception.access)


def test_a_walk_without_a_stack_is_refused():
    with pytest.raises(DumpError):
        minidump_stackwalk_text.parse(b"Crash reason:  SIGSEGV\n\nThread 0 (crashed)\n\nLoaded modules:\n")


@pytest.mark.parametrize(
    "content",
    [
        b"Crash reason:  SIGSEGV\n\nThread 0 (crashed)\n" + b" 0  a!b + 0x1\n" * 40_000,
        b"Crash reason:  SIGSEGV\n\nThread 0 (crashed)\n" + (b" 0  " + b"a[b : " * 1500 + b"\n") * 200,
        b"Crash|SIGSEGV|0x1|0\n" + b"\n0|0|a|b|c|1|0x1" * 20_000,
    ],
    ids=["many frames", "brackets", "many rows"],
)
def test_hostile_text_ends_soon(content: bytes):
    started = time.process_time()
    try:
        crashes = minidump_stackwalk_text.parse(content)
    except DumpError:
        crashes = []
    assert all(len(crash.frames) <= minidump_stackwalk_text.FRAMES_LIMIT for crash in crashes)
    assert time.process_time() - started < 2


@given(st.lists(st.one_of(st.sampled_from((WALK + MACHINE).splitlines()), st.text(max_size=40)), max_size=30))
def test_any_text_is_read_or_refused(lines: list[str]):
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    minidump_stackwalk_text.sniff(content)
    try:
        minidump_stackwalk_text.parse(content)
    except DumpError:
        return


def test_an_offset_that_is_no_number_is_left_out() -> None:
    text = b"Crash|SIGSEGV|0x0|0\n\n0|0|mill||||0xfg\n0|1|mill||||0x10\n"
    assert [None, 16] == [frame.offset for frame in parsers.parse(text)[0].frames]

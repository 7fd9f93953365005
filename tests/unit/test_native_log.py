"""Logs of programs that print their own stack, or only their last words. All texts are the tests' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import crash_words, native_frames, native_log

TOMBSTONE = b"""\
*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***
Build fingerprint: 'maker/phone/phone:11/AB1A/123:user/release-keys'
Timestamp: 2024-03-02 10:11:12.123456789+0100
pid: 70, tid: 71, name: MapUpdate  >>> /system/bin/worldd <<<
signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x18
    r0 00000000  r1 00002a68
backtrace:
      #00 pc 0000000000012345  /system/lib64/libgame.so (Unit::Kill(Unit*)+24) (BuildId: aabbccdd)
      #01 pc 0000000000001234  /system/bin/worldd (main+8)
"""
CHECK = b"""\
[70:71:0603/143054.1:FATAL:session.cc(48)] Check failed: size > 0 (0 vs. 0)
#0 0x55d1 base::debug::StackTrace::StackTrace()
#1 0x55d2 logging::LogMessage::~LogMessage()
#2 0x55d3 Session::Send(Packet const&)
#3 0x55d4 <unknown>

Received signal 6
#0 0x55d1 base::debug::StackTrace::StackTrace()
#1 0x7f01 gsignal
"""


def only(content: bytes) -> Crash:
    (crash,) = parsers.parse(content)
    return crash


def test_a_tombstone_tells_signal_address_thread_program_and_time():
    crash = only(TOMBSTONE)
    assert ("native_log", "access_violation", "SIGSEGV", 0x18) == (
        crash.format,
        crash.exception.kind,
        crash.exception.signal,
        crash.exception.address,
    )
    assert ("71", "MapUpdate") == (crash.threads[0].id, crash.threads[0].name)
    assert ("/system/bin/worldd", "2024-03-02T10:11:12.123456+01:00") == (
        crash.executable,
        crash.occurred_at.isoformat() if crash.occurred_at else None,
    )
    assert ["Unit::Kill(Unit*)", "main"] == [frame.function for frame in crash.frames]


def test_each_tombstone_is_a_crash():
    other = TOMBSTONE.replace(b"Unit::Kill", b"Unit::Heal")
    names = [crash.frames[0].function for crash in parsers.parse(TOMBSTONE + b"log line\n" + other)]
    assert ["Unit::Kill(Unit*)", "Unit::Heal(Unit*)"] == names


def test_the_stack_of_the_failed_check_counts_not_that_of_its_signal():
    crash = only(CHECK)
    assert ("assertion", "SIGABRT", "size > 0") == (
        crash.exception.kind,
        crash.exception.signal,
        crash.exception.message,
    )
    assert (4, "Session::Send(Packet const&)", None) == (
        len(crash.frames),
        crash.frames[2].function,
        crash.frames[3].function,
    )
    assert "The assertion stands at session.cc:48." in crash.notes


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("./server(_ZN4Unit4KillEPS_+0x1a) [0x4005d1]", (-1, "Unit::Kill", "./server", None, 0x4005D1)),
        ("/lib/libc.so.6(+0x25213) [0x7f59ac220213]", (-1, None, "/lib/libc.so.6", 0x25213, 0x7F59AC220213)),
        (
            "/opt/lib.so(ns::f<int>(char const*, ...)+0x272)[0x7f01]",
            (-1, "ns::f<int>(char const*, ...)", "/opt/lib.so", None, 0x7F01),
        ),
        ("[0x7f597f904204]", (-1, None, None, None, 0x7F597F904204)),
        ("12: 0xb29b0f4", (12, None, None, None, 0xB29B0F4)),
        ("1: 0xa1 node::Abort() [node]", (1, "node::Abort()", "node", None, 0xA1)),
        ("21: __libc_start_main", (21, "__libc_start_main", None, None, None)),
        ("14  0x7f1644c1c66a cc::Host::Run(int, int)", (14, "cc::Host::Run(int, int)", None, None, 0x7F1644C1C66A)),
        (
            "2   My Program Framework   0x000000010cbf477a _ZN2ui5CurveC2Ev + 698",
            (2, "ui::Curve::Curve", "My Program Framework", None, 0x10CBF477A),
        ),
        (
            "\tIPC::Message<A,B>::Run [0x61C20814+20] (ipc\\m.h:120)",
            (-1, "IPC::Message<A,B>::Run", None, None, 0x61C20814),
        ),
    ],
)
def test_a_frame_is_read_in_each_layout(line: str, expected: tuple[object, ...]):
    found = native_frames.read(f"{line}\n".encode())
    assert found is not None
    number, frame = found
    assert expected == (number, frame.function, frame.module, frame.offset, frame.address)


@pytest.mark.parametrize(
    "line",
    ["r0 00000000  r1 00000000", "12:30: player 0x12 joined", "INFO: value 0x12", "pid: 1, tid: 2", "    [32, 44) 'a'"],
)
def test_other_lines_are_no_frames(line: str):
    assert native_frames.read(line.encode()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            b"Stack dump:\n0.\tProgram arguments: mill -x\n"
            b" #0 0x000055d0c0de1f80 llvm::sys::PrintStackTrace(llvm::raw_ostream&) (/usr/bin/mill+0x1f80)\n"
            b" #1 0x00007f0000012730 __restore_rt (/lib/libpthread.so.0+0x12730)\n"
            b" #2 0x000055d0c0de1f86 mill::Hopper::Drop(int) /src/hopper.cpp:12:3\nSegmentation fault\n",
            ("access_violation", "SIGSEGV", None, "mill::Hopper::Drop(int)"),
            id="LLVM",
        ),
        pytest.param(
            b"Received signal 8 (Floating point exception)\n"
            b"#0   ./mill_test(_ZN4mill6Hopper4DropEi+0x1c) [0x4aabbc] mill::Hopper::Drop(int)\t/src/hopper.cc:12\n",
            ("division_by_zero", "SIGFPE", None, "mill::Hopper::Drop(int)"),
            id="RocksDB",
        ),
        pytest.param(
            b"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n"
            b" 1: 0xb0a860 node::Abort() [node]\n 2: 0xcf9a4e mill::Hopper::Drop(int) [node]\n",
            ("out_of_memory", None, "Allocation failed - JavaScript heap out of memory", "mill::Hopper::Drop(int)"),
            id="V8 out of memory",
        ),
        pytest.param(
            b"[7:8:0501/101112.13:FATAL:hopper.cc(12)] Check failed: grain > 0. Lost 7 bags\n"
            b"#0 0x55d1 mill::Hopper::Drop(int) [../../mill/hopper.cc:12:3]\n",
            ("assertion", None, "grain > 0", "mill::Hopper::Drop(int)"),
            id="Chromium, with a message",
        ),
    ],
)
def test_each_program_tells_why_it_died_and_where(text: bytes, expected: tuple[object, ...]):
    crash = only(text)
    last = crash.frames[-1].function
    assert ("native_log", *expected) == (
        crash.format,
        crash.exception.kind,
        crash.exception.signal,
        crash.exception.message,
        last,
    )


def test_a_report_of_gdb_that_quotes_a_fatal_line_stays_gdbs():
    text = (
        b"[1:1:0603/1.1:FATAL:a.cc(4)] Check failed: x\nProgram received signal SIGTRAP, Trace/breakpoint trap.\n"
        b"#0  0x00005581 in Unit::Kill (this=0x1) at /src/Unit.cpp:4\n"
        b"#1  0x00005582 in main () at /src/main.cpp:9\n"
    )
    assert ("gdb_text", "Unit::Kill") == (only(text).format, only(text).frames[0].function)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            b"*** stack smashing detected ***: terminated\nAborted (core dumped)\n",
            "abort",
            "stack smashing detected ***: terminated",
        ),
        (b"free(): invalid pointer\n", "abort", "free(): invalid pointer"),
        (
            b"terminate called after throwing an instance of 'std::out_of_range'\n  what():  map::at\n",
            "cpp_exception",
            "std::out_of_range: map::at",
        ),
        (b"a.out: x.c:3: main: Assertion `n == 1' failed.\n", "assertion", "n == 1"),
        (b"ERROR:x.c:3:main: assertion failed: (n == 1)\n", "assertion", "n == 1"),
        (
            b"#\n# Fatal error in CALL_AND_RETRY_LAST\n# Allocation failed - heap out of memory\n",
            "out_of_memory",
            "Allocation failed - heap out of memory",
        ),
        (b"========= Timeout of 20 seconds exceeded; exiting\n", "deadlock", "Timeout of 20 seconds exceeded; exiting"),
        (
            b"./a: error while loading shared libraries: libx.so.1: cannot open\n",
            "unknown",
            "./a: error while loading shared libraries: libx.so.1: cannot open",
        ),
        (b"Segmentation fault (core dumped)\n", "access_violation", None),
        (b"Received signal 11 SEGV_MAPERR 7f6b0c580000\n", "access_violation", None),
    ],
)
def test_last_words_without_a_stack_are_read(text: bytes, kind: str, message: str | None):
    crash = only(text)
    assert ("crash_words", kind, message) == (crash.format, crash.exception.kind, crash.exception.message)
    assert not crash.is_complete


def test_the_kernels_line_gives_address_access_and_offset():
    crash = only(
        b"kernel: worldserver[71]: segfault at 18 ip 0000000000451234 sp 00007ffd error 6 in worldserver[400000+9000]\n"
    )
    assert ("access_violation", 0x18, "write") == (
        crash.exception.kind,
        crash.exception.address,
        crash.exception.access,
    )
    assert ("worldserver", 0x51234) == (crash.frames[0].module, crash.frames[0].offset)


def test_words_above_a_stack_of_another_format_are_left_to_it():
    with pytest.raises(UnrecognisedError):
        crash_words.parse(b"free(): invalid pointer\n#0  0x1 in raise () from /lib/libc.so.6\n")


@pytest.mark.parametrize(
    "content",
    [
        b"Received signal 11\n" + b"(" * 100_000,
        b"Received signal 11\n" + b"1: " + b"a " * 40_000,
        CHECK + b"#0 0x5 f()\n" * 20_000,
        b"# Fatal error in a.cc, line 3\n" + b"1: 0xb29b0f4\n" * 20_000,
        b"Check failed: ((( vs. " * 4_000,
        b"Assertion `\n" * 5_000,
    ],
    ids=["brackets", "words", "second stack", "many frames", "values", "assertions"],
)
def test_hostile_text_ends_soon(content: bytes):
    try:
        crashes = parsers.parse(content)
    except DumpError:
        crashes = []
    assert all(len(crash.frames) <= 512 for crash in crashes)


LINES = st.one_of(
    st.sampled_from(TOMBSTONE.splitlines() + CHECK.splitlines()),
    st.sampled_from(
        [b"# Fatal error in a, line 3", b"Received signal 8", b"free(): ", b"panic: ", b"ASSERTION FAILED: x"]
    ),
    st.binary(max_size=40),
)


@given(st.lists(LINES, max_size=40))
def test_any_text_is_read_or_refused(lines: list[bytes]):
    for parser in (native_log, crash_words):
        try:
            crashes = parser.parse(b"\n".join(lines))
        except DumpError:
            continue
        assert crashes

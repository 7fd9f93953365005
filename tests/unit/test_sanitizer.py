"""Reports of the sanitizers and of libFuzzer, written by hand after the layout of real ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import sanitizer, sanitizer_frames

USE_AFTER_FREE = b"""\
=================================================================
==71==ERROR: AddressSanitizer: heap-use-after-free on address 0x603000000040 at pc 0x5581 bp 0x7ffd10 sp 0x7ffd08
READ of size 8 at 0x603000000040 thread T2 (MapUpdate)
    #0 0x5581c0 in Aura::Target() const /src/game/Aura.cpp:88:12
    #1 0x5581f4 in void Visit<Grid<int> >(Grid<int>&) ../game/Grid.h:20
    #2 0x7f3312 in start_thread (/lib/x86_64-linux-gnu/libc.so.6+0x89133) (BuildId: 00aa11bb)
    #3 0x558001 in _start (/opt/my server/worldserver+0x2f001) (BuildId: 77cc88dd)

0x603000000040 is located 16 bytes inside of 32-byte region [0x603000000030,0x603000000050)
freed by thread T1 here:
    #0 0x7f9a10 in operator delete(void*) (/usr/lib/libasan.so.8+0xb9a10)
    #1 0x5582a0 in Unit::RemoveAura(Aura*) /src/game/Unit.cpp:400:5

previously allocated by thread T0 here:
    #0 0x7f9b20 in operator new(unsigned long) (/usr/lib/libasan.so.8+0xb9b20)

SUMMARY: AddressSanitizer: heap-use-after-free /src/game/Aura.cpp:88:12 in Aura::Target() const
==71==ABORTING
"""
READING = b"==9==The signal is caused by a READ memory access."
WRITING = b"==9==The signal is caused by a WRITE memory access."
SIGNAL = b"""\
==9==ERROR: AddressSanitizer: %s on unknown address %s (pc 0x55aa bp 0x7ff0 sp 0x7fe0 T0)
%s
    #0 0x55aa in f(int) /src/a.cpp:3:1
    #1 0x55bb in main /src/a.cpp:9
"""
ABORTED = b"""\
==9==ERROR: AddressSanitizer: ABRT on unknown address 0x03e800000009 (pc 0x7f01 bp 0x7ff0 sp 0x7fe0 T0)
    #0 0x7f01 in raise (/lib/libc.so.6+0x35417)
    #1 0x7f02 in abort (/lib/libc.so.6+0x37019)
    #2 0x55aa in World::Load() /src/World.cpp:40:3
"""


def only(content: bytes) -> Crash:
    (crash,) = sanitizer.parse(content)
    return crash


def functions(crash: Crash) -> list[str | None]:
    return [frame.function for frame in crash.frames]


def test_only_the_first_stack_is_the_crash():
    crash = only(USE_AFTER_FREE)
    assert ["Aura::Target() const", "void Visit<Grid<int> >(Grid<int>&)", "start_thread", "_start"] == functions(crash)
    assert ["freed by", "allocated by"] == [thread.name for thread in crash.threads if not thread.is_crashed]
    assert [False, False] == [thread.is_crashed for thread in crash.threads[1:]]


def test_the_word_the_access_and_the_thread_are_read():
    crash = only(USE_AFTER_FREE)
    assert ("sanitizer", "heap-use-after-free", "read", 0x603000000040) == (
        crash.exception.kind,
        crash.exception.code,
        crash.exception.access,
        crash.exception.address,
    )
    assert crash.crashing_thread is not None
    assert ("T2", "MapUpdate") == (crash.crashing_thread.id, crash.crashing_thread.name)
    assert "0x603000000040 is located 16 bytes inside of 32-byte region [0x603000000030,0x603000000050)" in crash.notes


def test_program_and_build_come_from_the_bottom_of_the_stack():
    crash = only(USE_AFTER_FREE)
    assert ("/opt/my server/worldserver", "77cc88dd") == (crash.executable, crash.build)


@pytest.mark.parametrize(
    ("word", "address", "hint", "expected"),
    [
        (b"SEGV", b"0x000000000008", READING, ("access_violation", 8, "read")),
        (b"SEGV", b"0x0000deadbeef", WRITING, ("access_violation", 0xDEADBEEF, "write")),
        (
            b"SEGV",
            b"0x0000000055aa",
            b"==9==Hint: PC is at a non-executable region.",
            ("access_violation", 0x55AA, "execute"),
        ),
        (
            b"SEGV",
            b"0x0",
            b"Hint: this fault was caused by a dereference of a high value address",
            ("access_violation", None, None),
        ),
        (b"access-violation", b"0x00000010", READING, ("access_violation", 16, "read")),
        (b"FPE", b"0x0000000055aa", b"", ("division_by_zero", None, None)),
        (b"int-divide-by-zero", b"0x00000000", b"", ("division_by_zero", None, None)),
        (b"ILL", b"0x0000000055aa", b"", ("illegal_instruction", None, None)),
        (b"BUS", b"0x000000000123", b"", ("bus_error", 0x123, None)),
        (b"stack-overflow", b"0x7ff000000ff8", b"", ("stack_overflow", 0x7FF000000FF8, None)),
        (b"ABRT", b"0x03e800000009", b"", ("abort", None, None)),
    ],
)
def test_a_signal_becomes_its_kind(word: bytes, address: bytes, hint: bytes, expected: tuple[object, ...]):
    exception = only(SIGNAL % (word, address, hint)).exception
    assert expected == (exception.kind, exception.address, exception.access)


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (b"[7:7:1/2:FATAL:world.cc(40)] Check failed: a == b (1 vs. f(2))", "assertion", "a == b"),
        (b"server: World.cpp:40: void World::Load(): Assertion `count > 0' failed.", "assertion", "count > 0"),
        (b"Assertion failed: (x != nullptr), function Load, file World.cpp, line 40.", "assertion", "x != nullptr"),
        (b"# Fatal error in ../src/w.cc, line 7\n# Debug check failed: IsMap().", "assertion", "IsMap()"),
        (b"vector:559: assertion !empty() failed: back() called on an empty vector", "assertion", "!empty()"),
        (
            b"libc++abi: terminating due to uncaught exception of type std::out_of_range: map::at",
            "cpp_exception",
            "std::out_of_range: map::at",
        ),
        (b"nothing of interest", "abort", None),
    ],
)
def test_the_last_words_say_why_a_program_aborted(said: bytes, kind: str, message: str | None):
    exception = only(said + b"\n" + ABORTED).exception
    assert (kind, message) == (exception.kind, exception.message)


def test_words_before_an_earlier_report_do_not_count_for_a_later_one():
    first = b"a.cc:3: f(): Assertion `x' failed.\n" + ABORTED + b"==9==ABORTING\n"
    later = ABORTED.replace(b"==9==", b"==8==").replace(b"World", b"Other")
    assert ["assertion", "abort"] == [crash.exception.kind for crash in sanitizer.parse(first + later)]


def test_a_failed_check_before_an_unrelated_fault_does_not_change_its_kind():
    said = b"ASSERTION FAILED: x > 0\n../elsewhere.cpp(17) : void elsewhere()\n"
    text = said + SIGNAL % (b"SEGV", b"0x08", READING)
    assert "access_violation" == only(text).exception.kind


def test_a_fault_in_the_function_of_the_failed_check_is_the_check():
    said = b"ASSERTION FAILED: x > 0\n../a.cpp(3) : int f(int)\n"
    text = said + SIGNAL % (b"SEGV", b"0xbbadbeef", b"")
    assert ("assertion", "x > 0") == (only(text).exception.kind, only(text).exception.message)


@pytest.mark.parametrize(
    ("message", "kind", "code"),
    [
        ("signed integer overflow: 2 + 3 cannot be represented in type 'int'", "sanitizer", "signed-integer-overflow"),
        ("division by zero", "division_by_zero", "integer-divide-by-zero"),
        ("member call on null pointer of type 'Unit'", "access_violation", "null-pointer-use"),
        ("null pointer passed as argument 1, which is declared to never be null", "sanitizer", "invalid-null-argument"),
        ("index 9 out of bounds for type 'int [4]'", "sanitizer", "out-of-bounds-index"),
        ("load of value 7, which is not a valid value for type 'bool'", "sanitizer", "invalid-bool-load"),
        ("something that is not known yet", "sanitizer", "undefined-behavior"),
    ],
)
def test_a_runtime_error_is_named_by_its_check(message: str, kind: str, code: str):
    text = f"src/a.cpp:12:5: runtime error: {message}\n    #0 0x55 in Unit::f() src/a.cpp:12:5\n"
    crash = only(text.encode())
    assert (kind, code, ["Unit::f()"]) == (crash.exception.kind, crash.exception.code, functions(crash))


def test_a_runtime_error_without_a_stack_still_names_its_place():
    crash = only(
        b"src/a.cpp:12:5: runtime error: division by zero\nSUMMARY: UndefinedBehaviorSanitizer: undefined-behavior"
        b" src/a.cpp:12:5 in Unit::f()\n"
    )
    assert [("Unit::f()", "src/a.cpp", 12)] == [(frame.function, frame.file, frame.line) for frame in crash.frames]
    assert not crash.is_complete


def test_a_panic_of_go_is_no_runtime_error():
    assert not sanitizer.sniff(b"panic: runtime error: index out of range [3]\n")


def test_frames_far_below_a_runtime_error_belong_to_something_else():
    text = b"a.cpp:1:2: runtime error: division by zero\n" + b"log line\n" * 50 + b"    #0 0x5 in other() b.cpp:3\n"
    assert [None] == functions(only(text))


def test_a_data_race_keeps_the_other_access_beside_it():
    crash = only(
        b"""WARNING: ThreadSanitizer: data race (pid=88)
  Write of size 4 at 0x7b0400000010 by thread T1 (mutexes: write M1):
    #0 Session::Send(int) /src/Session.cpp:30:7 (server+0x4a1c)
    #1 Run /src/main.cpp:5 (server+0x4a00)

  Previous read of size 4 at 0x7b0400000010 by main thread:
    #0 Session::Get() /src/Session.h:12 (server+0x4b00)

SUMMARY: ThreadSanitizer: data race /src/Session.cpp:30:7 in Session::Send(int)
==================
"""
    )
    assert ("sanitizer", "data-race", "write") == (crash.exception.kind, crash.exception.code, crash.exception.access)
    assert ["Session::Send(int)", "Run"] == functions(crash)
    assert ["other access by"] == [thread.name for thread in crash.threads[1:]]


def test_a_lock_order_inversion_is_a_deadlock():
    text = (
        b"WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=1)\n"
        b"  #0 pthread_mutex_lock <null> (a+0x4)\n  #1 f a.c:3 (a+0x5)\n"
    )
    assert "deadlock" == only(text).exception.kind


def test_the_direct_leak_is_the_crash_not_what_hangs_from_it():
    crash = only(
        b"""==5==ERROR: LeakSanitizer: detected memory leaks

Indirect leak of 8 byte(s) in 1 object(s) allocated from:
    #0 0x4d in malloc _asan_rtl_
    #1 0x80 in Child::Child() /src/c.cpp:2:3

Direct leak of 16 byte(s) in 1 object(s) allocated from:
    #0 0x4d in malloc _asan_rtl_
    #1 0x81 in Parent::Parent() /src/p.cpp:2:3

SUMMARY: AddressSanitizer: 24 byte(s) leaked in 2 allocation(s).
"""
    )
    assert (["malloc", "Parent::Parent()"], "memory-leaks") == (functions(crash), crash.exception.code)


@pytest.mark.parametrize(
    ("headline", "kind", "code"),
    [
        ("==1== ERROR: libFuzzer: timeout after 26 seconds", "deadlock", "timeout"),
        ("==1== ERROR: libFuzzer: out-of-memory (used: 2060Mb; limit: 2048Mb)", "out_of_memory", "out-of-memory"),
        ("==1== ERROR: libFuzzer: fuzz target exited", "abort", "fuzz-target-exited"),
        ("==1==ERROR: AddressSanitizer: attempting double-free on 0x602010 in thread T0:", "sanitizer", "double-free"),
        (
            "==1==ERROR: AddressSanitizer: attempting free on address which was not malloc()-ed: 0x1 in thread T0",
            "sanitizer",
            "bad-free",
        ),
        (
            "==1==ERROR: AddressSanitizer: alloc-dealloc-mismatch (malloc vs operator delete) on 0x602010",
            "sanitizer",
            "alloc-dealloc-mismatch",
        ),
        (
            "==1==ERROR: AddressSanitizer: requested allocation size 0xffff exceeds maximum",
            "out_of_memory",
            "allocation-size-too-big",
        ),
        ("==1==WARNING: MemorySanitizer: use-of-uninitialized-value", "sanitizer", "use-of-uninitialized-value"),
        ("==1==ERROR: HWAddressSanitizer: tag-mismatch on address 0x0042 at pc 0x5", "sanitizer", "tag-mismatch"),
    ],
)
def test_other_headlines_have_their_words(headline: str, kind: str, code: str):
    exception = only(f"{headline}\n    #0 0x55 in f /a.c:3\n".encode()).exception
    assert (kind, code) == (exception.kind, exception.code)


def test_the_frames_of_the_tool_do_not_hide_an_abort():
    text = (
        b"==1== ERROR: libFuzzer: deadly signal\n"
        b"    #0 0x1 in __sanitizer_print_stack_trace (/t+0x1)\n    #1 0x2 in fuzzer::PrintStackTrace() (/t+0x2)\n"
        b"    #2 0x3 in __restore_rt (/lib/libpthread.so.0+0x3)\n    #3 0x4 in raise (/lib/libc.so.6+0x4)\n"
        b"    #4 0x5 in abort (/lib/libc.so.6+0x5)\n    #5 0x6 in Parse /src/p.cpp:3\n"
    )
    assert "abort" == only(text).exception.kind


def test_the_same_report_printed_symbolised_and_raw_is_one_crash():
    raw = (
        ABORTED.replace(b"in raise ", b" ")
        .replace(b"in abort ", b" ")
        .replace(b"in World::Load() /src/World.cpp:40:3", b" (/opt/server+0x12)")
    )
    for text in (
        ABORTED + b"==9==ABORTING\n+---Raw---+\n" + raw,
        raw + b"==9==ABORTING\n+---Symbolised---+\n" + ABORTED,
    ):
        assert ["raise", "abort", "World::Load()"] == functions(only(text))


def test_a_report_that_comes_again_is_counted():
    text = b"".join(
        b"a.cpp:1:2: runtime error: shift exponent %d is too large\n    #0 0x5 in f a.cpp:1:2\n\n" % shift
        for shift in (32, 33, 34)
    )
    assert "The text holds this report 3 times." in only(text).notes
    two = text + b"a.cpp:9:2: runtime error: division by zero\n    #0 0x6 in g a.cpp:9:2\n"
    assert [["f"], ["g"]] == [functions(crash) for crash in sanitizer.parse(two)]


@pytest.mark.parametrize(
    "prefix", [b"08-25 07:12:12.345  1234  1250 I chromium: ", b"worldserver[71]: ", b"web_1  | ", b"\t"]
)
def test_prefixes_of_loggers_are_passed_over(prefix: bytes):
    text = b"".join(prefix + line for line in USE_AFTER_FREE.replace(b"\n", b"\r\n").splitlines(keepends=True))
    crash = only(text)
    assert ("heap-use-after-free", "Aura::Target() const") == (crash.exception.code, crash.frames[0].function)
    assert 3 == len(crash.threads)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#0 0x5 in f", ("f", None, None, None, None)),
        ("#0 0x5  (/opt/a+0x12)", (None, None, None, "/opt/a", 0x12)),
        ("#0 0x5  (<unknown module>)", (None, None, None, None, None)),
        ("#0 0x5 in malloc ??:?", ("malloc", None, None, None, None)),
        (
            "#0 0x5 in g (C:\\Program Files (x86)\\a.exe+0x12)",
            ("g", None, None, "C:\\Program Files (x86)\\a.exe", 0x12),
        ),
        (
            "#0 0x5 in ns::`anonymous namespace'::g C:\\My Src\\a b.cpp:7",
            ("ns::`anonymous namespace'::g", "C:\\My Src\\a b.cpp", 7, None, None),
        ),
        (
            "#0 0x5 in (anonymous namespace)::g(int) const a.cc:7:3",
            ("(anonymous namespace)::g(int) const", "a.cc", 7, None, None),
        ),
        (
            "#0 0x5 in h<(lambda at /s/x.h:3:4)>(int) /s/y.cc:7:3",
            ("h<(lambda at /s/x.h:3:4)>(int)", "/s/y.cc", 7, None, None),
        ),
        ("#0 0x5 in Export+0x15a519c (C:\\a.dll+0x99)", (None, None, None, "C:\\a.dll", 0x99)),
        ("#0 0x5 in near+0x1c (C:\\a.dll+0x99)", ("near", None, None, "C:\\a.dll", 0x99)),
        ("#0 0x5 in libc.so.6", (None, None, None, "libc.so.6", None)),
        ("#0 0x5 in f (server:arm64+0x12)", ("f", None, None, "server", 0x12)),
        ("#0 f() a.cc:7:3 (server+0x12)", ("f()", "a.cc", 7, "server", 0x12)),
        ("#0 <null> <null> (server+0x12)", (None, None, None, "server", 0x12)),
        ("#3.1  0x0005 in f() ../a.cc:12 <<application>>+0x5a", ("f()", "../a.cc", 12, "application", 0x5A)),
        (
            "#00 pc 0003a870  /system/lib/libc.so (abort+12) (BuildId: aabb)",
            ("abort", None, None, "/system/lib/libc.so", 0x3A870),
        ),
        ("#0 0x5 base::Run()", ("base::Run()", None, None, None, None)),
    ],
)
def test_a_frame_is_read_in_each_layout(line: str, expected: tuple[object, ...]):
    found = sanitizer_frames.read(f"    {line}\n".encode())
    assert found is not None
    frame = found.frame
    assert expected == (frame.function, frame.file, frame.line, frame.module, frame.offset)


@pytest.mark.parametrize(
    "line", ["#2\tINITED cov: 7 ft: 7 exec/s: 0 rss: 30Mb", "# Fatal error", "text #1", "#include <a>", "a#0 0x5 in f"]
)
def test_other_lines_with_a_hash_are_no_frames(line: str):
    assert sanitizer_frames.read(line.encode()) is None


def test_an_inlined_frame_shares_the_address_of_its_caller_and_recursion_is_none():
    text = b"==1==ERROR: AddressSanitizer: stack-overflow on address 0x7f (pc 0x5 bp 0x1 sp 0x2 T0)\n" + b"".join(
        b"    #%d %s\n" % (number, frame)
        for number, frame in enumerate(
            [b"0x5 in at /v.h:3", b"0x5 in f /a.c:8", b"0x6 in f /a.c:9", b"0x6 in f /a.c:9"]
        )
    )
    assert [True, False, False, False] == [frame.is_inlined for frame in only(text).frames]


def test_a_signal_that_the_program_sent_itself_is_no_access():
    """The kernel then puts the sender's number where the address would stand."""
    sent = SIGNAL.replace(b"    #0", b"    #0 0x7f01 in raise (/lib/libc.so.6+0x35417)\n    #0", 1).replace(
        b"#1", b"#2"
    )
    crash = only(sent.replace(b"    #0 0x55aa", b"    #1 0x55aa") % (b"SEGV", b"0x00000000550d", READING))
    assert ("access_violation", "SIGSEGV", None, None, "f(int)") == (
        crash.exception.kind,
        crash.exception.signal,
        crash.exception.address,
        crash.exception.access,
        crash.frames[1].function,
    )


@pytest.mark.parametrize(
    ("headline", "code"),
    [
        ("unlock of an unlocked mutex (or by a wrong thread) (pid=9)", "unlock-of-an-unlocked-mutex"),
        ("destroy of a locked mutex (pid=9)", "destroy-of-a-locked-mutex"),
        ("signal-unsafe call inside of a signal (pid=9)", "signal-unsafe-call-inside-of-a-signal"),
        ("data race on vptr (ctor/dtor vs virtual call) (pid=9)", "data-race"),
        ("heap-use-after-free (virtual call vs free) (pid=9)", "heap-use-after-free"),
    ],
)
def test_what_only_tsan_notices_is_named_in_full(headline: str, code: str):
    crash = only(f"WARNING: ThreadSanitizer: {headline}\n    #0 Hall::Close() hall.cpp:3 (hall+0x51)\n".encode())
    assert ("sanitizer", code, "Hall::Close()") == (
        crash.exception.kind,
        crash.exception.code,
        crash.frames[0].function,
    )


def test_a_leaked_thread_is_named_by_who_created_it():
    crash = only(
        b"WARNING: ThreadSanitizer: thread leak (pid=9)\n"
        b"  Thread T1 (tid=10, finished) created by main thread at:\n"
        b"    #0 pthread_create tsan_interceptors.cpp:1001 (libtsan.so.2+0x5e686)\n"
        b"    #1 Hall::Open() /src/hall.cpp:78 (hall+0x5182)\n\n"
        b"SUMMARY: ThreadSanitizer: thread leak /src/hall.cpp:78 in Hall::Open()\n"
    )
    assert ("thread-leak", ["pthread_create", "Hall::Open()"]) == (crash.exception.code, functions(crash))


def test_a_lost_stack_is_replaced_by_the_place_of_the_summary():
    crash = only(
        b"WARNING: ThreadSanitizer: data race (pid=9)\n  Write of size 8 at 0x7b10 by thread T1:\n"
        b"    [failed to restore the stack]\n\n  Location is heap block of size 8 at 0x7b10 allocated by main thread:\n"
        b"    #0 operator new(unsigned long) <null> (hall+0x68)\n    #1 main /src/hall.cpp:3 (hall+0x69)\n\n"
        b"SUMMARY: ThreadSanitizer: data race /src/hall.cpp:40 in Hall::Sweep()\n"
    )
    assert [("Hall::Sweep()", 40)] == [(frame.function, frame.line) for frame in crash.frames]
    assert "allocated by" == crash.threads[1].name


@pytest.mark.parametrize("headline", ["==7==AddressSanitizer CHECK failed:", "AddressSanitizer: CHECK failed:"])
def test_a_failed_check_of_the_tool_itself_is_a_report(headline: str):
    crash = only(
        f'{headline} asan_descriptions.cpp:80 "((0)) != (0)" (0x0, 0x0)\n'
        "    #0 0x7f1 in AsanCheckFailed asan_rtl.cpp:72\n    #1 0x7f3 in Hall::Sweep() /src/hall.cpp:12\n".encode()
    )
    assert ("sanitizer", "check-failed", ["AsanCheckFailed", "Hall::Sweep()"]) == (
        crash.exception.kind,
        crash.exception.code,
        functions(crash),
    )


def test_chromium_puts_the_place_in_brackets():
    found = sanitizer_frames.read(b"#4 0x55d0c0de1f84 mill::Hopper::Drop() [../../mill/hopper.cc:12:3]\n")
    assert found is not None
    assert ("mill::Hopper::Drop()", "../../mill/hopper.cc", 12) == (
        found.frame.function,
        found.frame.file,
        found.frame.line,
    )


def test_who_created_the_thread_is_not_the_crash_of_an_empty_stack():
    crash = only(
        SIGNAL.partition(b"    #0")[0]
        % (b"SEGV", b"0x000000809ca0", READING)
        + b"    <empty stack>\n\nSUMMARY: AddressSanitizer: SEGV\nThread T1 created by T0 here:\n"
        b"    #0 0xaa in __interceptor_pthread_create (/hall+0x6)\n    #1 0xab in Hall::Open() /src/hall.cpp:3\n"
    )
    assert ("access_violation", ()) == (crash.exception.kind, crash.frames)


def test_the_place_of_a_runtime_error_fills_in_a_lost_line():
    crash = only(
        b"hall.cpp:15:100: runtime error: member call on null pointer of type 'Hall'\n"
        b"    #0 0x55aa in Hall::Sweep() /src/hall.cpp\n    #1 0x55bb in main /src/main.cpp:9\n"
    )
    assert [15, 9] == [frame.line for frame in crash.frames]


def test_words_of_a_sanitizer_without_a_report_are_refused():
    with pytest.raises(UnrecognisedError):
        sanitizer.parse(b"we build with AddressSanitizer: it is slow\n")


@pytest.mark.parametrize(
    "content",
    [
        USE_AFTER_FREE[:160] + b"    #0 0x5 in " + b"f<" * 10_000 + b"int" + b" >" * 10_000 + b"::g() /a.c:3\n",
        USE_AFTER_FREE[:160] + b"\n    #0 0x5 in f /a.c:3" * 100_000,
        USE_AFTER_FREE[:300] + b"\n" * 2_000_000,
        (b"Sanitizer: " * 200_000) + b"\n",
        (b": runtime error: " * 200_000) + b"\n",
        (b"    #0 0x5 in " + b" /(" * 4000 + b":3\n").join([USE_AFTER_FREE[:300] + b"\n"] * 20),
    ],
    ids=["deep templates", "many frames", "empty lines", "one line of headlines", "one line of errors", "many places"],
)
def test_hostile_text_ends_soon(content: bytes):
    try:
        crashes = sanitizer.parse(content)
    except DumpError:
        crashes = []
    assert all(len(thread.frames) <= 512 for crash in crashes for thread in crash.threads)


LINES = st.one_of(
    st.sampled_from(USE_AFTER_FREE.splitlines() + ABORTED.splitlines()),
    st.builds(
        lambda start, parts: start + b" ".join(parts),
        st.sampled_from(
            [b"    #0 0x5 in ", b"#1 0x", b"==1==ERROR: AddressSanitizer: ", b"a.c:1:2: runtime error: ", b"SUMMARY: "]
        ),
        st.lists(
            st.sampled_from(
                [b"f(", b")", b"<", b">", b"/a", b":3", b"(m+0x1)", b"on", b"0x", b"(BuildId: ab)", b"\xff\xe4"]
            )
        ),
    ),
    st.binary(max_size=40),
)


@given(st.lists(LINES, max_size=40))
def test_any_text_is_read_or_refused(lines: list[bytes]):
    content = b"\n".join(lines)
    try:
        crashes = sanitizer.parse(content)
    except DumpError:
        return
    assert crashes
    assert all(sum(thread.is_crashed for thread in crash.threads) <= 1 for crash in crashes)

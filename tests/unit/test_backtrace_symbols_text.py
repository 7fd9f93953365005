"""Facts about stacks that programs print themselves, without a debugger. All texts are the tests' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import backtrace_frames, backtrace_symbols_text

PLAIN = "./shop(_ZN4Till3payEi+0x1f) [0x4005d4]\n./shop(main+0x2e) [0x400601]\n"
HANDLER = """\
Error: signal 11:
./shop(+0x270d)[0x555c7189970d]
/lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7fef7545a050]
./shop(_ZN4Till3payEi+0x1f)[0x555c71899a15]
./shop(main+0x179)[0x555c71899429]
/lib/x86_64-linux-gnu/libc.so.6(+0x2724a)[0x7fef7544524a]
/lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0x85)[0x7fef75445305]
./shop(_start+0x21)[0x555c71899621]
"""


def read(text: str) -> Crash:
    crashes = backtrace_symbols_text.parse(text.encode())
    assert 1 == len(crashes)
    return crashes[0]


def functions(crash: Crash) -> list[str | None]:
    return [frame.function for frame in crash.frames]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("./shop(_ZN4Till3payEi+0x1f) [0x4005d4]", ("Till::pay", None, None, "./shop"), id="glibc"),
        pytest.param(
            "/lib/libc.so.6(+0x42520)[0x7f1]", (None, None, None, "/lib/libc.so.6"), id="glibc without a symbol"
        ),
        pytest.param("Till::pay()+0x88 [0x1e8363]", ("Till::pay", None, None, None), id="ACE"),
        pytest.param(
            " 0# Till::pay(int) at /src/till.cpp:12", ("Till::pay(int)", "/src/till.cpp", 12, None), id="Boost"
        ),
        pytest.param(" 1# main in ./shop", ("main", None, None, "./shop"), id="Boost without debug information"),
        pytest.param(
            " 2# 0x00007F0E612D44A3 in /lib/libfoo.so", (None, None, None, "/lib/libfoo.so"), id="Boost, no name"
        ),
        pytest.param(
            " 3# shop!Till::pay at C:\\src\\till.cpp:12",
            ("Till::pay", "C:\\src\\till.cpp", 12, "shop"),
            id="Boost on Windows",
        ),
        pytest.param(
            "0> C:\\src\\till.cpp(12): shop!Till::pay+0x34",
            ("Till::pay", "C:\\src\\till.cpp", 12, "shop"),
            id="Microsoft",
        ),
        pytest.param(
            '#4    Source "/src/till.cpp", line 12, in Till::pay [0x55d]',
            ("Till::pay", "/src/till.cpp", 12, None),
            id="backward",
        ),
        pytest.param(
            '#5    Object "./shop", at 0x55d3, in _start', ("_start", None, None, "./shop"), id="backward, no source"
        ),
        pytest.param("    @     0x55d3f0a1b2c3  Till::pay()", ("Till::pay()", None, None, None), id="glog"),
        pytest.param("    @     0x55d3f0a1b2c3  (unknown)", (None, None, None, None), id="glog without a name"),
        pytest.param("    @     0x55d3f0a1b2c3      112  Till::pay()", ("Till::pay()", None, None, None), id="Abseil"),
        pytest.param("    @ 000000000040b2c3 Till::pay(int)", ("Till::pay(int)", None, None, None), id="folly"),
        pytest.param(
            "5. ./src/till.cpp:12: Till::pay(int) @ 0x10e3d2c3 in /usr/bin/shop",
            ("Till::pay(int)", "./src/till.cpp", 12, "/usr/bin/shop"),
            id="ClickHouse",
        ),
        pytest.param(
            "5. inlined from ./src/till.cpp:12: Till::pay(int)",
            ("Till::pay(int)", "./src/till.cpp", 12, None),
            id="ClickHouse, inlined",
        ),
        pytest.param(
            "2. shop(Till::pay(int)+0x1bb) [0x4f82dcb]", ("Till::pay(int)", None, None, "shop"), id="ClickHouse, old"
        ),
        pytest.param(
            "INFO:till.stderr: 3: (Till::pay(int) const+0x91) [0x55d0]",
            ("Till::pay(int) const", None, None, None),
            id="numbered, behind a logger's name",
        ),
        pytest.param("7: main()", ("main", None, None, None), id="numbered, without an address"),
        pytest.param(
            "frame #1: Till::pay(int) + 0x14 (0x7f00020 in /usr/lib/libshop.so)",
            ("Till::pay(int)", None, None, "/usr/lib/libshop.so"),
            id="PyTorch",
        ),
        pytest.param(
            "[2024.05.01-10.11.12:131][  0]LogCore: 0x00007f0001026a24 libShop.so!UTill::Pay(int) [/src/Till.cpp:12]",
            ("UTill::Pay(int)", "/src/Till.cpp", 12, "libShop.so"),
            id="Unreal",
        ),
        pytest.param(
            '{"s":"I","msg":"Frame","attr":{"frame":{"a":"55D0C1A2","b":"55D0","o":"2A","s":"_ZN4Till3payEi",'
            '"C":"Till::pay(int)","s+":"1C"}}}',
            ("Till::pay(int)", None, None, None),
            id="MongoDB",
        ),
        pytest.param(
            "0   shop    0x000000010a99b743 _ZN4Till3payEi + 19", ("Till::pay", None, None, "shop"), id="Apple"
        ),
    ],
)
def test_each_library_prints_frames_of_its_own(
    line: str, expected: tuple[str | None, str | None, int | None, str | None]
) -> None:
    found = backtrace_frames.read(line)
    assert found is not None
    frame = found[1]
    assert expected == (frame.function, frame.file, frame.line, frame.module)


@pytest.mark.parametrize(
    "line", ["12> dir", "2# buy milk in town", "1# a heading of three words", "call me @ 0800", "x [0x1] y [0x2] z"]
)
def test_prose_is_no_frame_of_a_stack(line: str) -> None:
    text = f"{line}\n{line} again\n".encode()
    assert not backtrace_symbols_text.sniff(text)


def test_a_list_alone_is_a_stack_whose_reason_is_assumed() -> None:
    crash = read(PLAIN)
    assert (["Till::pay", "main"], "access_violation", "./shop") == (
        functions(crash),
        crash.exception.kind,
        crash.executable,
    )


def test_an_offset_without_a_symbol_counts_from_the_module() -> None:
    frame = read("./shop(+0x270d)[0x555c7189970d]\n./shop(main+0x2e) [0x400601]\n").frames[0]
    assert ("./shop", 0x270D) == (frame.module, frame.offset)


def test_the_frame_of_the_signal_parts_the_handler_from_the_crash() -> None:
    crash = read(HANDLER)
    assert "<signal handler called>" == crash.frames[1].function
    assert "access_violation" == crash.exception.kind


def test_without_a_signal_no_frame_is_taken_for_it() -> None:
    assert "<signal handler called>" not in functions(read(HANDLER.partition("\n")[2]))


def test_the_start_of_the_program_is_not_taken_for_the_signal() -> None:
    text = (
        "signal 6\n./shop(main+0x1) [0x1]\n/lib/libc.so.6(+0x2724a) [0x2]\n"
        "/lib/libc.so.6(__libc_start_main+0x85) [0x3]\n./shop(_start+0x21) [0x4]\n"
    )
    assert "main" == functions(read(text))[0]
    assert "<signal handler called>" not in functions(read(text))


def test_an_assertion_names_the_function_that_the_stack_does_not() -> None:
    text = "/src/till.cpp:19 in Till::pay ASSERTION FAILED:\n  coin\n[0x333208]\nThread::invoke()+0xdb1 [0x1e8363]\n"
    crash = read(text)
    assert ["Till::pay", None, "Thread::invoke"] == functions(crash)
    assert ("assertion", "coin") == (crash.exception.kind, crash.exception.message)


def test_the_caller_of_abort_is_the_function_of_the_assertion() -> None:
    text = (
        "shop: till.cpp:16: int Till::pay(int): Assertion `n > 0' failed.\n"
        "/lib/libc.so.6(abort+0xd3)[0x1]\n/lib/libc.so.6(+0x26395)[0x2]\n./shop(+0x29f6)[0x3]\n./shop(main+0x292)[0x4]\n"
    )
    frame = read(text).frames[2]
    assert ("int Till::pay(int)", "till.cpp", 16) == (frame.function, frame.file, frame.line)


def test_an_exception_that_nobody_caught_is_told_by_its_words() -> None:
    words = "terminate called after throwing an instance of 'std::out_of_range'\n  what():  no coin\nSignal: 6\n"
    exception = read(words + PLAIN).exception
    assert ("cpp_exception", "std::out_of_range: no coin") == (exception.kind, exception.message)


def test_the_words_of_glog_tell_signal_and_address() -> None:
    text = (
        "*** SIGSEGV (@0x8) received by PID 7 (TID 0x7f) from PID 8; stack trace: ***\n"
        "    @     0x55d3f0a1b2c3  Till::pay()\n    @     0x55d3f0a1b2c4  main\n"
    )
    exception = read(text).exception
    assert ("access_violation", 8) == (exception.kind, exception.address)


@pytest.mark.parametrize(
    "stack",
    [
        pytest.param(
            "PC: @     0x7f0001d26a24 Till::pay()\n"
            "*** SIGSEGV (@0x18) received by PID 7 (TID 0x7f1) from PID 24; stack trace: ***\n"
            "    @     0x7f0018fe86a2 (unknown)\n    @     0x7f0001d26a24 Till::pay()\n    @  0x455628 main\n",
            id="glog",
        ),
        pytest.param(
            "*** SIGSEGV received at time=1698177345 on cpu 3; (@0x18) ***\n"
            "PC: @     0x55b1c0d26a24  (unknown)  Till::pay()\n"
            "    @     0x7f0018fe86a2      64  absl::AbslFailureSignalHandler()\n"
            "    @     0x7f0018fe86b0  (unknown)  (unknown)\n"
            "    @     0x55b1c0d26a24     112  Till::pay()\n    @     0x55b1c0d26c24      16  main\n",
            id="Abseil",
        ),
        pytest.param(
            "*** Signal 11 (SIGSEGV) (0x18) received by PID 123 (pthread TID 0x7f00), stack trace: ***\n"
            "    @ 0000000001a2b3c4 folly::symbolizer::(anonymous namespace)::innerSignalHandler(int, siginfo_t*)\n"
            "                       ./folly/SignalHandler.cpp:449\n    @ 000000000004455f (unknown)\n"
            "    @ 00000000004aabbc Till::pay()\n                       ./src/till.cpp:12\n"
            "    @ 00000000004aabdd main\n                       ./src/main.cpp:4\n",
            id="folly",
        ),
        pytest.param(
            "Invalid access at address: 0x18\nGot signal: 11 (Segmentation fault).\n"
            " /opt/shop(_ZN4shop15printStackTraceERSo+0x23) [0xd3e7e3]\n /lib/libc.so.6(funlockfile+0x60) [0x7f1]\n"
            " /opt/shop(_ZN4Till3payEv+0x38) [0x8b5e18]\n /opt/shop(main+0x9) [0x8b8779]\n",
            id="MongoDB",
        ),
        pytest.param(
            "LogCore: Unhandled Exception: SIGSEGV: invalid attempt to write memory at address 0x0000000000000018\n"
            "LogCore: 0x00007f0001026a24 libShop.so!Till::pay() [/src/Till.cpp:12]\n"
            "LogCore: 0x00007f0001026c24 Shop!main(+0x1234)\n",
            id="Unreal",
        ),
    ],
)
def test_a_handlers_stack_tells_the_fault_and_who_caused_it(stack: str) -> None:
    assert backtrace_symbols_text.sniff(stack.encode())
    crash = read(stack)
    names = [name.partition("(")[0] for name in functions(crash) if name]
    below = names[names.index("<signal handler called>") + 1 :] if "<signal handler called>" in names else names
    assert ("access_violation", "SIGSEGV", 0x18) == (
        crash.exception.kind,
        crash.exception.signal,
        crash.exception.address,
    )
    assert ["Till::pay", "main"] == below


def test_folly_puts_the_place_below_the_frame() -> None:
    text = (
        "*** Signal 6 (SIGABRT) (0x7b) received by PID 123, stack trace: ***\n    @ 00000000004aabbc Till::pay()\n"
        "                       ./src/till.cpp:12\n    @ 00000000004aabdd main\n"
    )
    assert [("./src/till.cpp", 12), (None, None)] == [(frame.file, frame.line) for frame in read(text).frames]


def test_backward_shows_source_between_the_frames() -> None:
    text = (
        'Stack trace (most recent call last):\n#3    Object "", at 0xffffffffffffffff, in\n'
        '#2    Source "/src/main.cpp", line 10, in main [0x401ab9]\n          8: int main() {\n'
        "          9:   Till till;\n      >  10:   till.pay();\n         11: }\n         12: \n"
        '#1  | Source "/src/shop.h", line 4, in Till::pay\n    Source "/src/till.cpp", line 12, in Till::count\n'
        '#0    Object "/lib64/libc.so.6", at 0x7f540b55, in __memmove_avx\n'
        "Segmentation fault (Address not mapped to object [0x10])\n"
    )
    crash = read(text)
    assert ["__memmove_avx", "Till::count", "Till::pay", "main", None] == functions(crash)
    assert ("access_violation", 0x10) == (crash.exception.kind, crash.exception.address)


def test_backward_prints_the_innermost_frame_last() -> None:
    text = (
        '#2    Object "./shop", at 0x1, in _start\n#1    Object "./shop", at 0x2, in main\n'
        '#0    Source "a.cpp", line 1, in Till::pay\n'
    )
    crash = read(text)
    assert ["Till::pay", "main", "_start"] == functions(crash)
    assert [0, 1, 2] == [frame.index for frame in crash.frames]


def test_each_death_of_a_log_is_a_crash_and_a_second_copy_is_none() -> None:
    words = "starting\nloading\nready\nplaying\n"
    assert 2 == len(backtrace_symbols_text.parse((HANDLER + words + HANDLER).encode()))
    assert 1 == len(backtrace_symbols_text.parse((PLAIN + words + PLAIN).encode()))


def test_a_single_frame_is_no_stack() -> None:
    with pytest.raises(UnrecognisedError, match="no list of frames"):
        backtrace_symbols_text.parse(b"./shop(main+0x2e) [0x400601]\n")


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        (PLAIN, True),
        (HANDLER.replace("\n", "\r\n"), True),
        ("sent [0x12] a + b\n" + "log\n" * 9000 + PLAIN, True),
        ("log\n" * 100 + PLAIN, True),
        ("#0  0x0000555555555186 in Map::Update (this=0x10) at /src/Map.cpp:17\n#1  main () at a.c:1\n", False),
        ("see [0x12] and [0x34]\nmail me @ home\n", False),
    ],
)
def test_the_text_is_known_by_its_content(text: str, is_known: bool) -> None:
    assert is_known == backtrace_symbols_text.sniff(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PLAIN.encode() + b"a(" * 3_000_000, id="a line of 6 MB"),
        pytest.param(b"./shop(f+0x1)[0x55c719]\n" * 10_000, id="ten thousand frames"),
        pytest.param(b"./shop(_Z1fI" + b"N1aI" * 10_000 + b"+0x1) [0x1]\n" + PLAIN.encode(), id="mangled templates"),
        pytest.param((b"1# a at " * 1000 + b"\n") * 10 + PLAIN.encode(), id="places without end"),
    ],
)
def test_hostile_texts_end_soon(content: bytes) -> None:
    crashes = backtrace_symbols_text.parse(content)
    assert all(len(crash.frames) <= 513 for crash in crashes)


@given(st.lists(st.one_of(st.sampled_from((HANDLER + PLAIN).splitlines()), st.text(max_size=40)), max_size=20))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    backtrace_symbols_text.sniff(content)
    try:
        backtrace_symbols_text.parse(content)
    except DumpError:
        return


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "postgres: 18/a: ann shop ::1(53408) [local] SELECT(till_pay+0xb0) [0x13c30ae70]",
            ("till_pay", None, None, "postgres: 18/a: ann shop ::1(53408) [local] SELECT"),
            id="a process that renamed itself",
        ),
        pytest.param(
            "/opt/d8(Till::pay(int, (anonymous namespace)::Sum)+0x1c5) [0x55d1]",
            ("Till::pay(int, (anonymous namespace)::Sum)", None, None, "/opt/d8"),
            id="glibc, demangled",
        ),
        pytest.param("shop(+0xB78A10) [0xb88a10]", (None, None, None, "shop"), id="an offset in capitals"),
        pytest.param(
            "2. ./shop(Till::pay()+0x5b) [0x4f7f93b]", ("Till::pay()", None, None, "./shop"), id="ClickHouse, 2018"
        ),
        pytest.param(
            "3. 0x5624850f3c7c Till::pay(int) /usr/bin/shop",
            ("Till::pay(int)", None, None, "/usr/bin/shop"),
            id="ClickHouse, 2019",
        ),
        pytest.param(
            "4. ./src/till.cpp:12: Till::pay(int) @ 0x10e3d2c3 in /usr/bin/shop",
            ("Till::pay(int)", "./src/till.cpp", 12, "/usr/bin/shop"),
            id="ClickHouse, 2021",
        ),
        pytest.param(
            "5.0. inlined from ./src/till.h:55: Till::sum()", ("Till::sum()", "./src/till.h", 55, None), id="inlined"
        ),
        pytest.param("6. ? @ 0x00007f8a3c6ae197", (None, None, None, None), id="ClickHouse without a name"),
        pytest.param("    @ 0000000000c2bd1d Till::pay(int)", ("Till::pay(int)", None, None, None), id="folly"),
        pytest.param("    @       0x4007b6 Till::pay()", ("Till::pay()", None, None, None), id="glog, a short address"),
        pytest.param(
            " #3 0x000055d10b0d2187 Till::pay(int) (/usr/bin/shop+0x31187)",
            ("Till::pay(int)", None, None, "/usr/bin/shop"),
            id="LLVM",
        ),
        pytest.param(
            "   by 0x4007C6: Till::pay(int) (till.cpp:12)", ("Till::pay(int)", "till.cpp", 12, None), id="Valgrind"
        ),
        pytest.param(
            "   at 0x4007C6: pay (in /usr/bin/shop)", ("pay", None, None, "/usr/bin/shop"), id="Valgrind, no place"
        ),
        pytest.param(
            '#0  | Source "/src/till.cpp", line 12, in Till::pay', ("Till::pay", "/src/till.cpp", 12, None), id="a pipe"
        ),
    ],
)
def test_each_server_prints_frames_of_its_own(
    line: str, expected: tuple[str | None, str | None, int | None, str | None]
) -> None:
    found = backtrace_frames.read(line)
    assert found is not None
    assert expected == (found[1].function, found[1].file, found[1].line, found[1].module)


@pytest.mark.parametrize(
    ("said", "kind", "address"),
    [
        pytest.param("(from thread 5) Received signal Segmentation fault (11).\nAddress: 0xa0 Access: read.",
                     "access_violation", 0xA0, id="ClickHouse"),
        pytest.param("Received signal Segmentation fault (11).\nAddress: NULL pointer.", "access_violation", 0,
                     id="ClickHouse, null"),
        pytest.param("PID 7 received SIGSEGV for address: 0x18", "access_violation", 0x18, id="segfault-handler"),
        pytest.param("Segmentation fault (Address not mapped to object [0x18])", "access_violation", 0x18,
                     id="backward"),
        pytest.param('TRAP: failed Assert("sum > 0"), File: "till.c", Line: 12, PID: 7', "assertion", None,
                     id="PostgreSQL"),
        pytest.param('TRAP: FailedAssertion("sum > 0", File: "till.c", Line: 12, PID: 7)', "assertion", None,
                     id="PostgreSQL 15"),
        pytest.param("", "access_violation", None, id="nothing"),
        pytest.param("a list of callers", "unknown", None, id="words that tell of no death"),
    ],
)  # fmt: skip
def test_words_beside_the_stack_tell_the_kind(said: str, kind: str, address: int | None) -> None:
    exception = read(f"{said}\n{PLAIN}" if said else PLAIN).exception
    assert (kind, address) == (exception.kind, exception.address)


def test_glibc_says_why_it_aborted_above_its_own_stack() -> None:
    text = (
        "*** Error in `./shop': double free or corruption (fasttop): 0x0000000001a2c0 ***\n"
        f"======= Backtrace: =========\n/lib64/libc.so.6(+0x7c619)[0x7f1e3a2cb619]\n{PLAIN}"
    )
    exception = parsers.parse(text.encode())[0].exception
    assert ("abort", "double free or corruption (fasttop)") == (exception.kind, exception.message)


def test_the_place_below_a_frame_is_of_that_frame() -> None:
    text = (
        "*** Signal 11 (SIGSEGV) (0x18) received by PID 42 ***\n"
        "    @ 0000000000c2bd1c shop::signalHandler(int)\n                       /src/handler.cpp:4\n"
        "    @ 0000000000012b1f (unknown)\n"
        "    @ 0000000000c2bd1d Till::pay(int)\n                       /src/till.cpp:12\n"
        "    @ 0000000000c2bd1f main\n"
    )
    frames = read(text).frames
    assert ["shop::signalHandler(int)", "<signal handler called>", "Till::pay(int)", "main"] == [
        frame.function for frame in frames
    ]
    assert ("/src/till.cpp", 12) == (frames[2].file, frames[2].line)


def test_glogs_counter_and_trampoline_are_dropped() -> None:
    text = (
        "PC: @           0x4007b6 Till::pay()\n*** SIGSEGV (@0x18) received by PID 42 ***\n"
        "    @     0x7f69ee24d1a0 (unknown)\n    @           0x4007b6 Till::pay()\n    @           0x4007d6 main\n"
    )
    assert ["Till::pay()", "main"] == functions(read(text))


def test_only_stacks_with_words_of_a_death_count_where_some_have_them() -> None:
    quiet = "a trace for the log\n" + PLAIN + "done\n" * 5
    crash = read(
        f"{quiet}Caught signal 11 (SIGSEGV)\n./shop(_ZN4Till5closeEv+0x1f) [0x4005d4]\n./shop(main+0x1) [0x4]\n"
    )
    assert "Till::close" == crash.frames[0].function


def test_many_frames_are_counted_and_not_kept() -> None:
    crash = read("Caught signal 11\n" + "".join(f"./shop(f{i}+0x1) [0x{i + 4096:x}]\n" for i in range(2000)))
    assert (512, False) == (len(crash.frames), crash.is_complete)
    assert any("1488 more frames" in note for note in crash.notes)

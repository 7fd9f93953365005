"""Facts about what WinDbg and CDB print: which stack, which thread, which kind. All texts are the tests' own."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash, Kind
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import cdb_frames, cdb_text

SERVER = """\
00000012`00000010 00007ff6`00001111 : 00000000`00000001 : world!Shop::sell+0x12 [C:\\src\\shop.cpp @ 12]
00000012`00000020 00007ff6`00002222 : 00000000`00000001 : world!Shop::open+0x34 [C:\\src\\shop.cpp @ 34]
"""


def record(code: str, *parameters: int, symbol: str = "world!Shop::sell+0x12") -> str:
    lines = [f"   Parameter[{index}]: {value:016x}" for index, value in enumerate(parameters)]
    return "\n".join(
        [
            "EXCEPTION_RECORD:  (.exr -1)",
            f"ExceptionAddress: 00007ff600001000 ({symbol})",
            f"   ExceptionCode: {code} (words of the system)",
            f"NumberParameters: {len(parameters)}",
            *lines,
            "",
        ]
    )


def stack(*functions: str) -> str:
    rows = [
        f"{index:02x} 00000012`{index:08x} 00007ff6`{index + 1:08x}     {name}" for index, name in enumerate(functions)
    ]
    return "\n".join([" # Child-SP          RetAddr               Call Site", *rows, ""])


def thread(number: int, *functions: str, mark: str = " ") -> str:
    return (
        f"\n{mark}  {number}  Id: 1a2b.{number + 16:x} Suspend: 1 Teb: 00000000`00000001 Unfrozen\n{stack(*functions)}"
    )


def read(text: str) -> Crash:
    crashes = cdb_text.parse(text.encode())
    assert 1 == len(crashes)
    return crashes[0]


def functions(crash: Crash) -> list[str | None]:
    return [frame.function for frame in crash.frames]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "00000012`00000010 00007ff6`00001111     world!Shop::sell+0x12 [C:\\my src\\shop.cpp @ 12] ",
            ("world", "Shop::sell", "C:\\my src\\shop.cpp", 12, False),
            id="k on 64 bits",
        ),
        pytest.param(
            "0b 00000012`00000010 00007ff6`00001111     : 00000000`00000001 00000000`00000002 00000000`00000003"
            " 00000000`00000004 : world!Shop::sell+0x12",
            ("world", "Shop::sell", None, None, False),
            id="kvn on 64 bits",
        ),
        pytest.param(
            "00007ff6`00001111 : 00000000`00000001 00000000`00000002 00000000`00000003 00000000`00000004 : world!run",
            ("world", "run", None, None, False),
            id="kb on 64 bits, which prints no stack pointer",
        ),
        pytest.param(
            "00afe59c 001ffa8b 00afe604 00afe604 00afe604 world!Shop::sell+0x78 (CONV: cdecl) [d:\\a.c @ 7]",
            ("world", "Shop::sell", "d:\\a.c", 7, False),
            id="kv on 32 bits",
        ),
        pytest.param(
            "01 (Inline Function) --------`--------     world!Shop::price+0x41 [C:\\src\\shop.h @ 5]",
            ("world", "Shop::price", "C:\\src\\shop.h", 5, True),
            id="an inlined call",
        ),
        pytest.param(
            "(Inline Function) --------`--------     : --------`-------- --------`-------- : world!a::b+0x1"
            " (Inline Function @ 00007ff8`29a87f80) [C:\\a.h @ 6] ",
            ("world", "a::b", "C:\\a.h", 6, True),
            id="an inlined call of kv",
        ),
        pytest.param(
            "02 00000012`00000010 00007ff6`00001111     world!std::map<int,Shop *>::operator[]+0x5",
            ("world", "std::map<int,Shop *>::operator[]", None, None, False),
            id="a template with a space",
        ),
        pytest.param(
            "02 00000012`00000010 00007ff6`00001111     world!Shop::operator!=+0x5",
            ("world", "Shop::operator!=", None, None, False),
            id="an operator with the mark that ends the module",
        ),
        pytest.param(
            "02 00000012`00000010 00007ff6`00001111     world!<lambda_1f>::operator()+0x5",
            ("world", "<lambda_1f>::operator()", None, None, False),
            id="a call operator",
        ),
        pytest.param(
            "05 00000012`00000010 00007ff6`00001111     ntdll! ?? ::FNODOBFM::`string'+0x22790",
            ("ntdll", None, None, None, False),
            id="the linker's name for a string",
        ),
        pytest.param(
            "05 00000012`00000010 00007ff6`00001111     world+0x5", ("world", None, None, None, False), id="no symbol"
        ),
        pytest.param(
            "05 0000001200000010 00007ff600001111     world!run+0x5",
            ("world", "run", None, None, False),
            id="a copy that lost its grave accents",
        ),
    ],
)
def test_each_command_prints_frames_of_its_own(
    line: str, expected: tuple[str | None, str | None, str | None, int | None, bool]
) -> None:
    row = cdb_frames.read_row(line)
    assert row is not None
    site = cdb_frames.read_site(row.site)
    assert expected == (site.module, site.function, site.file, site.line, row.is_inlined)


@pytest.mark.parametrize(
    "line",
    [
        "00007ff8`74d9c239 eb00            jmp     ntdll!RtlReportFatalFailure+0xb (00007ff8`74d9c23b)",
        "00401000 83ec0810        call    world!Shop::sell+0x5 (00401005)",
        "ntdll!NtWaitForSingleObject+0x14:",
        "rax=0000000000000000 rbx=0000000000000000 rcx=0000000000000000",
    ],
)
def test_disassembly_and_registers_are_no_frames(line: str) -> None:
    assert cdb_frames.read_row(line) is None


def test_arguments_of_kp_stand_on_lines_of_their_own() -> None:
    text = record("c0000005", 0, 8) + (
        "00 00000012`00000010 00007ff6`00001111     world!Shop::sell(\n\t\t\tint price = 0n5, \n"
        '\t\t\tchar * name = 0x00000000`00000001 "a(b")+0x12 [C:\\src\\shop.cpp @ 12]\n'
        "01 00000012`00000020 00007ff6`00002222     world!main+0x5\n"
    )
    crash = read(text)
    assert ["Shop::sell", "main"] == functions(crash)
    assert 12 == crash.frames[0].line
    assert crash.frames[0].arguments.startswith("int price = 0n5")


@pytest.mark.parametrize(
    ("text", "kind", "access", "address"),
    [
        pytest.param(record("c0000005", 0, 8), "access_violation", "read", 8, id="a read"),
        pytest.param(record("c0000005", 1, 0), "access_violation", "write", 0, id="a write"),
        pytest.param(record("c0000005", 8, 16), "access_violation", "execute", 16, id="an execution"),
        pytest.param(
            record("c0000005", 0, 2**64 - 1), "access_violation", "read", None, id="an address that nobody knows"
        ),
        pytest.param(record("c0000006", 0, 8), "bus_error", "read", 8, id="a page that can't be read"),
        pytest.param(record("c00000fd"), "stack_overflow", None, None, id="a full stack"),
        pytest.param(record("c0000094"), "division_by_zero", None, None, id="a division"),
        pytest.param(record("c000001d"), "illegal_instruction", None, None, id="an instruction"),
        pytest.param(record("80000003"), "breakpoint", None, None, id="a breakpoint"),
        pytest.param(record("e06d7363"), "cpp_exception", None, None, id="an exception of C++"),
        pytest.param(record("c0000374"), "abort", None, None, id="a corrupted heap"),
        pytest.param(record("c0000409", 7), "abort", None, None, id="a process that ends itself"),
        pytest.param(
            "EXCEPTION_CODE: (NTSTATUS) 0xc0000094 - words\n", "division_by_zero", None, None, id="old fields"
        ),
        pytest.param(
            "(160c.2e90): Stack overflow - code c00000fd (first/second chance not available)\n",
            "stack_overflow",
            None,
            None,
            id="the event alone",
        ),
    ],
)
def test_the_code_and_its_parameters_say_what_happened(
    text: str, kind: Kind, access: str | None, address: int | None
) -> None:
    exception = read(f"{text}\nSTACK_TEXT:  \n{SERVER}").exception
    assert (kind, access, address) == (exception.kind, exception.access, exception.address)


def test_the_last_event_counts_because_earlier_ones_were_handled() -> None:
    text = "(dc8.9d8): C++ EH exception - code e06d7363 (first chance)\n(dc8.9d8): x - code c0000094 (first chance)\n"
    assert "division_by_zero" == read(text + stack("world!divide+0x1")).exception.kind


def test_a_fail_fast_names_its_reason() -> None:
    text = record("c0000409", 2) + "STACK_TEXT:  \n" + SERVER
    assert "FAST_FAIL_STACK_COOKIE_CHECK_FAILURE" == read(text).exception.message


def test_a_fail_fast_below_a_throw_is_the_exception_that_nobody_caught() -> None:
    names = ("ucrtbase!abort+0x4e", "ucrtbase!terminate+0x29", "world!_CxxThrowException+0x8", "world!Shop::sell+0x3")
    assert "cpp_exception" == read(record("c0000409", 7, symbol="ucrtbase!abort+0x4e") + stack(*names)).exception.kind


def test_the_type_of_a_thrown_exception_stands_in_its_record_or_in_the_library() -> None:
    types = "  Type            : class std::runtime_error\n  Type            : class std::exception\n"
    assert "std::runtime_error" == read(record("e06d7363") + types + stack("world!f+0x1")).exception.message
    thrown = stack("KERNELBASE!RaiseException+0x1", "msvcp140!std::_Xout_of_range+0x1", "world!f+0x1")
    assert "std::out_of_range" == read(record("e06d7363") + thrown).exception.message


def test_an_assertion_is_told_by_its_words_and_its_function() -> None:
    words = "Assertion failed: coins > 0, file C:\\src\\shop.cpp, line 12\n"
    names = (
        "ucrtbase!abort+0x1",
        "ucrtbase!common_assert_to_stderr<wchar_t>+0x2",
        "ucrtbase!_wassert+0x3",
        "world!f+0x4",
    )
    exception = read(words + record("80000003", symbol="ucrtbase!abort+0x1") + stack(*names)).exception
    assert ("assertion", "coins > 0") == (exception.kind, exception.message)


def test_a_server_s_assertion_has_a_code_of_its_own() -> None:
    words = "COMMENT:  \nC:\\src\\map.cpp:12 in Map::Add ASSERTION FAILED:\n  unit\n\n"
    exception = read(words + record("c0000420") + stack("world!Map::Add+0x1")).exception
    assert ("assertion", "unit", "C:\\src\\map.cpp:12") == (exception.kind, exception.message, exception.site)


def test_a_stop_of_the_verifier_is_like_a_sanitizer_s_report() -> None:
    words = "VERIFIER STOP 0000000000000010: pid 0x1234: corrupted start stamp\n"
    exception = read(words + record("80000003", symbol="verifier!Stop+0x1") + stack("verifier!Stop+0x1")).exception
    assert "sanitizer" == exception.kind
    assert exception.message is not None
    assert "corrupted start stamp" in exception.message


def test_the_stack_of_the_exception_goes_before_what_the_thread_did_when_the_dump_was_written() -> None:
    text = (
        record("c0000005", 0, 8)
        + f"STACK_TEXT:  \n{SERVER}\n"
        + thread(0, "ntdll!NtWaitForMultipleObjects+0x1", "KERNELBASE!UnhandledExceptionFilter+0x2", mark=".")
        + thread(1, "ntdll!NtWaitForWorkViaWorkerFactory+0x14")
    )
    crash = read(text)
    assert ["Shop::sell", "Shop::open"] == functions(crash)
    assert [("0", True), ("1", False)] == [(known.id, known.is_crashed) for known in crash.threads]


@pytest.mark.parametrize(
    "blamed",
    [
        pytest.param("", id="an empty stack"),
        pytest.param("00000000`00000000 00000000`00000000 heap_corruption!world.exe+0x0\n", id="a made-up stack"),
    ],
)
def test_without_a_stack_of_the_analysis_that_of_the_context_is_taken(blamed: str) -> None:
    context = stack("ntdll!RtlReportFatalFailure+0x9", "ntdll!RtlFreeHeap+0x51", "world!Shop::close+0x5")
    text = (
        record("c0000374", symbol="ntdll!RtlReportFatalFailure+0x9")
        + f"STACK_TEXT:  \n{blamed}\n\nSYMBOL_NAME:  x\n\n0:000> .ecxr;kn\n"
        + "  *** Stack trace for last set context - .thread/.cxr resets it\n"
        + context
    )
    assert ["RtlReportFatalFailure", "RtlFreeHeap", "Shop::close"] == functions(read(text))


def test_a_program_that_is_only_blamed_gives_no_frame() -> None:
    text = record("c0000374") + "STACK_TEXT:  \n00000000`00000000 00000000`00000000 heap_corruption!world.exe+0x0\n"
    crash = read(text)
    assert ((), False) == (crash.frames, crash.is_complete)


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        pytest.param("FAULTING_THREAD:  00000012\n", "2", id="the analysis names the task"),
        pytest.param("(1a2b.12): x - code c0000005 (first chance)\n", "2", id="the event names the task"),
        pytest.param("STACK_COMMAND:  ~1s ; .ecxr ; kb\n", "1", id="the analysis names the number"),
        pytest.param("0:001> ~*kn\n", "1", id="the prompt names the number"),
    ],
)
def test_the_crashed_thread_is_the_one_that_the_text_names(sign: str, expected: str) -> None:
    threads = "".join(thread(number, f"world!worker{number}+0x1") for number in range(3))
    crash = read(f"{sign}{threads}")
    assert (expected, [f"worker{expected}"]) == (crash.threads[0].id, functions(crash))


def test_the_mark_of_the_event_goes_before_the_mark_of_the_current_thread() -> None:
    crash = read(thread(0, "world!a+0x1", mark=".") + thread(1, "world!b+0x1", mark="#"))
    assert ["b"] == functions(crash)


def test_of_a_hang_the_thread_that_holds_the_contended_lock_is_taken() -> None:
    locks = "CritSec world!g_lock+0 at 00007ff605dd5af8\nOwningThread       11\nContentionCount    1\n*** Locked\n"
    text = (
        "(1a2b.13): Break instruction exception - code 80000003 (first chance)\n"
        + locks
        + thread(0, "ntdll!NtWaitForAlertByThreadId+0x1", "ntdll!RtlEnterCriticalSection+0x2", "world!Map::Update+0x3")
        + thread(1, "ntdll!NtDelayExecution+0x1", "world!Bank::save+0x2")
        + thread(3, "ntdll!DbgBreakPoint+0x1", "ntdll!DbgUiRemoteBreakin+0x2", mark=".")
    )
    crash = read(text)
    assert ("deadlock", "Bank::save") == (crash.exception.kind, crash.frames[1].function)


def test_of_a_hang_without_locks_the_thread_that_waits_inside_an_update_is_taken() -> None:
    text = (
        "(1a2b.13): Break instruction exception - code 80000003 (first chance)\n"
        + thread(0, "ntdll!NtDelayExecution+0x1", "world!Idle+0x2")
        + thread(1, "ntdll!NtWaitForAlertByThreadId+0x1", "ntdll!RtlEnterCriticalSection+0x2", "world!Map::Update+0x3")
        + thread(3, "ntdll!DbgBreakPoint+0x1", "ntdll!DbgUiRemoteBreakin+0x2", mark=".")
    )
    crash = read(text)
    assert ("deadlock", "1") == (crash.exception.kind, crash.threads[0].id)


def test_a_break_into_a_healthy_process_is_no_deadlock() -> None:
    text = "(1a2b.13): Break instruction exception - code 80000003 (first chance)\n" + stack("ntdll!DbgBreakPoint+0x1")
    assert "breakpoint" == read(text).exception.kind


def test_a_list_of_locks_alone_tells_of_a_deadlock() -> None:
    exception = read(
        "CritSec world!g_lock+0 at 00007ff605dd5af8\nOwningThread       10b8\nContentionCount    1\n*** Locked\n"
    ).exception
    assert ("deadlock", "world!g_lock+0 is held") == (exception.kind, exception.message)


def test_names_of_the_nearest_export_become_offsets_in_their_module() -> None:
    text = (
        "ModLoad: 00007ff6`00000000 00007ff6`10000000   C:\\srv\\world.exe\n"
        "*** ERROR: Symbol file could not be found.  Defaulted to export symbols for C:\\srv\\world.exe - \n"
        + record("c0000005", 0, 8, symbol="world!Applink+0x2b3ec")
        + stack("world!Applink+0x2b3ec", "world!Applink+0x12")
    )
    frames = read(text).frames
    assert (None, "world", 0x1000) == (frames[0].function, frames[0].module, frames[0].offset)
    assert "Applink" == frames[1].function


def test_no_function_is_so_long_that_an_offset_of_megabytes_lies_in_it() -> None:
    frames = read(record("c0000005", 0, 8) + stack("world!Applink+0x43af01")).frames
    assert (None, None) == (frames[0].function, frames[0].offset)


def test_large_functions_with_symbols_keep_their_names() -> None:
    assert ["Interpreter::Process"] == functions(
        read(record("c0000005", 0, 8) + stack("world!Interpreter::Process+0x8000"))
    )


def test_what_the_session_says_of_the_process_is_kept() -> None:
    text = (
        'CommandLine: "C:\\my srv\\world.exe" -c world.conf\n'
        "Debug session time: Tue Feb  4 09:51:15.250 2025 (UTC + 7:00)\n"
        + record("c0000005", 0, 8)
        + "PROCESS_NAME:  world.exe\n\nIMAGE_NAME:  world.exe\n\nIMAGE_VERSION:  3.3.5.0\n\n"
        + f"STACK_TEXT:  \n{SERVER}"
    )
    crash = read(text)
    assert ("C:\\my srv\\world.exe", "-c", "world.conf") == crash.command_line
    assert ("world.exe", "3.3.5.0") == (crash.executable, crash.build)
    zone = timezone(timedelta(hours=7))
    assert datetime(2025, 2, 4, 9, 51, 15, 250000, tzinfo=zone) == crash.occurred_at


def test_a_text_of_two_dumps_holds_two_crashes() -> None:
    one = "Loading Dump File [C:\\{name}.dmp]\n" + record("c0000005", 0, 8) + stack("world!{name}+0x1")
    crashes = cdb_text.parse((one.replace("{name}", "a") + one.replace("{name}", "b")).encode())
    assert [["a"], ["b"]] == [functions(crash) for crash in crashes]


def test_a_crash_of_the_kernel_is_refused_in_words() -> None:
    text = "*                        Bugcheck Analysis                                    *\n" + stack(
        "nt!KeBugCheckEx"
    )
    with pytest.raises(UnrecognisedError, match="Windows kernel"):
        cdb_text.parse(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("STACK_TEXT:  \nffff8000`00000010 fffff800`00001111     nt!KeBugCheckEx\n", id="a stack alone"),
        pytest.param("8: kd> k\n" + stack("brew+0x5"), id="a prompt of the kernel"),
        pytest.param("Mini Kernel Dump File: Only registers\n" + stack("brew+0x5"), id="a dump of the kernel"),
    ],
)
def test_the_kernel_is_known_without_the_heading_of_an_analysis(text: str) -> None:
    with pytest.raises(UnrecognisedError, match="Windows kernel"):
        cdb_text.parse(text.encode())


def test_frames_of_the_data_model_have_no_addresses() -> None:
    text = "[0x0]   world!Shop::sell + 0x1c [C:\\s\\shop.cpp @ 12]   \n[0x1] : world!run + 0x7\n[0x2]   0x7ffe1234\n"
    (crash,) = parsers.parse(text.encode())
    assert [("Shop::sell", "C:\\s\\shop.cpp", 12), ("run", None, None), (None, None, None)] == [
        (frame.function, frame.file, frame.line) for frame in crash.frames
    ]


def test_a_heap_corruption_is_named_by_the_event_alone() -> None:
    text = "(38ac.4ea0): Unknown exception - code c0000374 (!!! second chance !!!)\n0:000> k\n" + stack("world!run+0x1")
    (crash,) = cdb_text.parse(text.encode())
    assert ("abort", "heap corruption") == (crash.exception.kind, crash.exception.message)


def test_a_text_without_exception_and_stack_is_refused_in_words() -> None:
    with pytest.raises(UnrecognisedError, match="run `!analyze"):
        cdb_text.parse(b"0:000> lm\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("STACK_TEXT:  \n" + SERVER, id="an analysis"),
        pytest.param(stack("world!a+0x1"), id="a stack with its heading"),
        pytest.param(SERVER, id="a stack alone"),
        pytest.param("ChildEBP RetAddr  \r\n00afdc54 7536a823 world!a+0xc\r\n", id="a stack of 32 bits"),
        pytest.param("CritSec world!g+0 at 00007ff605dd5af8\n", id="a list of locks"),
    ],
)
def test_the_text_is_known_by_its_content(text: str) -> None:
    assert cdb_text.sniff(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "#0  0x0000555555555186 in Map::Update (this=0x10) at /src/Map.cpp:17\n",
        "    #0 0x55d in f a.c:1\nSUMMARY: AddressSanitizer: x\n",
        "2024-01-01 The RetAddress of the customer has changed - code 12\n",
    ],
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert not cdb_text.sniff(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"STACK_TEXT:\n" + b"a" * 5_000_000, id="a line of 5 MB"),
        pytest.param(
            b"STACK_TEXT:\n00000000`00000001 00000000`00000002 : m!" + b"a<" * 10_000 + b"+0x1\n",
            id="templates in templates",
        ),
        pytest.param(
            b"STACK_TEXT:\n" + b"00000000`00000001 00000000`00000002 : m!f+0x1\n" * 10_000,
            id="ten thousand frames",
        ),
        pytest.param(b"STACK_TEXT:\n" + (b"00000000 " * 800 + b"!\n") * 200, id="columns without end"),
    ],
)
def test_hostile_texts_end_soon(content: bytes) -> None:
    try:
        crashes = cdb_text.parse(content)
    except DumpError:
        crashes = []
    assert all(len(crash.frames) <= 512 for crash in crashes)


LINES = st.sampled_from(
    [*record("c0000005", 0, 8).splitlines(), *thread(1, "a!b+0x1", "c+0x2").splitlines(), "STACK_TEXT:  "]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=20))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    cdb_text.sniff(content)
    try:
        cdb_text.parse(content)
    except DumpError:
        return

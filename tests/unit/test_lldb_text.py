"""Facts about lldb's text: which thread, which frames, which kind of crash. All texts are the tests' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.crash import Crash, Kind
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import lldb_frames, lldb_text

FRAMES = """\
  * frame #0: 0x0000555555556a15 shop`Till::pay(this=0x00007fffffffe538, n=1) at till.cpp:16:82
    frame #1: 0x0000555555556429 shop`main(argc=2, argv=0x00007fffffffe7e8) at main.cpp:37:26
    frame #2: 0x0000555555556621 shop`_start + 33
"""
WAITING = "    frame #0: 0x00007ffff7aed545 libc.so.6`__GI___clock_nanosleep(clock_id=0) at clock_nanosleep.c:48:7\n"


def stopped(reason: str, frames: str = FRAMES) -> str:
    return f"* thread #1, name = 'shop', stop reason = {reason}\n{frames}"


def read(text: str) -> Crash:
    crashes = lldb_text.parse(text.encode())
    assert 1 == len(crashes)
    return crashes[0]


def functions(crash: Crash) -> list[str | None]:
    return [frame.function for frame in crash.frames]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "0x0000555555556a15 shop`Till::pay(this=0x10, n=1) at till.cpp:16:82",
            ("Till::pay", "till.cpp", 16, "shop", "this=0x10, n=1", False),
            id="a method with its place",
        ),
        pytest.param(
            "0x0000555555556a15 shop`Till::pay + 33", ("Till::pay", None, None, "shop", "", False), id="an offset"
        ),
        pytest.param(
            "0x0000555555556a15 shop`main at a.c:1 [opt]", ("main", "a.c", 1, "shop", "", False), id="optimised"
        ),
        pytest.param("0x0000000000000000", (None, None, None, None, "", False), id="a jump to nowhere"),
        pytest.param(
            "0x00007ffff7c9d919 libfoo.so.6`___lldb_unnamed_symbol7233 + 96",
            (None, None, None, "libfoo.so.6", "", False),
            id="a function without a name",
        ),
        pytest.param(
            "0x0000555555556772 shop`Map::run() const [inlined] Till::count(this=<unavailable>) at till.h:9:3",
            ("Till::count", "till.h", 9, "shop", "this=<unavailable>", True),
            id="an inlined call",
        ),
        pytest.param(
            "0x0000555555556a15 shop`Map::run() [inlined] operator(n=<unavailable>, this=<unavailable>) at a.cpp:3:1",
            ("operator()", "a.cpp", 3, "shop", "n=<unavailable>, this=<unavailable>", True),
            id="the call of a lambda",
        ),
        pytest.param(
            "0x0000555555556a15 shop`Till::operator<(Till const&) const(this=0x10, o=0x20) at till.cpp:3:1",
            ("Till::operator<(Till const&) const", "till.cpp", 3, "shop", "this=0x10, o=0x20", False),
            id="types and then values",
        ),
        pytest.param(
            "shop`say(text=\"a ) at x.cpp:1 (b\", c='(') at chat.cpp:8:1",
            ("say", "chat.cpp", 8, "shop", "text=\"a ) at x.cpp:1 (b\", c='('", False),
            id="brackets and places inside strings",
        ),
        pytest.param(
            "0x0000555555556a15 shop`Till::pay(k=1)::'lambda'(int)::operator()(int) const at till.cpp:21:140",
            ("Till::pay()::'lambda'(int)::operator()(int) const", "till.cpp", 21, "shop", "k=1", False),
            id="values in the middle of a lambda's name",
        ),
        pytest.param(
            "0x5555 shop`shop::(anonymous namespace)::Box<shop::(this=0x10, n=1)::Coin>::take(int) const at a.cpp:16",
            (
                "shop::(anonymous namespace)::Box<shop::(anonymous namespace)::Coin>::take(int) const",
                "a.cpp",
                16,
                "shop",
                "this=0x10, n=1",
                False,
            ),
            id="values in the place of an anonymous namespace",
        ),
        pytest.param(
            "0x0000555555556a15 C:\\srv\\shop.exe`Till::pay(int) at C:\\src\\till.cpp:16",
            ("Till::pay(int)", "C:\\src\\till.cpp", 16, "C:\\srv\\shop.exe", "", False),
            id="paths of Windows",
        ),
    ],
)
def test_a_frame_is_read_into_its_parts(
    text: str, expected: tuple[str | None, str | None, int | None, str | None, str, bool]
) -> None:
    frame = lldb_frames.read(f"    frame #0: {text}")
    assert frame is not None
    assert expected == (frame.function, frame.file, frame.line, frame.module, frame.arguments, frame.is_inlined)


@pytest.mark.parametrize(
    ("reason", "kind", "address"),
    [
        pytest.param(
            "signal SIGSEGV: invalid address (fault address: 0x10)", "access_violation", 16, id="a bad address"
        ),
        pytest.param(
            "signal SIGSEGV: address not mapped to object (fault address=0x8)", "access_violation", 8, id="newer words"
        ),
        pytest.param("signal SIGFPE: integer divide by zero", "division_by_zero", None, id="a division"),
        pytest.param("signal SIGILL: illegal operand", "illegal_instruction", None, id="an instruction"),
        pytest.param("signal SIGBUS: illegal alignment (fault address: 0x9)", "bus_error", 9, id="a bus error"),
        pytest.param("EXC_BAD_ACCESS (code=1, address=0x0)", "access_violation", 0, id="a bad access of macOS"),
        pytest.param(
            "EXC_ARITHMETIC (code=EXC_I386_DIV, subcode=0x0)", "division_by_zero", None, id="a division of macOS"
        ),
        pytest.param("EXC_BREAKPOINT (code=1, subcode=0x100003f)", "breakpoint", None, id="a trap of macOS"),
        pytest.param(
            "EXC_RESOURCE RESOURCE_TYPE_MEMORY (limit=50 MB, unused=0x0)", "out_of_memory", None, id="a limit of memory"
        ),
        pytest.param(
            "Exception 0xc0000005 encountered at address 0x7ff6: Access violation writing location 0x00000010",
            "access_violation",
            16,
            id="an exception of Windows",
        ),
        pytest.param("Exception 0xc0000094 encountered at address 0x7ff6", "division_by_zero", None, id="its division"),
        pytest.param("Use of deallocated memory", "sanitizer", None, id="a report of AddressSanitizer"),
    ],
)
def test_the_stop_reason_says_what_happened(reason: str, kind: Kind, address: int | None) -> None:
    exception = read(stopped(reason)).exception
    assert (kind, address) == (exception.kind, exception.address)


def test_what_the_program_said_names_the_assertion() -> None:
    frames = (
        "  * frame #0: 0x1000 libc.so.6`__pthread_kill_implementation + 268\n"
        "    frame #1: 0x2000 libc.so.6`__GI_raise(sig=6) at raise.c:26:13\n"
        "    frame #2: 0x3000 libc.so.6`__GI_abort at abort.c:79:7\n"
        "    frame #3: 0x4000 libc.so.6`__assert_fail_base.cold at assert.c:94:3\n"
        "    frame #4: 0x5000 libc.so.6`__GI___assert_fail(assertion=<unavailable>) at assert.c:103:3\n"
        "    frame #5: 0x6000 shop`Till::pay(n=1) at till.cpp:16:82\n"
    )
    said = "shop: till.cpp:16: int Till::pay(int): Assertion `n > 0' failed.\n"
    exception = read(said + stopped("signal SIGABRT", frames)).exception
    assert ("assertion", "n > 0", "till.cpp:16") == (exception.kind, exception.message, exception.site)
    assert "assertion" == read(stopped("signal SIGABRT", frames)).exception.kind


def test_the_instruction_tells_a_write_from_a_read() -> None:
    text = stopped("signal SIGSEGV: invalid address (fault address: 0x10)")
    assert "write" == read(text + "->  0x55555555518b <+75>: movl   %eax, 0x10(%rbx)\n").exception.access
    assert "read" == read(text + "->  0x55555555518b <+75>: movl   0x10(%rbx), %eax\n").exception.access


def test_endless_recursion_is_a_full_stack() -> None:
    frames = "".join(f"    frame #{index}: 0x0000555555555139 shop`dig(n={index}) at a.c:8:5\n" for index in range(40))
    assert "stack_overflow" == read(stopped("signal SIGSEGV (fault address: 0x7fffff7feff8)", frames)).exception.kind


def test_the_notice_of_the_stop_and_the_backtrace_are_one_stack() -> None:
    notice = FRAMES.splitlines(keepends=True)[0].replace("  * frame", "    frame")
    crash = read(
        f"Process 7 stopped\n{stopped('signal SIGSEGV', notice)}-> 16  pay(n);\n(lldb) bt\n{stopped('signal SIGSEGV')}"
    )
    assert ["Till::pay", "main", "_start"] == functions(crash)


def test_the_thread_with_a_fatal_reason_goes_before_the_selected_one() -> None:
    text = f"* thread #1, stop reason = signal 0\n{WAITING}  thread #2, stop reason = signal SIGSEGV\n{FRAMES}"
    crash = read(text)
    assert ["2", "1"] == [thread.id for thread in crash.threads]
    assert "Till::pay" == crash.frames[0].function


def test_breakpoints_before_the_crash_do_not_count() -> None:
    crash = read(stopped("breakpoint 1.1", WAITING) + stopped("signal SIGSEGV: invalid address (fault address: 0x10)"))
    assert ("access_violation", "Till::pay") == (crash.exception.kind, crash.frames[0].function)


def test_two_fatal_stops_are_two_crashes() -> None:
    text = stopped("signal SIGSEGV: invalid address (fault address: 0x10)") + stopped("signal SIGABRT", WAITING)
    assert 2 == len(lldb_text.parse(text.encode()))


def test_a_stop_without_a_reason_is_read_with_a_note() -> None:
    crash = read(f"(lldb) bt\n* thread #1, name = 'shop'\n{FRAMES}")
    assert "access_violation" == crash.exception.kind
    assert any("why the process stopped" in note for note in crash.notes)
    assert any("a memory fault is assumed" in note for note in crash.notes)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "frame #0: 0x0000000000401136 shop`Till::pay(this=0x0, n=3) + 41 at till.cpp:12:5 [opt] [artificial]",
            ("Till::pay", "till.cpp", 12, "this=0x0, n=3"),
            id="an offset and marks around the place",
        ),
        pytest.param(
            """frame #0: 0x0000000000401136 shop`Till::say(this=0x0, words="a ) b", mark='(') at till.cpp:12:5""",
            ("Till::say", "till.cpp", 12, """this=0x0, words="a ) b", mark='('"""),
            id="brackets in strings and characters",
        ),
    ],
)
def test_frames_are_read_from_both_ends(line: str, expected: tuple[str, str, int, str]) -> None:
    found = lldb_frames.read(line)
    assert found is not None
    assert expected == (found.function, found.file, found.line, found.arguments)


def test_the_program_is_named_by_the_session() -> None:
    crash = read(f'(lldb) target create "/srv/shop"\n{stopped("signal SIGSEGV")}')
    assert "/srv/shop" == crash.executable


def test_words_of_lldb_without_a_frame_are_refused() -> None:
    with pytest.raises(UnrecognisedError, match="run `bt all`"):
        lldb_text.parse(b"* thread #1, stop reason = signal SIGSEGV\n")


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        (stopped("signal SIGSEGV"), True),
        (FRAMES.replace("\n", "\r\n"), True),
        ("#0  0x0000555555555186 in Map::Update (this=0x10) at /src/Map.cpp:17\n", False),
        ("the frame #0 of thread #1 is bent\n", False),
    ],
)
def test_the_text_is_known_by_its_content(text: str, is_known: bool) -> None:
    assert is_known == lldb_text.sniff(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"    frame #0: 0x1 a`" + b"f(=" * 2_000_000, id="a line of 6 MB"),
        pytest.param(b"    frame #0: 0x1 a`" + b"a<" * 10_000 + b"(x=1)\n", id="templates in templates"),
        pytest.param(b"".join(b"    frame #%d: 0x1 a`f(x=1)\n" % i for i in range(10_000)), id="ten thousand frames"),
    ],
)
def test_hostile_texts_end_soon(content: bytes) -> None:
    crashes = lldb_text.parse(content)
    assert all(len(crash.frames) <= 512 for crash in crashes)


LINES = st.sampled_from(
    [*stopped("signal SIGSEGV: x (fault address: 0x10)").splitlines(), "Process 7 stopped", "  thread #2"]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=20))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    lldb_text.sniff(content)
    try:
        lldb_text.parse(content)
    except DumpError:
        return

"""Facts about gdb's text reports: which frames, which thread, which kind of crash. All texts are the tests' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import gdb_stacks, gdb_text

SEGV = 'Thread 1 "worldserver" received signal SIGSEGV, Segmentation fault.\n'


def read(text: str) -> Crash:
    crashes = gdb_text.parse(text.encode())
    assert 1 == len(crashes)
    return crashes[0]


def functions(crash: Crash) -> list[str | None]:
    return [frame.function for frame in crash.frames]


def frame(line: str) -> tuple[str | None, str | None, int | None, str | None, str]:
    found = read(f"{SEGV}{line}\n").frames[0]
    return found.function, found.file, found.line, found.module, found.arguments


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "#0  0x0000555555555186 in Map::Update (this=0x10, diff=50) at /src/Map.cpp:17",
            ("Map::Update", "/src/Map.cpp", 17, None, "this=0x10, diff=50"),
            id="a method with its place",
        ),
        pytest.param(
            "#0  0x00007ffff7aa8f4f in raise () from /lib/x86_64-linux-gnu/libc.so.6",
            ("raise", None, None, "/lib/x86_64-linux-gnu/libc.so.6", ""),
            id="a library function without symbols",
        ),
        pytest.param("#0  0x00007f0e612d44a3 in ?? ()", (None, None, None, None, ""), id="an unknown function"),
        pytest.param(
            "#0  (anonymous namespace)::decode (bytes=std::vector of length 3, capacity 4 = {...}) at a.cpp:3",
            ("(anonymous namespace)::decode", "a.cpp", 3, None, "bytes=std::vector of length 3, capacity 4 = {...}"),
            id="a name that begins with a parenthesis",
        ),
        pytest.param(
            "#0  0x0000000000401000 in void (anonymous namespace)::fill<int>(int) ()",
            ("void (anonymous namespace)::fill<int>(int)", None, None, None, ""),
            id="an anonymous namespace behind a return type",
        ),
        pytest.param(
            "#0  0x0000000000401000 in std::function<void (Player*)>::operator()(Player*) const (this=0x0) at f.h:1",
            ("std::function<void (Player*)>::operator()(Player*) const", "f.h", 1, None, "this=0x0"),
            id="a call operator with a function type in its template",
        ),
        pytest.param(
            "#0  Shop::<lambda(Item*)>::operator()(Item *) const (__closure=0x7ff, item=0x0) at shop.cpp:9",
            ("Shop::<lambda(Item*)>::operator()(Item *) const", "shop.cpp", 9, None, "__closure=0x7ff, item=0x0"),
            id="a lambda",
        ),
        pytest.param(
            "#0  0x0000000000401000 in std::operator<< <char> (out=..., text=0x0) at ostream:5",
            ("std::operator<< <char>", "ostream", 5, None, "out=..., text=0x0"),
            id="an operator of angle brackets",
        ),
        pytest.param(
            "#0  Unit::operator-> (this=0x0) at unit.h:4",
            ("Unit::operator->", "unit.h", 4, None, "this=0x0"),
            id="an arrow operator",
        ),
        pytest.param(
            r"""#0  say (text=0x5 "a ) at x.cpp:1 \" (b", c=40 '(', d=39 '\'') at chat.cpp:8""",
            ("say", "chat.cpp", 8, None, r"""text=0x5 "a ) at x.cpp:1 \" (b", c=40 '(', d=39 '\''"""),
            id="parentheses and places inside strings",
        ),
        pytest.param(
            "#0  0x0000000000401000 in walk [clone .part.85] (n=1) at my folder/walk.cpp:8",
            ("walk [clone .part.85]", "my folder/walk.cpp", 8, None, "n=1"),
            id="a clone, and a folder with a space",
        ),
        pytest.param("#0  0x8482 in   ()", (None, None, None, None, ""), id="a name that is missing"),
        pytest.param("#0  __wait4 () at __wait4:-1", ("__wait4", "__wait4", None, None, ""), id="a line below zero"),
        pytest.param("#0  Map::Get at map.h:4", ("Map::Get", "map.h", 4, None, ""), id="no parentheses"),
    ],
)
def test_a_frame_is_read_into_its_parts(
    line: str, expected: tuple[str | None, str | None, int | None, str | None, str]
) -> None:
    assert expected == frame(line)


def test_a_frame_may_wrap_over_lines() -> None:
    crash = read(
        f'{SEGV}#0  0x0000000000401000 in Engine::Do (this=0x1, \n    depth=4, \n    name=0x2 "x")\n'
        "    at /src/Engine.cpp:20\n"
        "#1  0x0000000000402000 in Bot::Next(Engine*, std::pair<int,\n    int> const&)\n    ()\n"
        "   from /opt/lib/libbot.so\n"
    )
    assert ["Engine::Do", "Bot::Next(Engine*, std::pair<int, int> const&)"] == functions(crash)
    assert ("/src/Engine.cpp", 20) == (crash.frames[0].file, crash.frames[0].line)
    assert "/opt/lib/libbot.so" == crash.frames[1].module


def test_locals_of_a_full_backtrace_are_no_part_of_a_frame() -> None:
    crash = read(f"{SEGV}#0  f (a=1)\n        at = 3\n        from = {{x = 1}}\nNo locals.\n#1  g () at g.c:2\n")
    assert [("f", None), ("g", "g.c")] == [(found.function, found.file) for found in crash.frames]


def test_pager_prompts_disappear_even_inside_a_name() -> None:
    prompt = "--Type <RET> for more, q to quit, c to continue without paging--"
    crash = read(f"{SEGV}#0  Unit::Ca{prompt}\nst (this=0x0) at u.cpp:3\n{prompt}\n#1  main () at m.cpp:1\n")
    assert ["Unit::Cast", "main"] == functions(crash)


def test_a_backtrace_flattened_onto_one_line_is_read() -> None:
    crash = read(
        f'{SEGV.strip()} #0  A::f (t=0x1 "see #1  x") at /a.cpp:3 #1  0x0000000000400001 in main () at /b.cpp:9\n'
    )
    assert [("A::f", 3), ("main", 9)] == [(found.function, found.line) for found in crash.frames]


def test_numbers_that_lost_their_hash_are_read_beside_a_header() -> None:
    crash = read(f"{SEGV}0  A::f (this=0x0) at /a.cpp:3\n1  0x0000000000400001 in main () at /b.cpp:9\n")
    assert ["A::f", "main"] == functions(crash)


def test_quoted_and_indented_copies_are_read() -> None:
    crash = read(f"> {SEGV}> #0  f (a=1) at a.c:2\n>   #1  main () at a.c:9\n")
    assert (["f", "main"], "SIGSEGV") == (functions(crash), crash.exception.signal)


def test_terminal_colours_and_carriage_returns_are_removed() -> None:
    crash = read(f"{SEGV}\x1b[34m#0  0x0000000000400001\x1b[m in \x1b[33mf\x1b[m (a=1) at \x1b[32ma.c\x1b[m:2\r\n")
    assert ("f", "a.c", 2) == (crash.frames[0].function, crash.frames[0].file, crash.frames[0].line)


def test_a_caller_without_address_has_the_frame_above_inlined() -> None:
    crash = read(
        f"{SEGV}#0  0x0000000000400001 in inner (a=1) at a.c:1\n#1  middle (a=1) at a.c:2\n#2  outer () at a.c:3\n"
        "#3  0x0000000000400002 in main () at a.c:4\n"
    )
    assert [True, True, False, False] == [found.is_inlined for found in crash.frames]


THREADS = (
    "\nThread 3 (Thread 0x7f03 (LWP 13)):\n#0  0x0000000000000003 in poll () at poll.c:1\n"
    "\nThread 2 (Thread 0x7f02 (LWP 12)):\n#0  0x0000000000000002 in Map::Update () at Map.cpp:1\n"
    '\nThread 1 (Thread 0x7f01 (LWP 11) "worldserver"):\n#0  0x0000000000000001 in sleep () at sleep.c:1\n'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f'Thread 2 "map" received signal SIGSEGV, x.\n{THREADS}', "2", id="the thread of the signal line"),
        pytest.param(f"[Current thread is 2 (Thread 0x7f02 (LWP 12))]\n{THREADS}", "2", id="the current thread"),
        pytest.param(f"[Switching to Thread 0x7f02 (LWP 12)]\n{THREADS}", "2", id="the thread that gdb switched to"),
        pytest.param(f'* 2    Thread 0x7f02 (LWP 12) "map" 0x2 in f ()\n{THREADS}', "2", id="the row with a star"),
        pytest.param(
            f"#0  0x0000000000000002 in Map::Update () at Map.cpp:1\n{THREADS}", "2", id="the first stack's twin"
        ),
        pytest.param(f"Program terminated with signal 11, x.\n{THREADS}", "1", id="thread 1 of a core that names none"),
        pytest.param(THREADS, "1", id="thread 1 of `thread apply all`, which counts down"),
        pytest.param(THREADS.replace("poll ()", "abort ()"), "3", id="the thread that aborts"),
        pytest.param(
            THREADS.replace("\nThread 2", "#1  <signal handler called>\n#2  0x5 in x () at x.c:1\n\nThread 2"),
            "3",
            id="the thread with a signal handler",
        ),
    ],
)
def test_the_right_thread_is_the_crashed_one(text: str, expected: str) -> None:
    crash = read(text)
    assert crash.crashing_thread is not None
    assert expected == crash.crashing_thread.id
    assert 1 == sum(thread.is_crashed for thread in crash.threads)


def test_a_crashed_thread_without_stack_is_not_replaced_by_another() -> None:
    crash = read(f'Thread 9 "map" received signal SIGSEGV, x.\n{THREADS}')
    assert crash.crashing_thread is None
    assert not crash.is_complete
    assert "crashed thread 9" in " ".join(crash.notes)


def test_a_stack_that_was_printed_three_times_is_one_thread() -> None:
    stack = "#0  0x0000000000400001 in f (a=1) at a.c:1\n#1  0x0000000000400002 in main () at a.c:4\n"
    full = stack.replace("a.c:1\n", "a.c:1\n        x = 1\n")
    crash = read(f"{SEGV}{stack}{full}\nThread 1 (Thread 0x7f01 (LWP 11)):\n{full}")
    assert [["f", "main"]] == [[found.function for found in thread.frames] for thread in crash.threads]


def test_a_stack_that_begins_late_says_so_and_takes_its_top_from_the_thread_table() -> None:
    table = '* 1    Thread 0x7f01 (LWP 11) "ws" 0x0000000000400001 in top () at t.cpp:1\n'
    crash = read(
        f"{SEGV}{table}#5  0x0000000000400005 in five () at a.c:5\n#6  0x0000000000400006 in main () at a.c:6\n"
    )
    assert [0, 5, 6] == [found.index for found in crash.frames]
    assert not crash.is_complete
    assert "Frames are missing above frame #5." in crash.notes


def test_two_runs_in_one_session_are_two_crashes() -> None:
    second = SEGV.replace("SIGSEGV", "SIGFPE")
    crashes = gdb_text.parse(f"{SEGV}#0  f () at a.c:1\n(gdb) run\n{second}#0  g () at b.c:1\n".encode())
    assert [("f", "access_violation"), ("g", "division_by_zero")] == [
        (crash.frames[0].function, crash.exception.kind) for crash in crashes
    ]


def test_a_handler_that_dies_above_the_first_crash_adds_no_second() -> None:
    abort = "0x0000000000000002 in abort () at abort.c:1\n"
    text = (
        "Program received signal SIGABRT, x.\n#0  0x0000000000000001 in raise () at raise.c:1\n"
        f"#1  {abort}#2  f () at f.c:1\n"
        "Program received signal SIGSEGV, x.\n#0  Server::AbortHandler (sigval=6) at e.c:1\n"
        "#1  <signal handler called>\n"
        f"#2  0x0000000000000001 in raise () at raise.c:1\n#3  {abort}#4  f () at f.c:1\n"
    )
    assert "abort" == read(text).exception.kind


def test_signals_that_end_nothing_are_passed_over() -> None:
    crash = read(f"Program received signal SIGPIPE, Broken pipe.\n#0  write () at w.c:1\n{SEGV}#0  f () at a.c:1\n")
    assert ("SIGSEGV", "f") == (crash.exception.signal, crash.frames[0].function)


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        ("SIGSEGV", "access_violation"),
        ("11", "access_violation"),
        ("SIGFPE", "division_by_zero"),
        ("SIGILL", "illegal_instruction"),
        ("SIGBUS", "bus_error"),
        ("SIGTRAP", "breakpoint"),
        ("SIGABRT", "abort"),
        ("SIGTERM", "unknown"),
    ],
)
def test_each_signal_has_its_kind(signal: str, kind: str) -> None:
    crash = read(f"Program terminated with signal {signal}, Words.\n#0  f (a=1) at a.c:1\n")
    assert kind == crash.exception.kind


def test_a_server_assertion_is_read_from_its_arguments() -> None:
    crash = read(
        f'{SEGV}#0  Trinity::Assert (file=0x55 "/src/Object.h", line=517, function=function@entry=0x66 "GetMap", '
        'debugInfo="MapID: 3, \\"x\\"", message=0x77 "m_map && \\"set\\"") at /src/Errors.cpp:43\n#1  f () at a.c:1\n'
    )
    assert ("assertion", 'm_map && "set"') == (crash.exception.kind, crash.exception.message)
    assert "The assertion stands at /src/Object.h:517 in GetMap." in crash.notes


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("/src/Object.h:517 in GetMap ASSERTION FAILED:\n  m_map\nMapID: 3\n", id="TrinityCore"),
        pytest.param(
            r'$1 = 0x55 "\n/src/Object.h:517 in GetMap ASSERTION FAILED:\n  m_map\nMapID"' + "\n", id="printed by gdb"
        ),
        pytest.param(
            ">> ASSERTION FAILED\n\n# Location '/src/Object.h:517'\n# Function 'GetMap'\n# Condition 'm_map'\n",
            id="AzerothCore",
        ),
        pytest.param(
            ">> ASSERTION FAILED\n\n# Location: /src/Object.h:517\n# Function: GetMap\n# Condition: m_map\n",
            id="AzerothCore of 2023",
        ),
        pytest.param("/src/Object.h:517: Error: Assertion in GetMap failed: m_map\n", id="mangos"),
    ],
)
def test_an_assertion_is_read_from_the_words_on_standard_error(words: str) -> None:
    crash = read(f"{words}{SEGV}#0  Acore::Assert (this=<optimized out>) at /src/Errors.cpp:43\n#1  f () at a.c:1\n")
    assert ("assertion", "m_map") == (crash.exception.kind, crash.exception.message)
    assert "The assertion stands at /src/Object.h:517 in GetMap." in crash.notes


def test_words_of_an_earlier_assertion_do_not_colour_a_plain_fault() -> None:
    words = "/src/Object.h:517 in GetMap ASSERTION FAILED:\n  m_map\n"
    assert "access_violation" == read(f"{words}{SEGV}#0  Unit::Kill (this=0x0) at u.cpp:1\n").exception.kind


def test_a_glibc_assertion_is_an_assertion() -> None:
    crash = read(
        "prog: a.cpp:47: int f(int): Assertion `diff == 0' failed.\nProgram received signal SIGABRT, Aborted.\n"
        "#0  0x0000000000000001 in raise () from /lib/libc.so.6\n"
        "#1  0x0000000000000002 in abort () from /lib/libc.so.6\n"
        "#2  0x0000000000000003 in __assert_fail () from /lib/libc.so.6\n"
        "#3  0x0000000000000004 in f (a=1) at a.cpp:47\n"
    )
    assert ("assertion", "diff == 0") == (crash.exception.kind, crash.exception.message)


ABORTED = (
    "Program received signal SIGABRT, Aborted.\n#0  0x0000000000000001 in raise () from /lib/libc.so.6\n"
    "#1  0x0000000000000002 in __GI_abort () at abort.c:79\n"
)
TERMINATED = (
    f"{ABORTED}#2  0x0000000000000003 in __gnu_cxx::__verbose_terminate_handler() () from /lib/libstdc++.so.6\n"
    "#3  0x0000000000000004 in std::terminate() () from /lib/libstdc++.so.6\n"
    "#4  0x0000000000000005 in __cxa_throw (obj=0x1, tinfo=0x2 <typeinfo for Net::Oops>, dest=0x0) at eh.cc:1\n"
    "#5  0x0000000000000006 in Net::Read (n=1) at net.cpp:3\n"
)


def test_an_uncaught_exception_has_its_type_and_words() -> None:
    said = "terminate called after throwing an instance of 'Net::Oops'\n  what():  past the end\n"
    crash = read(said + TERMINATED)
    assert ("cpp_exception", "SIGABRT") == (crash.exception.kind, crash.exception.signal)
    assert "Net::Oops: past the end" == crash.exception.message


def test_an_uncaught_exception_without_words_takes_its_type_from_the_throw() -> None:
    assert "Net::Oops" == read(TERMINATED).exception.message


def test_a_heap_error_says_what_glibc_said() -> None:
    crash = read(
        f'{ABORTED}#2  0x3 in malloc_printerr (str=0x4 "free(): invalid pointer") at malloc.c:1\n#3  f () at a.c:1\n'
    )
    assert ("abort", "free(): invalid pointer") == (crash.exception.kind, crash.exception.message)


def test_the_signal_below_a_handler_counts() -> None:
    crash = read(
        "Program received signal SIGSEGV, x.\n#0  Server::Die () at e.c:2\n"
        "#1  Server::AbortHandler (sigval=6) at e.c:1\n"
        "#2  <signal handler called>\n#3  0x1 in raise () at r.c:1\n#4  0x2 in abort () at a.c:1\n#5  f () at f.c:1\n"
    )
    assert ("abort", "SIGABRT") == (crash.exception.kind, crash.exception.signal)


def test_endless_recursion_is_a_stack_overflow() -> None:
    lines = [
        f"#{number}  0x000000000040000{number % 2} in {'even' if number % 2 else 'odd'} () at a.c:1"
        for number in range(120)
    ]
    assert "stack_overflow" == read(SEGV + "\n".join(lines)).exception.kind


def test_a_deep_stack_of_different_functions_is_none() -> None:
    lines = [f"#{number}  0x0000000000400000 in f{number} () at a.c:1" for number in range(120)]
    assert "access_violation" == read(SEGV + "\n".join(lines)).exception.kind


def test_a_recursion_that_reads_through_null_is_none() -> None:
    lines = [f"#{number}  0x0000000000400000 in f () at a.c:1" for number in range(120)]
    assert "access_violation" == read(f"{SEGV}si_addr = 0x8\n" + "\n".join(lines)).exception.kind


def test_a_stack_keeps_its_first_512_frames() -> None:
    lines = [f"#{number}  0x0000000000400000 in f{number} () at a.c:1" for number in range(600)]
    crash = read(SEGV + "\n".join(lines))
    assert gdb_stacks.FRAMES_LIMIT == len(crash.frames)
    assert "Thread 1 has 88 more frames; the first 512 were kept." in crash.notes


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("_sigfault = {si_addr = 0x10, x = 0}\n", 0x10, id="stated"),
        pytest.param("si_code = 128, _sigfault = {si_addr = 0x0}\n", None, id="not told by the processor"),
        pytest.param("si_code = -6, _sigfault = {si_addr = 0x1234}\n", None, id="of a signal that was sent"),
        pytest.param(
            "rax            0x0                 0\nrbp            0x10  0x10\nrip            0x55  0x55 <f+4>\n"
            "=> 0x55 <f+4>:\tmov    %edx,0x8(%rbp,%rax,4)\n",
            0x18,
            id="computed from the instruction",
        ),
    ],
)
def test_the_fault_address_is_found_where_it_is_known(words: str, expected: int | None) -> None:
    assert expected == read(f"{SEGV}#0  f () at a.c:1\n{words}").exception.address


def test_the_command_line_and_the_revision_are_taken_from_the_text() -> None:
    crash = read(
        f"X rev. 0123abc456de+ 2024-01-01 (b)\nCore was generated by `./world -c my.conf'.\n{SEGV}#0  f () at a.c:1\n"
    )
    assert (("./world", "-c", "my.conf"), "0123abc456de+") == (crash.command_line, crash.build)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"==1==ERROR: AddressSanitizer: SEGV\n    #0 0x55 in f /src/a.cpp:3:4\n", id="a sanitizer report"),
        pytest.param(b"TID 7:\n#0  0x00005633 Game::f(int) - prog\n    a.cpp:3:4\n", id="eu-stack"),
        pytest.param(b"  * frame #0: 0x0000 prog`f(a=1) at a.c:1:2\n", id="lldb"),
        pytest.param(b"2024-01-01 Server started (1 of 2)\n", id="a log"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_other_texts_are_left_to_other_parsers(text: bytes) -> None:
    assert not gdb_text.sniff(text)


def test_words_of_gdb_without_a_stack_are_refused() -> None:
    with pytest.raises(UnrecognisedError, match="no stack"):
        gdb_text.parse(SEGV.encode())


PIECES = st.sampled_from(
    [
        SEGV,
        "#0  f (a=",
        "#1  0x0000000000400001 in std::map<int, A> >::g<(B)2>(",
        '"unclosed \\',
        ")",
        " at /a b/c.cpp:12\n",
        " from /lib/x.so\n",
        "\n",
        "    at ",
        "<signal handler called>",
        "Thread 2 (Thread 0x7f (LWP 12)):\n",
        "[Switching to thread 3 (LWP 9)]",
        "[Current thread is ",
        '* 1 Thread 0x7f (LWP 1) "a" 0x00007f in f (',
        "--Type <RET> for more, q to quit, c to continue without paging--",
        " #2  ",
        "0  f (x) at y:1\n",
        "ASSERTION FAILED:\n",
        "terminate called after throwing an instance of 'x",
        "si_addr = 0x",
        "#99999999 f ()\n",
        "\x00\x1b[0m\ufeff",
    ]
)


@given(st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=30).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_give_crashes_or_the_named_error(content: bytes) -> None:
    gdb_text.sniff(content)
    try:
        crashes = gdb_text.parse(content)
    except DumpError:
        return
    assert all("\0" not in (found.function or "") for crash in crashes for found in crash.frames)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"#0  f (a=" + b"(" * 300_000, id="parentheses"),
        pytest.param(b"#0  0x00400000 in " + b"a<b " * 100_000, id="templates"),
        pytest.param(b"#0  f (a=\n" + b'"x\n' * 100_000, id="strings"),
        pytest.param(b" ".join(b"#%d  f (a) at b:1" % number for number in range(20_000)), id="one line"),
    ],
)
def test_time_grows_with_the_length_only(content: bytes) -> None:
    gdb_text.parse(content)


SWITCHED = """\
Thread 10 "shop" received signal SIGSEGV, Segmentation fault.
[Switching to Thread 0x7fffaa7ff6c0 (LWP 1365)]
#0  0x0000555555555186 in Till::pay (this=0x0) at till.cpp:12
#1  0x0000555555555187 in main () at main.cpp:9
"""


def test_the_thread_to_which_gdb_switches_is_the_one_that_stopped() -> None:
    crash = read(SWITCHED)
    assert ("10", "shop", True) == (crash.threads[0].id, crash.threads[0].name, crash.threads[0].is_crashed)
    assert "Till::pay" == crash.frames[0].function


def test_its_later_names_are_of_the_same_thread() -> None:
    both = "Thread 11 (LWP 1366):\n#0  0x01 in poll () from libc.so\n\nThread 10 (Thread 0x7fffaa7ff6c0 (LWP 1365)):\n"
    crash = read(f"{SWITCHED}(gdb) thread apply all bt\n\n{both}{SWITCHED[SWITCHED.index('#0') :]}")
    assert ["10", "11"] == [thread.id for thread in crash.threads]
    assert "10" == next(thread.id for thread in crash.threads if thread.is_crashed)


@pytest.mark.parametrize("signal", ["SIGPIPE, Broken pipe", "SIG34, Real-time event 34", "SIGINT, Interrupt"])
def test_signals_that_do_not_kill_are_passed(signal: str) -> None:
    crash = read(f'Thread 2 "shop" received signal {signal}.\n#0  0x01 in poll () from libc.so\n(gdb) c\n{SWITCHED}')
    assert ("access_violation", "Till::pay") == (crash.exception.kind, crash.frames[0].function)


def test_kde_names_the_crashed_thread_by_its_handler() -> None:
    crash = read(
        "Application: Shop (shop), signal: Segmentation fault\n[Current thread is 1 (Thread 0x7f1 (LWP 1))]\n\n"
        "Thread 2 (Thread 0x7f2 (LWP 2)):\n[KCrash Handler]\n#5  Till::pay (this=0x0) at till.cpp:12\n"
        "#6  main () at main.cpp:9\n\nThread 1 (Thread 0x7f1 (LWP 1)):\n#0  0x01 in poll () from libc.so\n"
    )
    assert ("SIGSEGV", ["Till::pay", "main"]) == (crash.exception.signal, functions(crash))


@pytest.mark.parametrize(
    ("said", "top", "message"),
    [
        pytest.param(
            "F0101 10:00:00.1  42 till.cc:55] Check failed: size > 0 (0 vs. 0) \n",
            "google::LogMessageFatal::~LogMessageFatal (this=0x1) at src/logging.cc:2221",
            "size > 0",
            id="glog",
        ),
        pytest.param(
            "ERROR:../src/till.c:12:pay: assertion failed: (sum > 0)\n",
            "g_assertion_message_expr () from libglib-2.0.so.0",
            "sum > 0",
            id="GLib",
        ),
        pytest.param(
            'ASSERT: "sum > 0" in file till.cpp, line 12\n', "qt_assert () at global/qglobal.cpp:33", "sum > 0", id="Qt"
        ),
        pytest.param(
            "",
            'ExceptionalCondition (conditionName=0x1 "sum > 0", fileName=0x2 "till.c", lineNumber=12) at assert.c:67',
            "sum > 0",
            id="PostgreSQL",
        ),
    ],
)
def test_failed_checks_of_libraries_are_assertions(said: str, top: str, message: str) -> None:
    crash = read(
        f"{said}Program received signal SIGABRT, Aborted.\n#0  0x01 in raise () from libc.so\n"
        f"#1  0x02 in abort () from libc.so\n#2  0x03 in {top}\n#3  0x04 in pay (this=0x0) at till.cpp:12\n"
    )
    assert ("assertion", message) == (crash.exception.kind, crash.exception.message)


def test_words_behind_the_stack_explain_nothing() -> None:
    crash = read(
        "Program received signal SIGABRT, Aborted.\n#0  0x01 in raise () from libc.so\n#1  0x02 in abort () from l.so\n"
        "#2  0x03 in pay () at till.cpp:12\nCheck failed: of another run\n"
    )
    assert "abort" == crash.exception.kind


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- #0  f (a=1) at a.cpp:1\n- #1  g () at b.cpp:2\n", id="a list"),
        pytest.param("#0  f (a=1)\n\n    at a.cpp:1\n\n#1  g ()\n\n    at b.cpp:2\n", id="doubled line ends"),
        pytest.param("#0 0x00401000 in f (a=1) at a.cpp:1\n#1 0x00401001 in g () at b.cpp:2\n", id="single blanks"),
        pytest.param(" 3  0x000000401000 in f (a=1) at a.cpp:1\n 4  0x000000401001 in g () at b.cpp:2\n", id="no #"),
        pytest.param("> #0  f (a=1) at\n> a.cpp:1\n> #1  g () at b.cpp:2\n", id="wrapped by a mailer"),
    ],
)
def test_posted_copies_keep_functions_and_places(text: str) -> None:
    crash = parsers.parse(text.encode())[0]
    assert "gdb_text" == crash.format
    assert [("f", "a.cpp", 1), ("g", "b.cpp", 2)] == [(each.function, each.file, each.line) for each in crash.frames]


def test_prose_behind_a_blank_line_is_no_place() -> None:
    crash = read(f"{SEGV}#0  f (a=1)\n\nfrom somebody\n")
    assert (None, None) == (crash.frames[0].file, crash.frames[0].module)


def test_a_thread_without_a_known_signal_of_macos_is_explained() -> None:
    crash = read("Program received signal EXC_BAD_ACCESS, Could not access memory.\n#0  0x01 in f () at a.cpp:1\n")
    assert ("access_violation", "SIGSEGV") == (crash.exception.kind, crash.exception.signal)


@pytest.mark.parametrize(
    "line",
    [
        "0x0000555555555186 in Till::pay (this=0x0) at till.cpp:12",
        "0x0000555555555186 in Till::pay (\n    this=0x0)\n    at till.cpp:12",
        "Till::pay (this=0x0) at till.cpp:12",
    ],
    ids=["with its address", "wrapped", "without"],
)
def test_the_line_at_the_signal_is_the_innermost_frame(line: str) -> None:
    header = SWITCHED.partition("#")[0]
    crash = parsers.parse(f"{header}{line}\n12\t    sum += price;\n".encode())[0]
    found = crash.frames[0]
    assert ("10", "Till::pay", "till.cpp", 12) == (crash.threads[0].id, found.function, found.file, found.line)
    assert any("no backtrace" in note for note in crash.notes)
    whole = read(f"{header}{line}\n12\t    sum += price;\n(gdb) bt\n{SWITCHED[SWITCHED.index('#0') :]}")
    assert ["Till::pay", "main"] == functions(whole)

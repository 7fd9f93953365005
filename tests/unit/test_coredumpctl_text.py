"""Facts about what systemd-coredump writes of a crash. All texts are the tests' own."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import coredumpctl_text

FRAMES = """\
                Stack trace of thread 131435:
                #0  0x00007f114877dc6b _ZN4Till3payEi (shop + 0x6c6b)
                #1  0x00007f114f0a16fc n/a (libtill.so.6 + 0xf66fc)
                #2  0x00007f114877ffe8 main (shop)

                Stack trace of thread 131409:
                #0  0x00007f1147f11a6d __poll (libc.so.6 + 0x111a6d)
                ELF object binary architecture: AMD x86-64
"""
INFO = f"""\
           PID: 131409 (shop)
        Signal: 11 (SEGV)
     Timestamp: Wed 2026-04-15 15:05:10 CDT (6s ago)
  Command Line: /usr/bin/shop --port 80
    Executable: /usr/bin/shop
       Message: Process 131409 (shop) of user 1000 dumped core.

                Module [dso] without build-id.
{FRAMES}"""


def read(text: str) -> Crash:
    crashes = coredumpctl_text.parse(text.encode())
    assert 1 == len(crashes)
    return crashes[0]


def test_frames_have_names_modules_and_offsets() -> None:
    expected = [
        ("Till::pay", "shop", 0x6C6B),
        (None, "libtill.so.6", 0xF66FC),
        ("main", "shop", None),
    ]
    assert expected == [(frame.function, frame.module, frame.offset) for frame in read(INFO).frames]


def test_the_first_thread_is_the_one_that_died() -> None:
    threads = read(INFO).threads
    assert [("131435", True), ("131409", False)] == [(thread.id, thread.is_crashed) for thread in threads]


def test_the_fields_tell_of_the_process() -> None:
    crash = read(INFO)
    assert ("access_violation", "SIGSEGV") == (crash.exception.kind, crash.exception.signal)
    assert ("/usr/bin/shop", ("/usr/bin/shop", "--port", "80")) == (crash.executable, crash.command_line)
    assert datetime(2026, 4, 15, 15, 5, 10) == crash.occurred_at  # noqa: DTZ001 (the machine's local time)


def test_without_the_fields_a_fault_is_assumed_and_noted() -> None:
    crash = read(f"Process 7 (shop) of user 1000 dumped core.\n\n{FRAMES}")
    assert ("access_violation", None, "shop") == (crash.exception.kind, crash.exception.signal, crash.executable)
    assert any("a memory fault is assumed" in note for note in crash.notes)


@pytest.mark.parametrize(
    ("functions", "kind"),
    [
        (("raise", "abort", "__assert_fail_base.cold", "__assert_fail", "main"), "assertion"),
        (("raise", "abort", "n/a", "_ZSt9terminatev", "__cxa_throw", "main"), "cpp_exception"),
        (("raise", "abort", "main"), "abort"),
    ],
)
def test_the_stack_tells_why_the_process_aborted(functions: tuple[str, ...], kind: str) -> None:
    rows = "".join(f"#{i}  0x{i + 4096:016x} {name} (shop + 0x1)\n" for i, name in enumerate(functions))
    assert kind == read(f"Signal: 6 (ABRT)\nStack trace of thread 7:\n{rows}").exception.kind


def test_each_process_of_a_journal_is_a_crash() -> None:
    assert 2 == len(coredumpctl_text.parse((INFO + INFO).encode()))


def test_a_debuggers_stack_beside_it_tells_more() -> None:
    session = "#0  Till::pay (this=0x0) at till.cpp:3\n#1  0x0000000000401136 in main () at main.cpp:5\n"
    assert "gdb_text" == parsers.parse((INFO + session).encode())[0].format
    with pytest.raises(UnrecognisedError):
        coredumpctl_text.parse((INFO + session).encode())


@pytest.mark.parametrize(("text", "is_known"), [(INFO, True), ("Stack trace of thread 7:\nnothing\n", False)])
def test_the_text_is_known_by_its_stack(text: str, is_known: bool) -> None:
    assert is_known == coredumpctl_text.sniff(text.encode())


PIECES = st.sampled_from([*INFO.splitlines(keepends=True), "#99  0x1 f\n", "Stack trace of thread 1:\n", "\0"])


@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(lambda lines: "".join(lines).encode())))
def test_any_bytes_give_crashes_or_the_named_error(content: bytes) -> None:
    coredumpctl_text.sniff(content)
    try:
        crashes = coredumpctl_text.parse(content)
    except DumpError:
        return
    assert all(crash.frames for crash in crashes)

"""Facts about stacks that travelled through logs, trackers and mails. All texts are the tests' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.parsers import posted_text

STACK = """\
Thread 7 "shop" received signal SIGSEGV, Segmentation fault.
[Switching to Thread 0x7fffde7fc700 (LWP 31822)]
#0  0x0000000000c2bd1c in Till::pay (this=0x0) at /src/till.cpp:14
#1  0x0000000000c2bd1d in Shop::open (this=0x1) at /src/shop.cpp:25
"""


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("Jan 12 10:11:12 realm shop[1234]: ", id="syslog and journalctl"),
        pytest.param("Jan  2 10:11:12 realm shop: ", id="syslog without a process"),
        pytest.param("2024-01-01T10:00:00.123456+00:00 realm shop[12]: ", id="journalctl, ISO times"),
        pytest.param("2024-01-01T10:00:00+0100 realm shop[12]: ", id="journalctl, a zone without a colon"),
        pytest.param("2024-01-01T10:00:00 shop[12]: ", id="no host"),
        pytest.param("shop-1  | ", id="docker compose"),
        pytest.param("2024-01-01T10:00:00.123456789Z ", id="docker logs -t"),
        pytest.param("2024-01-01T10:00:00.123456789Z stdout F ", id="Kubernetes"),
        pytest.param("10:00:00 ", id="a build's console"),
        pytest.param("[10:00:00] ", id="a build's console, in brackets"),
        pytest.param("2024.01.01 10:00:00.123456 [ 51 ] {} <Fatal> Daemon: ", id="a server's logger"),
        pytest.param("> ", id="a quotation"),
        pytest.param("> Jan 12 10:11:12 realm shop[1234]: ", id="a quoted log"),
    ],
)
def test_what_stands_before_the_lines_of_a_stack_is_taken_off(prefix: str) -> None:
    posted = "".join(f"{prefix}{line}" for line in STACK.splitlines(keepends=True))
    assert STACK == posted_text.clean(posted.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(STACK, id="a stack without prefixes"),
        pytest.param("Jan 12 10:11:12 realm shop[1234]: started\n" + STACK, id="a log above a stack"),
        pytest.param("==12==ERROR: AddressSanitizer: SEGV\n    #0 0x5 in f /a.cpp:3:1\n", id="a sanitizer's report"),
        pytest.param("10:00:00 nothing\n", id="no stack"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_text_without_prefixed_stacks_stays_as_it_is(text: str) -> None:
    assert text.encode() == posted_text.clean(text.encode())


def test_escapes_of_web_pages_are_undone() -> None:
    posted = "#&#8203;0  0x0000000000c2bd1c in Till&lt;int&gt;::pay (name=&quot;a&quot;) at till.cpp:3\n"
    assert b'#0  0x0000000000c2bd1c in Till<int>::pay (name="a") at till.cpp:3\n' == posted_text.clean(posted.encode())


def test_a_message_that_rsyslog_made_one_line_is_split() -> None:
    lines = "x dumped core.\n\nStack trace of thread 7:\n#0  0x0000000000c2bd1c f (a + 0x1)\n"
    assert lines.encode() == posted_text.clean(lines.replace("\n", "#012").encode()[:-4] + b"\n")


def test_a_prefixed_stack_is_read_like_a_plain_one() -> None:
    posted = "".join(f"Jan 12 10:11:12 realm shop[1]: {line}" for line in STACK.splitlines(keepends=True))
    assert parsers.parse(STACK.encode()) == parsers.parse(posted.encode())


@given(st.binary(max_size=300))
def test_any_bytes_can_be_cleaned(content: bytes) -> None:
    assert len(posted_text.clean(content)) <= len(content)


@pytest.mark.parametrize("indent", ["    ", "\t", " "], ids=["a code block", "a tab", "a field of a report"])
def test_an_indented_session_is_moved_to_the_left(indent: str) -> None:
    posted = "".join(f"{indent}{line}" for line in STACK.splitlines(keepends=True))
    assert STACK == posted_text.clean(posted.encode()).decode()

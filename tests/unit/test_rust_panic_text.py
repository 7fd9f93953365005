"""Panics of Rust with their native stack, in the layouts before and since 1.73. All texts are the tests' own."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.parsers import rust_panic_text

NEW = """\
2024-05-01 INFO mill: grinding
thread 'worker-3' (71) panicked at src/hopper.rs:12:9:
index out of bounds: the len is 3 but the index is 7
stack backtrace:
   0: rust_begin_unwind
             at /rustc/0a1b2c/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_bounds_check
   2: mill::hopper::drop
             at ./src/hopper.rs:12:9
   3: <mill::Sieve as mill::Shake>::shake
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""
OLD = """\
thread 'main' panicked at 'called `Option::unwrap()` on a `None` value', src/hopper.rs:12:9
stack backtrace:
   0:     0x55d0c0de1f80 - std::panicking::default_hook::h1d00f3fcf4cb5ac4
   1:     0x55d0c0de1f86 - mill::hopper::drop::h1d00f3fcf4cb5ac4
                               at /src/hopper.rs:12
   2:     0x55d0c0de1f88 - <unknown>
"""


def only(text: str) -> Crash:
    (crash,) = parsers.parse(text.encode())
    return crash


@pytest.mark.parametrize(
    ("text", "message", "thread"),
    [
        (NEW, "index out of bounds: the len is 3 but the index is 7", "worker-3"),
        (OLD, "called `Option::unwrap()` on a `None` value", "main"),
    ],
)
def test_a_panic_is_a_failed_assertion_with_message_place_and_thread(text: str, message: str, thread: str):
    crash = only(text)
    assert ("rust_panic", "assertion", message, "src/hopper.rs:12", thread) == (
        crash.format,
        crash.exception.kind,
        crash.exception.message,
        crash.exception.site,
        crash.threads[0].name,
    )


def test_the_place_below_a_frame_is_the_frames():
    assert [
        ("rust_begin_unwind", 665),
        ("core::panicking::panic_bounds_check", None),
        ("mill::hopper::drop", 12),
        ("<mill::Sieve as mill::Shake>::shake", None),
    ] == [(frame.function, frame.line) for frame in only(NEW).frames]


def test_a_full_stack_has_addresses():
    assert [0x55D0C0DE1F80, 0x55D0C0DE1F86, 0x55D0C0DE1F88] == [frame.address for frame in only(OLD).frames]
    assert only(OLD).frames[2].function is None


def test_each_panic_with_a_stack_is_a_crash():
    assert ["worker-3", "main"] == [crash.threads[0].name for crash in parsers.parse((NEW + "\n" + OLD).encode())]


def test_a_panic_without_frames_is_refused():
    with pytest.raises(DumpError):
        rust_panic_text.parse(b"thread 'main' panicked at src/a.rs:1:2:\nno\nstack backtrace:\n")


@pytest.mark.parametrize(
    "content",
    [
        NEW.encode() + b"  1: f\n" * 10_000,
        b"thread 'a' panicked at x:1:2:\nstack backtrace:\n" * 3_000,
        b"thread 'a' panicked at '" + b"', a:" * 100_000 + b"\nstack backtrace:\n 1: f\n 2: g\n",
    ],
    ids=["many frames", "many panics", "quotes"],
)
def test_hostile_text_ends_soon(content: bytes):
    started = time.process_time()
    try:
        crashes = rust_panic_text.parse(content)
    except DumpError:
        crashes = []
    assert all(len(crash.frames) <= rust_panic_text.FRAMES_LIMIT for crash in crashes)
    assert time.process_time() - started < 2


@given(st.lists(st.one_of(st.sampled_from((NEW + OLD).splitlines()), st.text(max_size=40)), max_size=30))
def test_any_text_is_read_or_refused(lines: list[str]):
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    rust_panic_text.sniff(content)
    try:
        rust_panic_text.parse(content)
    except DumpError:
        return

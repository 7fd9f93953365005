"""Facts about ABRT's core_backtrace. All texts are the tests' own."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import core_backtrace


def report(*, crashed: bool = True) -> dict[str, Any]:
    return {
        "signal": 11,
        "executable": "/usr/bin/shop",
        "stacktrace": [
            {
                "crash_thread": False,
                "frames": [{"address": 1, "function_name": "poll", "file_name": "libc.so.6"}],
            },
            {
                "crash_thread": crashed,
                "frames": [
                    {
                        "address": 4198694,
                        "build_id_offset": 294,
                        "function_name": "_ZN4Till3payEi",
                        "file_name": "shop",
                    },
                    {"address": 4198695, "build_id_offset": 295, "file_name": "shop"},
                ],
            },
        ],
    }


def test_the_marked_thread_is_the_crashed_one_and_comes_first() -> None:
    crash = parsers.parse(json.dumps(report()).encode())[0]
    assert "core_backtrace" == crash.format
    assert [("Till::pay", "shop", 294), (None, "shop", 295)] == [
        (frame.function, frame.module, frame.offset) for frame in crash.frames
    ]
    assert [True, False] == [thread.is_crashed for thread in crash.threads]


def test_signal_and_program_are_stated() -> None:
    crash = core_backtrace.parse(json.dumps(report()).encode())[0]
    assert ("access_violation", "SIGSEGV", "/usr/bin/shop") == (
        crash.exception.kind,
        crash.exception.signal,
        crash.executable,
    )


def test_without_a_mark_the_first_thread_is_taken_and_noted() -> None:
    crash = core_backtrace.parse(json.dumps(report(crashed=False)).encode())[0]
    assert "poll" == crash.frames[0].function
    assert any("marks no thread" in note for note in crash.notes)


@pytest.mark.parametrize("cut", [20, 120, 300])
def test_a_cut_file_is_refused_with_a_sentence(cut: int) -> None:
    with pytest.raises(UnrecognisedError, match="cut or damaged"):
        core_backtrace.parse(json.dumps(report()).encode()[:cut])


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["signal", "stacktrace", "frames", "crash_thread", "address", "function_name"]),
            inner,
            max_size=4,
        )
    ),
)


@given(VALUES)
def test_any_json_gives_a_crash_or_the_named_error(value: object) -> None:
    try:
        crashes = core_backtrace.parse(json.dumps(value).encode())
    except DumpError:
        return
    assert 1 == len(crashes)


@pytest.mark.parametrize("half", [b"\xed\xa0\x80", rb"\ud800", rb"\uD800"])
def test_a_half_of_a_surrogate_pair_can_be_stored(half: bytes):
    content = b'{"executable": "/%s/shop", "stacktrace": [{"frames": [{"function_name": "f"}]}]}' % half
    (crash,) = core_backtrace.parse(content)
    assert crash.executable is not None
    assert crash.executable.encode().endswith(b"/shop")

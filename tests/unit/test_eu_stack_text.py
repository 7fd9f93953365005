"""Facts about the text of elfutils' eu-stack. All texts are the tests' own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import eu_stack_text

CORE = """\
PID 117 - core
TID 117:
#0  0x000055afb25d6efa Till::pay(Coin*, int) - shop
    /src/till.cpp:17:77
#1  0x000055afb25d6ba2 - 1 main - shop
    /src/main.cpp:37
#2  0x00007f0e612d44a3 - 1 - libfoo.so.6
#3  0x00007f0e612d44a4
TID 118:
#0  0x00007f0e610ed545 clock_nanosleep@GLIBC_2.2.5
"""


def read(text: str) -> Crash:
    crashes = eu_stack_text.parse(text.encode())
    assert 1 == len(crashes)
    return crashes[0]


def test_frames_hold_what_the_options_asked_for() -> None:
    expected = [
        ("Till::pay(Coin*, int)", "/src/till.cpp", 17, "shop"),
        ("main", "/src/main.cpp", 37, "shop"),
        (None, None, None, "libfoo.so.6"),
        (None, None, None, None),
    ]
    assert expected == [(frame.function, frame.file, frame.line, frame.module) for frame in read(CORE).frames]


def test_the_first_thread_of_a_core_is_the_one_that_died() -> None:
    assert [("117", True), ("118", False)] == [(thread.id, thread.is_crashed) for thread in read(CORE).threads]


def test_a_thread_that_ends_the_process_goes_before_the_first() -> None:
    text = "PID 7 - process\nTID 7:\n#0  0x01 poll\nTID 8:\n#0  0x01 raise\n#1  0x02 abort\n"
    crash = read(text)
    assert ("8", "abort") == (crash.threads[0].id, crash.exception.kind)


@pytest.mark.parametrize(
    ("functions", "kind"),
    [
        pytest.param(
            ("raise", "abort", "__assert_fail_base.cold", "__assert_fail", "run"), "assertion", id="an assertion"
        ),
        pytest.param(("raise", "abort", "", "std::terminate()", "__cxa_throw", "run"), "cpp_exception", id="a throw"),
        pytest.param(("raise", "abort", "run"), "abort", id="an abort"),
        pytest.param(("dig(int)",) * 256, "stack_overflow", id="endless recursion"),
        pytest.param(("run", "main"), "access_violation", id="a fault, whose signal is not printed"),
        pytest.param(("poll", "run", "main"), "unknown", id="a thread that waits"),
    ],
)
def test_the_stack_alone_tells_the_kind(functions: tuple[str, ...], kind: str) -> None:
    rows = "".join(f"#{index}  0x{index + 4096:016x} {name}\n" for index, name in enumerate(functions))
    assert kind == read(f"PID 7 - core\nTID 7:\n{rows}").exception.kind


def test_mangled_names_are_made_readable() -> None:
    text = "PID 7 - core\nTID 7:\n#0  0x0000000000000001 _ZN4Till3payEi\n    [7cedbbbd7a]@0x55bc7d093000+0x2a15\n"
    frame = read(text).frames[0]
    assert ("Till::pay", 0x2A15, None) == (frame.function, frame.offset, frame.file)


def test_inlined_calls_are_marked() -> None:
    text = "PID 7 - core\nTID 7:\n#0  0x01 Till::count() - shop [inlined]\n#1  0x01 main - shop\n"
    assert [("Till::count()", True), ("main", False)] == [
        (frame.function, frame.is_inlined) for frame in read(text).frames
    ]


def test_two_cores_are_two_crashes() -> None:
    assert 2 == len(eu_stack_text.parse((CORE + CORE).encode()))


def test_threads_without_frames_are_refused() -> None:
    with pytest.raises(UnrecognisedError, match="run eu-stack"):
        eu_stack_text.parse(b"PID 7 - core\nTID 7:\neu-stack: dwfl_thread_getframes tid 7: no frames\n")


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        (CORE, True),
        (CORE.replace("\n", "\r\n"), True),
        (CORE.partition("\n")[2], True),
        ("#0  0x0000555555555186 in Map::Update (this=0x10) at /src/Map.cpp:17\n", False),
        ("PID 7 - core business\n", False),
    ],
)
def test_the_text_is_known_by_its_content(text: str, is_known: bool) -> None:
    assert is_known == eu_stack_text.sniff(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"TID 7:\n#0  0x0000000000000001 " + b"a<" * 3_000_000, id="a line of 6 MB"),
        pytest.param(b"TID 7:\n" + b"".join(b"#%d  0x01 f\n" % i for i in range(20_000)), id="20,000 frames"),
        pytest.param(b"TID 7:\n#0  0x0000000000000001 _Z1fI" + b"N1aI" * 10_000 + b"\n", id="mangled templates"),
    ],
)
def test_hostile_texts_end_soon(content: bytes) -> None:
    crashes = eu_stack_text.parse(content)
    assert all(len(crash.frames) <= 512 for crash in crashes)


@given(st.lists(st.one_of(st.sampled_from(CORE.splitlines()), st.text(max_size=40)), max_size=20))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    eu_stack_text.sniff(content)
    try:
        eu_stack_text.parse(content)
    except DumpError:
        return


def test_build_ids_and_places_below_a_frame_are_of_that_frame() -> None:
    text = (
        "PID 7 - core\nTID 7:\n#0  0x0000000000000001 Till::pay(int) - shop\n    [7cedbbbd7a]@0x55bc7d093000+0x2a15\n"
        "    /src/till.cpp:12:3\n#1           Till::sum() - shop\n    /src/till.h:5:3\n#2  0x0000000000000002 main\n"
    )
    assert [("/src/till.cpp", 12, 0x2A15, 1), ("/src/till.h", 5, None, 1), (None, None, None, 2)] == [
        (frame.file, frame.line, frame.offset, frame.address) for frame in read(text).frames
    ]

"""Names, signatures, similarity, places of assertions and logs take any value that a reader could hand on."""

# ruff: noqa: DTZ001, DTZ901 (servers state no time zone)

import contextlib
import json
from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from tasks.core import crash_database, log_lines, logs, matching, names, worldserver_conf
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.crash_records import CrashRecord
from tasks.core.errors import DumpError
from tasks.core.log_lines import LogFormat
from tasks.core.matching import Shape
from tasks.core.parsers import assertions, bounds, last_words, mangling, names_of_files
from tests.fuzz import facts, samples
from tests.fuzz.mutations import damaged, damaged_text

NAMES = st.one_of(damaged_text(samples.NAMES), st.text(max_size=60))
MANGLED = damaged_text(
    [
        "_ZN4Till3payEi",
        "_ZNSt6vectorIiSaIiEE2atEm",
        "_ZZN1a1bEvENKUlvE_clEv",
        "_ZN12_GLOBAL__N_11fEv",
        "_ZNK1AcvNT_1BEEv",
    ]
)
KINDS = st.sampled_from(
    [
        *("access_violation", "abort", "assertion", "stack_overflow", "division_by_zero", "illegal_instruction"),
        *("bus_error", "breakpoint", "cpp_exception", "deadlock", "out_of_memory", "sanitizer", "unknown"),
    ]
)
NUMBERS = st.sampled_from([None, 0, 1, 17, -1, 0xFFFF, 1 << 31, 1 << 64, 10**5000])
FRAMES = st.builds(
    Frame,
    index=st.sampled_from([0, 1, -1, 1 << 40]),
    function=st.one_of(st.none(), NAMES),
    file=st.sampled_from([None, "", "/a.cpp", "C:\\a.cpp", "\0", "x" * 9000]),
    line=NUMBERS,
    module=st.sampled_from([None, "", "a.exe", "/lib/libc.so.6", "\ud800"]),
    offset=NUMBERS,
    address=NUMBERS,
    is_inlined=st.booleans(),
    arguments=st.sampled_from(["", "this=0x0", "(" * 5000]),
)
FIELDS = (
    *("crash_id", "timestamp", "exception_code", "exception_address", "crash_location", "crash_function"),
    *("error_message", "call_stack", "severity", "file_path", "raw_dump", "dmp_analysis", "occurrences", "x"),
)
VALUES = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)),
        st.sampled_from(["C0000005", "SIGSEGV", "a::b @ c.cpp:1", "a.exe_[1-2_3-4-5].txt", "\ud800", "x" * 9000]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)),
    max_leaves=6,
)
JSON = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8)
MESSAGES = st.one_of(st.none(), damaged_text([text.decode() for text in samples.CRASH_WORDS]))
CRASHES = st.builds(
    lambda kind, message, numbers, frames: Crash(
        format="test",
        exception=CrashException(kind=kind, message=message, code=message, site=message, address=numbers),
        threads=(Thread(id=message or "1", is_crashed=True, frames=tuple(frames)),),
        build=message,
        occurred_at=datetime.min if message else datetime.max,
    ),
    KINDS,
    MESSAGES,
    NUMBERS,
    st.lists(FRAMES, max_size=6),
)


@given(NAMES)
def test_a_name_becomes_one_short_line_and_stays_what_it_is(name: str) -> None:
    once = names.normalise(name)
    assert len(once) <= names.LENGTH_LIMIT
    assert "\n" not in once
    assert bool(once) == bool(name.strip())


@given(MANGLED)
def test_a_mangled_name_is_made_readable_or_left(name: str) -> None:
    assert isinstance(mangling.readable(name), str)


def test_the_first_line_that_no_column_can_hold_is_dropped() -> None:
    lines = (2**31 - 1, 2**31, 0, None)
    frames = tuple(Frame(index=index, line=line) for index, line in enumerate(lines))
    crash = Crash(format="test", exception=CrashException(), threads=(Thread(id="1", is_crashed=True, frames=frames),))
    assert [2**31 - 1, None, None, None] == [frame.line for frame in bounds.hold(crash).frames]


@given(CRASHES)
def test_any_crash_has_a_signature_that_is_its_own_nearest(crash: Crash) -> None:
    named = facts.check(bounds.hold(readable(crash)))
    shape = matching.shape(named)
    assert matching.similarity(shape, shape) in ({1.0} if shape.location else {0.0})


def readable(crash: Crash) -> Crash:
    """Readers decode with replacement, so halves of surrogate pairs can't reach a crash from a text."""

    def clean(text: str | None) -> str | None:
        return None if text is None else text.encode("utf-8", "replace").decode()

    frames = [
        frame._replace(function=clean(frame.function), module=clean(frame.module)) for frame in crash.threads[0].frames
    ]
    exception = crash.exception
    cleaned = replace(
        exception, message=clean(exception.message), code=clean(exception.code), site=clean(exception.site)
    )
    thread = replace(crash.threads[0], id=clean(crash.threads[0].id) or "", frames=tuple(frames))
    return replace(crash, exception=cleaned, threads=(thread,), build=clean(crash.build))


SHAPES = st.builds(
    Shape,
    location=st.one_of(st.none(), st.sampled_from(["", "a", "a::b", "m+0x1"])),
    in_app=st.lists(st.sampled_from(["", "a", "a::b", "b", "c", "x::", "::"]), max_size=12).map(tuple),
    assertion=st.sampled_from([None, "", "x"]),
)


@given(SHAPES, SHAPES)
def test_similarity_is_a_share(one: Shape, other: Shape) -> None:
    assert 0.0 <= matching.similarity(one, other) <= 1.0
    assert matching.place(one, [(1, other), (2, one)]).how in {"new", "rule"}


FORMATS = st.sampled_from([None, LogFormat(), LogFormat(has_time=True), LogFormat(has_level=True, has_type=True)])


@given(damaged((samples.LOG, samples.LOG * 3)), FORMATS, st.booleans())
def test_a_damaged_log_is_read(content: bytes, log_format: LogFormat | None, is_cut: bool) -> None:
    lines = log_lines.parse(content, log_format, is_cut=is_cut)
    assert all(len(line.text.encode().decode()) <= log_lines.TEXT_LIMIT for line in lines)
    for at in (datetime.min, datetime(2025, 1, 1, 12, 30, 5), datetime.max):
        window = logs.cut(lines, at)
        logs.correlate({"Server.log": window, "Playerbots.log": window}).to_json()


@given(damaged((b"Appender.Server=2,4,7,Server.log,w\nAppender.Bot=2,5,0,Playerbots.log,w\n",)))
def test_damaged_flags_are_read_or_left_out(content: bytes) -> None:
    assert all(isinstance(file.log_format, LogFormat) for file in worldserver_conf.parse(content).files)


@given(damaged((samples.CRASH_DATABASE,)))
def test_a_damaged_database_of_the_old_scripts_is_read_or_refused(content: bytes) -> None:
    records: tuple[CrashRecord, ...] = ()
    with contextlib.suppress(DumpError):
        records = crash_database.read(content).records
    for record in records:
        facts.check(record.crash)
        assert len(record.path) < 2000


@given(JSON)
def test_a_record_of_any_fields_is_a_crash_or_refused(fields: dict[str, object]) -> None:
    for record in crash_database.read(json.dumps({"crashes": {"a": fields}}).encode()).records:
        facts.check(record.crash)


@given(damaged_text(["1a2b3c4d_worldserver_[2025-3-4_5-6-7].txt", "crash_20250304_050607.dmp", "[4-3_5-6-7].txt"]))
def test_a_name_of_a_file_states_a_time_or_none(name: str) -> None:
    at = names_of_files.time_from_name(name, known=datetime(2025, 3, 4))
    assert at is None or at.year > 0


@given(MESSAGES)
def test_words_of_an_assertion_are_found_or_not(text: str | None) -> None:
    found = (assertions.find(text or ""), last_words.find(text or ""))
    assert all(each is None or isinstance(each.site, str | None) for each in found)

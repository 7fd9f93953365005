"""The window of a log: whose clock counts, what a fast log keeps, and what is said of what is missing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tasks.core import log_windows, logs
from tasks.core.log_lines import LogFormat, LogLine
from tasks.core.log_windows import SavedLog

BERLIN = ZoneInfo("Europe/Berlin")
CRASH = datetime.fromisoformat("2025-10-31T01:15:37")
TIMED = LogFormat(has_time=True, has_level=True)


def log(*times: str, day: str = "2025-10-31") -> bytes:
    return "".join(f"{day} {time} INFO at {time}\n" for time in times).encode()


def texts(found: logs.LogWindow) -> list[str]:
    return [line.text.removeprefix("at ") for line in found.lines]


def test_a_time_to_the_minute_ends_with_the_last_line_of_that_minute() -> None:
    """The report says 01:15; the server died at 01:15:37."""
    content = log("01:14:20", "01:14:50", "01:15:36", "01:16:09")

    found = logs.window(SavedLog(content=content), CRASH.replace(second=0))

    assert ["01:14:50", "01:15:36"] == texts(found)


def test_over_midnight_the_minute_before_is_of_the_day_before() -> None:
    content = log("23:58:00", "23:59:40") + log("00:00:05", day="2025-11-01")

    found = logs.window(SavedLog(content=content), datetime.fromisoformat("2025-11-01T00:00:10"))

    assert ["23:59:40", "00:00:05"] == texts(found)


def test_when_the_clock_is_set_back_the_hour_before_is_not_the_minute_before() -> None:
    """The night that ends summer time: 02:30 comes twice."""
    day = "2025-10-26"
    content = log("02:29:50", "02:30:00", "02:59:50", "02:00:05", "02:29:40", "02:30:02", day=day)

    found = logs.window(SavedLog(content=content), datetime.fromisoformat("2025-10-26T02:30:05"))

    assert ["02:29:40", "02:30:02"] == texts(found)


def test_just_after_the_clock_was_set_back_the_minute_reaches_over_it() -> None:
    content = log("02:58:30", "02:59:50", "02:00:05", day="2025-10-26")

    found = logs.window(SavedLog(content=content), datetime.fromisoformat("2025-10-26T02:00:10"))

    assert ["02:59:50", "02:00:05"] == texts(found)


def test_just_after_the_clock_was_set_forward_the_minute_reaches_over_it() -> None:
    content = log("01:58:30", "01:59:50", "03:00:05", day="2025-03-30")
    crashed_at = datetime(2025, 3, 30, 1, 0, 10, tzinfo=UTC).astimezone(BERLIN)

    found = logs.window(SavedLog(content=content), crashed_at)

    assert ["01:59:50", "03:00:05"] == texts(found)


def test_a_line_that_is_out_of_order_moves_no_clock() -> None:
    """Players can write what looks like a line into some logs."""
    content = log("01:15:20", "09:00:00", "01:15:30", "00:00:00", "01:15:36")

    found = logs.window(SavedLog(content=content), CRASH)

    assert ["01:15:20", "01:15:30", "01:15:36"] == texts(found)


@pytest.mark.parametrize("hours", [-10, -1, 1, 5.5, 9])
def test_a_server_in_another_zone_is_known_by_when_its_log_was_written(hours: float) -> None:
    """The dump's time is a moment of the world, and our zone is not the server's."""
    start = CRASH - timedelta(hours=12)
    content = b"".join(
        f"{start + timedelta(seconds=10 * number):%Y-%m-%d %H:%M:%S} INFO line {number}\n".encode()
        for number in range(12 * 360 + 1)
    )
    written_at = CRASH.replace(tzinfo=UTC) - timedelta(hours=hours)
    saved = SavedLog(content=content, modified_at=written_at)

    found = logs.window(saved, written_at + timedelta(seconds=1))

    assert [f"line {number}" for number in range(12 * 360 - 5, 12 * 360 + 1)] == texts(found)
    assert ("crash time", CRASH + timedelta(seconds=1)) == (found.basis, found.reference)


@pytest.mark.parametrize("skew_s", [-200, -30, 30, 200])
def test_a_log_whose_clock_is_wrong_keeps_its_last_minute(skew_s: int) -> None:
    content = log("01:14:20", "01:14:50", "01:15:36")
    written_at = datetime(2025, 10, 31, 1, 15, 36, tzinfo=UTC) + timedelta(seconds=skew_s)

    found = logs.window(SavedLog(content=content, modified_at=written_at), written_at)

    assert ("crash time", ["01:14:50", "01:15:36"]) == (found.basis, texts(found))


def test_a_log_that_was_copied_later_keeps_the_configured_zone() -> None:
    """When the file was written tells nothing then: the crash on the server's clock is nearer to the last line."""
    content = log("01:10:00", "01:15:00", "01:15:36")
    saved = SavedLog(content=content, modified_at=datetime(2025, 10, 31, 8, 2, 0, tzinfo=UTC))

    found = logs.window(saved, CRASH.replace(tzinfo=UTC))

    assert ("crash time", CRASH, ["01:15:00", "01:15:36"]) == (found.basis, found.reference, texts(found))


def test_of_a_fast_log_the_errors_of_the_whole_minute_are_kept() -> None:
    lines = [LogLine(time=CRASH - timedelta(seconds=50), level="ERROR", text="early")]
    lines += [LogLine(time=CRASH, level="INFO", text=f"{number}") for number in range(5000)]

    found = logs.cut(lines, CRASH)

    assert (501, "early", "4500", 4500) == (len(found.lines), found.lines[0].text, found.lines[1].text, found.left_out)


@pytest.mark.parametrize("log_format", [None, TIMED])
def test_of_a_fast_log_only_what_stands_out_is_read_of_the_older_lines(log_format: LogFormat | None) -> None:
    first = b"2025-10-31 01:14:50 ERROR early\n"
    content = first + b"2025-10-31 01:15:36 INFO the world goes round\n" * 10_000

    found = logs.window(SavedLog(content=content, log_format=log_format), CRASH)
    report = logs.correlate({"Server.log": found})

    assert len(content) > log_windows.NEWEST_BYTES
    assert (["early"], False) == ([count.text for count in report.errors], found.is_complete)


def test_a_saved_end_that_begins_within_the_minute_says_so() -> None:
    content = b"half a line\n" + log("01:15:30", "01:15:36")

    found = logs.window(SavedLog(content=content, is_cut=True), CRASH)
    report = logs.correlate({"Server.log": found})

    assert not found.is_complete
    assert "they reach back 7 s" in report.notes[0]
    assert logs.window(SavedLog(content=content), CRASH).is_complete


def test_lines_are_believed_where_the_configuration_says_something_else() -> None:
    """It was changed after the server read it."""
    content = b"2025-10-31 01:15:36 ERROR lost\n" * 3

    believed = logs.parse(content, LogFormat())
    kept = logs.parse(b"ERROR all\nERROR these\n", LogFormat())

    assert [("ERROR", "lost")] * 3 == [(line.level, line.text) for line in believed]
    assert ["ERROR all", "ERROR these"] == [line.text for line in kept]
    assert [None, None] == [line.time for line in logs.parse(b"a\nb\n", LogFormat(has_time=True))]


def test_each_line_of_a_log_of_errors_is_one() -> None:
    lines = logs.parse(b"No socket\nNo map\n", LogFormat(least_level="ERROR"))
    timed = logs.parse(b"2025-10-31 01:15:36 No socket\n", LogFormat(has_time=True, least_level="ERROR"))

    assert ["ERROR"] * 3 == [line.level for line in (*lines, *timed)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\0" * 4096 + log("01:15:36"), id="a hole that a truncation under an open file left"),
        pytest.param(b"x" * 300_000 + b"\n" + log("01:15:36"), id="a huge line before"),
        pytest.param(log("01:15:36").replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param("2025-10-31 01:15:35 INFO Zoë\n".encode("cp1252") + "Zoë".encode() + log("01:15:36"), id="mixed"),
    ],
)
def test_a_damaged_log_has_its_last_lines(content: bytes) -> None:
    assert texts(logs.window(SavedLog(content=content), CRASH))[-1].endswith("01:15:36")

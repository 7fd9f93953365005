"""Logs: the grammar of a line, the window before a crash, and what stands out in it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import log_windows, logs
from tasks.core.log_lines import TEXT_LIMIT, Level
from tasks.core.logs import LogFormat, LogLine, LogWindow, SavedLog

CRASH = datetime.fromisoformat("2025-10-31T01:15:37")
FIRST_DAY = datetime.fromisoformat("0001-01-01T00:00:00")
LAST_DAY = datetime.fromisoformat("9999-12-31T23:59:59")
ALL = LogFormat(has_time=True, has_level=True, has_type=True)
BARE = LogFormat()


def at(seconds_before: float, text: str = "text", level: Level | None = "INFO") -> LogLine:
    return LogLine(time=CRASH - timedelta(seconds=seconds_before), level=level, logger="server", text=text)


def window(*lines: LogLine, basis: logs.Basis = "crash time", reference: datetime | None = CRASH) -> LogWindow:
    return LogWindow(lines=lines, basis=basis, reference=reference)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"2025-10-31_01:15:37 ERROR [server.worldserver] No socket\r\n",
            LogLine(time=CRASH, level="ERROR", logger="server.worldserver", text="No socket"),
            id="TrinityCore 3.3.5 puts an underscore into the time and a space behind the level",
        ),
        pytest.param(
            b"2025-10-31_01:15:37 INFO  [server.loading] Ready\r\n",
            LogLine(time=CRASH, level="INFO", logger="server.loading", text="Ready"),
            id="TrinityCore 3.3.5 pads the level",
        ),
        pytest.param(
            b"2025-10-31_01:15:37 ERROR[server.worldserver] No socket\n",
            LogLine(time=CRASH, level="ERROR", logger="server.worldserver", text="No socket"),
            id="TrinityCore master has no space behind a level of five letters",
        ),
        pytest.param(
            b"2025-10-31 01:15:37 WARN [playerbots] Bot lost its way\n",
            LogLine(time=CRASH, level="WARN", logger="playerbots", text="Bot lost its way"),
            id="AzerothCore has a blank in the time and does not pad",
        ),
        pytest.param(
            b"2025-10-31 01:15:37 No socket\n",
            LogLine(time=CRASH, text="No socket"),
            id="time alone",
        ),
        pytest.param(
            b"2025-10-31 01:15:37 FATAL No socket\n",
            LogLine(time=CRASH, level="FATAL", text="No socket"),
            id="time and level without a type",
        ),
        pytest.param(
            b"2025-10-31 01:15:37 [sql.sql] No socket\n",
            LogLine(time=CRASH, logger="sql.sql", text="No socket"),
            id="time and type without a level",
        ),
        pytest.param(
            b"DEBUG [entities.unit] No socket\n",
            LogLine(level="DEBUG", logger="entities.unit", text="No socket"),
            id="level and type without a time",
        ),
        pytest.param(b"World initialized\n", LogLine(text="World initialized"), id="no columns, the default"),
        pytest.param(b"\xef\xbb\xbfWorld\n", LogLine(text="World"), id="a byte order mark is no text"),
        pytest.param(b"a\x00b\x1b[31mc\x07\td\x7f\n", LogLine(text="abc\td"), id="control characters go, tabs stay"),
    ],
)
def test_a_line_is_read_whatever_its_columns(content: bytes, expected: LogLine) -> None:
    assert (expected,) == logs.parse(content)


def test_without_a_level_column_no_level_is_guessed_from_a_line() -> None:
    content = b"Loading maps\nERROR while loading\nWARN [x] hm\nLoading spells\nReady\n"

    assert [line.level for line in logs.parse(content)] == [None] * 5
    assert [line.level for line in logs.parse(content, BARE)] == [None] * 5
    assert logs.parse(content)[1].text == "ERROR while loading"


def test_the_flags_of_the_appender_decide_over_the_look_of_a_line() -> None:
    content = b"ERROR all\nERROR these\nERROR are texts\n"

    assert [line.text for line in logs.parse(content, BARE)] == ["ERROR all", "ERROR these", "ERROR are texts"]
    assert [line.text for line in logs.parse(content, LogFormat(has_level=True))] == ["all", "these", "are texts"]


def test_a_level_joined_to_its_text_is_read_where_the_format_says_so() -> None:
    """TrinityCore master without a type column writes `ERRORtext`."""
    lines = logs.parse(b"2025-10-31_01:15:37 ERRORNo socket\n2025-10-31_01:15:37 INFO Ready\n")

    assert [(line.level, line.text) for line in lines] == [("ERROR", "No socket"), ("INFO", "Ready")]


def test_lines_without_a_prefix_continue_the_line_before() -> None:
    content = (
        b"2025-10-31_01:15:36 ERROR [entities.unit] Move spline:\r\n  id: 7\r\n\r\n  time: 3\r\n"
        b"2025-10-31_01:15:37 INFO  [server] next\r\n"
    )

    assert [line.text for line in logs.parse(content)] == ["Move spline:\n  id: 7\n  time: 3", "next"]


def test_a_timed_line_without_its_level_is_a_line_of_its_own() -> None:
    """Text with a newline can forge a time; it does not hide in the line before."""
    content = b"2025-10-31 01:15:36 ERROR [server] chat\n2025-10-31 01:15:37 forged\n"

    assert [(line.level, line.text) for line in logs.parse(content, ALL)] == [("ERROR", "chat"), (None, "forged")]


def test_a_time_that_does_not_exist_begins_no_line() -> None:
    content = b"2025-10-31 01:15:37 first\n2025-02-30 01:15:37 not a day\n"

    assert [line.text for line in logs.parse(content)] == ["first\n2025-02-30 01:15:37 not a day"]


def test_a_line_and_its_continuation_are_capped() -> None:
    many = b"2025-10-31 01:15:37 first\n" + b"x" * 100 + b"\n" + (b"y" * 3000 + b"\n") * 5
    one = b"z" * 100_000

    assert len(logs.parse(many)[0].text) == TEXT_LIMIT
    assert len(logs.parse(one)[0].text) == TEXT_LIMIT


def test_utf_8_and_windows_1252_are_told_apart_line_by_line() -> None:
    content = "2025-10-31 01:15:36 Zoë\n".encode() + "2025-10-31 01:15:37 Zoë €\n".encode("cp1252")

    assert [line.text for line in logs.parse(content)] == ["Zoë", "Zoë €"]


def test_bytes_of_no_code_page_become_replacement_characters() -> None:
    assert [line.text for line in logs.parse(b"a\x81b")] == ["a\ufffdb"]


def test_the_first_line_of_a_cut_tail_is_dropped() -> None:
    """Cutting can even split a character."""
    content = "ë of the first line\n2025-10-31 01:15:37 whole\n".encode()[1:]

    assert [line.text for line in logs.parse(content, is_cut=True)] == ["whole"]
    assert logs.parse(b"one endless line", is_cut=True) == ()


def test_a_log_that_was_truncated_at_a_restart_begins_with_its_banner() -> None:
    """Mode w: the continuation lines before the first prefix belong to no line."""
    content = b" banner\n of the core\n2025-10-31 01:15:37 first\n"

    assert [(line.time, line.text) for line in logs.parse(content)] == [
        (None, " banner"),
        (None, " of the core"),
        (CRASH, "first"),
    ]


def test_of_too_many_lines_the_newest_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.core.log_lines.LINE_LIMIT", 2000)

    lines = logs.parse(b"\n".join(b"%d" % number for number in range(3000)) + b"\n")

    assert 1999 <= len(lines) <= 2000
    assert "2999" == lines[-1].text


@given(st.binary(max_size=2000), st.booleans(), st.sampled_from([None, BARE, ALL, LogFormat(has_level=True)]))
def test_any_bytes_parse_to_clean_text(content: bytes, is_cut: bool, log_format: LogFormat | None) -> None:
    for line in logs.parse(content, log_format, is_cut=is_cut):
        assert not any((ord(letter) < 32 and letter not in "\n\t") or 127 <= ord(letter) < 160 for letter in line.text)
        json.dumps(line.to_json())


texts = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\x7f"), min_size=1).filter(
    lambda text: not any(0x80 <= ord(letter) < 0xA0 for letter in text) and not text.isspace()
)


@given(st.lists(texts, max_size=30))
def test_each_line_of_a_log_without_columns_appears_once(expected: list[str]) -> None:
    content = "".join(f"{text}\r\n" for text in expected).encode()

    assert expected == [line.text for line in logs.parse(content, BARE)]


@given(st.lists(st.tuples(st.booleans(), texts), max_size=30))
def test_each_line_of_a_log_with_columns_appears_once_or_continues_another(entries: list[tuple[bool, str]]) -> None:
    prefix = "2025-10-31_01:15:37 INFO  [server] "
    content = "".join((prefix if is_head else "\t") + text + "\n" for is_head, text in entries)

    found = "\n".join(line.text for line in logs.parse(content.encode(), ALL))

    assert [text for _, text in entries] == [line.removeprefix("\t") for line in found.split("\n") if line]


def test_the_window_is_the_minute_before_the_crash_and_two_seconds_of_slack() -> None:
    lines = [at(61), at(60), at(59, "first"), at(0), at(-2, "last"), at(-3)]

    found = logs.cut(lines, CRASH)

    assert (found.basis, found.reference, found.left_out) == ("crash time", CRASH, 0)
    assert (at(59, "first"), at(0), at(-2, "last")) == found.lines


def test_of_a_burst_the_lines_nearest_the_crash_are_kept() -> None:
    lines = [at(30, f"{number}") for number in range(10_000)]

    found = logs.cut(lines, CRASH)

    assert (len(found.lines), found.left_out) == (500, 9500)
    assert found.lines[-1].text == "9999"
    assert logs.cut(lines, CRASH, limit=0).lines == ()


@pytest.mark.parametrize(
    "crashed_at", [None, CRASH + timedelta(hours=2), CRASH - timedelta(hours=2), FIRST_DAY, LAST_DAY]
)
def test_a_crash_time_of_another_clock_gives_way_to_the_last_line(crashed_at: datetime | None) -> None:
    found = logs.cut([at(90), at(70), at(30), at(20)], crashed_at)

    assert ("last line", CRASH - timedelta(seconds=20)) == (found.basis, found.reference)
    assert (at(70), at(30), at(20)) == found.lines


def test_a_crash_just_before_a_log_that_began_anew_has_an_empty_window() -> None:
    """Mode w and a quick restart: the lines of the next run are not blamed."""
    found = logs.cut([at(-30), at(-40)], CRASH)

    assert (found.basis, found.lines) == ("crash time", ())


def test_of_an_aware_crash_time_the_wall_clock_counts() -> None:
    assert logs.cut([at(1)], CRASH.replace(tzinfo=UTC)).basis == "crash time"


def test_years_at_the_ends_of_the_calendar_do_no_harm() -> None:
    lines = logs.parse(b"0001-01-01 00:00:00 a\n9999-12-31 23:59:59 b\n")

    assert [line.text for line in logs.cut(lines, None).lines] == ["b"]
    assert [line.text for line in logs.cut(lines, LAST_DAY).lines] == ["b"]
    assert [line.text for line in logs.cut(lines, FIRST_DAY).lines] == ["a"]


def test_without_times_the_last_200_lines_are_the_window() -> None:
    found = logs.cut([LogLine(text=f"{number}") for number in range(1000)], CRASH)

    assert (found.basis, found.reference, len(found.lines), found.left_out) == ("tail", None, 200, 800)
    assert found.lines[-1].text == "999"


seconds = st.integers(min_value=-200, max_value=200)


@given(st.lists(seconds, max_size=50), st.none() | st.datetimes(), st.integers(1, 120), st.integers(0, 20))
def test_a_window_holds_lines_of_its_bounds_only(
    ages: list[int], crashed_at: datetime | None, length: int, limit: int
) -> None:
    lines = [at(age, f"{number}") for number, age in enumerate(ages)]

    found = logs.cut(lines, crashed_at, length, limit)

    assert len(found.lines) <= limit
    assert list(found.lines) == [line for line in lines if line in found.lines]
    for line in found.lines:
        assert found.reference is not None
        assert line.time is not None
        assert timedelta(seconds=-2) <= found.reference - line.time < timedelta(seconds=length)


def test_errors_and_warnings_are_counted_with_their_first_and_last_time() -> None:
    report = logs.correlate(
        {
            "Server.log": window(
                at(9, "hm", "WARN"), at(7, "bad", "ERROR"), at(3, "bad", "ERROR"), at(1, "dead", "FATAL")
            )
        }
    )

    assert [(count.text, count.count) for count in report.errors] == [("dead", 1), ("bad", 2)]
    assert (at(7).time, at(3).time) == (report.errors[1].first, report.errors[1].last)
    assert [(count.text, count.count) for count in report.warnings] == [("hm", 1)]


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        pytest.param("Spell 83470 fails", "Spell 1 fails", True, id="numbers"),
        pytest.param("at 0x7FFE12 now", "at 0x00 now", True, id="hexadecimal"),
        pytest.param("GUID Player-1-00000007 lost", "GUID Player-22-0000000A lost", True, id="GUIDs"),
        pytest.param("Creature 'Hogger' lost", "Creature 'Van Cleef' lost", True, id="quoted names"),
        pytest.param('Map "Azeroth" lost', 'Map "Outland" lost', True, id="double quotes"),
        pytest.param("at X: -12.5 Y: 3", "at X: 4 Y: -0.25", True, id="coordinates"),
        pytest.param("Player Boone has no map", "Player Zoë has no map", True, id="a name behind a word for players"),
        pytest.param("Bot: Boone lost", "Bot: Mira lost", True, id="a name behind a colon"),
        pytest.param("Player [Boone] lost", "Player [Mira] lost", True, id="a name in brackets"),
        pytest.param("account RNDBOT0012 is out", "account RNDBOT0077 is out", True, id="accounts"),
        pytest.param("Player has no map", "Player is no bot", False, id="words behind a word for players"),
        pytest.param("bad spline\nid 7 x", "bad spline\nid 8 y", True, id="continuation lines"),
        pytest.param("Bot can't move its leg", "Bot can't lift its leg", False, id="apostrophes quote nothing"),
        pytest.param("Spell fails", "Aura fails", False, id="words"),
    ],
)
def test_lines_are_equal_but_for_what_varies(one: str, other: str, is_equal: bool) -> None:
    report = logs.correlate({"Server.log": window(at(2, one, "WARN"), at(1, other, "WARN"))})

    assert (1 if is_equal else 2) == len(report.warnings)


def test_a_name_is_known_in_all_lines_once_it_stood_behind_a_word_for_players() -> None:
    lines = [at(9, f"Bot {name} rolls") for name in ("Moira", "Zoë")]
    lines += [at(5, f"The roll waits for {name}", "WARN") for name in ("Moira", "Zoë")]

    report = logs.correlate({"Server.log": window(*lines)})

    assert [("The roll waits for Zoë", 2)] == [(count.text, count.count) for count in report.warnings]


def test_a_warning_escalates_at_five() -> None:
    four = [at(5, f"Spell {number} fails", "WARN") for number in range(4)]
    five = [at(5, f"Aura {number} fails", "WARN") for number in range(5)]

    report = logs.correlate({"Server.log": window(*four, *five)})

    assert [(count.text, count.count) for count in report.escalating] == [("Aura 4 fails", 5)]


def test_an_error_is_suspicious_at_three_and_a_null_pointer_at_once() -> None:
    lines = [
        *[at(5, "Invalid spell mod", "ERROR")] * 3,
        *[at(5, "Lost", "ERROR")] * 2,
        at(4, "Player is nullptr", "WARN"),
        at(4, "Invalid pointer passed", "ERROR"),
        at(4, "nullify all", "WARN"),
        at(4, "null is fine in information", "INFO"),
    ]

    report = logs.correlate({"Server.log": window(*lines)})

    assert {
        ("repeated error", "Invalid spell mod"),
        ("null pointer", "Player is nullptr"),
        ("null pointer", "Invalid pointer passed"),
    } == {(suspicion.reason, suspicion.line.text) for suspicion in report.suspicious}


def test_an_event_that_two_appenders_wrote_counts_once() -> None:
    """AzerothCore writes each error into Server.log and into Errors.log."""
    errors = [at(5, "Lost", "ERROR"), at(4, "Lost", "ERROR")]

    report = logs.correlate({"Server.log": window(at(6), *errors), "Errors.log": window(*errors)})

    assert [(count.logs, count.count) for count in report.errors] == [(("Server.log", "Errors.log"), 2)]
    assert report.suspicious == ()


def test_a_log_that_lost_lines_does_not_lower_the_count() -> None:
    errors = [at(5, "Lost", "ERROR")] * 3

    report = logs.correlate({"Server.log": window(*errors), "Errors.log": window(*errors[:1])})

    assert [count.count for count in report.errors] == [3]


def test_repeats_in_a_log_without_levels_are_shown_but_called_neither_warning_nor_error() -> None:
    lines = [LogLine(text=f"Spell {number} fails") for number in range(6)]

    report = logs.correlate({"Server.log": window(*lines, basis="tail", reference=None)})

    assert (report.errors, report.warnings, report.escalating) == ((), (), ())
    assert [(count.text, count.count, count.level) for count in report.repeated] == [("Spell 5 fails", 6, None)]


@pytest.mark.parametrize(
    "text",
    [
        "BotAI: Bot Boone (Player-1-00000007) attacking target",
        "Boone A:follow master - OK",
        "Executing CastSpell for Boone",
        "Bot Boone: CAST",
        "PriorityMultiplier: action=loot",
        "AttackAction",
    ],
)
def test_the_last_bot_action_is_found_with_its_age(text: str) -> None:
    report = logs.correlate(
        {
            "Playerbots.log": window(at(8, "Bot X: move"), at(4, text), at(2, "The faction tables are loaded")),
            "Server.log": window(at(1, "Executing the shutdown action")),
        }
    )

    assert report.last_bot_action is not None
    assert ("Playerbots.log", text, 4.0) == (
        report.last_bot_action.log,
        report.last_bot_action.line.text,
        report.last_bot_action.age_s,
    )


def test_a_bot_action_in_the_servers_log_is_known_by_its_logger() -> None:
    line = LogLine(time=CRASH, level="DEBUG", logger="module.playerbots", text="Boone casting Fireball")

    report = logs.correlate({"Server.log": window(line, at(0, "GM casting Fireball"))})

    assert report.last_bot_action is not None
    assert line == report.last_bot_action.line


def test_a_bot_action_older_than_ten_seconds_is_not_the_crashs() -> None:
    assert logs.correlate({"Playerbot.log": window(at(11, "Bot Boone: CAST"))}).last_bot_action is None


def test_the_age_of_a_bot_action_without_a_time_is_unknown() -> None:
    line = LogLine(text="Bot Boone: CAST")

    report = logs.correlate({"Playerbot.log": window(line, basis="tail", reference=None)})

    assert report.last_bot_action is not None
    assert report.last_bot_action.age_s is None


def test_a_quiet_log_says_nothing_of_the_crash() -> None:
    """Its last line is half an hour old, so its window is not the crash's."""
    old = [at(1800, "Bot Boone: CAST", "ERROR")] * 3
    windows = {"Server.log": logs.cut([at(90), at(1)], CRASH), "Playerbot.log": logs.cut(old, CRASH)}

    report = logs.correlate(windows)

    assert windows["Playerbot.log"].basis == "last line"
    assert (report.errors, report.last_bot_action) == ((), None)
    assert (
        "Playerbot.log: left out, because its last line (2025-10-31T00:45:37) is not of the minute of the crash."
        in report.notes
    )


def test_with_an_unknown_crash_time_the_logs_share_the_newest_last_line() -> None:
    windows = {
        "Server.log": logs.cut([at(1, "Lost", "ERROR")], None),
        "Playerbot.log": logs.cut([at(5, "Bot Boone: CAST")], None),
    }

    report = logs.correlate(windows)

    assert [count.text for count in report.errors] == ["Lost"]
    assert report.last_bot_action is not None
    assert report.last_bot_action.age_s == 4.0


def test_a_burst_gives_a_report_of_bounded_size() -> None:
    content = b"".join(
        b"2025-10-31_01:15:37 ERROR [s] %s %d\n" % (bytes([97 + number % 26, 97 + number // 26 % 26]) * 50, number)
        for number in range(5_000)
    )

    found = logs.cut(logs.parse(content), CRASH)
    report = logs.correlate({"Server.log": found}).to_json()

    assert len(json.dumps(report)) < 50_000
    assert len(json.dumps(found.to_json())) < 200_000


def test_a_report_goes_to_json_and_keeps_its_times() -> None:
    windows = {"Playerbot.log": window(at(3, "Bot Boone: CAST null", "ERROR"))}

    report = json.loads(json.dumps(logs.correlate(windows).to_json()))

    assert report["errors"][0]["last"] == "2025-10-31T01:15:34"
    assert report["last_bot_action"]["age_s"] == 3.0
    assert report["suspicious"][0]["reason"] == "null pointer"


def test_an_empty_log_is_an_empty_report() -> None:
    assert logs.parse(b"") == ()
    assert LogWindow(lines=(), basis="tail") == logs.cut((), CRASH)
    assert logs.correlate({"Server.log": logs.cut((), CRASH)}).errors == ()
    assert logs.LogReport() == logs.correlate({})


log_lines = st.builds(
    LogLine,
    time=st.none() | st.datetimes(),
    level=st.sampled_from([None, "ERROR", "WARN", "INFO"]),
    logger=st.none() | st.sampled_from(["playerbots", "server"]),
    text=st.text(max_size=50),
)


@given(
    st.dictionaries(st.sampled_from(["Server.log", "Playerbot.log"]), st.lists(log_lines, max_size=20)),
    st.none() | st.datetimes(),
)
def test_no_log_breaks_the_report(lines: dict[str, list[LogLine]], crashed_at: datetime | None) -> None:
    windows = {name: logs.cut(each, crashed_at) for name, each in lines.items()}

    report = logs.correlate(windows)

    kept = logs.current(windows)
    assert all(count.count <= max(len(each.lines) for each in kept.values()) for count in report.errors)
    json.dumps(report.to_json())


@pytest.mark.parametrize("rate", [1, 20, 2000], ids=lambda rate: f"{rate} lines a second")
@pytest.mark.parametrize("late_s", [-7200, -600, 0, 30, 600])
def test_of_a_long_tail_the_newest_lines_give_the_same_window(rate: int, late_s: int) -> None:
    start, count = CRASH - timedelta(seconds=4000 / rate), 4000
    lines = (
        f"{start + timedelta(seconds=number / rate):%Y-%m-%d %H:%M:%S} INFO line {number} of the world's long story\n"
        for number in range(count)
    )
    content = "".join(lines).encode()
    crashed_at = CRASH + timedelta(seconds=late_s)

    whole = logs.cut(logs.parse(content), crashed_at)
    found = logs.window(SavedLog(content=content), crashed_at)

    assert len(content) > log_windows.NEWEST_BYTES
    assert (whole.lines, whole.basis, whole.reference) == (found.lines, found.basis, found.reference)


def test_of_a_long_tail_without_times_the_last_lines_are_taken() -> None:
    content = b"".join(b"the world goes round %d\n" % number for number in range(10_000))
    assert logs.cut(logs.parse(content), CRASH).lines == logs.window(SavedLog(content=content), CRASH).lines

"""What a worldserver.conf tells of the logs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import worldserver_conf
from tasks.core.log_lines import Level, LogFormat

ALL = LogFormat(has_time=True, has_level=True, has_type=True)
BARE = LogFormat()
TRACE_FIRST = b"#  LogLevel\n#      0 - (Disabled)\n#      1 - (Trace)\n#      6 - (Fatal)\n"
FATAL_FIRST = b"#  LogLevel\n#      0 - (Disabled)\n#      1 - (Fatal)\n#      6 - (Trace)\n"


def formats(conf: bytes) -> dict[str, LogFormat]:
    return {file.name: file.log_format for file in worldserver_conf.parse(conf).files}


@pytest.mark.parametrize(
    ("conf", "expected"),
    [
        pytest.param(b"Appender.Server=2,2,0,Server.log,w", {"Server.log": BARE}, id="the default: no columns"),
        pytest.param(b"Appender.Server=2,2,7,Server.log,w\r\n", {"Server.log": ALL}, id="all columns"),
        pytest.param(
            b'Appender.Errors = "2,5,3,Errors.log,w"',
            {"Errors.log": LogFormat(has_time=True, has_level=True)},
            id="quoted",
        ),
        pytest.param(
            b'  Appender.Playerbots = 2, 5, 5, "Playerbots.log", a, 1000',
            {"Playerbots.log": LogFormat(has_time=True, has_type=True)},
            id="spaces and a quoted name",
        ),
        pytest.param(b"Appender.Server=2,2,23,Server.log,w", {"Server.log": ALL}, id="a backup is no column"),
        pytest.param(b"Appender.X=2,2,1,logs\\X.log", {"logs/X.log": LogFormat(has_time=True)}, id="a path"),
        pytest.param(b'Appender.Console=1,4,7,"1 9 3 6 5 8"', {}, id="a console writes no file"),
        pytest.param(b"# Appender.Server=2,2,7,Server.log,w", {}, id="a comment"),
        pytest.param(b"Appender.Server=2,2,many,Server.log", {}, id="flags that are no number"),
        pytest.param(b"Appender.Server=2", {}, id="too few fields"),
        pytest.param(b"Logger.root=5,Console Server", {}, id="a logger"),
    ],
)
def test_the_configuration_says_which_columns_a_log_has(conf: bytes, expected: dict[str, LogFormat]) -> None:
    assert expected == formats(conf)


@given(st.binary(max_size=500))
def test_any_bytes_are_a_configuration(conf: bytes) -> None:
    assert len(formats(b"Appender.X=" + conf)) <= 1


def test_the_folder_is_read_and_the_last_of_two_settings_counts() -> None:
    conf = (
        b'LogsDir = "logs"\r\nLogsDir = "C:\\Server\\Logs"\r\nAppender.A=2,2,0,A.log,w\r\nAppender.A=2,2,1,A.log,a\r\n'
    )

    found = worldserver_conf.parse(conf)

    assert ("C:\\Server\\Logs", {"A.log": LogFormat(has_time=True)}) == (found.folder, formats(conf))
    assert worldserver_conf.parse(b"").folder == ""


def test_a_log_with_its_date_in_the_name_is_a_pattern() -> None:
    conf = b"Appender.A=2,2,8,Server.log,w\nAppender.B=2,2,9,logs/errors,w\n"
    assert ["Server_*.log", "logs/errors_*"] == list(formats(conf))


def test_a_log_that_no_logger_writes_to_is_left_out() -> None:
    conf = b"Appender.Server=2,5,0,Server.log,w\nAppender.Old=2,5,0,Old.log,w\nLogger.root=4,Console Server\n"
    assert ["Server.log"] == list(formats(conf))


def test_files_for_each_account_are_left_out() -> None:
    assert {} == formats(b"Appender.GM=2,2,15,gm_%s.log\n")


@pytest.mark.parametrize(
    ("comments", "level", "expected"),
    [
        pytest.param(TRACE_FIRST, 5, "ERROR", id="TrinityCore counts up"),
        pytest.param(TRACE_FIRST, 2, None, id="TrinityCore's two is nearly everything"),
        pytest.param(FATAL_FIRST, 2, "ERROR", id="AzerothCore counts down"),
        pytest.param(FATAL_FIRST, 5, None, id="AzerothCore's five is nearly everything"),
        pytest.param(b"", 2, None, id="without the comments nobody knows which way the levels count"),
    ],
)
def test_a_log_that_takes_errors_only_gives_each_line_that_level(
    comments: bytes, level: int, expected: Level | None
) -> None:
    conf = comments + f"Appender.Errors=2,{level},0,Errors.log,w\n".encode()
    assert expected == formats(conf)["Errors.log"].least_level

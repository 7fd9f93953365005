"""Names of log files: what a pattern takes, and which files hold a log's earlier lines."""

import pytest

from tasks.core import log_names


@pytest.mark.parametrize(
    ("name", "log", "expected"),
    [
        pytest.param("Server.log.1", "Server.log", True, id="logrotate counts"),
        pytest.param(
            "Server.log.2025-10-31_01-15-40", "Server.log", True, id="the server's backup before it overwrites"
        ),
        pytest.param("Server.log-20251031", "Server.log", True, id="logrotate with dates"),
        pytest.param("Server_2025-10-31_01-15-40.log", "Server.log", True, id="a date before the suffix"),
        pytest.param("Server.log.old", "Server.log", True, id="old"),
        pytest.param("Server.log", "Server.log", False, id="the log itself"),
        pytest.param("Server.log.1.gz", "Server.log", False, id="compressed"),
        pytest.param("ServerErrors.log", "Server.log", False, id="another log"),
        pytest.param("Server_chat.log", "Server.log", False, id="another log with a word"),
        pytest.param("Server.log.conf", "Server.log", False, id="not a date"),
        pytest.param("Server_1.log", "Server_*.log", False, id="a pattern names its files itself"),
        pytest.param("worldlog.3", "worldlog", True, id="without a suffix"),
    ],
)
def test_a_log_that_was_rotated_away_is_known_by_its_name(name: str, log: str, *, expected: bool) -> None:
    assert expected == log_names.is_rotated(name, log)


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        pytest.param("Server.log", "Server.log", True, id="a name"),
        pytest.param("Server_2025-10-31_01-15-40.log", "Server_*.log", True, id="a pattern"),
        pytest.param("Server_1.log.gz", "Server_*", False, id="compressed"),
        pytest.param("[x]1.log", "[x]*.log", True, id="brackets are no pattern"),
        pytest.param("server_1.log", "Server_*.log", False, id="case counts"),
    ],
)
def test_a_pattern_takes_names(name: str, pattern: str, *, expected: bool) -> None:
    assert expected == log_names.matches(name, pattern)


def test_a_file_is_of_a_log_in_the_same_folder_only() -> None:
    assert log_names.is_of("/srv/logs/Server.log.1", "/srv/logs/Server.log")
    assert not log_names.is_of("/srv/crashes/Server.log.1", "/srv/logs/Server.log")

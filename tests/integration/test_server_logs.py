"""Which logs a server writes, by its own configuration."""

from pathlib import Path

from tasks.core.configuration import ServerSettings
from tasks.core.log_lines import LogFormat
from tasks.steps import server_logs

CONF = b"""
LogsDir = "logs"
Appender.Server=2,2,1,Server.log,w
Appender.Errors=2,5,9,Errors.log,w
"""


def test_the_logs_lie_where_the_server_was_started(tmp_path: Path) -> None:
    conf = tmp_path / "etc" / "worldserver.conf"
    conf.parent.mkdir()
    conf.write_bytes(CONF)
    own = tmp_path / "Own.log"
    server = ServerSettings(name="a", logs=(own,), worldserver_conf=conf, executable=tmp_path / "bin" / "worldserver")

    found = server_logs.of(server)

    folder = tmp_path / "bin" / "logs"
    assert (own, folder / "Server.log", folder / "Errors_*.log") == found.paths
    assert LogFormat(has_time=True) == found.format_of("Server.log")
    assert LogFormat(has_time=True) == found.format_of("Server.log.1")
    assert LogFormat(has_time=True) == found.format_of("Errors_2025-10-31_01-15-40.log")
    assert found.format_of("Own.log") is None


def test_a_log_that_both_configurations_name_is_read_once(tmp_path: Path) -> None:
    conf = tmp_path / "worldserver.conf"
    conf.write_bytes(b"Appender.Server=2,2,1,Server.log,w\n")
    server = ServerSettings(name="a", logs=(tmp_path / "Server.log",), worldserver_conf=conf)

    assert (tmp_path / "Server.log",) == server_logs.of(server).paths


def test_a_missing_configuration_is_said_and_stops_nothing(tmp_path: Path) -> None:
    server = ServerSettings(name="a", logs=(tmp_path / "Server.log",), worldserver_conf=tmp_path / "no.conf")

    found = server_logs.of(server)

    assert (tmp_path / "Server.log",) == found.paths
    assert found.unread is not None

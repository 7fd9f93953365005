"""crashflow.toml: what it may say, and how a wrong one is reported."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.core import configuration
from tasks.core.errors import ConfigurationError

FOLDER = Path("/srv/game")


def test_paths_are_taken_from_the_files_folder() -> None:
    text = '[[server]]\nname = "a"\nlogs = ["Server.log", "/var/log/Bots.log"]\n[server.source]\nrepository = "src"\n'
    server = configuration.parse(text, name="crashflow.toml", folder=FOLDER).server[0]
    assert (FOLDER / "Server.log", Path("/var/log/Bots.log")) == server.logs
    assert server.source is not None
    assert FOLDER / "src" == server.source.repository


def test_the_servers_own_configuration_and_clock_are_named() -> None:
    text = '[[server]]\nname = "a"\nworldserver_conf = "etc/worldserver.conf"\ntime_zone = "Europe/Berlin"\n'
    server = configuration.parse(text, name="crashflow.toml", folder=FOLDER).server[0]
    assert FOLDER / "etc/worldserver.conf" == server.worldserver_conf
    assert ZoneInfo("Europe/Berlin") == server.time_zone


def test_an_empty_file_has_the_defaults() -> None:
    assert "pr" == configuration.parse("", name="x", folder=FOLDER).mode


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param('mode = "fast"\n', "line 1, mode", id="a wrong value, with its line and key"),
        pytest.param('[[server]]\nname = "a"\nlog = ["x"]\n', "line 3, server.0.log", id="an unknown key"),
        pytest.param('[[server]]\nname = "a b"\n', "name", id="a name with a space"),
        pytest.param('[[server]]\nname = "a"\n[[server]]\nname = "a"\n', "same name", id="two servers of one name"),
        pytest.param('[[server]]\nname = "a"\ntime_zone = "Mars/Base"\n', "line 3, server.0.time_zone", id="no zone"),
        pytest.param("[[server]\n", "not valid TOML", id="no TOML"),
        pytest.param(
            '[[server]]\nname = "a"\nlogs = ["x"]\n[[server]]\nname = "b"\nlogs = 3\n',
            "line 6, server.1.logs: Input should be a valid tuple",
            id="the second server's key",
        ),
        pytest.param('[[server]]\nname = "a"\nlog = ["x"]\n', "did you mean logs", id="the nearest key is suggested"),
        pytest.param(
            '[[server]]\nname = "a"\n[server.build]\ncompiler = ["x"]\n',
            "line 4, server.0.build.compiler: there is no such key; did you mean compile",
            id="the nearest key of an inner table",
        ),
        pytest.param("[forge]\nxyz = 1\n", "known are kind, folder", id="no key is near"),
        pytest.param("[[server]]\nlogs = []\n", "line 1, server.0.name: this key is required", id="a missing key"),
    ],
)
def test_a_wrong_file_is_one_clear_sentence(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        configuration.parse(text, name="crashflow.toml", folder=FOLDER)
    assert "crashflow.toml" in str(caught.value)

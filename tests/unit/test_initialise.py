"""The crashflow.toml that `crashflow init` writes."""

import re
from pathlib import Path

import pytest

from deployments import initialise
from deployments.initialise import Findings
from tasks.core import configuration
from tasks.core.errors import ConfigurationError

FOLDER = Path("/srv/game")


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^#(?=[\[a-z_]+)", "", text)


def test_what_it_writes_is_a_configuration_of_one_server() -> None:
    parsed = configuration.parse(initialise.render(Findings()), name="crashflow.toml", folder=FOLDER)
    assert ["server"] == [server.name for server in parsed.server]
    assert parsed.server[0].source is None


def test_every_key_stands_in_it_with_a_value_that_is_right() -> None:
    text = uncommented(initialise.render(Findings()))
    parsed = configuration.parse(text, name="crashflow.toml", folder=FOLDER)
    set_keys = {
        *parsed.model_fields_set,
        *(f"forge.{key}" for key in parsed.forge.model_fields_set),
        *(f"notify.{key}" for key in parsed.notify.model_fields_set),
        *(f"server.{key}" for key in parsed.server[0].model_fields_set),
        *(f"server.build.{key}" for key in parsed.server[0].build.model_fields_set),
        *(f"server.source.{key}" for key in parsed.server[0].source.model_fields_set if parsed.server[0].source),
    }
    assert set() == set(configuration.keys()) - set_keys


def test_what_a_folder_holds_is_filled_in(tmp_path: Path) -> None:
    for name in ("Crashes", "logs", "build/bin", ".git"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "logs" / "Server.log").touch()
    (tmp_path / "CMakeLists.txt").touch()
    program = tmp_path / "build" / "bin" / "worldserver"
    program.touch(mode=0o755)
    path = initialise.write(tmp_path, is_forced=False)
    server = configuration.parse(path.read_text(), name=str(path), folder=tmp_path).server[0]
    assert (tmp_path / "Crashes",) == server.crash_folders
    assert (tmp_path / "logs" / "Server.log",) == server.logs
    assert program == server.executable
    assert server.source is not None
    assert ("cmake", "--build", "build") == server.build.compile


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / "crashflow.toml").write_text("mine")
    with pytest.raises(ConfigurationError, match="--force"):
        initialise.write(tmp_path, is_forced=False)
    assert "mine" == (tmp_path / "crashflow.toml").read_text()
    initialise.write(tmp_path, is_forced=True)
    assert "mine" != (tmp_path / "crashflow.toml").read_text()

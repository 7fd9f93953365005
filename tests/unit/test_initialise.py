"""The crashflow.toml that `crashflow init` writes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from deployments import initialise
from deployments.initialise import Findings
from tasks.core import answers, configuration
from tasks.core.errors import ConfigurationError

FOLDER = Path("/srv/game")


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^#(?=[\[a-z_]+)", "", text)


def test_what_it_writes_is_a_configuration_of_one_server() -> None:
    parsed = configuration.parse(initialise.render(Findings()), name="crashflow.toml", folder=FOLDER)
    assert ["server"] == [server.name for server in parsed.server]
    assert parsed.server[0].source is None


def _set_keys(table: BaseModel, prefix: str = "") -> Iterator[str]:
    """Every key that was written in a table and in the tables below it."""
    for name in table.model_fields_set:
        yield prefix + name
        value = getattr(table, name)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        for each in inner:
            if isinstance(each, BaseModel):
                yield from _set_keys(each, f"{prefix}{name}.")


def test_every_key_stands_in_it_with_a_value_that_is_right() -> None:
    text = uncommented(initialise.render(Findings()))
    parsed = configuration.parse(text, name="crashflow.toml", folder=FOLDER)
    set_keys = set(_set_keys(parsed))
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


def test_the_command_of_claude_code_names_the_queue_and_the_form_of_an_answer(tmp_path: Path) -> None:
    path = initialise.write_command(tmp_path, Path("/srv/queue"), timeout_s=600, is_forced=False)
    text = path.read_text()
    assert "The queue lies in `/srv/queue`" in text
    form = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert form is not None
    value = form[1].replace('"ID"', '"0123abcd"')
    assert "fix" == answers.parse(value, request_id="0123abcd").outcome
    with pytest.raises(ConfigurationError, match="--force"):
        initialise.write_command(tmp_path, Path("/srv/queue"), timeout_s=600, is_forced=False)

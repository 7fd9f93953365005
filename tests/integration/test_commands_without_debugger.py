"""A core whose debugger is missing: the command says at once what is needed, and the core is recorded all the same."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from db.session import Database
from tasks.core.errors import ToolMissingError
from tasks.steps import reading
from tests import crash_files

CORE = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HH", 4, 62) + b"\0" * 44


def crashflow(database: Database, home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line with no program on PATH."""
    environment = {
        "PATH": str(home / "empty"),
        "CRASHFLOW_HOME": str(home),
        "CRASHFLOW_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
    }
    return subprocess.run(
        [sys.executable, "-m", "deployments.cli", *words],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["run", "ingest"])
def test_the_sentence_comes_before_prefect_is_started(database: Database, tmp_path: Path, command: str) -> None:
    core = tmp_path / "core.1"
    core.write_bytes(CORE)
    done = crashflow(database, tmp_path, command, core)
    assert (1, "") == (done.returncode, done.stdout)
    assert "Error: gdb is not installed; it is needed to read the stacks of an ELF core." in done.stderr
    assert "apt-get install gdb" in done.stderr
    assert not (tmp_path / "prefect").exists()
    with database.transaction() as session:
        assert ["CRASH_DETECTED"] == session.execute(sql("SELECT state FROM dump")).scalars().all()


def test_a_report_beside_the_core_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "core.1").write_bytes(CORE)
    (tmp_path / "report.txt").write_bytes(crash_files.text(1))
    monkeypatch.setenv("PATH", os.devnull)
    reading.check_debugger([tmp_path / "core.1", tmp_path / "report.txt"])
    reading.check_debugger([])
    with pytest.raises(ToolMissingError):
        reading.check_debugger([tmp_path / "core.1"])

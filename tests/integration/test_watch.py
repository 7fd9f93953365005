"""What an operator may rely on: each file in a crash folder is recorded once, whatever happens to the watcher."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from db import dumps
from db.session import Database
from db.settings import Settings
from deployments.watch import FOLLOW_S, Surroundings, Watcher
from tasks.clients import knowledge
from tasks.clients.folders import FolderWatch
from tasks.clients.log_follower import SLACK_S
from tasks.core.configuration import Configuration, ServerSettings
from tasks.core.errors import DatabaseError
from tasks.steps import ingest
from tasks.steps.workspace import Workspace
from tests import crash_files

PATIENCE_S = 60.0
CAPTURES = 1000 if os.environ.get("CRASHFLOW_NIGHTLY") else 60
KILLS = 4


@dataclass
class Watching:
    """A watcher in this process, and what it said."""

    database: Database
    folder: Path
    log: Path
    said: list[str] = field(default_factory=list)
    wishes: list[float] = field(default_factory=list)
    is_down: bool = False
    folders: tuple[Path, ...] = ()
    answers: Path | None = None
    _watcher: Watcher | None = None
    _thread: threading.Thread | None = None

    def connect(self) -> Database:
        if self.is_down:
            raise DatabaseError("the server is gone.")
        return self.database

    def start(self) -> None:
        server = ServerSettings(name="s", crash_folders=self.folders or (self.folder,), logs=(self.log,))
        around = Surroundings(
            connect=self.connect, wish=lambda: self.wishes.append(time.monotonic()), tell=self.said.append
        )
        self._watcher = Watcher([server], around, settle_s=0.5, answers=self.answers)
        self._thread = threading.Thread(target=self._watcher.run)
        self._thread.start()

    def stop(self) -> None:
        if self._watcher is not None and self._thread is not None:
            self._watcher.stop()
            self._thread.join()

    def dumps(self) -> list[dict[str, Any]]:
        with self.database.transaction() as session:
            rows = session.execute(sql("SELECT id, path, size, state, error FROM dump ORDER BY id")).mappings()
            return [dict(row) for row in rows]

    def names(self) -> list[str]:
        return sorted(Path(row["path"]).name for row in self.dumps())


def wait_for(is_true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not is_true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


@pytest.fixture
def watching(database: Database, tmp_path: Path) -> Iterator[Watching]:
    folder, log = tmp_path / "crashes", tmp_path / "Server.log"
    folder.mkdir()
    log.write_bytes(b"one\n")
    made = Watching(database=database, folder=folder, log=log)
    yield made
    made.stop()


def test_files_that_were_there_before_and_that_come_are_recorded_once(watching: Watching) -> None:
    (watching.folder / "core.1").write_bytes(b"old")
    os.utime(watching.folder / "core.1", (1, 1))
    watching.start()
    wait_for(lambda: ["core.1"] == watching.names())
    (watching.folder / "core.2").write_bytes(b"new")
    wait_for(lambda: ["core.1", "core.2"] == watching.names())
    watching.stop()
    watching.start()
    (watching.folder / "core.3").write_bytes(b"newer")
    wait_for(lambda: ["core.1", "core.2", "core.3"] == watching.names())
    assert watching.wishes


def test_an_answer_in_the_queue_has_a_run_asked_for_and_is_no_dump(watching: Watching, tmp_path: Path) -> None:
    watching.answers = tmp_path / "responses"
    watching.answers.mkdir()
    watching.start()
    (watching.folder / "core.1").write_bytes(b"x")
    wait_for(lambda: ["core.1"] == watching.names() and bool(watching.wishes))
    before = len(watching.wishes)
    (watching.answers / ".response.tmp").write_text("{}")
    (watching.answers / ".response.tmp").rename(watching.answers / "response_0123abcd.json")
    wait_for(lambda: len(watching.wishes) > before)
    assert ["core.1"] == watching.names()


def test_what_is_no_file_of_a_crash_stops_nothing(watching: Watching, tmp_path: Path) -> None:
    os.mkfifo(watching.folder / "fifo")
    (watching.folder / "link").symlink_to(watching.log)
    (watching.folder / "folder").mkdir()
    (watching.folder / ".hidden").write_bytes(b"x")
    (watching.folder / "core.tmp").write_bytes(b"x")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.relpath(watching.folder / "socket"))
    (watching.folder / os.fsdecode(b"core\xff")).write_bytes(b"x")
    with (watching.folder / "huge").open("wb") as stream:
        stream.truncate(8 * 1024**4)
    (watching.folder / "unreadable").write_bytes(b"x")
    (watching.folder / "unreadable").chmod(0)
    watching.start()
    (watching.folder / "core.1").write_bytes(b"x")

    wait_for(lambda: ["core.1", "huge", "unreadable"] == watching.names())
    assert any("can't be stored" in sentence for sentence in watching.said)
    listener.close()


def test_a_file_that_grows_for_seconds_is_recorded_when_its_writer_is_done(watching: Watching) -> None:
    watching.start()
    content = crash_files.text(1)
    with (watching.folder / "report.txt").open("wb") as stream:
        for start in range(0, len(content), 100):
            stream.write(content[start : start + 100])
            stream.flush()
            time.sleep(0.15)
    wait_for(lambda: bool(watching.dumps()))
    time.sleep(1)
    assert [len(content)] == [row["size"] for row in watching.dumps()]


def test_a_file_that_its_writer_never_closes_is_recorded_when_it_rests(watching: Watching) -> None:
    watching.start()
    with (watching.folder / "core.9").open("wb") as stream:
        stream.write(b"core")
        stream.flush()
        wait_for(lambda: ["core.9"] == watching.names())


def test_an_empty_file_is_recorded_when_it_has_grown(watching: Watching) -> None:
    watching.start()
    (watching.folder / "core.1").touch()
    (watching.folder / "core.2").write_bytes(b"x")
    wait_for(lambda: bool(watching.dumps()))
    assert ["core.2"] == watching.names()
    (watching.folder / "core.1").write_bytes(b"now")
    wait_for(lambda: ["core.1", "core.2"] == watching.names())


def test_moved_and_overwritten_files_are_recorded(watching: Watching, tmp_path: Path) -> None:
    watching.start()
    wait_for(lambda: bool(watching.wishes) or not watching.dumps())
    (tmp_path / "made").write_bytes(b"elsewhere")
    (tmp_path / "made").rename(watching.folder / "core")
    wait_for(lambda: ["core"] == watching.names())
    (watching.folder / "other.tmp").write_bytes(b"within the folder")
    (watching.folder / "other.tmp").rename(watching.folder / "other")
    wait_for(lambda: ["core", "other"] == watching.names())
    (watching.folder / "core").write_bytes(b"the next crash")
    wait_for(lambda: ["core", "core", "other"] == watching.names())


def test_a_folder_that_vanishes_is_told_once_and_watched_when_it_is_back(watching: Watching) -> None:
    watching.start()
    (watching.folder / "core.1").write_bytes(b"x")
    wait_for(lambda: ["core.1"] == watching.names())
    (watching.folder / "core.1").unlink()
    watching.folder.rmdir()
    wait_for(lambda: any("is not there" in sentence for sentence in watching.said))
    time.sleep(3)
    watching.folder.mkdir()
    (watching.folder / "core.2").write_bytes(b"x")
    wait_for(lambda: ["core.1", "core.2"] == watching.names())
    assert 1 == sum("is not there" in sentence for sentence in watching.said)
    (watching.folder / "core.3").write_bytes(b"x")
    wait_for(lambda: "core.3" in watching.names())


def test_while_the_database_is_away_nothing_is_lost_and_one_sentence_is_said(watching: Watching) -> None:
    watching.is_down = True
    watching.start()
    for number in range(20):
        (watching.folder / f"core.{number}").write_bytes(b"x")
        watching.log.write_bytes(b"line %d\n" % number)
    time.sleep(3)
    watching.is_down = False
    wait_for(lambda: 20 == len(watching.dumps()))
    assert 2 == sum("database" in sentence for sentence in watching.said)


def test_the_log_at_each_crash_is_kept_although_its_bytes_are_stored_once(watching: Watching) -> None:
    watching.log.write_bytes(b"%d\n" % 1 * 100_000)
    watching.start()
    for number in range(30):
        with watching.log.open("ab") as log:
            log.write(b"before %d\n" % number)
        (watching.folder / f"core.{number}").write_bytes(b"x")
        wait_for(lambda: number < len(watching.dumps()))  # noqa: B023
    # What is written and truncated between two looks at the log is not seen.
    time.sleep(10 * FOLLOW_S)
    watching.log.write_bytes(b"the server was started again\n")
    (watching.folder / "core.last").write_bytes(b"x")
    wait_for(lambda: 31 == len(watching.dumps()))

    with watching.database.transaction() as session:
        contents = {Path(row["path"]).name: dumps.tails(session, row["id"]) for row in watching.dumps()}
        stored = session.execute(sql("SELECT sum(length(content)) FROM log_tail")).scalar_one()
        raw = session.execute(sql("SELECT count(*) FROM log_tail WHERE continues_id IS NULL")).scalar_one()
    for number in range(30):
        ((row, content),) = contents[f"core.{number}"]
        assert content.endswith(b"before %d\n" % number)
        assert len(content) == row.file_size
    assert contents["core.last"][0][1].endswith(b"before 29\nthe server was started again\n")
    assert (2, True) == (raw, stored < 100_000)


def test_the_lines_before_a_crash_are_kept_although_a_restart_truncated_the_log_first(watching: Watching) -> None:
    watching.start()
    with watching.log.open("ab") as log:
        log.write(b"the last words\n")
    time.sleep(10 * FOLLOW_S)
    crashed_at = time.time()
    time.sleep(SLACK_S)
    watching.log.write_bytes(b"the server was started again\n")
    time.sleep(10 * FOLLOW_S)
    core = watching.folder.parent / "core.1"
    core.write_bytes(b"x")
    os.utime(core, (crashed_at, crashed_at))
    core.rename(watching.folder / "core.1")
    wait_for(lambda: 1 == len(watching.dumps()))

    with watching.database.transaction() as session:
        ((_, content),) = dumps.tails(session, watching.dumps()[0]["id"])
    assert b"one\nthe last words\n" == content


def test_where_the_system_reports_nothing_folders_are_polled(tmp_path: Path) -> None:
    seen: list[str] = []
    watch = FolderWatch((tmp_path,), lambda event: seen.append(Path(event.path).name), print, is_polling=True)
    try:
        watch.refresh()
        time.sleep(0.2)
        (tmp_path / "core").write_bytes(b"x")
        wait_for(lambda: "core" in seen)
        assert watch.is_polling
    finally:
        watch.stop()


def test_neither_the_watcher_nor_its_detection_imports_prefect() -> None:
    program = "import deployments.watch, sys; print('prefect' in sys.modules)"
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()


@dataclass
class Program:
    """The watcher as a program of its own, as ``up`` starts it."""

    folder: Path
    environment: dict[str, str]
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = (sys.executable, "-m", "deployments.watch")
        self.child = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE)
        assert self.child.stderr is not None
        while b"Watching" not in (line := self.child.stderr.readline()):
            assert line, "the watcher ended"
        threading.Thread(target=self.child.stderr.read, daemon=True).start()

    def end(self, number: int) -> int:
        assert self.child is not None
        self.child.send_signal(number)
        return self.child.wait(timeout=30)


@pytest.fixture
def program(database: Database, tmp_path: Path) -> Iterator[Program]:
    (tmp_path / "crashes").mkdir()
    (tmp_path / "Server.log").write_bytes(b"one\n")
    (tmp_path / "crashflow.toml").write_text(
        '[[server]]\nname = "s"\ncrash_folders = ["crashes"]\nlogs = ["Server.log"]\n', encoding="utf-8"
    )
    address = database.engine.url.render_as_string(hide_password=False)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {
        "CRASHFLOW_CONFIG": str(tmp_path / "crashflow.toml"),
        "CRASHFLOW_HOME": str(tmp_path / "state"),
        "CRASHFLOW_DATABASE_URL": address.replace("postgresql+psycopg", "postgresql"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    made = Program(folder=tmp_path / "crashes", environment=environment)
    yield made
    if made.child is not None and made.child.poll() is None:
        made.child.kill()
        made.child.wait()


def count(database: Database, table: str) -> int:
    with database.transaction() as session:
        return int(session.execute(sql(f"SELECT count(*) FROM {table}")).scalar_one())


def test_every_capture_is_one_crash_although_the_watcher_is_killed_in_between(
    program: Program, database: Database, tmp_path: Path
) -> None:
    pairs = CAPTURES // 5
    program.start()
    for number in range(CAPTURES):
        if number % (CAPTURES // KILLS) == CAPTURES // KILLS // 2:
            program.end(signal.SIGKILL)
        if number % (CAPTURES // KILLS) == CAPTURES // KILLS - 1:
            program.start()
        if number < pairs:
            crash_files.write_pair(program.folder, number)
        else:
            (program.folder / f"{crash_files.stem(number)}.txt").write_bytes(crash_files.text(number))
    wait_for(lambda: CAPTURES + pairs == count(database, "dump"), patience_s=120)
    assert 0 == program.end(signal.SIGTERM)

    server = ServerSettings(name="s")
    settings = Settings(configuration=Configuration(server=(server,)), state_folder=tmp_path / "state")
    room = Workspace(settings=settings, database=database, lists=knowledge.stack_lists())
    while claimed := ingest.claim_in(room):
        ingest.place_in(room, [ingest.read_in(room, dump) for dump in claimed])

    assert (CAPTURES, CAPTURES + pairs) == (count(database, "crash"), count(database, "dump"))
    assert 0 == count(database, "dump WHERE state <> 'PARSED'")


def test_one_watcher_works_for_a_state_folder_and_it_ends_when_told(program: Program) -> None:
    program.start()
    command = (sys.executable, "-m", "deployments.watch")
    second = subprocess.run(command, env=program.environment, capture_output=True, text=True, check=False)
    assert (1, True) == (second.returncode, "end it first" in second.stderr)
    assert 0 == program.end(signal.SIGINT)

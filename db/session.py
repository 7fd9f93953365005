"""Connections to the crash database: one engine a process, one transaction a unit of work."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session

from db import embedded
from db.settings import DATABASE_VARIABLE, Settings
from tasks.core.errors import ConfigurationError, DatabaseError

READER_ROLE = "crashflow_reader"
CONNECT_TIMEOUT_S = 10
NOTICE_S = 5.0
UNREACHABLE = (OperationalError, psycopg.OperationalError)
"""What SQLAlchemy and psycopg raise where the server is gone; a later transaction connects again."""

CONTENDED = (*UNREACHABLE, psycopg.errors.UniqueViolation)


def is_contention(error: BaseException) -> bool:
    """Tell whether a transaction failed only because of another one, so that it can be done again at once."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return not isinstance(cause, psycopg.Error) or isinstance(
        cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure | psycopg.errors.UniqueViolation
    )


@event.listens_for(Session, "do_orm_execute")
def _write_before_reading(execution: ORMExecuteState) -> None:
    """Let plain SQL see what the session holds unwritten; SQLAlchemy 2.1 does that by itself, 2.0 for objects only."""
    if not execution.is_orm_statement:
        execution.session.flush()


@dataclass(frozen=True, kw_only=True)
class Database:
    """The crash database of one installation."""

    engine: Engine

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session whose work is committed at the end, or undone where an exception leaves the block."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def check(self) -> None:
        """
        Ask the server for one row.

        Raises:
            DatabaseError: it can't be reached; the text says why.
        """
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
            message = (
                f"Postgres can't be reached: {reason}. Check {DATABASE_VARIABLE}, or unset it to use the embedded one."
            )
            raise DatabaseError(message) from error

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def url(settings: Settings) -> str:
    """
    Return the SQLAlchemy URL of the configured database; the embedded Postgres is started where none is configured.

    Raises:
        ConfigurationError: ``CRASHFLOW_DATABASE_URL`` is no Postgres URL.
        DatabaseError: the embedded Postgres does not start.
    """
    if settings.database_url is None:
        server = embedded.locate(settings.state_folder)
        server.start()
        return server.url()
    try:
        parsed = make_url(settings.database_url)
    except ArgumentError as error:
        raise ConfigurationError(
            f"{DATABASE_VARIABLE} is no database URL; expected postgresql://user@host/name."
        ) from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigurationError(f"{DATABASE_VARIABLE} names {parsed.get_backend_name()}; crashflow needs Postgres.")
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(settings: Settings) -> str:
    """Return the URL as psql and other libpq programs read it. It may hold a password: never log it."""
    parsed = make_url(url(settings))
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def connect(settings: Settings) -> Database:
    """
    Connect to the configured database, starting the embedded Postgres if need be.

    Raises:
        ConfigurationError: the URL is wrong.
        DatabaseError: the server can't be reached.
    """
    engine = create_engine(
        url(settings),
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "crashflow"},
    )
    database = Database(engine=engine)
    database.check()
    return database


def stop_unused(settings: Settings) -> bool:
    """
    Stop the embedded Postgres where nobody is connected to it any more; say whether it is stopped.

    A server that ``CRASHFLOW_DATABASE_URL`` names is never touched. Close your own connections first.

    Raises:
        DatabaseError: it does not stop in time.
    """
    if settings.database_url is not None:
        return False
    server = embedded.locate(settings.state_folder)
    if not server.is_running():
        return True
    # The server notices a moment later that a client was killed.
    deadline = time.monotonic() + NOTICE_S
    while _has_clients(server):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    server.stop()
    return True


def _has_clients(server: embedded.EmbeddedPostgres) -> bool:
    count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    try:
        with psycopg.connect(server.dsn(), connect_timeout=CONNECT_TIMEOUT_S) as connection:
            row = connection.execute(count).fetchone()
    except psycopg.Error as error:
        raise DatabaseError(f"Postgres in {server.folder} can't be asked whether it is used: {error}.") from error
    return row is None or row[0] > 0

"""A real Postgres for a session, migrated once; each test gets a copy of the migrated database."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from db import migrate, patterns
from db.embedded import EmbeddedPostgres, locate
from db.session import Database
from tasks.clients import knowledge

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """An embedded server in a folder that its account can reach; pytest's own folders are closed to other accounts."""
    folder = Path(tempfile.mkdtemp(prefix="crashflow-test-"))
    folder.chmod(0o711)
    server = locate(folder, shared_room=folder / "shared")
    server.start()
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        # Nothing of it has to outlive the machine, and a database for each test is thousands of files.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with the schema and the pattern packs."""
    _create(postgres, "migrated", "template0")
    database = _connect(postgres, "migrated")
    migrate.upgrade(database)
    with database.transaction() as session:
        for pack in knowledge.pattern_packs():
            patterns.import_pack(session, pack)
    database.close()
    return "migrated"


@pytest.fixture
def database(postgres: EmbeddedPostgres, template: str) -> Iterator[Database]:
    """A migrated database of the test's own."""
    name = f"test_{next(_NUMBERS)}"
    _create(postgres, name, template)
    database = _connect(postgres, name)
    yield database
    database.close()


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A database without any table."""
    name = f"empty_{next(_NUMBERS)}"
    _create(postgres, name, "template0")
    database = _connect(postgres, name)
    yield database
    database.close()


def _create(postgres: EmbeddedPostgres, name: str, template: str) -> None:
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]


def _connect(postgres: EmbeddedPostgres, name: str) -> Database:
    return Database(engine=create_engine(postgres.url(name)))

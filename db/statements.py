"""
SQL straight through psycopg, in a session's transaction.

For what runs for every crash or chunk: SQLAlchemy's part of such a statement takes as long as Postgres itself. Types
of columns do not act here: texts go through ``storable`` before.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from sqlmodel import Session


def connection(session: Session) -> psycopg.Connection[tuple[Any, ...]]:
    """Return the driver's connection, once what the session holds unwritten is written."""
    session.flush()
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def rows(session: Session, statement: LiteralString, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement with ``%(name)s`` in it, prepared from the first time on, and return its rows."""
    return connection(session).execute(statement, values, prepare=True).fetchall()


def run(session: Session, statement: LiteralString, values: Mapping[str, Any]) -> None:
    """Run a statement that returns no rows, or whose rows nobody needs."""
    connection(session).execute(statement, values, prepare=True)

"""Many rows at once: written by COPY, with ids that were drawn beforehand, so that rows can name each other."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlmodel import Session

from db import storable


def draw_ids(session: Session, table: str, count: int) -> list[int]:
    """Draw ids for rows of a table, ascending."""
    if not count:
        return []
    query = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
    return sorted(session.execute(query, {"table": table, "count": count}).scalars())


def copy(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """
    Write rows in the session's transaction.

    Types of columns do not act here: texts go through ``storable`` and arrays through ``array`` before, JSON is text.
    """
    session.flush()
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as writer:
        for row in rows:
            writer.write_row(row)


def array(values: Iterable[str]) -> str:
    """Write texts as an array of Postgres, whatever stands in them."""
    quoted = (storable.text(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"

"""Many rows at once: written by COPY, with ids that were drawn beforehand, so that rows can name each other."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlmodel import Session

from db import statements, storable


def draw_ids(session: Session, table: str, count: int) -> list[int]:
    """Draw ids for rows of a table, ascending."""
    if not count:
        return []
    query = "SELECT nextval(pg_get_serial_sequence(%(table)s, 'id')) FROM generate_series(1, %(count)s)"
    return sorted(number for (number,) in statements.rows(session, query, {"table": table, "count": count}))


def copy(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """
    Write rows in the session's transaction.

    Types of columns do not act here: texts go through ``storable`` and arrays through ``array`` before, JSON is text.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with statements.connection(session).cursor() as cursor, cursor.copy(statement) as writer:
        for row in rows:
            writer.write_row(row)


def array(values: Iterable[str]) -> str:
    """Write texts as an array of Postgres, whatever stands in them."""
    quoted = (storable.text(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"

"""How Alembic reaches the database: always through the connection that the caller hands over."""

from alembic import context
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from db import models  # noqa: F401  importing the models fills the metadata

LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "10min"


def run(connection: Connection) -> None:
    """Apply the migrations in one transaction that neither waits for locks nor runs without end."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        context.run_migrations()


run(context.config.attributes["connection"])

"""Bring the schema up to date, then import the pattern packs that ship with crashflow."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import migrations
from db.session import Database

_LOCK = 0x63726173
"""The advisory lock under which one process migrates while others wait ("cras")."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database) -> None:
    """Apply all migrations; safe to call from several processes at once."""
    config = _config()
    with database.engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if revision(database) != head():
            with database.engine.connect() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()


def downgrade(database: Database, target: str) -> None:
    """Undo migrations down to ``target`` (``base`` for all)."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, target)
        connection.commit()


def revision(database: Database) -> str | None:
    """Return the revision of the schema in the database, None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the newest revision that this version of crashflow knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()

"""
Bring the schema up to date.

Every run asks whether it is, and nearly always it is: alembic is imported only where there is something to do.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

import migrations
from db.session import Database

_LOCK = 0x63726173
"""The advisory lock under which one process migrates while others wait ("cras")."""


if TYPE_CHECKING:
    from alembic.config import Config


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database) -> None:
    """Apply all migrations; safe to call from several processes at once."""
    if revision(database) == head():
        return
    from alembic import command  # noqa: PLC0415

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
    from alembic import command  # noqa: PLC0415

    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, target)
        connection.commit()


def revision(database: Database) -> str | None:
    """Return the revision of the schema in the database, None for an empty one."""
    with database.engine.connect() as connection:
        if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def head() -> str:
    """Return the newest revision that this version of crashflow knows: the number by which its file's name begins."""
    files = (Path(migrations.__file__).parent / "versions").glob("[0-9]*_*.py")
    return max(file.name.partition("_")[0] for file in files)

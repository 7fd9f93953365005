"""``crashflow db``: the crash database for people who ask in SQL."""

import os
from collections.abc import Sequence

from sqlalchemy import make_url

from db import embedded, session
from db.session import READER_ROLE
from db.settings import Settings
from tasks.clients import process
from tasks.steps.workspace import open_workspace

_TERMINAL = ("TERM", "PAGER", "LESS", "PSQL_PAGER", "EDITOR", "PSQLRC", "COLUMNS", "LINES")


def prepare(settings: Settings) -> None:
    """
    Bring the schema up to date, so that the views are there.

    Raises:
        DatabaseError: Postgres can't be reached.
    """
    open_workspace(settings).database.close()


def url(settings: Settings, *, is_read_only: bool) -> str:
    """Return the URL for libpq programs; it names the read-only role where that is asked for."""
    parsed = make_url(session.libpq_url(settings))
    if is_read_only and settings.database_url is None:
        parsed = parsed.set(username=READER_ROLE)
    elif is_read_only:
        parsed = parsed.update_query_dict({"options": f"-crole={READER_ROLE}"})
    return parsed.render_as_string(hide_password=False)


def psql(settings: Settings, arguments: Sequence[str], *, is_read_only: bool) -> int:
    """
    Hand the terminal to psql and return its exit code.

    The password, if there is one, goes through the environment: other users can read a command line.

    Raises:
        ToolMissingError: the wheel that ships psql is not installed.
    """
    parsed = make_url(url(settings, is_read_only=is_read_only))
    environment = {name: os.environ[name] for name in _TERMINAL if name in os.environ}
    if parsed.password:
        environment["PGPASSWORD"] = str(parsed.password)
    address = parsed._replace(password=None).render_as_string(hide_password=False)
    program = embedded.locate(settings.state_folder).binary("psql")
    return process.hand_over([program, "--dbname", address, *arguments], environment=environment)

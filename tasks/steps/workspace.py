"""What every step has at hand: the settings, the database, the knowledge. Opened once in each process."""

import functools
from dataclasses import dataclass

from db import migrate, patterns, session, settings
from db.session import Database
from db.settings import Settings
from tasks.clients import knowledge
from tasks.clients.git import Repository
from tasks.clients.git_values import Author
from tasks.core import patterns_lint
from tasks.core.configuration import ServerSettings, SourceSettings
from tasks.core.errors import FixError
from tasks.core.frames import StackLists
from tasks.core.patterns import Fault
from tasks.steps import pattern_packs


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The installation as one process sees it; ``pattern_faults`` say which patterns were not imported, and why."""

    settings: Settings
    database: Database
    lists: StackLists
    pattern_faults: tuple[Fault, ...] = ()

    def server(self, name: str) -> ServerSettings:
        """Return the settings of a server; one that is not configured has the defaults."""
        return self.settings.configuration.find_server(name) or ServerSettings(name=name)

    def source(self, name: str) -> SourceSettings:
        """
        Return where the source of a server is.

        Raises:
            FixError: it is not configured.
        """
        source = self.server(name).source
        if source is None:
            raise FixError(
                f"No source repository is configured for server {name}; add [server.source] to crashflow.toml."
            )
        return source

    def repository(self, name: str) -> Repository:
        """
        Return the clone in which fixes of a server are made.

        Raises:
            FixError: it is not configured, or is no clone.
        """
        source = self.source(name)
        return Repository(source.repository, lock_folder=self.settings.state_folder / "locks", remote=source.remote)

    def author(self, name: str) -> Author:
        """Return who signs the commits for a server."""
        source = self.source(name)
        return Author(name=source.author_name, email=source.author_email)


@functools.cache
def workspace() -> Workspace:
    """Open the installation of this process: read the settings, connect, bring schema and patterns up to date."""
    loaded = settings.load()
    return open_workspace(loaded)


def open_workspace(loaded: Settings) -> Workspace:
    """
    Connect with given settings, and bring schema and patterns up to date.

    Raises:
        DatabaseError: Postgres can't be reached.
        ConfigurationError: the database URL or a pattern pack is wrong.
    """
    database = session.connect(loaded)
    migrate.upgrade(database)
    lists = knowledge.stack_lists()
    faults = _import_patterns(database, loaded, lists)
    return Workspace(settings=loaded, database=database, lists=lists, pattern_faults=faults)


def _import_patterns(database: Database, loaded: Settings, lists: StackLists) -> tuple[Fault, ...]:
    """Import what ships, and of the operator's own packs what passes the lint; what does not is told."""
    packs, faults = pattern_packs.collect(loaded.configuration.pattern_folders, lists)
    with database.transaction() as transaction:
        changed = patterns_lint.changed(packs, patterns.imported(transaction))
        for pack in packs:
            patterns.import_pack(transaction, pack)
    return (*faults, *changed)

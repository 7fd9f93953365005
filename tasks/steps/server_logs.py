"""Which logs a server writes and how their lines look: from its configuration, and from its own worldserver.conf."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import tzlocal

from db.models import LogTail
from tasks.clients import log_files
from tasks.clients.log_files import UnreadLog
from tasks.core import log_names, logs, worldserver_conf
from tasks.core.configuration import ServerSettings
from tasks.core.crash import Crash
from tasks.core.log_lines import LogFormat
from tasks.core.log_windows import SavedLog
from tasks.steps import reading


@dataclass(frozen=True, kw_only=True)
class ServerLogs:
    """
    The logs of a server, their names perhaps patterns, and the columns of those that its configuration tells.

    ``unread`` says why the worldserver.conf told nothing.
    """

    paths: tuple[Path, ...]
    formats: tuple[tuple[str, LogFormat], ...] = ()
    unread: UnreadLog | None = None

    def format_of(self, name: str) -> LogFormat | None:
        """Return the columns of a log by its file's name, also of one that was rotated away."""
        known = (told for log, told in self.formats if log_names.matches(name, log) or log_names.is_rotated(name, log))
        return next(known, None)


def of(server: ServerSettings) -> ServerLogs:
    """Return the configured logs, and those that the server's worldserver.conf names."""
    if server.worldserver_conf is None:
        return ServerLogs(paths=server.logs)
    content = log_files.read_configuration(server.worldserver_conf)
    if isinstance(content, UnreadLog):
        return ServerLogs(paths=server.logs, unread=content)
    told = worldserver_conf.parse(content)
    # A relative folder counts from where the server was started, which is nearly always where its program lies.
    start = (server.executable or server.worldserver_conf).parent
    folder = start / told.folder.replace("\\", "/")
    found = [Path(os.path.normpath(folder / file.name)) for file in told.files]
    paths = dict.fromkeys((*server.logs, *found))
    formats = tuple((Path(file.name).name, file.log_format) for file in told.files)
    return ServerLogs(paths=tuple(paths), formats=formats)


def zone_of(server: ServerSettings) -> tzinfo:
    """Return the zone of a server's clock: as configured, or this machine's."""
    return server.time_zone or tzlocal.get_localzone()


def moment_of(crash: Crash, server: ServerSettings) -> datetime | None:
    """Return when a crash happened, aware: what it states without a zone is the server's local time."""
    at = crash.occurred_at
    return at.replace(tzinfo=zone_of(server)) if at is not None and at.tzinfo is None else at


def saved(rows: Iterable[tuple[LogTail, bytes]], server: ServerSettings) -> dict[str, SavedLog]:
    """Return the saved logs of a dump by their names, with more of the path where two have the same name."""
    told = of(server)
    logs: dict[str, SavedLog] = {}
    for row, content in rows:
        if row.error is not None:
            continue
        path = Path(row.path)
        name = path.name if path.name not in logs else str(path)
        logs[name] = SavedLog(
            content=content,
            is_cut=row.is_cut,
            log_format=told.format_of(path.name),
            modified_at=row.modified_at,
        )
    return logs


def window_of(
    rows: Sequence[tuple[LogTail, bytes]], server: ServerSettings, occurred_at: datetime
) -> dict[str, Any] | None:
    """Return the log window of a crash as it is stored beside it; None where no log was saved."""
    if not rows:
        return None
    found = reading.windows(saved(rows, server), occurred_at, zone_of(server))
    return reading.window_json(found, logs.correlate(found), [row.error for row, _ in rows if row.error])

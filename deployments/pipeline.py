"""``crashflow ingest`` and ``crashflow run``: dumps that a person names, recorded and followed."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.settings import Settings
from deployments import console, prefect_services, summary
from deployments.analyze import expand
from deployments.prefect_api import FINAL_STATES, PrefectApi
from deployments.summary import AT_REST, Summary
from tasks.core.configuration import ServerSettings
from tasks.core.errors import ConfigurationError, CrashflowError
from tasks.steps import reading
from tasks.steps.detection import detect
from tasks.steps.workspace import Workspace, open_workspace

INGEST = "ingest-dumps/default"
INGEST_TIMEOUT_S = 1800.0
POLL_S = 0.5
SETTLE_S = 120.0
"""How long a dump that another run reads may take until its defects are triaged."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A Prefect server whose deployments are served; ``check`` raises once the runner of our own is dead."""

    api: PrefectApi
    check: Callable[[], None]


def ingest_dumps(settings: Settings, paths: Sequence[Path], server: str | None) -> Summary:
    """
    Record dumps, read them and place their crashes.

    Raises:
        NotFoundError: a path does not exist.
        ToolMissingError: all of them are cores and there is no debugger; they are recorded all the same.
        CrashflowError: the database or the Prefect server can't be reached.
    """
    room = open_workspace(settings)
    dump_ids = _detect(room, paths, server)
    with prefect_services.prefect_server(settings) as api:
        if api.is_own:
            from flows.ingest import ingest_dumps as flow

            flow(dump_ids=dump_ids)
        else:
            _read(room, Served(api=api, check=lambda: None), dump_ids)
    return _collect(room, dump_ids)


def run_dumps(
    settings: Settings, paths: Sequence[Path], server: str | None, tell: Callable[[str], None] = console.step
) -> Summary:
    """
    Record dumps and follow them until each of their fixes waits for a person or is ended.

    Raises:
        NotFoundError: a path does not exist.
        ToolMissingError: all of them are cores and there is no debugger; they are recorded all the same.
        CrashflowError: the database or the Prefect server can't be reached, or the fix does not end in its time.
    """
    room = open_workspace(settings)
    dump_ids = _detect(room, paths, server)
    with prefect_services.prefect_server(settings) as api, prefect_services.runner(settings, api) as check:
        return follow(room, Served(api=api, check=check), dump_ids, tell)


def follow(room: Workspace, served: Served, dump_ids: Sequence[int], tell: Callable[[str], None]) -> Summary:
    """Ask for an ingest run and wait until the dumps are read and their fixes at rest, telling each change of state."""
    _read(room, served, dump_ids)
    return _wait_for_fixes(room, served, dump_ids, tell)


def follow_fixes(room: Workspace, served: Served, dump_ids: Sequence[int], tell: Callable[[str], None]) -> Summary:
    """Have the runs of waiting fixes started, and wait until those of dumps that were read before are at rest."""
    _wait_for_run(served, served.api.create_run(INGEST, {"dump_ids": []}))
    return _wait_for_fixes(room, served, dump_ids, tell)


def _wait_for_fixes(room: Workspace, served: Served, dump_ids: Sequence[int], tell: Callable[[str], None]) -> Summary:
    deadline = time.monotonic() + _patience(room)
    settled_by = time.monotonic() + SETTLE_S
    told: dict[int, str] = {}
    while True:
        served.check()
        result = _collect(room, dump_ids)
        for fix in result.fixes:
            if told.get(fix["fix"]) != fix["state"]:
                told[fix["fix"]] = fix["state"]
                tell(f"fix {fix['fix']}: {fix['state']}")
        # Another run may have taken the dumps before ours did, and be at them still.
        is_settled = result.is_settled or time.monotonic() > settled_by
        if is_settled and (
            all(fix["state"] in AT_REST and not fix["is_held"] for fix in result.fixes)
            or room.settings.configuration.mode == "preview"
        ):
            return result
        if time.monotonic() > deadline:
            raise CrashflowError(
                "The fix did not end in its time; look at its run in the Prefect UI, or at logs/runner.log."
            )
        time.sleep(POLL_S)


def show(result: Summary, *, is_json: bool) -> None:
    """Print what came of the dumps."""
    if is_json:
        console.raw(json.dumps(result.to_json()))
    else:
        summary.show(result)


def _detect(room: Workspace, paths: Sequence[Path], server: str | None) -> list[int]:
    """Record the dumps; where nothing here can read any of them, they wait until it is installed."""
    chosen = choose_server(room, server)
    files = expand(paths)
    dump_ids = [detect(room.database, chosen, path, is_again=True) for path in files]
    reading.check_debugger(files)
    return dump_ids


def choose_server(room: Workspace, name: str | None) -> ServerSettings:
    """
    Return the server that the user named, or the only one.

    Raises:
        ConfigurationError: it is not configured, or there are several.
    """
    configured = room.settings.configuration.server
    if name is None and len(configured) == 1:
        return configured[0]
    if name is None and not configured:
        return ServerSettings(name="default")
    found = room.settings.configuration.find_server(name or "")
    if found is None:
        names = ", ".join(server.name for server in configured) or "none"
        raise ConfigurationError(f"Say with --server which server left the dumps; configured: {names}.")
    return found


def _read(room: Workspace, served: Served, dump_ids: Sequence[int]) -> None:
    """Ask for an ingest run; where another run had the dumps, ask again once it has read them, for their fixes."""
    is_ours = False
    while not is_ours:
        _wait_for_run(served, served.api.create_run(INGEST, {"dump_ids": list(dump_ids)}))
        is_ours = _are_read(room, dump_ids)
        deadline = time.monotonic() + INGEST_TIMEOUT_S
        while not _are_read(room, dump_ids):
            served.check()
            if time.monotonic() > deadline:
                raise CrashflowError("Another run has the dumps and does not end; look at it in the Prefect UI.")
            time.sleep(POLL_S)


def _are_read(room: Workspace, dump_ids: Sequence[int]) -> bool:
    return all(dump["state"] in {"PARSED", "FAILED"} for dump in _collect(room, dump_ids).dumps)


def _wait_for_run(served: Served, run_id: str) -> None:
    deadline = time.monotonic() + INGEST_TIMEOUT_S
    while True:
        served.check()
        state, message = served.api.run_state(run_id)
        if state == "COMPLETED":
            return
        if state in FINAL_STATES:
            raise CrashflowError(
                f"The ingest run ended {state}: {message.strip().splitlines()[0] if message else 'no reason'}."
            )
        if time.monotonic() > deadline:
            raise CrashflowError(
                f"The ingest run did not end within {INGEST_TIMEOUT_S:.0f} s; its dumps stay recorded."
            )
        time.sleep(POLL_S)


def _patience(room: Workspace) -> float:
    """The longest time that a fix may take by the configured time-outs, and ten minutes for the rest."""
    builds = [server.build for server in room.settings.configuration.server]
    longest = max((2 * b.compile_timeout_s + b.test_timeout_s + b.replay_timeout_s for b in builds), default=0)
    analyst = room.settings.configuration.analyst
    return longest * analyst.attempts + analyst.limits.minutes * 60 + 600.0


def _collect(room: Workspace, dump_ids: Sequence[int]) -> Summary:
    with room.database.transaction() as session:
        return summary.collect(session, room, dump_ids)

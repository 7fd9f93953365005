"""``crashflow doctor``: what is there, what is missing, what it is needed for and how to get it."""

import resource
from pathlib import Path

from db import embedded, session
from db.settings import Settings
from deployments import console, prefect_services
from tasks.clients import sandbox, tools
from tasks.core.errors import CrashflowError

CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")


def examine(settings: Settings) -> bool:
    """Print the state of this machine; return False where something required is missing."""
    rows = [_tool_row(tool) for tool in tools.TOOLS]
    rows.append(
        (
            "sandbox",
            "ok" if sandbox.name() != "none" else "optional",
            f"debuggers and builds of fixes run in: {sandbox.name()}",
        )
    )
    database_row, is_database_fine = _database_row(settings)
    rows += [database_row, _prefect_row(settings), _core_row(), _configuration_row(settings)]
    console.table(("what", "state", "detail"), rows)
    missing = [tool for tool in tools.TOOLS if tool.is_required and tool.find() is None]
    for tool in missing:
        console.line(tool.how_to_get)
    return not missing and is_database_fine


def require_all(names: tuple[str, ...]) -> None:
    """
    Check that programs are installed before long work begins.

    Raises:
        ToolMissingError: the first that is missing; the text says how to get it.
    """
    for name in names:
        tools.require(name)


def _tool_row(tool: tools.Tool) -> tuple[str, str, str]:
    path = tool.find()
    if path is not None:
        return tool.name, "ok", str(path)
    return tool.name, "missing" if tool.is_required else "optional", f"needed to {tool.purpose}: {tool.install}"


def _database_row(settings: Settings) -> tuple[tuple[str, str, str], bool]:
    kind = "external, by CRASHFLOW_DATABASE_URL" if settings.database_url else f"embedded, in {settings.state_folder}"
    try:
        if settings.database_url:
            session.connect(settings).close()
        else:
            embedded.locate(settings.state_folder).binary("postgres")
    except CrashflowError as error:
        return ("postgres", "missing", str(error)), False
    return ("postgres", "ok", kind), True


def _prefect_row(settings: Settings) -> tuple[str, str, str]:
    try:
        api = prefect_services.find_server(settings)
    except CrashflowError as error:
        return ("prefect", "missing", str(error))
    if api is None:
        return ("prefect", "ok", "none runs; each command starts its own, `crashflow up` one that stays")
    return (
        "prefect",
        "ok",
        f"{api.url}, " + ("of a running `crashflow up`" if api.is_served else "by PREFECT_API_URL"),
    )


def _core_row() -> tuple[str, str, str]:
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    pattern = CORE_PATTERN.read_text(encoding="utf-8").strip() if CORE_PATTERN.exists() else "unknown"
    limit = "unlimited" if soft == resource.RLIM_INFINITY else "off (`ulimit -c unlimited` before the server starts)"
    return (
        "cores",
        "ok" if soft else "optional",
        f"written as {pattern}; in this shell they are {limit if soft == 0 else 'on'}",
    )


def _configuration_row(settings: Settings) -> tuple[str, str, str]:
    servers = ", ".join(server.name for server in settings.configuration.server) or "no server"
    return ("configuration", "ok", f"{settings.file or 'no crashflow.toml, defaults'} ({servers})")

"""``crashflow doctor``: what is there, what is missing, what it is needed for and how to get it."""

import os
import resource
import shutil
from pathlib import Path

from pydantic import SecretStr

from db import embedded, session
from db.settings import Settings
from deployments import console, prefect_services
from tasks.clients import sandbox, tools
from tasks.clients.forge import TOKEN_VARIABLES
from tasks.core.configuration import ForgeSettings, NotifySettings
from tasks.core.errors import CrashflowError
from tasks.steps import analysts

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
    rows += [_forge_row(settings.configuration.forge), _notify_row(settings.configuration.notify)]
    rows.append(_analyst_row(settings))
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


def _forge_row(forge: ForgeSettings) -> tuple[str, str, str]:
    if forge.kind == "local":
        return ("forge", "ok", "local: drafts are Markdown files beside a pushed branch")
    where = f"{forge.repository} at {forge.url}"
    if forge.token_block:
        return ("forge", "ok", f"{where}, with the token of the Prefect block secret/{forge.token_block}")
    name = next((name for name in TOKEN_VARIABLES if os.environ.get(name, "").strip()), None)
    if name is None:
        return ("forge", "missing", f"{where} needs a token: put it into {TOKEN_VARIABLES[0]}, or name a token_block")
    return ("forge", *_ask_forge(forge, name))


def _ask_forge(forge: ForgeSettings, variable: str) -> tuple[str, str]:
    """Ask GitHub once, in few seconds, what the token may do there."""
    # PyGithub is for who uses it.
    from tasks.clients.github_calls import Patience
    from tasks.clients.github_forge import GitHubForge

    token = SecretStr(os.environ[variable].strip())
    try:
        may_push = GitHubForge(forge, token, Patience(total_s=1.0, server_s=0.5, limit_s=5.0)).may_push()
    except CrashflowError as error:
        return "missing", str(error)
    if not may_push:
        return (
            "missing",
            f"the token in {variable} may not push to {forge.repository}: give it contents, read and write",
        )
    return "ok", f"{forge.repository} at {forge.url}, where the token in {variable} may push"


def _notify_row(notify: NotifySettings) -> tuple[str, str, str]:
    if notify.block is None:
        return ("notify", "optional", "nobody is told of fixes: name a Prefect block under [notify]")
    return ("notify", "ok", f"the Prefect block {notify.block} is told of fixes that are {' or '.join(notify.events)}")


def _analyst_row(settings: Settings) -> tuple[str, str, str]:
    analyst = settings.configuration.analyst
    back_end = analysts.back_end_of(analyst)
    if back_end == "queue":
        return ("analyst", "ok", f"novel crashes wait in {settings.queue_folder} until somebody answers them")
    if back_end == "cli":
        is_there = shutil.which(analyst.program) is not None
        words = f"{analyst.program} answers for novel crashes" if is_there else f"{analyst.program} is not installed"
        return ("analyst", "ok" if is_there else "missing", words)
    try:
        if analyst.key_block is None:
            analysts.key(analyst)
    except CrashflowError as error:
        return ("analyst", "missing", str(error))
    return ("analyst", "ok", f"{analyst.model} answers for novel crashes, by Claude's API")

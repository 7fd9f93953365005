"""
The configuration of one installation, as values: what a crashflow.toml may say.

Read at the edge (``db.settings``), passed in everywhere else. Paths are resolved against the
file's folder.
"""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from tasks.core import toml_lines
from tasks.core.errors import ConfigurationError
from tasks.core.hierarchy import CoreChanges, Places
from tasks.core.protected_paths import DEFAULT as DEFAULT_PROTECTED
from tasks.core.spending import Limits, Prices

_WEB_ADDRESS = r"^(https://[^\s/@?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/[^\s@?#]*)?$"
"""A token goes there, so nothing but https leaves the machine."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BuildSettings(_Table):
    """
    How the server is built and tested, as argument lists; they run in the fix's own worktree.

    ``replay`` starts the built server the way that crashed it: ``{arguments}`` stands for the arguments of the crashed
    process. Empty lists mean that the gate is not configured. ``analyzers`` look at the changed lines, where they are
    installed.

    ``sandbox`` is used where there is one (``auto``), always or not at all (``required``), or never (``off``), as for a
    replay that needs a database server. ``readable`` are folders that commands see besides the system's and the
    worktree. ``process_limit`` and ``memory_limit_mb`` hold for a command with everything that it starts; without a
    limit of memory it is four fifths of the machine's.
    """

    configure: tuple[str, ...] = ()
    compile: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    replay: tuple[str, ...] = ()
    compile_timeout_s: int = Field(default=1800, ge=1)
    test_timeout_s: int = Field(default=900, ge=1)
    replay_timeout_s: int = Field(default=60, ge=1)
    analyzers: tuple[Literal["clang-tidy", "cppcheck"], ...] = ("clang-tidy", "cppcheck")
    analysis_timeout_s: int = Field(default=300, ge=1)
    sandbox: Literal["auto", "required", "off"] = "auto"
    readable: tuple[Path, ...] = ()
    process_limit: int = Field(default=2048, ge=16)
    memory_limit_mb: int | None = Field(default=None, ge=64)


class SourceSettings(_Table):
    """
    The clone in which fixes are made: never its working tree, always worktrees of it.

    ``module_paths`` belong to the module, ``hook_paths`` and ``extension_paths`` are parts of the core that are made
    for modules; ``core_changes`` says who may allow a fix to change the rest.
    """

    repository: Path
    remote: str = "origin"
    base_branch: str = "main"
    module_paths: tuple[str, ...] = ()
    hook_paths: tuple[str, ...] = ()
    extension_paths: tuple[str, ...] = ()
    core_changes: CoreChanges = "by pattern"
    protected_paths: tuple[str, ...] = DEFAULT_PROTECTED
    conventions: Literal["trinitycore-playerbot", "azerothcore", "plain"] = "plain"
    author_name: str = "crashflow"
    author_email: str = "crashflow@localhost"

    @property
    def places(self) -> Places:
        """Where the levels of the hierarchy of file modifications lie."""
        return Places(module=self.module_paths, hooks=self.hook_paths, extension_points=self.extension_paths)


class ServerSettings(_Table):
    """
    One watched server: where it leaves crashes and logs, and where its source is.

    The names of ``logs`` may hold ``*`` and ``?``: of several files the newest counts. ``worldserver_conf`` tells the
    server's logs and the layout of their lines; logs named here come first. ``time_zone`` is that of the server's
    clock, as ``Europe/Berlin``, where it is not this machine's.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")
    crash_folders: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    worldserver_conf: Path | None = None
    time_zone: ZoneInfo | None = None
    executable: Path | None = None
    symbols: tuple[Path, ...] = ()
    source: SourceSettings | None = None
    build: BuildSettings = BuildSettings()


class ForgeSettings(_Table):
    """
    Where pull requests go: the local forge writes them as Markdown into ``folder``, GitHub has those of ``repository``.

    ``url`` is the address of GitHub or of a GitHub Enterprise Server, as a browser shows it. ``head_owner`` owns the
    fork that is pushed to, where that is not the repository itself. ``token_block`` names a Prefect Secret block that
    holds the token; without one it is in the environment. ``drafts`` says what happens in a repository that has none.
    """

    kind: Literal["local", "github"] = "local"
    folder: Path | None = None
    repository: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$")
    url: str = Field(default="https://github.com", pattern=_WEB_ADDRESS)
    head_owner: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")
    token_block: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$")
    drafts: Literal["required", "where possible"] = "required"

    @model_validator(mode="after")
    def _github_has_a_repository(self) -> Self:
        if self.kind == "github" and self.repository is None:
            raise ValueError('kind "github" needs the key repository, as in repository = "owner/name"')
        return self

    @property
    def owner(self) -> str:
        """The account under which the branches of fixes lie."""
        return self.head_owner or (self.repository or "").partition("/")[0]


class NotifySettings(_Table):
    """
    Who is told that a fix is ready or has failed: a block of the Prefect server, as ``slack-webhook/ops``.

    A ``webhook`` gets JSON, every other kind of notification block a subject and a text.
    """

    block: str | None = Field(default=None, pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    events: tuple[Literal["ready", "failed"], ...] = Field(default=("ready", "failed"), min_length=1)


class McpSettings(_Table):
    """
    One MCP server that an analysis may ask: started as ``command``, or reached at ``url``.

    Of its ``tools`` only those are shown to the model. ``environment`` names variables of ours that it gets.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,30}$")
    command: tuple[str, ...] = ()
    url: str | None = Field(default=None, pattern=_WEB_ADDRESS)
    tools: tuple[str, ...] = Field(min_length=1)
    environment: tuple[str, ...] = ()
    timeout_s: int = Field(default=60, ge=1)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.command) == (self.url is not None):
            raise ValueError("an MCP server needs either a command or a url")
        return self


class AnalystSettings(_Table):
    """
    Who answers for novel defects: Claude by its API, Claude Code on this machine, or the queue's files.

    ``auto`` takes the first that is there: a key for the API, ``claude`` on PATH, else the queue. ``prices`` are those
    of models by their names; ``attempts`` is how many patches one fix may try.
    """

    back_end: Literal["auto", "api", "cli", "queue"] = "auto"
    model: str = Field(default="claude-opus-5-5", min_length=1)
    base_url: str | None = Field(default=None, pattern=_WEB_ADDRESS)
    key_block: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$")
    program: str = "claude"
    attempts: int = Field(default=3, ge=1, le=10)
    timeout_s: int = Field(default=600, ge=1)
    answer_tokens: int = Field(default=16_000, ge=256)
    limits: Limits = Limits()
    prices: dict[str, Prices] = Field(default_factory=dict)
    mcp: tuple[McpSettings, ...] = ()

    @model_validator(mode="after")
    def _money_has_a_price(self) -> Self:
        if self.limits.needs_prices and self.model not in self.prices:
            raise ValueError(f"a limit of dollars needs the prices of {self.model}, as in prices.{self.model!r}")
        return self


class Configuration(_Table):
    """
    Everything that a crashflow.toml says.

    ``settle_s`` is how long a dump must not change before it counts as complete, where the system does not tell that
    its writer closed it. ``pattern_folders`` hold pattern packs of the operator's own.
    """

    mode: Literal["preview", "pr"] = "pr"
    state_folder: Path | None = None
    queue_folder: Path | None = None
    debugger_timeout_s: int = Field(default=180, ge=1)
    settle_s: float = Field(default=2.0, gt=0, le=3600)
    pattern_folders: tuple[Path, ...] = ()
    forge: ForgeSettings = ForgeSettings()
    notify: NotifySettings = NotifySettings()
    analyst: AnalystSettings = AnalystSettings()
    server: tuple[ServerSettings, ...] = ()

    @field_validator("server")
    @classmethod
    def _names_are_unique(cls, servers: tuple[ServerSettings, ...]) -> tuple[ServerSettings, ...]:
        names = [server.name for server in servers]
        if len(set(names)) != len(names):
            raise ValueError("two servers have the same name")
        return servers

    def find_server(self, name: str) -> ServerSettings | None:
        """Return the settings of a server, or None where it is not configured any more."""
        return next((server for server in self.server if server.name == name), None)


_NAME_WORDS = "expected letters, digits, dots, dashes and underscores, beginning with a letter or digit"
_PATTERN_WORDS = {
    "repository": "expected the owner and the name, as in TrinityCore/TrinityCore",
    "url": "expected an address that begins with https://, as in https://github.com",
    "head_owner": "expected the name of an account",
    "block": "expected the kind and the name of a Prefect block, as in slack-webhook/ops",
    "key_block": "expected the name of a Prefect block: small letters, digits and dashes",
    "base_url": "expected an address that begins with https://, as in https://api.anthropic.com",
    "token_block": "expected the name of a Prefect block: small letters, digits and dashes",
}


def parse(content: str, *, name: str, folder: Path) -> Configuration:
    """
    Read a crashflow.toml; relative paths are taken from ``folder``.

    Raises:
        ConfigurationError: with the file's name, the line or key, and what is expected there.
    """
    try:
        configuration = Configuration.model_validate(tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        number = toml_lines.line_of(content, first["loc"])
        place = f", line {number}" if number else ""
        raise ConfigurationError(f"{name}{place}, {key}: {_expectation(first['type'], first)}.") from error
    return _resolve(configuration, folder)


def keys(table: type[BaseModel] = Configuration) -> tuple[str, ...]:
    """Return every key that a crashflow.toml may have, as ``server.build.compile``."""
    found: list[str] = []
    for name, field in table.model_fields.items():
        inner = _table_in(field.annotation)
        found += [f"{name}.{key}" for key in keys(inner)] if inner else [name]
    return tuple(found)


def _expectation(kind: str, error: ErrorDetails) -> str:
    if kind == "extra_forbidden":
        *above, key = error["loc"]
        allowed = list(_table_at(above).model_fields)
        near = difflib.get_close_matches(str(key), allowed, n=1)
        return (
            f"there is no such key; did you mean {near[0]}" if near else f"no such key; known are {', '.join(allowed)}"
        )
    if kind == "missing":
        return "this key is required"
    if kind == "string_pattern_mismatch":
        return _PATTERN_WORDS.get(str(error["loc"][-1]), _NAME_WORDS)
    return error["msg"].removeprefix("Value error, ")


def _table_at(location: Sequence[int | str]) -> type[BaseModel]:
    table: type[BaseModel] = Configuration
    for part in location:
        if isinstance(part, str) and part in table.model_fields:
            table = _table_in(table.model_fields[part].annotation) or table
    return table


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """Return the table that a field holds, alone, optional or many of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for inner in get_args(annotation) if (table := _table_in(inner))), None)


def _resolve(configuration: Configuration, folder: Path) -> Configuration:
    def absolute(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    servers = tuple(
        server.model_copy(
            update={
                "crash_folders": tuple(folder / path for path in server.crash_folders),
                "logs": tuple(folder / path for path in server.logs),
                "worldserver_conf": absolute(server.worldserver_conf),
                "executable": absolute(server.executable),
                "symbols": tuple(folder / path for path in server.symbols),
                "source": server.source
                and server.source.model_copy(update={"repository": folder / server.source.repository}),
                "build": server.build.model_copy(
                    update={"readable": tuple(folder / path for path in server.build.readable)}
                ),
            }
        )
        for server in configuration.server
    )
    return configuration.model_copy(
        update={
            "state_folder": absolute(configuration.state_folder),
            "queue_folder": absolute(configuration.queue_folder),
            "pattern_folders": tuple(folder / path for path in configuration.pattern_folders),
            "forge": configuration.forge.model_copy(update={"folder": absolute(configuration.forge.folder)}),
            "server": servers,
        }
    )

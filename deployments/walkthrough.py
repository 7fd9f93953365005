"""
``crashflow demo``: the whole way on the sample server, from its real crashes to a draft pull request.

Everything lies in ``demo/`` of the state folder and is made anew each time: a bare remote, the operator's clone of it,
the built server, its crashes. What an earlier demo left in the database goes first. Nothing here is simulated: the
server dies by its own defects, and the rest is what ``crashflow run`` does for any server.
"""

import concurrent.futures
import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import filelock

from db import servers, settings
from db.settings import CONFIGURATION_VARIABLE, Settings
from deployments import console, demo_model, doctor, pipeline, prefect_services, scenario_table
from deployments.pipeline import Served
from deployments.summary import Summary
from tasks.clients import build_commands, core_dumps, process, scripted_model, tools
from tasks.clients.scripted_model import ScriptedModel
from tasks.core.errors import CrashflowError, NotFoundError
from tasks.steps.detection import detect
from tasks.steps.workspace import Workspace, open_workspace

SERVER = "demo"
KNOWN, NOVEL = "null-socket", "loot-roll"
SCRIPTED = "scripted"
PATTERNS = (
    "bih-collision",
    "spell-cpp-603",
    "map-cpp-686",
    "unit-10863-spellmod",
    "null-socket",
    "deadlock",
    "ghost-aura",
)
"""The scenarios that crash by the patterns which crashflow was planned with, in their order and by their names."""

SOAK_TICKS = 500
"""How long the repaired server runs on in the replay of a scenario that was asked for, in ticks of 10 ms."""

BUILD_TOOLS = ("C++ compiler", "cmake", "make")
TOOLS = ("git", "gdb", *BUILD_TOOLS)
CONFIGURE = ("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
COMPILE = ("cmake", "--build", "build", "--parallel", "2")
TEST = ("ctest", "--test-dir", "build", "--output-on-failure")
EXECUTABLE = "build/worldserver"
BUILD_TIMEOUT_S = 600
SCENARIO_TIMEOUT_S = 60
_GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Demo",
    "GIT_AUTHOR_EMAIL": "demo@localhost",
    "GIT_COMMITTER_NAME": "Demo",
    "GIT_COMMITTER_EMAIL": "demo@localhost",
}
_CONFIGURATION = """\
# Written by `crashflow demo`, and a model for your own crashflow.toml.
state_folder = {state}

[[server]]
name = "{name}"
crash_folders = ["crashes"]
logs = ["server/Server.log", "server/Playerbot.log"]
executable = {executable}

[server.source]
repository = "clone"
base_branch = "main"
module_paths = ["src/modules/Playerbot/"]
conventions = "trinitycore-playerbot"

[server.build]
configure = {configure}
compile = {compile}
test = {test}
replay = {replay}
sandbox = {sandbox}
"""


@dataclass(kw_only=True)
class Demo:
    """The folders of one demo, and how long its stages took in seconds."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def remote(self) -> Path:
        """The bare repository that stands for the project's own."""
        return self.folder / "remote.git"

    @property
    def clone(self) -> Path:
        """The operator's clone, in which the server is built."""
        return self.folder / "clone"

    @property
    def server(self) -> Path:
        """The folder in which the server runs and writes its logs."""
        return self.folder / "server"

    @property
    def crashes(self) -> Path:
        """Where the cores go."""
        return self.folder / "crashes"

    @contextlib.contextmanager
    def stage(self, name: str, text: str) -> Iterator[None]:
        """Tell what begins, and keep the time that it took."""
        console.step(text)
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)


def run(loaded: Settings, scenarios: Sequence[str] = (), model: str | None = None) -> dict[str, Any]:
    """
    Go the whole way, and return what ``crashflow demo --json`` prints.

    ``scenarios`` are crashes to be followed instead of the known and the novel one; their replay lasts longer. With the
    ``model`` ``scripted`` novel ones are answered by a script behind the API of Claude.

    Raises:
        NotFoundError: there is no such scenario.
        ToolMissingError: a program of the system is missing; nothing was begun.
        CrashflowError: a stage failed; the text says which and why.
    """
    if model not in (None, SCRIPTED):
        raise NotFoundError(f"There is no model {model!r} for the demo; there is: {SCRIPTED}.")
    scenarios = [NOVEL if name == "novel" else name for name in scenarios]
    if unknown := [name for name in scenarios if name not in (*PATTERNS, NOVEL)]:
        raise NotFoundError(f"There is no scenario {unknown[0]!r}; there are: {', '.join((*PATTERNS, NOVEL))}.")
    doctor.require_all(TOOLS)
    started = time.monotonic()
    demo = Demo(folder=loaded.state_folder / "demo")
    loaded.state_folder.mkdir(parents=True, exist_ok=True)
    with _alone(loaded), contextlib.ExitStack() as stack:
        analyst = _scripted(stack.enter_context(scripted_model.serve(demo_model.script))) if model else ""
        _lay_out(demo, loaded, soak_ticks=SOAK_TICKS if scenarios else None, analyst=analyst)
        own = settings.load(demo.folder / "crashflow.toml")
        os.environ[CONFIGURATION_VARIABLE] = str(demo.folder / "crashflow.toml")
        with concurrent.futures.ThreadPoolExecutor(1) as pool, contextlib.ExitStack() as services:
            built = pool.submit(_build, demo)
            with demo.stage("start", "Starting Postgres and Prefect"):
                room = open_workspace(own)
                api = services.enter_context(prefect_services.prefect_server(own))
                check = services.enter_context(prefect_services.runner(own, api))
            with demo.stage("build", "Building the sample server"):
                built.result()
            chosen = tuple(dict.fromkeys(scenarios)) or (KNOWN, NOVEL)
            result = _crash_and_follow(demo, room, Served(api=api, check=check), chosen)
        demo.seconds["total"] = round(time.monotonic() - started, 1)
    return _to_json(demo, result) | ({"scenarios": scenario_table.rows(result)} if scenarios else {})


def show(result: dict[str, Any]) -> None:
    """Print what came of it, for people."""
    if "scenarios" in result:
        scenario_table.show(result["scenarios"])
        console.line(f"\nThe remote is {result['remote']}; the stages took (s): {result['seconds']}")
        return
    for crash in result["crashes"]:
        _show_crash(crash)
    for fix in result["fixes"]:
        _show_fix(fix)
    for question in result["pending"]:
        console.line(f"\nDefect {question['defect']} is novel and waits for an analysis ({question['state']}):")
        console.line(f"  request   {question['request']}")
        console.line(
            "  Hand it to an analyst, a person or Claude Code in a checkout of the server. It has the crash, its stack"
        )
        console.line(
            "  and the log lines before it; an answer in responses/ is read back, built and tested by `crashflow up`."
        )
    console.line(f"\nThe remote is {result['remote']}; the stages took (s): {result['seconds']}")
    console.line('Look at the crashes with: crashflow db psql -c "select * from crash_history"')


def is_success(result: dict[str, Any]) -> bool:
    """Say whether all crashes came to where they belong: a draft pull request, a question, or a person."""
    if "scenarios" in result:
        return all(row["end"] for row in result["scenarios"])
    fixed = [fix for fix in result["fixes"] if fix["state"] == "AWAITING_APPROVAL" and fix["replay"] == "passed"]
    return len(result["crashes"]) == 2 and len(fixed) == 1 and len(result["pending"]) == 1


@contextlib.contextmanager
def _alone(loaded: Settings) -> Iterator[None]:
    try:
        with filelock.FileLock(loaded.state_folder / "demo.lock", timeout=0):
            yield
    except filelock.Timeout as error:
        raise CrashflowError(f"Another `crashflow demo` runs in {loaded.state_folder}; wait until it ends.") from error


def _scripted(model: ScriptedModel) -> str:
    """Return the lines of a configuration that asks a scripted model; it takes any key."""
    os.environ["CRASHFLOW_ANTHROPIC_API_KEY"] = SCRIPTED
    return f'\n[analyst]\nback_end = "api"\nmodel = "{SCRIPTED}"\nbase_url = "{model.url}"\n'


def _lay_out(demo: Demo, loaded: Settings, *, soak_ticks: int | None = None, analyst: str = "") -> None:
    """Make the remote, the clone and the configuration anew."""
    if demo.folder.exists():
        shutil.rmtree(demo.folder)
    for folder in (demo.server, demo.crashes):
        folder.mkdir(parents=True)
    source = demo.folder / "source"
    with resources.as_file(resources.files("deployments") / "demo") as shipped:
        shutil.copytree(shipped, source, ignore=shutil.ignore_patterns("build", "__pycache__"))
    _git(source, "init", "--quiet", "--initial-branch=main")
    _git(source, "add", "--all")
    _git(source, "commit", "--quiet", "--message=Import the sample server")
    _git(source, "clone", "--quiet", "--bare", ".", demo.remote)
    _git(source, "clone", "--quiet", demo.remote, demo.clone)
    shutil.rmtree(source)
    text = _CONFIGURATION.format(
        name=SERVER,
        state=_toml(str(loaded.state_folder)),
        executable=_toml(f"clone/{EXECUTABLE}"),
        configure=_toml(CONFIGURE),
        compile=_toml(COMPILE),
        test=_toml(TEST),
        sandbox=_toml(_sandbox()),
        replay=_toml((EXECUTABLE, "{arguments}", *(("--ticks", str(soak_ticks)) if soak_ticks else ()))),
    )
    (demo.folder / "crashflow.toml").write_text(text + analyst, encoding="utf-8")


def _sandbox() -> str:
    """The demo builds what we ship: a compiler in a home folder, which no sandbox shows, may do that outside of it."""
    programs = [str(tools.require(name)) for name in BUILD_TOOLS]
    return "auto" if all(map(build_commands.is_visible, programs)) else "off"


def _git(folder: Path, *words: str | Path) -> None:
    """The demo's own repository owes nothing to the configuration of whoever runs it: no hooks, no signatures."""
    result = process.run(("git", *words), cwd=folder, timeout_s=60, environment=_GIT_ENVIRONMENT)
    if not result.is_success:
        raise CrashflowError(f"git {words[0]} failed in {folder}: {result.output.strip()}")


def _build(demo: Demo) -> None:
    for command in (CONFIGURE, COMPILE):
        result = process.run(command, cwd=demo.clone, timeout_s=BUILD_TIMEOUT_S, is_merged=True)
        if not result.is_success:
            raise CrashflowError(
                f"The sample server does not build, `{' '.join(command)}` says: {result.output[-2000:]}"
            )


def _crash_and_follow(demo: Demo, room: Workspace, served: Served, scenarios: Sequence[str]) -> Summary:
    with room.database.transaction() as session:
        servers.forget(session, SERVER)
    server = room.server(SERVER)
    dump_ids = []
    with demo.stage("crash", f"Running the server into {len(scenarios)} of its defects"):
        for scenario in scenarios:
            core = _crash(demo, scenario)
            dump_ids.append(detect(room.database, server, core))
    with demo.stage("follow", "Reading the cores, fixing, building, testing, replaying"):
        return pipeline.follow(room, served, dump_ids, console.step)


def _crash(demo: Demo, scenario: str) -> Path:
    command = (demo.clone / EXECUTABLE, "--scenario", scenario)
    core = core_dumps.crash(command, cwd=demo.server, timeout_s=SCENARIO_TIMEOUT_S)
    target = demo.crashes / f"core.{scenario}"
    return Path(shutil.move(core, target))


def _to_json(demo: Demo, result: Summary) -> dict[str, Any]:
    found = result.to_json()
    by_defect = {crash["defect"]: crash["crash"] for crash in found["crashes"]}
    return {
        "remote": str(demo.remote),
        "crashes": found["crashes"],
        "defects": found["defects"],
        "fixes": found["fixes"],
        "pending": [question | {"crash": by_defect.get(question["defect"])} for question in found["pending"]],
        "seconds": demo.seconds,
    }


def _show_crash(crash: dict[str, Any]) -> None:
    console.line(f"\nCrash {crash['crash']}: {crash['signature']}")
    console.line(f"  what      {crash['what']}" + (f": {crash['message']}" if crash["message"] else ""))
    console.line(f"  where     {crash['where']}, {crash['frames']} frames, {crash['threads']} threads")
    if crash["pattern"]:
        console.line(f"  pattern   {crash['pattern']}, {crash['score']:.0%} of its stack expressions found")
        for expression in crash["matched"]:
            console.line(f"            found    {expression}")
        for expression in crash["missing"]:
            console.line(f"            missing  {expression}")
    else:
        console.line("  pattern   none: the defect is novel")
    lines = ", ".join(f"{count} lines of {name}" for name, count in crash["log_window"].items())
    console.line(f"  logs      {lines or 'none'}")
    for text in crash["escalating"]:
        console.line(f"            repeated {text}")
    if crash["last_bot_action"]:
        console.line(f"            last bot action: {crash['last_bot_action']}")


def _show_fix(fix: dict[str, Any]) -> None:
    console.line(f"\nFix {fix['fix']} of defect {fix['defect']}: {fix['state']} ({fix['reason']})")
    for name in ("compile", "tests", "replay", "branch", "commit", "pull_request"):
        console.line(f"  {name:13} {fix[name]}")
    for text in (fix["patch"] or "").splitlines():
        console.line(f"    {text}")


def _toml(value: str | tuple[str, ...]) -> str:
    """Write a string or a list of strings as TOML; our values hold no control characters."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(word) for word in value) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

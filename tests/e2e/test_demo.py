"""The whole way, once: what `crashflow demo` says is true."""

import json
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests import crash_files, sample_server
from tests.e2e.conftest import PROJECT, DemoRun, Installation, Prefect, left_over, run
from tests.nightly import NIGHTLY


def test_the_known_crash_is_read_and_matched_with_its_evidence(demo: DemoRun) -> None:
    crash = next(crash for crash in demo.result["crashes"] if crash["pattern"])
    assert ("SIGSEGV", "access_violation", "null-socket") == (crash["signal"], crash["kind"], crash["pattern"])
    assert crash["file"].endswith("Socket.h")
    assert crash["score"] >= 0.6
    assert crash["matched"]
    assert crash["frames"] >= 5
    assert {"Server.log", "Playerbot.log"} == set(crash["log_window"])
    assert crash["last_bot_action"]


def test_the_novel_crash_waits_with_its_request(demo: DemoRun) -> None:
    (question,) = demo.result["pending"]
    request = json.loads(Path(question["request"]).read_text(encoding="utf-8"))
    assert ("ANALYSIS_PENDING", "pending") == (question["state"], request["status"])
    assert request["request_id"] == question["request_id"]
    assert re.fullmatch("[0-9a-f]{8}", request["request_id"])
    assert "out_of_range" in request["crash"]["error_message"]
    assert request["context"]["playerbot_log_context"]


def test_the_fix_waits_for_a_person_on_its_own_branch(demo: DemoRun) -> None:
    fix = demo.fix
    assert ("AWAITING_APPROVAL", "passed", "passed", "passed") == tuple(
        fix[name] for name in ("state", "compile", "tests", "replay")
    )
    body = Path(fix["pull_request"]).read_text(encoding="utf-8")
    assert fix["commit"] in body
    assert 'state: "draft"' in body
    assert "null-socket" in body


def test_what_was_pushed_builds_and_survives_and_what_was_before_it_dies(demo: DemoRun, tmp_path: Path) -> None:
    fix = demo.fix
    clone = tmp_path / "clone"
    assert 0 == run(["git", "clone", "-q", demo.result["remote"], clone], tmp_path)
    ends = {}
    for commit in (fix["commit"], fix["base_commit"]):
        assert 0 == run(["git", "checkout", "-q", commit], clone)
        assert [0, 0] == [run(command, clone) for command in fix["build_commands"]]
        ends[commit] = run(fix["reproduce_command"], clone)
    assert {fix["commit"]: 0, fix["base_commit"]: -11} == ends


def test_the_branch_changes_one_file_and_nothing_else(demo: DemoRun) -> None:
    assert ["src/server/game/Server/WorldSession.cpp"] == re.findall(
        r"^\+\+\+ b/(.*)$", demo.fix["patch"], re.MULTILINE
    )


def test_prefect_shows_the_stages_of_the_fix_as_tasks(demo: DemoRun, prefect: Prefect) -> None:
    (fix_run,) = prefect.flow_runs("fix-pattern")
    assert "fix 1: Socket::CloseSocket" == fix_run["name"]
    states = prefect.task_states(fix_run["id"])
    assert {"COMPLETED"} == {states[name] for name in ("propose", "apply", "commit")}
    (build_run,) = prefect.subflow_runs(fix_run["id"])
    stages = ("configure", "syntax", "compile", "test", "static analysis", "replay")
    assert dict.fromkeys(stages, "COMPLETED") == prefect.task_states(build_run["id"])
    assert ["COMPLETED"] == [run["state"]["type"] for run in prefect.flow_runs("open-pull-request")]


def test_prefect_has_the_reports_and_the_events(demo: DemoRun, prefect: Prefect) -> None:
    assert {"crash-1", "crash-1-json", "crash-2", "crash-2-json", "fix-1"} <= prefect.artifacts()
    assert {"crashflow.crash.detected", "crashflow.fix.ready"} <= prefect.events()


def test_every_transition_of_the_fix_names_its_flow_run(demo: DemoRun, prefect: Prefect) -> None:
    rows = demo.installation.sql(
        "select state_to, flow_run_id from transition where entity = 'fix' and entity_id = 1 order by id"
    )
    assert [
        "FIX_GENERATED",
        "APPLYING_FIX",
        "COMPILING",
        "TESTING",
        "PR_CREATED",
        "AWAITING_APPROVAL",
    ] == [row[0] for row in rows]
    known = {
        run["id"] for flow in ("ingest-dumps", "fix-pattern", "open-pull-request") for run in prefect.flow_runs(flow)
    }
    known |= {child["id"] for run_id in set(known) for child in prefect.subflow_runs(run_id)}
    assert {row[1] for row in rows} <= known


def test_sql_shows_the_crashes_and_the_reader_can_only_read(demo: DemoRun) -> None:
    shown = demo.installation.crashflow("db", "psql", "-c", "select * from crash_history")
    assert "Socket::CloseSocket" in shown.stdout
    assert 0 == demo.installation.crashflow("db", "psql", "--read-only", "-c", "select * from crash_frame").returncode
    refused = demo.installation.crashflow("db", "psql", "--read-only", "-c", "delete from crash")
    assert 0 != refused.returncode
    assert "permission denied" in refused.stderr


def test_no_worktree_is_left_behind(demo: DemoRun) -> None:
    assert [] == list((demo.installation.home / "worktrees").glob("*"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 130), (signal.SIGINT, 130)])
def test_a_command_that_is_ended_takes_along_what_it_started(
    installation: Installation, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    (tmp_path / "crash.txt").write_bytes(crash_files.text(number))
    command = installation.start("run", tmp_path / "crash.txt")
    deadline = time.monotonic() + 60
    while not left_over(installation.home):
        assert None is command.poll(), command.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    command.send_signal(number)
    _, said = command.communicate(timeout=60)
    assert (code, []) == (command.returncode, left_over(installation.home))
    assert "Stopped." in said
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def renamed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose sample server has other names of members, functions and a class, and builds fast."""
    copy = tmp_path_factory.mktemp("renamed")
    for name in ("flows", "tasks", "db", "migrations", "deployments"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
    names = {
        "m_Socket": "m_link",
        "CloseSocket": "ShutDownLink",
        "UpdateSessions": "TickSessions",
        "Update": "Tick",
        "WorldSession": "GameSession",
    }
    for path in (copy / "deployments" / "demo").rglob("*"):
        if path.suffix in {".cpp", ".h"}:
            text = path.read_text(encoding="latin1")
            for old, new in names.items():
                text = re.sub(rf"\b{old}\b(?!\.h\b)", new, text)
            path.write_text(text, encoding="latin1")
    with (copy / "deployments/demo/CMakeLists.txt").open("a", encoding="utf-8") as file:
        file.write(sample_server.UNITY)
    return copy


@NIGHTLY
def test_a_second_demo_with_other_names_in_the_source_is_right_again(demo: DemoRun, renamed_project: Path) -> None:
    """Runs last: it replaces the first demo in database and folders."""
    done = demo.installation.crashflow("demo", "--json", cwd=renamed_project)
    assert 0 == done.returncode, done.stderr
    result = json.loads(done.stdout)
    (fix,) = result["fixes"]
    assert ("AWAITING_APPROVAL", "null-socket", "passed") == (fix["state"], fix["pattern"], fix["replay"])
    assert "m_link" in fix["patch"]
    assert 1 == len(result["pending"])

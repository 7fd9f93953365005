"""The proof of a fix: compile, test, replay, in the fix's own worktree. Each result is a gate with its tool's words."""

from collections.abc import Sequence
from pathlib import Path

from prefect import task
from sqlmodel import Session

from db import crashes, fixes, servers
from db.fixes import GateFacts
from db.models import Crash, Fix
from tasks.clients import build_commands, tools
from tasks.clients.build_commands import Ran
from tasks.core import gates
from tasks.core.configuration import BuildSettings
from tasks.core.errors import CrashflowError, FixError, GateError
from tasks.core.gates import Judgement
from tasks.steps import facts, leases, runs
from tasks.steps.workspace import workspace


@task(name="compile")
def compile_fix(fix_id: int) -> None:
    """
    Configure and compile.

    Raises:
        GateError: the build failed; the text ends with the compiler's words.
        FixError: no build is configured, so nothing can be proven.
    """
    build = _enter(fix_id, "COMPILING", "compiling the patch")
    if not build.compile:
        raise FixError(
            "No compile command is configured, so no fix can be proven; add [server.build] to crashflow.toml."
        )
    for command in (build.configure, build.compile):
        if command:
            ran = _run(fix_id, command, build, build.compile_timeout_s, is_compiling=True)
            judgement = _judge(ran, build.compile_timeout_s)
            if judgement.outcome != "passed" or command == build.compile:
                _conclude(fix_id, _gate("compile", judgement, ran))


@task(name="test")
def test_fix(fix_id: int) -> None:
    """
    Run the server's tests. A failure is shown to the reviewer; it does not stop the fix.

    Raises:
        GateError: a test failed.
    """
    build = _enter(fix_id, "TESTING", "testing the patch")
    if not build.test:
        _skip(fix_id, "tests", "no test command is configured", is_blocking=False)
        return
    ran = _run(fix_id, build.test, build, build.test_timeout_s)
    _conclude(fix_id, _gate("tests", _judge(ran, build.test_timeout_s), ran, is_blocking=False))


@task(name="replay")
def replay_fix(fix_id: int) -> None:
    """
    Start the patched server the way that crashed it.

    Raises:
        GateError: it crashed again.
    """
    build = _enter(fix_id, "TESTING", "replaying the crash")
    if not build.replay:
        _skip(fix_id, "replay", "no reproducer is configured", is_blocking=True)
        return
    room = workspace()
    with room.database.transaction() as session:
        is_repair = _fix(session, fix_id).is_repair
    if not is_repair:
        _skip(fix_id, "replay", "the patch adds diagnosis and does not fix, so it would crash again", is_blocking=False)
        return
    with room.database.transaction() as session:
        command = facts.replay_command(_crash(session, fix_id), build.replay)
    ran = _run(fix_id, command, build, build.replay_timeout_s)
    judgement = gates.judge_replay(
        returncode=ran.result.returncode,
        is_timed_out=ran.result.is_timed_out,
        timeout_s=build.replay_timeout_s,
        excess=ran.result.excess,
    )
    _conclude(fix_id, _gate("replay", judgement, ran))


def _enter(fix_id: int, state: str, reason: str) -> BuildSettings:
    """Bring the fix into a stage and hold it; a fix that waits for nobody else is refused."""
    room = workspace()
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        fixes.advance(session, fix, state, reason=reason, flow_run_id=runs.flow_run_id())
        return room.server(servers.name_of(session, fix.server_id)).build


def _run(
    fix_id: int, command: Sequence[str], build: BuildSettings, timeout_s: float, *, is_compiling: bool = False
) -> Ran:
    """Run a command in the fix's worktree; once more where somebody killed it, which is no fault of the patch."""
    cache = build_commands.compiler_cache(workspace().settings.state_folder / "ccache") if is_compiling else None
    ran = _run_once(fix_id, command, build, timeout_s, cache)
    result = ran.result
    if result.excess or not gates.is_killed(
        returncode=result.returncode, is_timed_out=result.is_timed_out, output=result.output
    ):
        return ran
    print("somebody killed it; once more")  # noqa: T201
    return _run_once(fix_id, command, build, timeout_s, cache)


def _run_once(fix_id: int, command: Sequence[str], build: BuildSettings, timeout_s: float, cache: Path | None) -> Ran:
    room = workspace()
    with room.database.transaction() as session:
        tree = facts.worktree(session, room, leases.hold(session, fix_id))
    print("$", " ".join(command))  # noqa: T201  Prefect logs it
    try:
        return build_commands.run(command, tree=tree.path, settings=build, timeout_s=timeout_s, cache=cache)
    except CrashflowError as error:
        raise FixError(str(error)) from error


def _judge(ran: Ran, timeout_s: float) -> Judgement:
    return gates.judge_command(
        returncode=ran.result.returncode,
        is_timed_out=ran.result.is_timed_out,
        timeout_s=timeout_s,
        name=ran.command[0],
        excess=ran.result.excess,
    )


def _gate(name: str, judgement: Judgement, ran: Ran, *, is_blocking: bool = True) -> GateFacts:
    return GateFacts(
        gate=name,
        outcome=judgement.outcome,
        is_blocking=is_blocking,
        detail=judgement.detail,
        excerpt=gates.excerpt(ran.result.output) if judgement.outcome == "failed" else None,
        command=ran.command,
        sandbox=ran.sandbox,
        seconds=round(ran.result.seconds, 3),
    )


def _conclude(fix_id: int, gate: GateFacts) -> None:
    _record(fix_id, gate)
    if gate.outcome == "failed":
        raise GateError(_explain(gate))


def _explain(gate: GateFacts) -> str:
    compiler = tools.find("C++ compiler")
    if gate.gate == "compile" and compiler.find() is None:
        return f"{compiler.how_to_get}\n{gate.detail}:\n{gate.excerpt}"
    return f"{gate.detail}:\n{gate.excerpt}"


def _skip(fix_id: int, name: str, detail: str, *, is_blocking: bool) -> None:
    _record(fix_id, GateFacts(gate=name, outcome="skipped", is_blocking=is_blocking, detail=detail))


def _record(fix_id: int, gate: GateFacts) -> None:
    with workspace().database.transaction() as session:
        leases.hold(session, fix_id)
        attempt = fixes.last_attempt(session, fix_id)
        assert attempt is not None
        fixes.record_gate(session, attempt.id, gate)


def _fix(session: Session, fix_id: int) -> Fix:
    fix = fixes.get(session, fix_id)
    assert fix is not None
    return fix


def _crash(session: Session, fix_id: int) -> Crash:
    crash = crashes.get(session, _fix(session, fix_id).crash_id)
    assert crash is not None
    return crash

"""The proof of a fix: compile, test, replay, in the fix's own worktree. Each result is a gate with its tool's words."""

from prefect import task

from db import crashes
from tasks.core import gates
from tasks.core.errors import FixError
from tasks.steps import facts, gate_runs
from tasks.steps.workspace import workspace


@task(name="configure")
def configure_fix(fix_id: int) -> None:
    """
    Configure the build.

    Raises:
        GateError: the build system refuses the patched source; the text ends with its words.
        FixError: no build is configured, so nothing can be proven.
    """
    build = gate_runs.enter(fix_id, "COMPILING", "compiling the patch")
    if not build.compile:
        raise FixError(
            "No compile command is configured, so no fix can be proven; add [server.build] to crashflow.toml."
        )
    if build.configure:
        ran = gate_runs.run(fix_id, build.configure, build, build.compile_timeout_s, is_compiling=True)
        judgement = gate_runs.judge(ran, build.compile_timeout_s)
        gate_runs.conclude(fix_id, gate_runs.facts_of("configure", judgement, ran))


@task(name="compile")
def compile_fix(fix_id: int) -> None:
    """
    Compile.

    Raises:
        GateError: the build failed; the text ends with the compiler's words.
    """
    build = gate_runs.enter(fix_id, "COMPILING", "compiling the patch")
    ran = gate_runs.run(fix_id, build.compile, build, build.compile_timeout_s, is_compiling=True)
    judgement = gate_runs.judge(ran, build.compile_timeout_s)
    gate_runs.conclude(fix_id, gate_runs.facts_of("compile", judgement, ran))


@task(name="test")
def test_fix(fix_id: int) -> None:
    """
    Run the server's tests. A failure is shown to the reviewer; it does not stop the fix.

    Raises:
        GateError: a test failed.
    """
    build = gate_runs.enter(fix_id, "TESTING", "testing the patch")
    if not build.test:
        gate_runs.skip(fix_id, "tests", "no test command is configured")
        return
    ran = gate_runs.run(fix_id, build.test, build, build.test_timeout_s)
    gate_runs.conclude(fix_id, gate_runs.facts_of("tests", gate_runs.judge(ran, build.test_timeout_s), ran))


@task(name="replay")
def replay_fix(fix_id: int) -> None:
    """
    Start the patched server the way that crashed it.

    Raises:
        GateError: it crashed again.
    """
    build = gate_runs.enter(fix_id, "TESTING", "replaying the crash")
    if not build.replay:
        gate_runs.skip(fix_id, "replay", "no reproducer is configured")
        return
    with workspace().database.transaction() as session:
        fix = gate_runs.get(session, fix_id)
        crash = crashes.get(session, fix.crash_id)
        assert crash is not None
        is_repair, command = fix.is_repair, facts.replay_command(crash, build.replay)
    if not is_repair:
        detail = "the patch adds diagnosis and does not fix, so it would crash again"
        gate_runs.skip(fix_id, "replay", detail, is_blocking=False)
        return
    ran = gate_runs.run(fix_id, command, build, build.replay_timeout_s)
    judgement = gates.judge_replay(
        returncode=ran.result.returncode,
        is_timed_out=ran.result.is_timed_out,
        timeout_s=build.replay_timeout_s,
        excess=ran.result.excess,
    )
    gate_runs.conclude(fix_id, gate_runs.facts_of("replay", judgement, ran))

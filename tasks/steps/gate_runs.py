"""What the gates of a fix share: entering a stage, running a command in its worktree, and keeping what it said."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from db import fixes, servers
from db.fixes import GateFacts
from db.models import Fix
from tasks.clients import build_commands, tools
from tasks.clients.build_commands import Ran
from tasks.core import gates
from tasks.core.configuration import BuildSettings
from tasks.core.errors import CrashflowError, FixError, GateError
from tasks.core.gates import Gate, Judgement
from tasks.steps import facts, leases, runs
from tasks.steps.workspace import workspace

Value = TypeVar("Value")


def enter(fix_id: int, state: str, reason: str) -> BuildSettings:
    """Bring the fix into a stage and hold it; a fix that waits for nobody else is refused."""
    room = workspace()
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        fixes.advance(session, fix, state, reason=reason, flow_run_id=runs.flow_run_id())
        return room.server(servers.name_of(session, fix.server_id)).build


def worktree_of(fix_id: int) -> Path:
    """Return the fix's worktree, made again where it is not on this machine."""
    room = workspace()
    with room.database.transaction() as session:
        return facts.worktree(session, room, leases.hold(session, fix_id)).path


def run(
    fix_id: int,
    command: Sequence[str],
    build: BuildSettings,
    timeout_s: float,
    *,
    directory: Path | None = None,
    is_compiling: bool = False,
) -> Ran:
    """
    Run a command in the fix's worktree; once more where somebody killed it, which is no fault of the patch.

    Raises:
        FixError: it can't be started.
    """
    cache = build_commands.compiler_cache(workspace().settings.state_folder / "ccache") if is_compiling else None

    def once() -> Ran:
        tree = worktree_of(fix_id)
        print("$", " ".join(command))  # noqa: T201  Prefect logs it
        try:
            return build_commands.run(
                command, tree=tree, settings=build, timeout_s=timeout_s, cache=cache, directory=directory
            )
        except CrashflowError as error:
            raise FixError(str(error)) from error

    ran = once()
    result = ran.result
    if result.excess or not gates.is_killed(
        returncode=result.returncode, is_timed_out=result.is_timed_out, output=result.output
    ):
        return ran
    print("somebody killed it; once more")  # noqa: T201
    return once()


def judge(ran: Ran, timeout_s: float) -> Judgement:
    """Judge a build or a test by how it ended."""
    return gates.judge_command(
        returncode=ran.result.returncode,
        is_timed_out=ran.result.is_timed_out,
        timeout_s=timeout_s,
        name=ran.command[0],
        excess=ran.result.excess,
    )


def facts_of(name: Gate, judgement: Judgement, ran: Ran) -> GateFacts:
    """Return the result of a gate that ran one command."""
    return GateFacts(
        gate=name,
        outcome=judgement.outcome,
        is_blocking=name in gates.BLOCKING,
        detail=judgement.detail,
        excerpt=gates.excerpt(ran.result.output) if judgement.outcome == "failed" else None,
        command=ran.command,
        sandbox=ran.sandbox,
        seconds=round(ran.result.seconds, 3),
    )


def conclude(fix_id: int, gate: GateFacts) -> None:
    """
    Keep what a gate said.

    Raises:
        GateError: it is red.
    """
    record(fix_id, gate)
    if gate.outcome == "failed":
        raise GateError(gate.gate, _explain(gate))


def skip(fix_id: int, name: Gate, detail: str, *, is_blocking: bool | None = None) -> None:
    """Keep that a gate did not run, and why."""
    blocks = name in gates.BLOCKING if is_blocking is None else is_blocking
    record(fix_id, GateFacts(gate=name, outcome="skipped", is_blocking=blocks, detail=detail))


def record(fix_id: int, gate: GateFacts) -> None:
    """Keep what a gate said of the fix's newest attempt."""
    with workspace().database.transaction() as session:
        leases.hold(session, fix_id)
        attempt = fixes.last_attempt(session, fix_id)
        assert attempt is not None
        fixes.record_gate(session, attempt.id, gate)


def get(session: Session, fix_id: int) -> Fix:
    """Return a fix that is known to be there."""
    fix = fixes.get(session, fix_id)
    assert fix is not None
    return fix


def timed(action: Callable[[], Value]) -> tuple[Value, float]:
    """Return what an action gives, and the seconds that it took."""
    started = time.monotonic()
    value = action()
    return value, round(time.monotonic() - started, 3)


def _explain(gate: GateFacts) -> str:
    compiler = tools.find("C++ compiler")
    text = f"{gate.detail}:\n{gate.excerpt}" if gate.excerpt else gate.detail
    if gate.gate in ("configure", "compile") and compiler.find() is None:
        return f"{compiler.how_to_get}\n{text}"
    return text

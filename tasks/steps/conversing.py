"""
One conversation with an analyst: what is stored goes out, and each message that comes is stored before the next call.

A run that was killed goes on from the last message; what was answered is not asked, and not paid, again.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session

from db import conversations, crashes, models, servers
from db.conversations import StepFacts
from tasks.clients import claude_code
from tasks.clients.conversation import Keeper, Room, Step
from tasks.core import questions, spending
from tasks.core.answers import Answer
from tasks.core.configuration import AnalystSettings
from tasks.core.errors import BudgetError
from tasks.core.spending import Prices
from tasks.steps import analysts, evidence, leases
from tasks.steps.workspace import Workspace


def converse(
    room: Workspace,
    settings: AnalystSettings,
    analysis_id: int,
    fix_id: int,
    tree: Path,
    *,
    form: type[Answer] | None,
) -> str:
    """
    Let the analyst go on with a conversation; return the text of its answer.

    ``tree`` takes a copy of the source of the build that crashed.

    ``form`` is that of the answer, None for free words.

    Raises:
        AnswerError: the answer was cut off.
        AnalystError: the analyst can't be asked, or refuses.
        BudgetError: the fix has taken what it may take.
    """
    with room.database.transaction() as session:
        fix = leases.hold(session, fix_id)
        server, base = servers.name_of(session, fix.server_id), fix.base_commit
        crash = crashes.get(session, fix.crash_id)
        messages = [step.message for step in conversations.steps_of(session, analysis_id)]
    assert base is not None
    repository = room.repository(server)
    crashed = evidence.crashed_commit(crash.build if crash else None, repository, base)
    if not tree.exists():
        repository.export(crashed, tree)
    prices = settings.prices.get(settings.model)

    def keep(step: Step) -> None:
        with room.database.transaction() as session:
            leases.hold(session, fix_id)
            conversations.add_step(
                session,
                analysis_id,
                StepFacts(
                    kind=step.kind,
                    message=step.message,
                    model=step.model,
                    stop_reason=step.stop_reason,
                    usage=step.usage,
                    cost_usd=_cost(step, prices),
                    seconds=step.seconds,
                ),
            )
        _tell(step)

    def refusal() -> str | None:
        with room.database.transaction() as session:
            return spending.refusal_to_go_on(conversations.spent(session, fix_id), settings.limits)

    if analysts.back_end_of(settings) == "cli":
        if reason := refusal():
            raise BudgetError(f"No other call is made: {reason}.")
        step = _ask_claude_code(settings, tree, messages)
        keep(step)
        return str(step.message["content"][0]["text"])
    keeper = Keeper(keep=keep, refusal=refusal)
    from tasks.clients import claude_api  # noqa: PLC0415  the SDK takes a second, and most runs ask nobody

    schema = claude_api.answer_schema(form) if form else None
    place = Room(tree=tree, tools=evidence.tools(room, repository, crashed, base), schema=schema)
    return claude_api.converse(settings, analysts.key(settings), questions.RULES, messages, place, keeper)


def last_answer(room: Workspace, analysis_id: int) -> str | None:
    """Return the answer that is there and was not replied to, as after a kill while it was built."""
    with room.database.transaction() as session:
        steps = conversations.steps_of(session, analysis_id)
    if not steps or steps[-1].kind != "reply" or steps[-1].stop_reason == "tool_use":
        return None
    return "\n".join(block["text"] for block in steps[-1].message["content"] if block["type"] == "text")


def add_question(session: Session, row: models.Analysis, text: str) -> None:
    """Store what we say next."""
    message = {"role": "user", "content": [{"type": "text", "text": text}]}
    conversations.add_step(session, row.id, StepFacts(kind="question", message=message))


def _ask_claude_code(settings: AnalystSettings, tree: Path, messages: Sequence[Mapping[str, Any]]) -> Step:
    """Put the last question to Claude Code, which goes on by its own session; a lost one gets the whole again."""
    session = next((each["session"] for each in reversed(messages) if each.get("session")), None)
    asked = messages if session is None else messages[-1:]
    question = "\n\n".join(block["text"] for each in asked for block in each["content"])
    form = json.dumps(Answer.model_json_schema())
    text = f"{question}\n\nThe form of an answer, where one is asked for, as JSON schema:\n{form}"
    reply = claude_code.ask(settings, tree, questions.RULES, text, session, analysts.own_key())
    return Step(
        kind="reply",
        message={"role": "assistant", "content": [{"type": "text", "text": reply.text}], "session": reply.session},
        model=settings.model,
        stop_reason="end_turn",
        usage=reply.usage,
        seconds=reply.seconds,
        cost_usd=reply.cost_usd,
    )


def _cost(step: Step, prices: Prices | None) -> Decimal | None:
    if step.kind != "reply":
        return None
    return step.cost_usd if step.cost_usd is not None else spending.cost(step.usage, prices)


def _tell(step: Step) -> None:
    """Print what goes on, for who looks at the run: which tools are called, and what a reply took."""
    if step.kind == "reply":
        calls = [
            f"{block['name']} {block['input']}" for block in step.message["content"] if block["type"] == "tool_use"
        ]
        tokens = f"{step.usage.input_tokens:,} tokens in, {step.usage.output_tokens:,} out"
        print(f"{step.model}: {'; '.join(calls) or 'answers'} ({tokens}, {step.seconds:.1f} s)"[:500])  # noqa: T201

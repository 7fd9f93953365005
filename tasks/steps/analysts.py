"""
Which analyst is asked, whether it can be asked now, and the key that it needs. Imports no Prefect without need.

The key is read at the moment of use and kept nowhere.
"""

import os
import shutil
from typing import Literal

from pydantic import SecretStr
from sqlmodel import Session

from db import conversations, fixes, models, reviews
from tasks.clients.analysis_queue import AnalysisQueue
from tasks.core import spending
from tasks.core.configuration import AnalystSettings
from tasks.core.errors import AnalystError
from tasks.steps.workspace import Workspace

BackEnd = Literal["api", "cli", "queue"]

KEY_VARIABLES = ("CRASHFLOW_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY")
"""Where the key is looked for, in this order, unless a block is named."""


def back_end_of(settings: AnalystSettings) -> BackEnd:
    """Return the back-end that the configuration names, or the first that is there: a key, Claude Code, the queue."""
    if settings.back_end != "auto":
        return settings.back_end
    if settings.key_block or _from_environment():
        return "api"
    return "cli" if shutil.which(settings.program) else "queue"


def key(settings: AnalystSettings) -> SecretStr:
    """
    Read the key of Claude's API.

    Raises:
        AnalystError: it is not where the configuration says; the text says where that is.
    """
    if settings.key_block:
        from prefect.blocks.system import Secret  # noqa: PLC0415  it takes seconds

        try:
            block = Secret.load(settings.key_block)
        except ValueError as error:
            raise AnalystError(
                f"There is no Prefect block secret/{settings.key_block}; make one with the key in the UI, under Blocks."
            ) from error
        found = str(block.get())  # type: ignore[union-attr]  # outside of an event loop a plain call
    else:
        found = _from_environment()
    if not found:
        raise AnalystError(
            f"Claude's API needs a key: put one into {KEY_VARIABLES[0]}, name a Prefect Secret block as key_block under"
            ' [analyst], or choose back_end = "queue" there.'
        )
    return SecretStr(found)


def is_outdated(session: Session, fix: models.Fix, question: models.Analysis) -> bool:
    """Say whether a question is older than a reviewer's last wish, or than a failure that it does not tell."""
    wish, attempt = reviews.last_wish(session, fix.id), fixes.last_attempt(session, fix.id)
    is_failed = question.state == "failed" and attempt is not None and attempt.finished_at is not None
    return is_failed or (wish is not None and wish.at > question.created_at)


def can_be_asked(session: Session, room: Workspace, fix: models.Fix) -> bool:
    """Say whether a run could go on with a fix that waits for its analyst."""
    settings = room.settings.configuration.analyst
    question = fixes.analysis_of(session, fix.id)
    if back_end_of(settings) == "queue":
        return question is not None and question.state == "waiting" and response(room, question) is not None
    if question is not None and question.state == "asking":
        return True
    return spending.refusal_to_begin(conversations.spent(session, fix.id), settings.limits) is None


def response(room: Workspace, question: models.Analysis) -> str | None:
    """
    Return the text of the answer that lies in the queue for a question, None where there is none.

    Raises:
        CrashflowError: the folder can't be read.
    """
    return AnalysisQueue(room.settings.queue_folder).response(question.request_id)


def own_key() -> str | None:
    """Return the key that the environment holds for us, to be given on to Claude Code; None lets it use its login."""
    return _from_environment() or None


def _from_environment() -> str:
    return next((value for name in KEY_VARIABLES if (value := os.environ.get(name, "").strip())), "")

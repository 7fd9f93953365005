"""Conversations with analysts: stored message by message, and what they cost, summed up for the limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from db.models import Analysis, AnalysisStep
from tasks.core.spending import Spent, Usage

Kind = Literal["question", "reply", "results"]


_NO_USAGE = Usage()


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """One message; of a reply also who gave it, why it ended, what it cost (None: unknown) and how long it took."""

    kind: Kind
    message: Mapping[str, Any]
    model: str | None = None
    stop_reason: str | None = None
    usage: Usage = _NO_USAGE
    cost_usd: Decimal | None = None
    seconds: float = 0.0


def steps_of(session: Session, analysis_id: int) -> list[AnalysisStep]:
    """Return the messages of an analysis, oldest first."""
    query = select(AnalysisStep).where(AnalysisStep.analysis_id == analysis_id).order_by(col(AnalysisStep.number))
    return list(session.exec(query))


def add_step(session: Session, analysis_id: int, facts: StepFacts) -> None:
    """Store the next message of an analysis."""
    number = session.exec(select(func.count()).where(AnalysisStep.analysis_id == analysis_id)).one()
    session.add(
        AnalysisStep(
            analysis_id=analysis_id,
            number=number + 1,
            kind=facts.kind,
            message=dict(facts.message),
            model=facts.model,
            stop_reason=facts.stop_reason,
            input_tokens=facts.usage.input_tokens,
            output_tokens=facts.usage.output_tokens,
            cache_read_tokens=facts.usage.cache_read_tokens,
            cache_write_tokens=facts.usage.cache_write_tokens,
            cost_usd=facts.cost_usd,
            seconds=facts.seconds,
        )
    )
    session.flush()


def finish(
    session: Session,
    analysis: Analysis,
    state: str,
    *,
    answer: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """End an analysis with what came of it."""
    analysis.state, analysis.error = state, error
    analysis.answer = dict(answer) if answer is not None else analysis.answer
    analysis.finished_at = session.execute(select(func.now())).scalar_one()
    session.add(analysis)


def spent(session: Session, fix_id: int) -> Spent:
    """Return what analyses have cost so far: of a fix, today (UTC), and in all. The queue's cost nothing here."""
    row = session.execute(_SPENT, {"fix": fix_id}).one()
    return Spent(
        steps=row.steps,
        tokens=row.tokens,
        seconds=row.seconds,
        cost_usd=row.cost,
        analyses_today=row.begun,
        cost_usd_today=row.cost_today,
        cost_usd_in_all=row.cost_in_all,
    )


_SPENT = text("""
WITH day AS (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS start),
mine AS (
    SELECT step.* FROM analysis_step step JOIN analysis ON analysis.id = step.analysis_id WHERE analysis.fix_id = :fix
)
SELECT
    (SELECT count(*) FROM mine WHERE kind = 'reply') AS steps,
    (SELECT coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0) FROM mine)::bigint
        AS tokens,
    (SELECT coalesce(sum(seconds), 0) FROM mine) AS seconds,
    (SELECT coalesce(sum(cost_usd), 0) FROM mine) AS cost,
    (SELECT count(DISTINCT step.analysis_id) FROM day, analysis_step step
        JOIN analysis ON analysis.id = step.analysis_id AND analysis.purpose = 'repair'
        WHERE step.number = 1 AND step.at >= day.start) AS begun,
    (SELECT coalesce(sum(cost_usd), 0) FROM analysis_step, day WHERE at >= day.start) AS cost_today,
    (SELECT coalesce(sum(cost_usd), 0) FROM analysis_step) AS cost_in_all
""")

"""The one place where a state changes, and its record."""

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import text
from sqlmodel import Session, col, select

from db import copying, storable
from db.models import Transition
from tasks.core.states import Entity, check

_TABLES: dict[Entity, str] = {"dump": "dump", "fix": "fix", "defect": "defect"}


class HasState(Protocol):
    """A row with a state."""

    id: int
    state: str


def move(session: Session, row: HasState, to: str, *, reason: str, flow_run_id: str | None = None) -> None:
    """
    Change the state of a dump, fix or defect and record it.

    Raises:
        TransitionError: ``to`` may not follow the row's state.
    """
    check(_entity(row), row.state, to)
    before, row.state = row.state, to
    _record(session, row, before, reason, flow_run_id)


def move_all(
    session: Session, entity: Entity, reasons: Mapping[int, str], *, states: tuple[str, str], flow_run_id: str | None
) -> None:
    """
    Change the state of many rows, of which the caller knows that they are in the first of ``states``.

    Raises:
        TransitionError: the second may not follow it.
    """
    if not reasons:
        return
    query = text(f"UPDATE {_TABLES[entity]} SET state = :state WHERE id = ANY(CAST(:ids AS bigint[]))")  # noqa: S608
    session.execute(query, {"state": states[1], "ids": sorted(reasons)})
    record_all(session, entity, reasons, states=states, flow_run_id=flow_run_id)


def record_all(
    session: Session,
    entity: Entity,
    reasons: Mapping[int, str],
    *,
    states: tuple[str | None, str],
    flow_run_id: str | None,
) -> None:
    """
    Record the same change of state of many rows, for each with its reason.

    Raises:
        TransitionError: the second state may not follow the first.
    """
    check(entity, *states)
    columns = ("entity", "entity_id", "state_from", "state_to", "reason", "flow_run_id")
    rows = ((entity, identifier, *states, storable.text(reason), flow_run_id) for identifier, reason in reasons.items())
    copying.copy(session, "transition", columns, rows)


def begin(session: Session, row: HasState, state: str, *, reason: str, flow_run_id: str | None = None) -> None:
    """
    Give a new row its first state and record it; the row gets its id.

    Raises:
        TransitionError: a row may not start so.
    """
    check(_entity(row), None, state)
    row.state = state
    _record(session, row, None, reason, flow_run_id)


def history(session: Session, entity: Entity, entity_id: int) -> list[Transition]:
    """Return the transitions of one entity, oldest first."""
    query = select(Transition).where(Transition.entity == entity, Transition.entity_id == entity_id)
    return list(session.exec(query.order_by(col(Transition.id))))


def _record(session: Session, row: HasState, before: str | None, reason: str, flow_run_id: str | None) -> None:
    session.add(row)
    session.flush()
    session.add(
        Transition(
            entity=_entity(row),
            entity_id=row.id,
            state_from=before,
            state_to=row.state,
            reason=reason,
            flow_run_id=flow_run_id,
        )
    )
    session.flush()


def _entity(row: HasState) -> Entity:
    names: dict[str, Entity] = {"Dump": "dump", "Fix": "fix", "Defect": "defect"}
    return names[type(row).__name__]

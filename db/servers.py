"""Watched servers."""

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from db.models import Defect, Server


def ensure(session: Session, name: str) -> int:
    """Return the id of the server of this name, made where it is new."""
    known = find(session, name)
    if known is not None:
        return known
    session.execute(insert(Server).values(name=name).on_conflict_do_nothing())
    return session.exec(select(Server.id).where(Server.name == name)).one()


def find(session: Session, name: str) -> int | None:
    """Return the id of the server of this name, if there is one."""
    return session.exec(select(Server.id).where(Server.name == name)).first()


def name_of(session: Session, server_id: int) -> str:
    """Return the name of a server."""
    return session.exec(select(Server.name).where(Server.id == server_id)).one()


def forget(session: Session, name: str) -> None:
    """Remove a server with its dumps, crashes and fixes, and the defects of which no crash is left."""
    server_id = session.exec(select(Server.id).where(Server.name == name)).first()
    if server_id is None:
        return
    session.execute(
        text(
            "DELETE FROM transition"
            " WHERE (entity = 'dump' AND entity_id IN (SELECT id FROM dump WHERE server_id = :server))"
            " OR (entity = 'fix' AND entity_id IN (SELECT id FROM fix WHERE server_id = :server))"
        ),
        {"server": server_id},
    )
    session.execute(delete(Server).where(col(Server.id) == server_id))
    empty = text("SELECT id FROM defect WHERE NOT EXISTS (SELECT FROM crash WHERE crash.defect_id = defect.id)")
    identifiers = list(session.execute(empty).scalars())
    if identifiers:
        session.execute(
            text("DELETE FROM transition WHERE entity = 'defect' AND entity_id = ANY(:ids)"), {"ids": identifiers}
        )
        session.execute(delete(Defect).where(col(Defect.id).in_(identifiers)))

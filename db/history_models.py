"""
The tables of history: daily counts of crashes, what people decided, and how far reprocessing came.

``models`` declares the other ones; migrations create all of them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index
from sqlmodel import Field, SQLModel

from db import columns

ROLLUP_COMMENT = (
    "How many crashes a day (UTC), server, defect and build. Rows of equal dimensions add up, negative ones take back:"
    " each change of crashes appends what it changed, and report-trends makes one row of them. Always sum."
)
SERVER_ROLLUP_COMMENT = "As crash_rollup_daily, of all defects: crashes a day (UTC), server, components, and so on."


class CrashRollupDaily(SQLModel, table=True):
    """
    How many crashes a day (UTC) and so on: rows of equal dimensions add up, a negative one takes back.

    Triggers of the table ``crash`` append what each statement changes; nothing else writes here.
    """

    __tablename__ = "crash_rollup_daily"
    __table_args__ = (
        Index("crash_rollup_daily_day", "day"),
        Index("crash_rollup_daily_defect", "defect_id", "day"),
        Index("crash_rollup_daily_server", "server_id", "day"),
        {"comment": ROLLUP_COMMENT},
    )

    id: int = columns.identifier()
    day: date = Field(sa_column=Column(Date, nullable=False))
    server_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    defect_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    build: str | None = columns.words(is_optional=True)
    crashes: int = columns.count()


class ServerRollupDaily(SQLModel, table=True):
    """As ``CrashRollupDaily``, of all defects together, by what else is told of crashes: few rows a day."""

    __tablename__ = "server_rollup_daily"
    __table_args__ = (Index("server_rollup_daily_day", "day"), {"comment": SERVER_ROLLUP_COMMENT})

    id: int = columns.identifier()
    day: date = Field(sa_column=Column(Date, nullable=False))
    server_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    components: list[str] = columns.names()
    is_bot_related: bool = Field(nullable=False)
    placement: str = columns.words()
    crashes: int = columns.count()


class Decision(SQLModel, table=True):
    """What a person decided about a defect: when, who, and why."""

    __table_args__ = (
        columns.one_of("kind", ("rename", "merge", "split", "promote", "template", "silence", "unsilence")),
        {"comment": "What people decided about defects: when, who, and why."},
    )

    id: int = columns.identifier()
    defect_id: int = columns.reference("defect")
    kind: str = columns.words()
    told: dict[str, Any] = columns.json(is_optional=False)
    by: str = columns.words()
    comment: str | None = columns.words(is_optional=True)
    at: datetime = columns.time(is_now=True)


class ReprocessRun(SQLModel, table=True):
    """How far the stored crashes were read again with the rules of ``rules``, and what came of it."""

    __tablename__ = "reprocess_run"

    id: int = columns.identifier()
    rules: str = columns.words()
    last_crash_id: int = columns.count()
    until_crash_id: int = columns.count()
    seen: int = columns.count()
    changed: int = columns.count()
    moved: int = columns.count()
    flow_run_id: str | None = columns.words(is_optional=True)
    started_at: datetime = columns.time(is_now=True)
    updated_at: datetime = columns.time(is_now=True)
    finished_at: datetime | None = columns.time(is_optional=True)

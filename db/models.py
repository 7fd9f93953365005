"""
The tables, as ``design.md`` names them. Migrations create them; a test checks that both agree.

States and other closed sets are text with a CHECK, times are timestamptz, counters are bigint. What Postgres can't
hold of a text (NUL, halves of surrogate pairs) is mended by the columns themselves, as dumps, logs and tools bring it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    text,
    true,
)
from sqlmodel import Field, SQLModel

from db import columns
from db.storable import StorableText
from tasks.core import states


class Server(SQLModel, table=True):
    """A watched server."""

    id: int = columns.identifier()
    name: str = Field(sa_column=Column(StorableText, nullable=False, unique=True))
    created_at: datetime = columns.time(is_now=True)


class Dump(SQLModel, table=True):
    """A file that a crash left. One row for each server, path, inode, size and modification time."""

    __table_args__ = (
        UniqueConstraint("server_id", "path", "inode", "size", "captured_at", name="dump_is_recorded_once"),
        columns.one_of("state", states.DUMP_STATES),
        Index("dump_waiting", "detected_at", postgresql_where=text("state IN ('CRASH_DETECTED', 'PARSING')")),
        Index("dump_lease", "lease_process", postgresql_where=text("lease_process IS NOT NULL")),
    )

    id: int = columns.identifier()
    server_id: int = columns.reference("server")
    path: str = columns.words()
    inode: int = columns.count()
    size: int = columns.count()
    captured_at: datetime = columns.time()
    detected_at: datetime = columns.time(is_now=True)
    kind: str | None = columns.words(is_optional=True)
    sha256: str | None = columns.words(is_optional=True)
    state: str = columns.words()
    attempts: int = columns.count()
    lease_until: datetime | None = columns.time(is_optional=True)
    lease_process: str | None = columns.words(is_optional=True)
    error: str | None = columns.words(is_optional=True)


class LogTail(SQLModel, table=True):
    """
    The last bytes of a log at the moment of detection, compressed (zlib). Raw, as the server wrote them.

    Where dumps come within seconds, ``content`` is only what was written since the tail of ``continues_id``, null where
    that was nothing; the other columns are of the whole tail.
    """

    __tablename__ = "log_tail"

    id: int = columns.identifier()
    dump_id: int = columns.reference("dump")
    path: str = columns.words()
    continues_id: int | None = columns.reference("log_tail", is_optional=True)
    content: bytes | None = columns.binary()
    file_offset: int = columns.count()
    file_size: int = columns.count()
    inode: int = columns.count()
    modified_at: datetime | None = columns.time(is_optional=True)
    is_cut: bool = Field(default=False, nullable=False)
    error: str | None = columns.words(is_optional=True)


class Pattern(SQLModel, table=True):
    """Knowledge about a kind of defect, as a pattern pack states it; one row for each slug and version."""

    __table_args__ = (UniqueConstraint("slug", "version", name="pattern_version_is_unique"),)

    id: int = columns.identifier()
    slug: str = columns.words()
    version: int = columns.count()
    pack: str = columns.words()
    title: str = columns.words()
    location_regex: str = columns.words()
    stack_regexes: list[str] = columns.names()
    threshold: float = Field(sa_column=Column(Float, nullable=False))
    kinds: list[str] = columns.names()
    severity: str = columns.words()
    category: str = columns.words()
    root_cause: str = columns.words()
    template: str | None = columns.words(is_optional=True)
    is_core_bug: bool = Field(default=False, nullable=False)
    allows_core: bool = columns.flag()
    evidence: list[str] = columns.names()
    remedy: str | None = columns.words(is_optional=True)
    examples: list[dict[str, Any]] = columns.json_list()
    imported_at: datetime = columns.time(is_now=True)


class Defect(SQLModel, table=True):
    """
    The bucket of crashes that are one bug: what they share, how many they are, and what is known of it.

    What people decided has columns of its own, which no rule writes: ``title``, ``template``, ``split_from`` and
    ``is_merge_decided``. ``shape_crashes`` is how many crashes the learned shape was compared with.
    """

    __table_args__ = (
        columns.one_of("state", states.DEFECT_STATES),
        Index("defect_location", "location"),
        Index("defect_first_seen", "first_seen"),
    )

    id: int = columns.identifier()
    signature: str = columns.words()
    location: str | None = columns.words(is_optional=True)
    in_app: list[str] = columns.names()
    assertion: str | None = columns.words(is_optional=True)
    pattern_id: int | None = columns.reference("pattern", is_optional=True)
    exemplar_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    crash_count: int = columns.count()
    first_seen: datetime = columns.time()
    last_seen: datetime = columns.time()
    first_build: str | None = columns.words(is_optional=True)
    last_build: str | None = columns.words(is_optional=True)
    state: str = columns.words()
    route: str | None = columns.words(is_optional=True)
    route_reason: str | None = columns.words(is_optional=True)
    merged_into: int | None = columns.reference("defect", is_optional=True)
    is_merge_decided: bool = columns.flag()
    title: str | None = columns.words(is_optional=True)
    template: str | None = columns.words(is_optional=True)
    split_from: int | None = columns.reference("defect", is_optional=True)
    shape_crashes: int = columns.count()


class DefectKey(SQLModel, table=True):
    """An exact key of a defect. Its uniqueness decides which of two racing processes learns a new defect."""

    __tablename__ = "defect_key"

    kind: str = Field(sa_column=Column(StorableText, primary_key=True))
    value: str = Field(sa_column=Column(StorableText, primary_key=True))
    defect_id: int = columns.reference("defect")


class Crash(SQLModel, table=True):
    """One parsed crash, once for each server, capture and report; where ``is_place_decided`` a person placed it."""

    __table_args__ = (
        UniqueConstraint("server_id", "capture", "report_hash", name="crash_is_stored_once"),
        columns.one_of("placement", ("matched", "learned", "needs_symbols")),
        Index("crash_in_app", "in_app", postgresql_using="gin"),
        Index("crash_occurred_at", "occurred_at"),
        Index("crash_defect_occurred_at", "defect_id", "occurred_at"),
        Index("crash_build_occurred_at", "build", "occurred_at"),
    )

    id: int = columns.identifier()
    server_id: int = columns.reference("server")
    dump_id: int = columns.reference("dump")
    defect_id: int | None = columns.reference("defect", is_optional=True, is_indexed=False)
    capture: str = columns.words()
    report_hash: str = columns.words()
    format: str = columns.words()
    status: str = columns.words()
    build: str | None = columns.words(is_optional=True)
    executable: str | None = columns.words(is_optional=True)
    command_line: list[str] = columns.names()
    occurred_at: datetime = columns.time()
    kind: str = columns.words()
    signal: str | None = columns.words(is_optional=True)
    code: str | None = columns.words(is_optional=True)
    fault_address: str | None = columns.words(is_optional=True)
    access: str | None = columns.words(is_optional=True)
    message: str | None = columns.words(is_optional=True)
    location_function: str | None = columns.words(is_optional=True)
    location_file: str | None = columns.words(is_optional=True)
    location_line: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    signature: str = columns.words()
    fingerprint: str | None = columns.words(is_optional=True)
    algorithm: str = columns.words()
    in_app: list[str] = columns.names()
    thread: dict[str, Any] = columns.json(is_optional=False)
    other_threads: bytes | None = columns.binary()
    log_window: dict[str, Any] | None = columns.json()
    severity: str = columns.words()
    category: str = columns.words()
    components: list[str] = columns.names()
    is_bot_related: bool = Field(nullable=False)
    hypothesis: str = columns.words()
    suggestions: list[str] = columns.names()
    placement: str = columns.words()
    placement_score: float | None = Field(default=None, sa_column=Column(Float, nullable=True))
    is_place_decided: bool = columns.flag()
    notes: list[str] = columns.names()
    created_at: datetime = columns.time(is_now=True)


class CrashDump(SQLModel, table=True):
    """Which dumps told of a crash: the one that its row names, and the other files of the same capture."""

    __tablename__ = "crash_dump"

    crash_id: int = Field(sa_column=Column(BigInteger, ForeignKey("crash.id", ondelete="CASCADE"), primary_key=True))
    dump_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("dump.id", ondelete="CASCADE"), primary_key=True, index=True)
    )


class Match(SQLModel, table=True):
    """Why a crash matched a pattern: which expression hit which frame, which hit none."""

    id: int = columns.identifier()
    crash_id: int = columns.reference("crash")
    pattern_id: int = columns.reference("pattern")
    score: float = Field(sa_column=Column(Float, nullable=False))
    location: str = columns.words()
    matched: list[dict[str, Any]] = columns.json(is_optional=False)
    missing: list[str] = columns.names()


class CrashRevision(SQLModel, table=True):
    """What a crash was taken for before newer rules read it again, and after: only what changed, by column."""

    __tablename__ = "crash_revision"

    id: int = columns.identifier()
    crash_id: int = columns.reference("crash")
    before: dict[str, Any] = columns.json(is_optional=False)
    after: dict[str, Any] = columns.json(is_optional=False)
    reason: str = columns.words()
    flow_run_id: str | None = columns.words(is_optional=True)
    at: datetime = columns.time(is_now=True)


class WorkingRun(SQLModel, table=True):
    """A process that works for us right now, with its Prefect run; its row goes when it ends in order."""

    __tablename__ = "working_run"

    process: str = Field(sa_column=Column(StorableText, primary_key=True))
    run_id: str | None = columns.words(is_optional=True)
    lease_until: datetime = columns.time()


ANALYSIS_STATES = ("waiting", "asking", "answered", "abstained", "failed", "expired")


class Fix(SQLModel, table=True):
    """
    One repair of one defect. At most one fix of a defect is open.

    ``taken_up`` counts the runs that worked on it or were to, ``stalls`` those since it last came further. One that is
    no repair only shows more of the next crash.
    """

    __table_args__ = (
        columns.one_of("state", states.FIX_STATES),
        Index(
            "fix_one_open",
            "defect_id",
            unique=True,
            postgresql_where=text("state NOT IN ('DEPLOYED', 'REJECTED', 'FAILED')"),
        ),
        Index("fix_lease", "lease_process", postgresql_where=text("lease_process IS NOT NULL")),
    )

    id: int = columns.identifier()
    defect_id: int = columns.reference("defect")
    server_id: int = columns.reference("server")
    crash_id: int = columns.reference("crash")
    pattern_id: int | None = columns.reference("pattern", is_optional=True)
    route: str = columns.words()
    template: str | None = columns.words(is_optional=True)
    state: str = columns.words()
    reason: str = columns.words()
    base_commit: str | None = columns.words(is_optional=True)
    branch: str | None = columns.words(is_optional=True)
    head_commit: str | None = columns.words(is_optional=True)
    explanation: str | None = columns.words(is_optional=True)
    hierarchy_level: str | None = columns.words(is_optional=True)
    is_repair: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    lease_until: datetime | None = columns.time(is_optional=True)
    lease_process: str | None = columns.words(is_optional=True)
    taken_up: int = columns.count()
    stalls: int = columns.count()
    created_at: datetime = columns.time(is_now=True)
    updated_at: datetime = columns.time(is_now=True)


class FixAttempt(SQLModel, table=True):
    """One try of a fix: the patch, and why it failed where it did."""

    __tablename__ = "fix_attempt"
    __table_args__ = (UniqueConstraint("fix_id", "number", name="fix_attempt_is_numbered"),)

    id: int = columns.identifier()
    fix_id: int = columns.reference("fix")
    number: int = columns.count()
    origin: str = columns.words()
    patch: bytes | None = columns.binary()
    error: str | None = columns.words(is_optional=True)
    started_at: datetime = columns.time(is_now=True)
    finished_at: datetime | None = columns.time(is_optional=True)


class GateResult(SQLModel, table=True):
    """What one check said of an attempt."""

    __tablename__ = "gate_result"
    __table_args__ = (
        UniqueConstraint("fix_attempt_id", "gate", name="gate_result_is_single"),
        columns.one_of("outcome", ("passed", "failed", "skipped")),
    )

    id: int = columns.identifier()
    fix_attempt_id: int = columns.reference("fix_attempt")
    gate: str = columns.words()
    outcome: str = columns.words()
    is_blocking: bool = Field(nullable=False)
    detail: str = columns.words()
    excerpt: str | None = columns.words(is_optional=True)
    command: list[str] = columns.names()
    sandbox: str | None = columns.words(is_optional=True)
    seconds: float = Field(default=0, sa_column=Column(Float, nullable=False))
    at: datetime = columns.time(is_now=True)


class Analysis(SQLModel, table=True):
    """A question about a novel defect: by which back-end it was put, and what came of it."""

    __table_args__ = (
        columns.one_of("state", ANALYSIS_STATES),
        columns.one_of("purpose", ("repair", "second opinion")),
    )

    id: int = columns.identifier()
    fix_id: int = columns.reference("fix")
    purpose: str = Field(default="repair", sa_column=Column(StorableText, nullable=False, server_default="repair"))
    request_id: str = Field(sa_column=Column(StorableText, nullable=False, unique=True))
    back_end: str = columns.words()
    model: str | None = columns.words(is_optional=True)
    state: str = columns.words()
    request: dict[str, Any] = columns.json(is_optional=False)
    request_path: str | None = columns.words(is_optional=True)
    answer: dict[str, Any] | None = columns.json()
    error: str | None = columns.words(is_optional=True)
    created_at: datetime = columns.time(is_now=True)
    finished_at: datetime | None = columns.time(is_optional=True)


class AnalysisStep(SQLModel, table=True):
    """One message of a conversation with an analyst, as it was sent or came; a reply has what it cost."""

    __tablename__ = "analysis_step"
    __table_args__ = (
        UniqueConstraint("analysis_id", "number", name="analysis_step_is_numbered"),
        columns.one_of("kind", ("question", "reply", "results")),
        Index("ix_analysis_step_at", "at"),
    )

    id: int = columns.identifier()
    analysis_id: int = columns.reference("analysis", is_indexed=False)
    number: int = columns.count()
    kind: str = columns.words()
    message: dict[str, Any] = columns.json(is_optional=False)
    model: str | None = columns.words(is_optional=True)
    stop_reason: str | None = columns.words(is_optional=True)
    input_tokens: int = columns.count()
    output_tokens: int = columns.count()
    cache_read_tokens: int = columns.count()
    cache_write_tokens: int = columns.count()
    cost_usd: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 6), nullable=True))
    seconds: float = Field(default=0, sa_column=Column(Float, nullable=False, server_default="0"))
    at: datetime = columns.time(is_now=True)


class PullRequest(SQLModel, table=True):
    """The pull request of a fix; a fix has one."""

    __tablename__ = "pull_request"
    __table_args__ = (columns.one_of("state", ("draft", "open", "merged", "closed")),)

    id: int = columns.identifier()
    fix_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("fix.id", ondelete="CASCADE"), nullable=False, unique=True)
    )
    forge: str = columns.words()
    number: int = columns.count()
    url: str = columns.words()
    title: str = columns.words()
    branch: str = columns.words()
    head_commit: str = columns.words()
    state: str = columns.words()
    created_at: datetime = columns.time(is_now=True)
    updated_at: datetime = columns.time(is_now=True)


class Review(SQLModel, table=True):
    """What a person decided of a fix, of the very commit that was there to be read."""

    __table_args__ = (columns.one_of("decision", ("approve", "reject", "changes")),)

    id: int = columns.identifier()
    fix_id: int = columns.reference("fix")
    decision: str = columns.words()
    comment: str = columns.words()
    author: str = columns.words()
    head_commit: str = columns.words()
    at: datetime = columns.time(is_now=True)


class Transition(SQLModel, table=True):
    """A change of state: of what, from where to where, when, why, and in which Prefect run."""

    __table_args__ = (Index("transition_of_entity", "entity", "entity_id"),)

    id: int = columns.identifier()
    entity: str = columns.words()
    entity_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    state_from: str | None = columns.words(is_optional=True)
    state_to: str = columns.words()
    reason: str | None = columns.words(is_optional=True)
    flow_run_id: str | None = columns.words(is_optional=True)
    at: datetime = columns.time(is_now=True)

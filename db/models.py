"""
The tables, as ``design.md`` names them. Migrations create them; a test checks that both agree.

States and other closed sets are text with a CHECK, times are timestamptz, counters are bigint. What Postgres can't
hold of a text (NUL, halves of surrogate pairs) is mended by the columns themselves, as dumps, logs and tools bring it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlmodel import Field, SQLModel

from db.storable import StorableJson, StorableText
from tasks.core import states

EMPTY_ARRAY = text("'{}'::text[]")


def _identifier() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))


def _reference(target: str, *, is_optional: bool = False, is_indexed: bool = True, on_delete: str = "CASCADE") -> Any:
    key = ForeignKey(f"{target}.id", ondelete="SET NULL" if is_optional else on_delete)
    return Field(default=None, sa_column=Column(BigInteger, key, nullable=is_optional, index=is_indexed))


def _text(*, is_optional: bool = False) -> Any:
    return Field(default=None, sa_column=Column(StorableText, nullable=is_optional))


def _count() -> Any:
    return Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


def _time(*, is_optional: bool = False, is_now: bool = False) -> Any:
    default = func.now() if is_now else None
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=is_optional, server_default=default))


def _names() -> Any:
    return Field(
        default_factory=list, sa_column=Column(ARRAY(StorableText), nullable=False, server_default=EMPTY_ARRAY)
    )


def _json(*, is_optional: bool = True) -> Any:
    return Field(default=None, sa_column=Column(StorableJson, nullable=is_optional))


def _bytes() -> Any:
    return Field(default=None, sa_column=Column(LargeBinary, nullable=True))


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


class Server(SQLModel, table=True):
    """A watched server."""

    id: int = _identifier()
    name: str = Field(sa_column=Column(StorableText, nullable=False, unique=True))
    created_at: datetime = _time(is_now=True)


class Dump(SQLModel, table=True):
    """A file that a crash left. One row for each server, path, inode, size and modification time."""

    __table_args__ = (
        UniqueConstraint("server_id", "path", "inode", "size", "captured_at", name="dump_is_recorded_once"),
        _one_of("state", states.DUMP_STATES),
        Index("dump_waiting", "detected_at", postgresql_where=text("state IN ('CRASH_DETECTED', 'PARSING')")),
        Index("dump_lease", "lease_process", postgresql_where=text("lease_process IS NOT NULL")),
    )

    id: int = _identifier()
    server_id: int = _reference("server")
    path: str = _text()
    inode: int = _count()
    size: int = _count()
    captured_at: datetime = _time()
    detected_at: datetime = _time(is_now=True)
    kind: str | None = _text(is_optional=True)
    sha256: str | None = _text(is_optional=True)
    state: str = _text()
    attempts: int = _count()
    lease_until: datetime | None = _time(is_optional=True)
    lease_process: str | None = _text(is_optional=True)
    error: str | None = _text(is_optional=True)


class LogTail(SQLModel, table=True):
    """
    The last bytes of a log at the moment of detection, compressed (zlib). Raw, as the server wrote them.

    Where dumps come within seconds, ``content`` is only what was written since the tail of ``continues_id``, null where
    that was nothing; the other columns are of the whole tail.
    """

    __tablename__ = "log_tail"

    id: int = _identifier()
    dump_id: int = _reference("dump")
    path: str = _text()
    continues_id: int | None = _reference("log_tail", is_optional=True)
    content: bytes | None = _bytes()
    file_offset: int = _count()
    file_size: int = _count()
    inode: int = _count()
    modified_at: datetime | None = _time(is_optional=True)
    is_cut: bool = Field(default=False, nullable=False)
    error: str | None = _text(is_optional=True)


class Pattern(SQLModel, table=True):
    """Knowledge about a kind of defect, as a pattern pack states it; one row for each slug and version."""

    __table_args__ = (UniqueConstraint("slug", "version", name="pattern_version_is_unique"),)

    id: int = _identifier()
    slug: str = _text()
    version: int = _count()
    pack: str = _text()
    title: str = _text()
    location_regex: str = _text()
    stack_regexes: list[str] = _names()
    threshold: float = Field(sa_column=Column(Float, nullable=False))
    kinds: list[str] = _names()
    severity: str = _text()
    category: str = _text()
    root_cause: str = _text()
    template: str | None = _text(is_optional=True)
    is_core_bug: bool = Field(default=False, nullable=False)
    evidence: list[str] = _names()
    imported_at: datetime = _time(is_now=True)


class Defect(SQLModel, table=True):
    """The bucket of crashes that are one bug: what they share, how many they are, and what is known of it."""

    __table_args__ = (
        _one_of("state", states.DEFECT_STATES),
        Index("defect_location", "location"),
    )

    id: int = _identifier()
    signature: str = _text()
    location: str | None = _text(is_optional=True)
    in_app: list[str] = _names()
    assertion: str | None = _text(is_optional=True)
    pattern_id: int | None = _reference("pattern", is_optional=True)
    exemplar_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    crash_count: int = _count()
    first_seen: datetime = _time()
    last_seen: datetime = _time()
    first_build: str | None = _text(is_optional=True)
    last_build: str | None = _text(is_optional=True)
    state: str = _text()
    route: str | None = _text(is_optional=True)
    route_reason: str | None = _text(is_optional=True)
    merged_into: int | None = _reference("defect", is_optional=True)


class DefectKey(SQLModel, table=True):
    """An exact key of a defect. Its uniqueness decides which of two racing processes learns a new defect."""

    __tablename__ = "defect_key"

    kind: str = Field(sa_column=Column(StorableText, primary_key=True))
    value: str = Field(sa_column=Column(StorableText, primary_key=True))
    defect_id: int = _reference("defect")


class Crash(SQLModel, table=True):
    """One parsed crash, once for each server, capture and report."""

    __table_args__ = (
        UniqueConstraint("server_id", "capture", "report_hash", name="crash_is_stored_once"),
        _one_of("placement", ("matched", "learned", "needs_symbols")),
        Index("crash_in_app", "in_app", postgresql_using="gin"),
        Index("crash_occurred_at", "occurred_at"),
    )

    id: int = _identifier()
    server_id: int = _reference("server")
    dump_id: int = _reference("dump")
    defect_id: int | None = _reference("defect", is_optional=True)
    capture: str = _text()
    report_hash: str = _text()
    format: str = _text()
    status: str = _text()
    build: str | None = _text(is_optional=True)
    executable: str | None = _text(is_optional=True)
    command_line: list[str] = _names()
    occurred_at: datetime = _time()
    kind: str = _text()
    signal: str | None = _text(is_optional=True)
    code: str | None = _text(is_optional=True)
    fault_address: str | None = _text(is_optional=True)
    access: str | None = _text(is_optional=True)
    message: str | None = _text(is_optional=True)
    location_function: str | None = _text(is_optional=True)
    location_file: str | None = _text(is_optional=True)
    location_line: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    signature: str = _text()
    fingerprint: str | None = _text(is_optional=True)
    algorithm: str = _text()
    in_app: list[str] = _names()
    thread: dict[str, Any] = _json(is_optional=False)
    other_threads: bytes | None = _bytes()
    log_window: dict[str, Any] | None = _json()
    severity: str = _text()
    category: str = _text()
    components: list[str] = _names()
    is_bot_related: bool = Field(nullable=False)
    hypothesis: str = _text()
    suggestions: list[str] = _names()
    placement: str = _text()
    placement_score: float | None = Field(default=None, sa_column=Column(Float, nullable=True))
    notes: list[str] = _names()
    created_at: datetime = _time(is_now=True)


class CrashDump(SQLModel, table=True):
    """Which dumps told of a crash: the one that its row names, and the other files of the same capture."""

    __tablename__ = "crash_dump"

    crash_id: int = Field(sa_column=Column(BigInteger, ForeignKey("crash.id", ondelete="CASCADE"), primary_key=True))
    dump_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("dump.id", ondelete="CASCADE"), primary_key=True, index=True)
    )


class Match(SQLModel, table=True):
    """Why a crash matched a pattern: which expression hit which frame, which hit none."""

    id: int = _identifier()
    crash_id: int = _reference("crash")
    pattern_id: int = _reference("pattern")
    score: float = Field(sa_column=Column(Float, nullable=False))
    location: str = _text()
    matched: list[dict[str, Any]] = _json(is_optional=False)
    missing: list[str] = _names()


class CrashRevision(SQLModel, table=True):
    """What a crash was taken for before newer rules read it again, and after: only what changed, by column."""

    __tablename__ = "crash_revision"

    id: int = _identifier()
    crash_id: int = _reference("crash")
    before: dict[str, Any] = _json(is_optional=False)
    after: dict[str, Any] = _json(is_optional=False)
    reason: str = _text()
    flow_run_id: str | None = _text(is_optional=True)
    at: datetime = _time(is_now=True)


class WorkingRun(SQLModel, table=True):
    """A process that works for us right now, with its Prefect run; its row goes when it ends in order."""

    __tablename__ = "working_run"

    process: str = Field(sa_column=Column(StorableText, primary_key=True))
    run_id: str | None = _text(is_optional=True)
    lease_until: datetime = _time()


class Fix(SQLModel, table=True):
    """
    One repair of one defect. At most one fix of a defect is open.

    ``taken_up`` counts the runs that worked on it or were to, ``stalls`` those since it last came further.
    """

    __table_args__ = (
        _one_of("state", states.FIX_STATES),
        Index(
            "fix_one_open",
            "defect_id",
            unique=True,
            postgresql_where=text("state NOT IN ('DEPLOYED', 'REJECTED', 'FAILED')"),
        ),
        Index("fix_lease", "lease_process", postgresql_where=text("lease_process IS NOT NULL")),
    )

    id: int = _identifier()
    defect_id: int = _reference("defect")
    server_id: int = _reference("server")
    crash_id: int = _reference("crash")
    pattern_id: int | None = _reference("pattern", is_optional=True)
    route: str = _text()
    template: str | None = _text(is_optional=True)
    state: str = _text()
    reason: str = _text()
    base_commit: str | None = _text(is_optional=True)
    branch: str | None = _text(is_optional=True)
    head_commit: str | None = _text(is_optional=True)
    explanation: str | None = _text(is_optional=True)
    hierarchy_level: str | None = _text(is_optional=True)
    lease_until: datetime | None = _time(is_optional=True)
    lease_process: str | None = _text(is_optional=True)
    taken_up: int = _count()
    stalls: int = _count()
    created_at: datetime = _time(is_now=True)
    updated_at: datetime = _time(is_now=True)


class FixAttempt(SQLModel, table=True):
    """One try of a fix: the patch, and why it failed where it did."""

    __tablename__ = "fix_attempt"
    __table_args__ = (UniqueConstraint("fix_id", "number", name="fix_attempt_is_numbered"),)

    id: int = _identifier()
    fix_id: int = _reference("fix")
    number: int = _count()
    origin: str = _text()
    patch: bytes | None = _bytes()
    error: str | None = _text(is_optional=True)
    started_at: datetime = _time(is_now=True)
    finished_at: datetime | None = _time(is_optional=True)


class GateResult(SQLModel, table=True):
    """What one check said of an attempt."""

    __tablename__ = "gate_result"
    __table_args__ = (
        UniqueConstraint("fix_attempt_id", "gate", name="gate_result_is_single"),
        _one_of("outcome", ("passed", "failed", "skipped")),
    )

    id: int = _identifier()
    fix_attempt_id: int = _reference("fix_attempt")
    gate: str = _text()
    outcome: str = _text()
    is_blocking: bool = Field(nullable=False)
    detail: str = _text()
    excerpt: str | None = _text(is_optional=True)
    command: list[str] = _names()
    sandbox: str | None = _text(is_optional=True)
    seconds: float = Field(default=0, sa_column=Column(Float, nullable=False))
    at: datetime = _time(is_now=True)


class Analysis(SQLModel, table=True):
    """A question about a novel defect that waits for its answer."""

    __table_args__ = (_one_of("state", ("waiting", "answered", "expired")),)

    id: int = _identifier()
    fix_id: int = _reference("fix")
    request_id: str = Field(sa_column=Column(StorableText, nullable=False, unique=True))
    back_end: str = _text()
    state: str = _text()
    request: dict[str, Any] = _json(is_optional=False)
    request_path: str | None = _text(is_optional=True)
    created_at: datetime = _time(is_now=True)


class PullRequest(SQLModel, table=True):
    """The pull request of a fix; a fix has one."""

    __tablename__ = "pull_request"
    __table_args__ = (_one_of("state", ("draft", "open", "merged", "closed")),)

    id: int = _identifier()
    fix_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("fix.id", ondelete="CASCADE"), nullable=False, unique=True)
    )
    forge: str = _text()
    number: int = _count()
    url: str = _text()
    title: str = _text()
    branch: str = _text()
    head_commit: str = _text()
    state: str = _text()
    created_at: datetime = _time(is_now=True)
    updated_at: datetime = _time(is_now=True)


class Transition(SQLModel, table=True):
    """A change of state: of what, from where to where, when, why, and in which Prefect run."""

    __table_args__ = (Index("transition_of_entity", "entity", "entity_id"),)

    id: int = _identifier()
    entity: str = _text()
    entity_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    state_from: str | None = _text(is_optional=True)
    state_to: str = _text()
    reason: str | None = _text(is_optional=True)
    flow_run_id: str | None = _text(is_optional=True)
    at: datetime = _time(is_now=True)

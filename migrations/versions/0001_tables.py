"""The tables of the whole way: dumps, crashes, defects, patterns, fixes and their transitions"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "analysis",
    "gate_result",
    "pull_request",
    "fix_attempt",
    "fix",
    "match",
    "crash",
    "defect_key",
    "log_tail",
    "dump",
    "defect",
    "transition",
    "server",
    "pattern",
)


def upgrade() -> None:
    op.create_table(
        "pattern",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("location_regex", sa.Text(), nullable=False),
        sa.Column("stack_regexes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("root_cause", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("is_core_bug", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", "version", name="pattern_version_is_unique"),
    )
    op.create_table(
        "server",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "transition",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("state_from", sa.Text(), nullable=True),
        sa.Column("state_to", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("flow_run_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("transition_of_entity", "transition", ["entity", "entity_id"], unique=False)
    op.create_table(
        "defect",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("in_app", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("assertion", sa.Text(), nullable=True),
        sa.Column("pattern_id", sa.BigInteger(), nullable=True),
        sa.Column("exemplar_id", sa.BigInteger(), nullable=True),
        sa.Column("crash_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_build", sa.Text(), nullable=True),
        sa.Column("last_build", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("route_reason", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'fixing', 'verified', 'regressed', 'silenced')", name="state_is_known"),
        sa.ForeignKeyConstraint(["merged_into"], ["defect.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("defect_location", "defect", ["location"], unique=False)
    op.create_index(op.f("ix_defect_merged_into"), "defect", ["merged_into"], unique=False)
    op.create_index(op.f("ix_defect_pattern_id"), "defect", ["pattern_id"], unique=False)
    op.create_table(
        "dump",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("inode", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('CRASH_DETECTED', 'PARSING', 'PARSED', 'FAILED')", name="state_is_known"),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("server_id", "path", "inode", "size", "captured_at", name="dump_is_recorded_once"),
    )
    op.create_index(
        "dump_waiting",
        "dump",
        ["detected_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('CRASH_DETECTED', 'PARSING')"),
    )
    op.create_index(op.f("ix_dump_server_id"), "dump", ["server_id"], unique=False)
    op.create_table(
        "crash",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("dump_id", sa.BigInteger(), nullable=False),
        sa.Column("defect_id", sa.BigInteger(), nullable=True),
        sa.Column("capture", sa.Text(), nullable=False),
        sa.Column("report_hash", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("build", sa.Text(), nullable=True),
        sa.Column("executable", sa.Text(), nullable=True),
        sa.Column("command_line", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("fault_address", sa.Text(), nullable=True),
        sa.Column("access", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("location_function", sa.Text(), nullable=True),
        sa.Column("location_file", sa.Text(), nullable=True),
        sa.Column("location_line", sa.BigInteger(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("in_app", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("thread", postgresql.JSONB(), nullable=False),
        sa.Column("other_threads", sa.LargeBinary(), nullable=True),
        sa.Column("log_window", postgresql.JSONB(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("components", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("is_bot_related", sa.Boolean(), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column("suggestions", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("placement", sa.Text(), nullable=False),
        sa.Column("placement_score", sa.Float(), nullable=True),
        sa.Column("notes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("placement IN ('matched', 'learned', 'needs_symbols')", name="placement_is_known"),
        sa.ForeignKeyConstraint(["defect_id"], ["defect.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["dump_id"], ["dump.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("server_id", "capture", "report_hash", name="crash_is_stored_once"),
    )
    op.create_index("crash_in_app", "crash", ["in_app"], unique=False, postgresql_using="gin")
    op.create_index("crash_occurred_at", "crash", ["occurred_at"], unique=False)
    op.create_index(op.f("ix_crash_defect_id"), "crash", ["defect_id"], unique=False)
    op.create_index(op.f("ix_crash_dump_id"), "crash", ["dump_id"], unique=False)
    op.create_index(op.f("ix_crash_server_id"), "crash", ["server_id"], unique=False)
    op.create_table(
        "defect_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("defect_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["defect_id"], ["defect.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "value"),
    )
    op.create_index(op.f("ix_defect_key_defect_id"), "defect_key", ["defect_id"], unique=False)
    op.create_table(
        "log_tail",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("dump_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("file_offset", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("file_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("inode", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dump_id"], ["dump.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_log_tail_dump_id"), "log_tail", ["dump_id"], unique=False)
    op.create_table(
        "fix",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("defect_id", sa.BigInteger(), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("crash_id", sa.BigInteger(), nullable=False),
        sa.Column("pattern_id", sa.BigInteger(), nullable=True),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("base_commit", sa.Text(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("head_commit", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("hierarchy_level", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('ANALYSIS_PENDING', 'ANALYZING', 'FIX_GENERATED', 'APPLYING_FIX', 'COMPILING', 'TESTING', "
            "'PR_CREATED', 'AWAITING_APPROVAL', 'APPROVED', 'DEPLOYING', 'DEPLOYED', 'REJECTED', 'FAILED')",
            name="state_is_known",
        ),
        sa.ForeignKeyConstraint(["crash_id"], ["crash.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["defect_id"], ["defect.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "fix_one_open",
        "fix",
        ["defect_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('DEPLOYED', 'REJECTED', 'FAILED')"),
    )
    op.create_index(op.f("ix_fix_crash_id"), "fix", ["crash_id"], unique=False)
    op.create_index(op.f("ix_fix_defect_id"), "fix", ["defect_id"], unique=False)
    op.create_index(op.f("ix_fix_pattern_id"), "fix", ["pattern_id"], unique=False)
    op.create_index(op.f("ix_fix_server_id"), "fix", ["server_id"], unique=False)
    op.create_table(
        "match",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("crash_id", sa.BigInteger(), nullable=False),
        sa.Column("pattern_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("matched", postgresql.JSONB(), nullable=False),
        sa.Column("missing", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.ForeignKeyConstraint(["crash_id"], ["crash.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_match_crash_id"), "match", ["crash_id"], unique=False)
    op.create_index(op.f("ix_match_pattern_id"), "match", ["pattern_id"], unique=False)
    op.create_table(
        "analysis",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("fix_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("back_end", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("request_path", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'answered', 'expired')", name="state_is_known"),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id"),
    )
    op.create_index(op.f("ix_analysis_fix_id"), "analysis", ["fix_id"], unique=False)
    op.create_table(
        "fix_attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("fix_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("patch", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fix_id", "number", name="fix_attempt_is_numbered"),
    )
    op.create_index(op.f("ix_fix_attempt_fix_id"), "fix_attempt", ["fix_id"], unique=False)
    op.create_table(
        "pull_request",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("fix_id", sa.BigInteger(), nullable=False),
        sa.Column("forge", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("head_commit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'open', 'merged', 'closed')", name="state_is_known"),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fix_id"),
    )
    op.create_table(
        "gate_result",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("fix_attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("command", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("sandbox", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("outcome IN ('passed', 'failed', 'skipped')", name="outcome_is_known"),
        sa.ForeignKeyConstraint(["fix_attempt_id"], ["fix_attempt.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fix_attempt_id", "gate", name="gate_result_is_single"),
    )
    op.create_index(op.f("ix_gate_result_fix_attempt_id"), "gate_result", ["fix_attempt_id"], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

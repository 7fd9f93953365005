"""Daily counts that follow every change of crashes, and what people decided about defects"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BY_SERVER = "day, server_id, components, is_bot_related, placement"
_DIMENSIONS = "day, server_id, defect_id, build"
_OF_A_CRASH = (
    "(occurred_at AT TIME ZONE 'UTC')::date AS day, server_id, defect_id, build, components, is_bot_related, placement"
)

ROLLUP_COMMENT = (
    "How many crashes a day (UTC), server, defect and build. Rows of equal dimensions add up, negative ones take back:"
    " each change of crashes appends what it changed, and report-trends makes one row of them. Always sum."
)

SERVER_ROLLUP_COMMENT = "As crash_rollup_daily, of all defects: crashes a day (UTC), server, components, and so on."

# Rows are appended, never updated: two ingests that count the same defect would wait for each other until they end.
COUNT_IN = f"""
CREATE FUNCTION crash_rollup_count_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crash_rollup_daily ({_DIMENSIONS}, crashes)
    SELECT {_DIMENSIONS}, count(*) FROM (SELECT {_OF_A_CRASH} FROM added) counted GROUP BY {_DIMENSIONS};
    INSERT INTO server_rollup_daily ({_BY_SERVER}, crashes)
    SELECT {_BY_SERVER}, count(*) FROM (SELECT {_OF_A_CRASH} FROM added) counted GROUP BY {_BY_SERVER};
    RETURN NULL;
END
$$
"""
COUNT_OUT = f"""
CREATE FUNCTION crash_rollup_count_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crash_rollup_daily ({_DIMENSIONS}, crashes)
    SELECT {_DIMENSIONS}, -count(*) FROM (SELECT {_OF_A_CRASH} FROM removed) counted GROUP BY {_DIMENSIONS};
    INSERT INTO server_rollup_daily ({_BY_SERVER}, crashes)
    SELECT {_BY_SERVER}, -count(*) FROM (SELECT {_OF_A_CRASH} FROM removed) counted GROUP BY {_BY_SERVER};
    RETURN NULL;
END
$$
"""
COUNT_MOVED = f"""
CREATE FUNCTION crash_rollup_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crash_rollup_daily ({_DIMENSIONS}, crashes)
    SELECT {_DIMENSIONS}, sum(change) FROM (
        SELECT {_OF_A_CRASH}, 1 AS change FROM added
        UNION ALL
        SELECT {_OF_A_CRASH}, -1 FROM removed
    ) counted
    GROUP BY {_DIMENSIONS} HAVING sum(change) <> 0;
    INSERT INTO server_rollup_daily ({_BY_SERVER}, crashes)
    SELECT {_BY_SERVER}, sum(change) FROM (
        SELECT {_OF_A_CRASH}, 1 AS change FROM added
        UNION ALL
        SELECT {_OF_A_CRASH}, -1 FROM removed
    ) counted
    GROUP BY {_BY_SERVER} HAVING sum(change) <> 0;
    RETURN NULL;
END
$$
"""
COMPACT = f"""
CREATE FUNCTION crash_rollup_compact() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    saved bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('crash_rollup_daily')) THEN
        RETURN 0;
    END IF;
    CREATE TEMP TABLE compacted ON COMMIT DROP AS
        SELECT {_DIMENSIONS}, array_agg(id) AS ids, sum(crashes)::bigint AS crashes FROM crash_rollup_daily
        GROUP BY {_DIMENSIONS} HAVING count(*) > 1 OR sum(crashes) = 0;
    DELETE FROM crash_rollup_daily USING (SELECT unnest(ids) AS id FROM compacted) old
        WHERE crash_rollup_daily.id = old.id;
    GET DIAGNOSTICS saved = ROW_COUNT;
    INSERT INTO crash_rollup_daily ({_DIMENSIONS}, crashes)
        SELECT {_DIMENSIONS}, crashes FROM compacted WHERE crashes <> 0 ORDER BY day;
    DROP TABLE compacted;
    CREATE TEMP TABLE of_servers ON COMMIT DROP AS
        SELECT {_BY_SERVER}, array_agg(id) AS ids, sum(crashes)::bigint AS crashes FROM server_rollup_daily
        GROUP BY {_BY_SERVER} HAVING count(*) > 1 OR sum(crashes) = 0;
    DELETE FROM server_rollup_daily USING (SELECT unnest(ids) AS id FROM of_servers) old
        WHERE server_rollup_daily.id = old.id;
    INSERT INTO server_rollup_daily ({_BY_SERVER}, crashes)
        SELECT {_BY_SERVER}, crashes FROM of_servers WHERE crashes <> 0 ORDER BY day;
    DROP TABLE of_servers;
    RETURN saved;
END
$$
"""
TRIGGERS = {
    "crash_rollup_of_added": "AFTER INSERT ON crash REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION crash_rollup_count_in()",
    "crash_rollup_of_removed": "AFTER DELETE ON crash REFERENCING OLD TABLE AS removed"
    " FOR EACH STATEMENT EXECUTE FUNCTION crash_rollup_count_out()",
    "crash_rollup_of_moved": "AFTER UPDATE ON crash REFERENCING OLD TABLE AS removed NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION crash_rollup_count_moved()",
}

FUNCTIONS = {
    "crash_rollup_count_in()": (COUNT_IN, "Counts crashes that were added into crash_rollup_daily."),
    "crash_rollup_count_out()": (COUNT_OUT, "Counts crashes that were deleted out of crash_rollup_daily."),
    "crash_rollup_count_moved()": (COUNT_MOVED, "Counts crashes that changed from where they were to where they are."),
    "crash_rollup_compact()": (
        COMPACT,
        "Makes one row of all rows of crash_rollup_daily with equal dimensions; returns how many it replaced.",
    ),
}


def upgrade() -> None:
    _add_decisions()
    _add_reprocessing()
    op.create_table(
        "crash_rollup_daily",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("defect_id", sa.BigInteger(), nullable=True),
        sa.Column("build", sa.Text(), nullable=True),
        sa.Column("crashes", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment=ROLLUP_COMMENT,
    )
    op.create_table(
        "server_rollup_daily",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("components", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("is_bot_related", sa.Boolean(), nullable=False),
        sa.Column("placement", sa.Text(), nullable=False),
        sa.Column("crashes", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment=SERVER_ROLLUP_COMMENT,
    )
    op.create_index("server_rollup_daily_day", "server_rollup_daily", ["day"])
    op.create_index("crash_rollup_daily_day", "crash_rollup_daily", ["day"])
    op.create_index("crash_rollup_daily_defect", "crash_rollup_daily", ["defect_id", "day"])
    op.create_index("crash_rollup_daily_server", "crash_rollup_daily", ["server_id", "day"])
    op.create_index("crash_build_occurred_at", "crash", ["build", "occurred_at"])
    op.create_index("crash_defect_occurred_at", "crash", ["defect_id", "occurred_at"])
    op.drop_index("ix_crash_defect_id", "crash")
    op.create_index("defect_first_seen", "defect", ["first_seen"])
    for name, (statement, comment) in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"COMMENT ON FUNCTION {name} IS '{comment}'")
    for name, definition in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {definition}")
    op.execute(
        f"INSERT INTO crash_rollup_daily ({_DIMENSIONS}, crashes) SELECT {_DIMENSIONS}, count(*)"
        f" FROM (SELECT {_OF_A_CRASH} FROM crash) counted GROUP BY {_DIMENSIONS}"
    )
    op.execute(
        f"INSERT INTO server_rollup_daily ({_BY_SERVER}, crashes) SELECT {_BY_SERVER}, count(*)"
        f" FROM (SELECT {_OF_A_CRASH} FROM crash) counted GROUP BY {_BY_SERVER}"
    )


def _add_decisions() -> None:
    op.add_column("defect", sa.Column("title", sa.Text(), nullable=True))
    op.add_column("defect", sa.Column("template", sa.Text(), nullable=True))
    op.add_column("defect", sa.Column("split_from", sa.BigInteger(), nullable=True))
    op.add_column("defect", sa.Column("shape_crashes", sa.BigInteger(), server_default="0", nullable=False))
    op.create_foreign_key("defect_split_from_fkey", "defect", "defect", ["split_from"], ["id"], ondelete="SET NULL")
    op.create_index(op.f("ix_defect_split_from"), "defect", ["split_from"])
    op.add_column(
        "defect", sa.Column("is_merge_decided", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("crash", sa.Column("is_place_decided", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("defect_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rename', 'merge', 'split', 'promote', 'template', 'silence', 'unsilence')",
            name="kind_is_known",
        ),
        sa.ForeignKeyConstraint(["defect_id"], ["defect.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        comment="What people decided about defects: when, who, and why.",
    )
    op.create_index(op.f("ix_decision_defect_id"), "decision", ["defect_id"])


def _add_reprocessing() -> None:
    op.create_table(
        "reprocess_run",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            for name in ("last_crash_id", "until_crash_id", "seen", "changed", "moved")
        ),
        sa.Column("flow_run_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON crash")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.create_index("ix_crash_defect_id", "crash", ["defect_id"])
    for index, table in (
        ("crash_defect_occurred_at", "crash"),
        ("crash_build_occurred_at", "crash"),
        ("defect_first_seen", "defect"),
    ):
        op.drop_index(index, table)
    op.drop_table("crash_rollup_daily")
    op.drop_table("server_rollup_daily")
    op.drop_table("decision")
    op.drop_table("reprocess_run")
    op.drop_column("crash", "is_place_decided")
    for column in ("is_merge_decided", "shape_crashes", "split_from", "template", "title"):
        op.drop_column("defect", column)

"""Conversations with analysts: every message as it was sent or came, with what it cost"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATES = "state IN ('waiting', 'asking', 'answered', 'abstained', 'failed', 'expired')"

_REASONS = """
UPDATE fix SET reason = attempt.error
FROM fix_attempt attempt
WHERE fix.state = 'FAILED' AND attempt.fix_id = fix.id AND attempt.error IS NOT NULL
    AND attempt.number = (SELECT max(number) FROM fix_attempt WHERE fix_id = fix.id)
"""

_COST = """
CREATE VIEW analysis_cost AS
SELECT analysis.id AS analysis_id, analysis.fix_id, fix.defect_id, fix.state AS fix_state, analysis.purpose,
       analysis.back_end, analysis.model, analysis.state, analysis.error, analysis.created_at, analysis.finished_at,
       count(step.id) FILTER (WHERE step.kind = 'reply') AS replies,
       coalesce(sum(step.input_tokens + step.output_tokens + step.cache_read_tokens + step.cache_write_tokens), 0)
           ::bigint AS tokens,
       sum(step.cost_usd) AS cost_usd, coalesce(sum(step.seconds), 0) AS seconds
FROM analysis
JOIN fix ON fix.id = analysis.fix_id
LEFT JOIN analysis_step step ON step.analysis_id = analysis.id
GROUP BY analysis.id, fix.id
"""


def upgrade() -> None:
    op.add_column("analysis", sa.Column("purpose", sa.Text(), server_default="repair", nullable=False))
    op.create_check_constraint("purpose_is_known", "analysis", "purpose IN ('repair', 'second opinion')")
    op.add_column("analysis", sa.Column("model", sa.Text(), nullable=True))
    op.add_column("analysis", sa.Column("answer", postgresql.JSONB(), nullable=True))
    op.add_column("analysis", sa.Column("error", sa.Text(), nullable=True))
    op.add_column("analysis", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("state_is_known", "analysis", type_="check")
    op.create_check_constraint("state_is_known", "analysis", _STATES)
    op.create_table(
        "analysis_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("analysis_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", postgresql.JSONB(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("input_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_usd", sa.Numeric(12, 6), nullable=True),
        sa.Column("seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('question', 'reply', 'results')", name="kind_is_known"),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("analysis_id", "number", name="analysis_step_is_numbered"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_analysis_step_at", "analysis_step", ["at"])
    # The reason of a fix says why it failed, too: so far only its last attempt did.
    op.execute(_REASONS)
    op.execute(_COST)
    op.execute(
        "COMMENT ON VIEW analysis_cost IS 'Each question to an analyst: of which fix, what came of it, what it took'"
    )


def downgrade() -> None:
    op.execute("DROP VIEW analysis_cost")
    op.drop_table("analysis_step")
    op.drop_constraint("state_is_known", "analysis", type_="check")
    op.create_check_constraint("state_is_known", "analysis", "state IN ('waiting', 'answered', 'expired')")
    op.drop_constraint("purpose_is_known", "analysis", type_="check")
    for column in ("purpose", "finished_at", "error", "answer", "model"):
        op.drop_column("analysis", column)

"""Captures: which dumps told of a crash, and log tails that share their bytes"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crash_dump",
        sa.Column("crash_id", sa.BigInteger(), nullable=False),
        sa.Column("dump_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["crash_id"], ["crash.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dump_id"], ["dump.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("crash_id", "dump_id"),
    )
    op.create_index(op.f("ix_crash_dump_dump_id"), "crash_dump", ["dump_id"], unique=False)
    op.execute("INSERT INTO crash_dump (crash_id, dump_id) SELECT id, dump_id FROM crash")
    op.add_column("log_tail", sa.Column("continues_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "log_tail_continues_id_fkey", "log_tail", "log_tail", ["continues_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_log_tail_continues_id"), "log_tail", ["continues_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_log_tail_continues_id"), table_name="log_tail")
    op.drop_constraint("log_tail_continues_id_fkey", "log_tail", type_="foreignkey")
    op.drop_column("log_tail", "continues_id")
    op.drop_index(op.f("ix_crash_dump_dump_id"), table_name="crash_dump")
    op.drop_table("crash_dump")

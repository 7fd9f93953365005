"""Whose lease it is: the process that holds a dump or a fix, the runs that work, and how often a fix was taken up"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "working_run",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process"),
    )
    op.add_column("dump", sa.Column("lease_process", sa.Text(), nullable=True))
    op.add_column("fix", sa.Column("lease_process", sa.Text(), nullable=True))
    for name in ("taken_up", "stalls"):
        op.add_column("fix", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    for table in ("dump", "fix"):
        op.create_index(
            f"{table}_lease", table, ["lease_process"], postgresql_where=sa.text("lease_process IS NOT NULL")
        )


def downgrade() -> None:
    for table in ("dump", "fix"):
        op.drop_index(f"{table}_lease", table_name=table)
    for name in ("stalls", "taken_up", "lease_process"):
        op.drop_column("fix", name)
    op.drop_column("dump", "lease_process")
    op.drop_table("working_run")

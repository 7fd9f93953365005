"""What repairs a pattern's cause, and the crashes that it must match"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pattern", sa.Column("remedy", sa.Text(), nullable=True))
    examples = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("pattern", sa.Column("examples", examples, server_default=sa.text("'[]'::jsonb"), nullable=False))


def downgrade() -> None:
    op.drop_column("pattern", "examples")
    op.drop_column("pattern", "remedy")

"""Fixes that only add diagnosis: told as what they are, and left out of the success rates"""

import importlib
from types import ModuleType

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COUNTED = ("fix_success_rate", "kpi")
_ALL = "AS is_approved\n    FROM fix\n"
_REPAIRS = "AS is_approved\n    FROM fix\n    WHERE fix.is_repair\n"


def upgrade() -> None:
    op.add_column("fix", sa.Column("is_repair", sa.Boolean(), server_default=sa.true(), nullable=False))
    _count(_REPAIRS)


def downgrade() -> None:
    _count(_ALL)
    op.drop_column("fix", "is_repair")


def _count(fixes: str) -> None:
    before: ModuleType = importlib.import_module("migrations.versions.0006_answers")
    views = {**before.REPLACED, **before.VIEWS}
    for name in _COUNTED:
        op.execute(f"CREATE OR REPLACE VIEW {name} AS {views[name][1].replace(_ALL, fixes)}")

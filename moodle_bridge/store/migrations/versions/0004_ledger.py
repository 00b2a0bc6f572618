"""The publication ledger: what people are told who do not read the answers, written once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table; pushes fill it from the sessions that are closed."""
    op.create_table(
        "ledger",
        sa.Column("session", sa.String(length=36), nullable=False),
        sa.Column("group", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "group", "audience", "item"),
    )

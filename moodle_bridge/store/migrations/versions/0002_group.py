"""The group of a submission as a column of its own: what concerns one group is read without the others."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and fill it from the records."""
    op.add_column(
        "submission", sa.Column("group", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index("submission_group", "submission", ["group", "session"])
    submission = sa.table(
        "submission",
        sa.column("id", sa.String()),
        sa.column("record", sa.Text()),
        sa.column("group", sa.BigInteger()),
    )
    connection = op.get_bind()
    for (identifier,) in connection.execute(sa.select(submission.c.id)).all():
        one = submission.c.id == identifier
        record = json.loads(connection.execute(sa.select(submission.c.record).where(one)).scalar_one())
        connection.execute(sa.update(submission).where(one).values(group=int(record.get("group", 0))))

"""The clock of a response plan on each alert, and of what a notice tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NAMING = {"uq": "%(table_name)s_%(column_0_N_name)s_key"}
"""How PostgreSQL names a constraint that was given no name; SQLite keeps none."""
BEFORE, AFTER = ["alert_id", "receiver_id"], ["alert_id", "receiver_id", "about"]
MOMENTS, TEXTS = ("plan_due_at", "plan_warn_at", "plan_done_at"), {"plan_done_by": 64, "plan_text": 256}


# What 003 calls a risk of a level: a major event, a surge of complaints, a failure of the system.
RISKS = ("event_class", "surge", "system_failure")
_RULE = sa.table("rule", sa.column("kind"), sa.column("origin"), sa.column("with_plan"))


def upgrade() -> None:
    op.add_column("rule", sa.Column("with_plan", sa.Boolean(), nullable=False, server_default=sa.false()))
    shipped = (_RULE.c.kind.in_(RISKS), _RULE.c.origin != "")
    op.execute(sa.update(_RULE).where(*shipped).values(with_plan=sa.true()))
    for name in MOMENTS:
        op.add_column("alert", sa.Column(name, sa.DateTime(), nullable=True))
    for name, length in TEXTS.items():
        op.add_column("alert", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    about = sa.Column("about", sa.String(8), nullable=False, server_default="")
    with op.batch_alter_table("notice", naming_convention=NAMING) as notice:
        notice.drop_constraint(_named(BEFORE), type_="unique")
        notice.add_column(about)
        notice.create_unique_constraint(_named(AFTER), AFTER)


def downgrade() -> None:
    """See :func:`upgrade`. What was told of late plans is forgotten: the older table has no place for it."""
    op.execute("DELETE FROM notice WHERE about <> ''")
    with op.batch_alter_table("notice", naming_convention=NAMING) as notice:
        notice.drop_constraint(_named(AFTER), type_="unique")
        notice.drop_column("about")
        notice.create_unique_constraint(_named(BEFORE), BEFORE)
    for name in (*TEXTS, *MOMENTS):
        op.drop_column("alert", name)
    op.drop_column("rule", "with_plan")


def _named(columns: list[str]) -> str:
    return f"notice_{'_'.join(columns)}_key"

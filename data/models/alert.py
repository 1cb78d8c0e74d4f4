"""Rules, the alerts that they ring, and the plans of response for each level of risk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, SignedRow, UtcDateTime

_UNRESOLVED = text("state <> 'resolved'")
_STANDING_IN = text("replaces IS NOT NULL AND NOT removed")


class Rule(SQLModel, table=True):
    """A rule that rings alerts. ``parameters`` is JSON as ``data.rules.parameters`` checks it.

    ``version`` grows with every change; ``alert_log`` and evidence name the version that rang.
    ``owner`` is the role that answers. ``area`` is the prefix where it applies ('' everywhere).
    ``notify``: what it rings is told to receivers. ``with_plan``: what it rings asks for the plan of its
    colour in time. A ``removed`` rule rings no more and stays for its alerts.
    ``replaces``: in its area it stands in the place of that rule (one an area), which itself replaces none.
    """

    __tablename__ = "rule"
    __table_args__ = (
        Index(
            "ix_rule_replaces", "replaces", "area", unique=True, sqlite_where=_STANDING_IN,
            postgresql_where=_STANDING_IN,
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=24)
    name: str = Field(max_length=64)
    parameters: str = Field(default="{}", max_length=2000)
    color: str = Field(max_length=8)
    owner: str = Field(default="", max_length=32)
    area: str = Field(default="", sa_type=PrefixCode)
    enabled: bool = True
    version: int = 1
    origin: str = Field(default="", max_length=64)
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changed_by: str = Field(default="", max_length=64)
    notify: bool = True
    with_plan: bool = False
    removed: bool = False
    replaces: int | None = Field(default=None, foreign_key="rule.id")


class Alert(SQLModel, table=True):
    """One cause that a rule found (``rule_id`` None: a drill, one that a person reported, or a reminder of
    drills; ``data.rules.by_hand`` spells their causes).

    ``cause`` names it among those of its rule; ``active_key`` is set while the cause lasts and is unique, so
    that a cause rings once, however often the rule is evaluated and whatever people do with the alert.
    ``state``: new, acknowledged, ordered, resolved. ``evidence`` is JSON (formula, weeks, numbers, the
    query of the rows). ``event_id`` is the rectification order. ``plan_due_at``: until when the plan of its
    level is to be there (None: no limit), ``plan_warn_at`` from when a quarter of that is left.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("active_key"),
        Index(
            "ix_alert_unresolved", "color", "code", "is_drill",
            sqlite_where=_UNRESOLVED, postgresql_where=_UNRESOLVED,
        ),
        Index("ix_alert_state", "state", "raised_at"),
        Index("ix_alert_rule", "rule_id"),
        Index("ix_alert_event", "event_id"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    rule_id: int | None = Field(default=None, foreign_key="rule.id")
    cause: str = Field(max_length=96)
    active_key: str | None = Field(default=None, max_length=128)
    color: str = Field(max_length=8)
    title: str = Field(max_length=128)
    detail: str = Field(default="", max_length=256)
    evidence: str = Field(default="{}", max_length=4000)
    code: str = Field(default="", sa_type=PrefixCode)
    owner: str = Field(default="", max_length=32)
    state: str = Field(default="new", max_length=16)
    is_drill: bool = False
    event_id: int | None = Field(default=None, foreign_key="event.id")
    raised_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolution: str = Field(default="", max_length=256)
    plan_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    plan_warn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    plan_done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    plan_done_by: str = Field(default="", max_length=64)
    plan_text: str = Field(default="", max_length=256)


class AlertLog(SignedRow, table=True):
    """What happened to an alert. Never updated, never deleted; chained."""

    __tablename__ = "alert_log"
    __table_args__ = (Index("ix_alert_log_alert", "alert_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id")
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=16)
    from_state: str = Field(default="", max_length=16)
    to_state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=256)


class ResponsePlan(SQLModel, table=True):
    """What a risk level asks for (红黄蓝, 003), and the role that answers for it. Editable."""

    __tablename__ = "response_plan"

    color: str = Field(primary_key=True, max_length=8)
    name: str = Field(max_length=32)
    meaning: str = Field(max_length=128)
    actions: str = Field(max_length=512)
    within_hours: float | None = None
    drill_days: int = 90
    origin: str = Field(default="", max_length=64)
    owner: str = Field(default="leader", max_length=32)

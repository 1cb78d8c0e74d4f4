"""Rectification orders (整改指令): events with their own clock, linked to the alert that asked for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import read_calendar
from data.clock import deadline
from data.demo_state import demo_state
from data.dispatch import decide, refusal
from data.event_log import Action, Entry, append_one
from data.models import Department
from data.queries.days import local_day
from data.queries.tables import DIVISION
from data.rules.parameters import Order
from data.vocabulary import Status, Urgency

SOURCE: Final = "superior"
NUMBER_PREFIX: Final = "ZG"


def with_department(session: Session, *, order: Order, code: str, at: datetime) -> tuple[Order, str]:
    """An automatic order with its department: the rule's own, else the dispatch table's for class and area.

    Limit and clock stay the order's. The text says in Chinese why it goes to nobody yet; '' where it goes to
    somebody.
    """
    to = order.department_code
    if to:
        line = refusal(session, class_code=order.class_code, code=code, department_code=to)
    else:
        found = decide(session, class_code=order.class_code, code=code, on=local_day(session, at))
        to, line = found.department_code, found.refused_by
        if not to:
            return order, found.basis
    if line is not None:
        return replace(order, department_code=""), line.says(session.get_one(Department, to).name)
    return replace(order, department_code=to), ""


def issue_order(
    session: Session,
    *,
    alert_id: int,
    title: str,
    reason: str,
    code: str,
    order: Order,
    actor: str,
    at: datetime,
) -> int:
    """Reports the order as an event of source 上级交办 in the area; returns its id.

    Raises:
        data.event_base.EventExists: this alert has its order already.
    """
    calendar = read_calendar(session, area_code=code) if order.clock_type else None
    due = deadline(
        reported_at=at, limit_hours=order.limit_hours, clock_type=order.clock_type, calendar=calendar
    )
    place = session.execute(
        select(DIVISION.c.lon, DIVISION.c.lat).where(DIVISION.c.code == code, DIVISION.c.valid_to.is_(None))
    ).first()
    changes = {
        "source": SOURCE,
        "external_no": f"{NUMBER_PREFIX}{alert_id:06d}",
        "class_code": order.class_code,
        "title": f"整改指令：{title}"[:128],
        "description": f"{reason}。由预警 {alert_id} 下达。"[:2000],
        "urgency": Urgency.URGENT.value,
        "status": Status.DISPATCHED.value if order.department_code else Status.REPORTED.value,
        "department_code": order.department_code,
        "code": code,
        "lon": place.lon if place else None,
        "lat": place.lat if place else None,
        "reported_at": at,
        "due_at": due.due_at,
        "warn_at": due.warn_at,
        "limit_hours": order.limit_hours,
        "clock_type": order.clock_type,
    }
    demo = demo_state(session)
    entry = Entry(
        action=Action.REPORT,
        at=at,
        actor=actor,
        changes=changes,
        reason=f"预警 {alert_id} 的整改指令",
        batch_id=demo.batch_id if demo.present else None,  # an order about the demo leaves with it
    )
    return append_one(session, entry)

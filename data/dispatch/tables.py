"""The dispatch table as rows: what holds on a day, for a case, and through its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session

from data.models import Department, DispatchRule, EventClass
from data.models.base import column

PREFIX_LENGTHS: Final = (0, 2, 4)
"""Of class prefixes: every class, a 大类, a 小类."""


def prefixes_of(code: str) -> list[str]:
    """Every prefix of a code, the empty one and the code itself included."""
    return [code[:length] for length in range(len(code) + 1)]


def overlap(one: str, other: str) -> str | None:
    """The prefix of what falls under both prefixes; None where nothing does."""
    short, long = sorted((one, other), key=len)
    return long if long.startswith(short) else None


def holds_on(on: date) -> list[ColumnElement[bool]]:
    """Conditions for versions that hold on a day and are not withdrawn."""
    return [
        column(DispatchRule.valid_from) <= on,
        or_(column(DispatchRule.valid_to).is_(None), column(DispatchRule.valid_to) > on),
        column(DispatchRule.withdrawn).is_(False),
    ]


def rules_on(session: Session, on: date) -> list[DispatchRule]:
    """The rules that hold on a day, by class, area and number."""
    order = (DispatchRule.class_prefix, DispatchRule.area_prefix, DispatchRule.number)
    query = select(DispatchRule).where(*holds_on(on)).order_by(*map(column, order))
    return list(session.execute(query).scalars())


def rules_for(session: Session, *, class_code: str, code: str, on: date) -> list[DispatchRule]:
    """The rules that a case falls under, the one that decides first: longest class prefix, then longest area.

    The order depends on nothing but the rules themselves.
    """
    query = select(DispatchRule).where(
        *holds_on(on),
        column(DispatchRule.class_prefix).in_(prefixes_of(class_code)),
        column(DispatchRule.area_prefix).in_(prefixes_of(code)),
    )
    return sorted(session.execute(query).scalars(), key=lambda rule: (*_rank(rule), rule.number))


def _rank(rule: DispatchRule) -> tuple[int, int]:
    return -len(rule.class_prefix), -len(rule.area_prefix)


def deciding(rules: Sequence[DispatchRule]) -> list[DispatchRule]:
    """Of the rules that a case falls under, in their order, those of the first rank: several are a tie."""
    return [rule for rule in rules if _rank(rule) == _rank(rules[0])]


def deciding_all(rules: Sequence[DispatchRule], class_prefix: str, area_prefix: str) -> list[DispatchRule]:
    """Of the rules that hold for all of a class prefix in all of an area, those of the first rank."""
    hold = [
        one
        for one in rules
        if class_prefix.startswith(one.class_prefix) and area_prefix.startswith(one.area_prefix)
    ]
    return deciding(sorted(hold, key=_rank))


def newest_versions(session: Session) -> list[DispatchRule]:
    """The newest version of every rule, withdrawn ones included, by number."""
    query = select(DispatchRule).where(column(DispatchRule.valid_to).is_(None))
    return list(session.execute(query.order_by(column(DispatchRule.number))).scalars())


def versions_of(session: Session, number: int) -> list[DispatchRule]:
    """All versions of a rule, the newest first; empty when there is no such rule."""
    query = select(DispatchRule).where(column(DispatchRule.number) == number)
    return list(session.execute(query.order_by(column(DispatchRule.version).desc())).scalars())


def class_on(session: Session, class_code: str, on: date) -> EventClass | None:
    """The version of a class that holds on a day."""
    query = select(EventClass).where(
        column(EventClass.code) == class_code,
        column(EventClass.valid_from) <= on,
        or_(column(EventClass.valid_to).is_(None), column(EventClass.valid_to) > on),
    )
    return session.execute(query.order_by(column(EventClass.valid_from).desc())).scalars().first()


def classes_on(session: Session, on: date) -> list[EventClass]:
    """The classes that hold on a day, by code."""
    query = select(EventClass).where(
        column(EventClass.valid_from) <= on,
        or_(column(EventClass.valid_to).is_(None), column(EventClass.valid_to) > on),
    )
    return list(session.execute(query.order_by(column(EventClass.code))).scalars())


def department_of(session: Session, code: str) -> Department | None:
    """The department of a code; None when there is none."""
    return session.get(Department, code) if code else None

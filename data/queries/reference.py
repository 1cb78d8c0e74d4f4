"""The lists that a person chooses from: classes in force, departments, sources."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.labels import SOURCE, label
from data.queries.tables import DEPARTMENT, EVENT_CLASS, SOURCE_STATE


@dataclass(frozen=True, kw_only=True)
class ClassOption:
    """A class (小类) in force with its 大类; ``code`` begins with the two digits of the 大类."""

    code: str
    major: str
    minor: str


@dataclass(frozen=True, kw_only=True)
class KeyOption:
    key: str
    label: str


def event_classes(*, session: Session) -> list[ClassOption]:
    """Classes in force, by code."""
    table = EVENT_CLASS
    query = select(table.c.code, table.c.major, table.c.minor).where(table.c.valid_to.is_(None))
    return [
        ClassOption(code=code, major=major, minor=minor)
        for code, major, minor in session.execute(query.order_by(table.c.code))
    ]


def departments(*, session: Session) -> list[KeyOption]:
    """Departments by code."""
    query = select(DEPARTMENT.c.code, DEPARTMENT.c.name).order_by(DEPARTMENT.c.code)
    return [KeyOption(key=code, label=name) for code, name in session.execute(query)]


def sources(*, session: Session) -> list[KeyOption]:
    """The sources of the field, then those that the data itself brought."""
    own = session.execute(select(SOURCE_STATE.c.source).order_by(SOURCE_STATE.c.source)).scalars()
    keys = [*SOURCE, *(key for key in own if key and key not in SOURCE)]
    return [KeyOption(key=key, label=label(SOURCE, key)) for key in keys]

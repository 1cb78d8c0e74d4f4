"""Names of divisions, classes, departments and sources for the codes that rows carry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from data.codes import ancestors
from data.labels import NO_CODE, SOURCE
from data.queries.tables import DEPARTMENT, DIVISION, EVENT_CLASS, Condition
from data.vocabulary import Level


@dataclass(frozen=True, kw_only=True)
class Place:
    """A division in force, as far as its name goes."""

    code: str
    name: str
    level: Level


def in_force() -> Condition:
    """Divisions of the present version."""
    return DIVISION.c.valid_to.is_(None)


def places_of(session: Session, codes: Collection[str]) -> dict[str, Place]:
    """The divisions with these codes; codes without a division are left out."""
    if not codes:
        return {}
    listed = DIVISION.c.code.in_(bindparam("codes", sorted(codes), expanding=True))
    columns = select(DIVISION.c.code, DIVISION.c.short_name, DIVISION.c.level)
    rows = session.execute(columns.where(listed, in_force()))
    return {row.code: Place(code=row.code, name=row.short_name, level=Level(row.level)) for row in rows}


def place_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """公平街道·惠民社区·03网格 for each code: the district is named only where nothing lies deeper."""
    wanted = {part for code in codes for part in ancestors(code)}
    places = places_of(session, wanted)
    return {code: _place_name(code, places) for code in codes}


def _place_name(code: str, places: dict[str, Place]) -> str:
    if not code:
        return NO_CODE
    known = [places[part] for part in ancestors(code) if part in places]
    deeper = [place.name for place in known if place.level is not Level.DISTRICT]
    return "·".join(deeper or [place.name for place in known]) or code


def class_names(session: Session) -> dict[str, str]:
    """小类 by 4-digit code and 大类 by 2-digit code, of the versions in force."""
    columns = select(EVENT_CLASS.c.code, EVENT_CLASS.c.major, EVENT_CLASS.c.minor)
    names: dict[str, str] = {}
    for row in session.execute(columns.where(EVENT_CLASS.c.valid_to.is_(None))):
        names[row.code] = row.minor
        names.setdefault(row.code[:2], row.major)
    return names


def department_names(session: Session) -> dict[str, str]:
    """Department names by code."""
    return {row.code: row.name for row in session.execute(select(DEPARTMENT.c.code, DEPARTMENT.c.name))}


def source_name(source: str) -> str:
    """The label of a source; sources that data brings along show their own key."""
    return SOURCE.get(source, source)

"""Whom a screen can act for: the people of the staff table who have a role in the loop, by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from data.labels import ROLE
from data.lifecycle import Person, list_people
from data.queries.names import department_names, place_names
from data.vocabulary import Role

PER_ROLE: Final = 8
"""So many of a role are listed while nothing narrows them down further."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A person and what they answer for, in words; '' where it is everything."""

    person: Person
    serves: str


@dataclass(frozen=True, kw_only=True)
class RoleGroup:
    """The people of one role: all of them counted, the first ones listed."""

    role: Role
    total: int
    listed: tuple[Candidate, ...]


def find_people(*, session: Session, text: str = "", per_role: int = PER_ROLE) -> tuple[RoleGroup, ...]:
    """People whose name, post, role, area or department contains every word of ``text``, grouped by role.

    Roles without anybody are left out. The staff table is read whole: it has a row a person on duty.
    """
    people = list_people(session)
    places = place_names(session, {person.division_code for person in people if person.division_code})
    departments = department_names(session)
    words = text.casefold().split()
    found: dict[Role, list[Candidate]] = {}
    for person in people:
        serves = places.get(person.division_code, "") or departments.get(person.department_code, "")
        said = " ".join((person.name, person.post, ROLE[person.role], serves)).casefold()
        if all(word in said for word in words):
            found.setdefault(person.role, []).append(Candidate(person=person, serves=serves))
    return tuple(
        RoleGroup(role=role, total=len(group), listed=tuple(group[:per_role]))
        for role, group in found.items()
    )

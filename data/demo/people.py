"""Invented staff of the demo district: numbers instead of names, and telephone numbers that no line has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.demo import facts

SOURCE: Final = "demo"
"""Source of the demo's staff and stations."""
DISPATCHERS: Final = 6
PER_DEPARTMENT: Final = 4
CHECKERS: Final = 4
_OF_A_DIVISION: Final = ("街道书记", "社区书记", "网格员")
"""Posts of which each division has one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on duty; ``division_code`` or ``department_code`` says for what."""

    number: int
    post: str
    division_code: str = ""
    department_code: str = ""

    @property
    def name(self) -> str:
        return f"演示员{self.number:04d}"

    @property
    def phone(self) -> str:
        return f"000-0000-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class Crew:
    """Everyone, and who acts where."""

    everyone: tuple[Person, ...]
    dispatchers: tuple[Person, ...]
    by_department: dict[str, tuple[Person, ...]]
    by_division: dict[str, Person]


def build_crew(grid_codes: Sequence[str]) -> Crew:
    """One secretary a street and community, one worker a grid, dispatchers, officers of departments, a clerk
    of each street who files cases, and checkers. The last two come last: the numbers before them stay.
    """
    district_code = facts.district()[0]
    wanted: list[tuple[str, str, str]] = [("派遣员", district_code, "")] * DISPATCHERS
    for department in facts.departments():
        wanted += [("部门经办人", "", department.code)] * PER_DEPARTMENT
    wanted += [("街道书记", street.code, "") for street in facts.streets()]
    wanted += [("社区书记", code, "") for code, _ in facts.communities()]
    wanted += [("网格员", code, "") for code in grid_codes]
    wanted += [("街道报单员", street.code, "") for street in facts.streets()]
    wanted += [("核查员", district_code, "")] * CHECKERS
    everyone = tuple(Person(n, *who) for n, who in enumerate(wanted, start=1))
    by_department: dict[str, tuple[Person, ...]] = {}
    for person in everyone:
        if person.department_code:
            by_department[person.department_code] = (*by_department.get(person.department_code, ()), person)
    return Crew(
        everyone=everyone,
        dispatchers=everyone[:DISPATCHERS],
        by_department=by_department,
        by_division={p.division_code: p for p in everyone if p.post in _OF_A_DIVISION},
    )

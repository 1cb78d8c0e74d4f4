"""Invented staff of the demo district: numbers instead of names, and telephone numbers that no line has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.demo import facts
from data.vocabulary import CODE_LENGTH, Level, Role, RouteColor

SOURCE: Final = "demo"
"""Source of the demo's staff and stations."""
DISPATCHERS: Final = 6
PER_DEPARTMENT: Final = 4
CHECKERS: Final = 4
PER_UNIT: Final = 2
_SECRETARY: Final = "街道书记"
_COMMUNITY: Final = "社区书记"
_WORKER: Final = "网格员"
_OFFICER: Final = "部门经办人"
_CLERK: Final = "街道报单员"
_STREET: Final = CODE_LENGTH[Level.STREET]
_REPORTERS: Final = {
    "12345": "12345 热线", "12349": "12349 热线", "city_mgmt": "数字城管平台",
    "sensor": "物联感知平台", "mailbox": "民情意见箱", "superior": "上级交办",
}  # fmt: skip


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
class Acting:
    """Who makes a move, and as what; ``role`` '' where another system speaks."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Roles:
    """Those who act on a case. ``officer`` handles it, ``other`` after it was sent to another department;
    ``approver`` answers first when more time is asked for, None where no street is known.
    """

    reporter: Acting
    dispatcher: Acting
    filer: Acting
    sender: Acting
    officer: Acting
    other: Acting
    checker: Acting
    leader: Acting
    approver: Acting | None


@dataclass(frozen=True, slots=True)
class Crew:
    """Everyone, and who acts where."""

    everyone: tuple[Person, ...]
    dispatchers: tuple[Person, ...]
    checkers: tuple[Person, ...]
    by_department: dict[str, tuple[Person, ...]]
    by_post: dict[tuple[str, str], Person]
    """By post and code of the division, for the posts of which each division has one."""

    def roles(
        self, *, source: str, code: str, departments: tuple[str, str], route_color: str,
        who: float, officer: float,
    ) -> Roles:  # fmt: skip
        """Who acts on a case in ``code``, handled by the first of the ``departments`` or, sent back, by the
        second. Blue stays with the community, yellow with the street. ``who``, ``officer`` choose in [0, 1).
        """
        dispatcher = Acting(_chosen(self.dispatchers, who), Role.DISPATCHER)
        worker = self._of(_WORKER, code, Role.GRID_WORKER)
        community = self._of(_COMMUNITY, code[: CODE_LENGTH[Level.COMMUNITY]], Role.COMMUNITY)
        clerk = self._of(_CLERK, code[:_STREET], Role.STREET)
        leader = self._of(_SECRETARY, code[:_STREET], Role.LEADER) or dispatcher
        checker = Acting(_chosen(self.checkers, who), Role.CHECKER)
        first, second = (
            Acting(_chosen(self.by_department[one], officer), Role.DEPARTMENT) for one in departments
        )
        filer, sender = clerk or dispatcher, dispatcher
        if route_color == RouteColor.BLUE and worker and community:
            filer, sender, first, checker = community, community, worker, community
        elif route_color == RouteColor.YELLOW and clerk:
            filer, sender, first, checker = clerk, clerk, clerk, leader
        return Roles(
            reporter=self._reporter(source, worker or community or dispatcher), dispatcher=dispatcher,
            filer=filer, sender=sender, officer=first, other=second, checker=checker, leader=leader,
            approver=leader if first is clerk else clerk,
        )  # fmt: skip

    def _reporter(self, source: str, patrol: Acting) -> Acting:
        if source == "resident":
            return Acting("居民（扫码上报）", Role.RESIDENT)
        return Acting(_REPORTERS[source]) if source in _REPORTERS else patrol

    def _of(self, post: str, code: str, role: Role) -> Acting | None:
        found = self.by_post.get((post, code))
        return None if found is None else Acting(found.name, role)


def _chosen(people: tuple[Person, ...], u: float) -> str:
    return people[int(u * len(people))].name


def build_crew(grid_codes: Sequence[str]) -> Crew:
    """One secretary a street and community, one worker a grid, dispatchers, officers of departments, a clerk
    of each street who files cases, checkers, and those of the units below the district. The last three come
    last: the numbers before them stay.
    """
    district_code = facts.district()[0]
    wanted: list[tuple[str, str, str]] = [("派遣员", district_code, "")] * DISPATCHERS
    for department in facts.departments():
        wanted += [(_OFFICER, "", department.code)] * PER_DEPARTMENT
    wanted += [(_SECRETARY, street.code, "") for street in facts.streets()]
    wanted += [(_COMMUNITY, code, "") for code, _ in facts.communities()]
    wanted += [(_WORKER, code, "") for code in grid_codes]
    wanted += [(_CLERK, street.code, "") for street in facts.streets()]
    checkers_from = len(wanted)
    wanted += [("核查员", district_code, "")] * CHECKERS
    for unit in facts.units():
        wanted += [(_OFFICER, "", unit.code)] * PER_UNIT
    everyone = tuple(Person(n, *who) for n, who in enumerate(wanted, start=1))
    by_department: dict[str, tuple[Person, ...]] = {}
    for person in everyone:
        if person.department_code:
            by_department[person.department_code] = (*by_department.get(person.department_code, ()), person)
    return Crew(
        everyone=everyone,
        dispatchers=everyone[:DISPATCHERS],
        checkers=everyone[checkers_from : checkers_from + CHECKERS],
        by_department=by_department,
        by_post={(p.post, p.division_code): p for p in everyone if p.division_code},
    )

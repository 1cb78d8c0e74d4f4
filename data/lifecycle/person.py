"""Who acts: a row of the staff table, with the role that its post has in the loop.

Sign-in comes later. Until then whoever sits at the screen chooses a person of the staff table; role and area
of that person are enforced all the same, and each entry of the log names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, select

from data.labels import ROLE
from data.lifecycle.errors import UnknownPerson
from data.lifecycle.moves import LOCAL_SIDE
from data.models import Staff
from data.models.base import column
from data.vocabulary import CODE_LENGTH, Level, Role

ROLE_OF_POST: Final[tuple[tuple[str, Role], ...]] = (
    ("网格", Role.GRID_WORKER),
    ("巡查", Role.GRID_WORKER),
    ("核查", Role.CHECKER),
    ("派遣", Role.DISPATCHER),
    ("指挥中心", Role.DISPATCHER),
    ("街道书记", Role.LEADER),
    ("街道主任", Role.LEADER),
    ("督办", Role.LEADER),
    ("部门", Role.DEPARTMENT),
    ("街道", Role.STREET),
    ("社区", Role.COMMUNITY),
    ("居委", Role.COMMUNITY),
    ("村委", Role.COMMUNITY),
)
"""The role of a post (岗位, free text) is that of the first word here that it contains (ours)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who acts. ``division_code`` is the area that they answer for ('' = everywhere), ``department_code`` the
    department that they speak for; ``staff_id`` None: a resident, or the system itself.
    """

    name: str
    role: Role
    staff_id: int | None = None
    post: str = ""
    division_code: str = ""
    department_code: str = ""

    def covers(self, code: str) -> bool:
        """Whether a case of that code lies in this person's area; 未落格 ('') only in that of a district."""
        if not code:
            return len(self.division_code) <= CODE_LENGTH[Level.DISTRICT]
        return code.startswith(self.division_code)


SYSTEM: Final = Person(name="系统", role=Role.SYSTEM)
"""Who does what happens by itself."""


def resident(name: str = "居民") -> Person:
    """A resident, who follows and rates the case that they reported. Their receipt stands for them."""
    return Person(name=name, role=Role.RESIDENT)


def role_of(post: str, *, department_code: str = "") -> Role | None:
    """The role of a post; anybody of a department whose post says nothing speaks for it. None: no role."""
    named = next((role for word, role in ROLE_OF_POST if word in post), None)
    return Role.DEPARTMENT if named is None and department_code else named


def read_person(session: Session, *, staff_id: int) -> Person:
    """The person of a row of the staff table.

    Raises:
        UnknownPerson: no such row, or a post without a role.
    """
    row = session.get(Staff, staff_id)
    if row is None:
        raise UnknownPerson(f"没有编号为 {staff_id} 的人员。请重新选择办理人")
    person = _person(row)
    if person is None:
        raise UnknownPerson(
            f"{row.name}的岗位“{row.post}”在闭环里没有角色，不能办理。"
            f"岗位名称里应有{'、'.join(dict.fromkeys(word for word, _ in ROLE_OF_POST))}之一"
        )
    return person


def list_people(
    session: Session, *, role: Role | None = None, under: str = "", department_code: str = ""
) -> list[Person]:
    """Everybody with a role, by role, area, department and name.

    ``under``: only those whose area lies in this one (those of a department have none and are left out).
    """
    query = select(Staff)
    if under:
        query = query.where(column(Staff.division_code).startswith(under, autoescape=True))
    if department_code:
        query = query.where(Staff.department_code == department_code)
    found = [person for row in session.exec(query) if (person := _person(row)) is not None]
    order = {one: number for number, one in enumerate(ROLE)}
    return sorted(
        (person for person in found if role is None or person.role is role),
        key=lambda one: (order[one.role], one.division_code, one.department_code, one.name),
    )


def who_may_handle(session: Session, *, row: Mapping[str, Any]) -> list[Person]:
    """Who may handle the case of an event's row: its department; without one the grid and the community
    (blue) or the street (yellow) where it is. The rule of ``MoveRule.side``, as people.
    """
    if row["department_code"]:
        people = list_people(session, department_code=row["department_code"])
        return [one for one in people if one.role is Role.DEPARTMENT and one.covers(row["code"])]
    roles = LOCAL_SIDE.get(row["route_color"], frozenset())
    return [one for one in list_people(session) if one.role in roles and one.covers(row["code"])]


def _person(row: Staff) -> Person | None:
    role = role_of(row.post, department_code=row.department_code)
    if role is None:
        return None
    return Person(
        name=row.name,
        role=role,
        staff_id=row.id,
        post=row.post,
        division_code=row.division_code,
        department_code=row.department_code,
    )

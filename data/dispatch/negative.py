"""负面清单: what may not be passed down to a street or a community, and which line says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.dispatch.tables import department_of, prefixes_of
from data.labels import LEVEL
from data.models import Department, ListItem
from data.models.base import column
from data.vocabulary import Level, ListStatus, ListType

_COMMUNITY_WORDS: Final = ("社区", "村", "居委", "网格")
_STREET_WORDS: Final = ("街道", "镇", "乡")


@dataclass(frozen=True, kw_only=True, slots=True)
class NegativeLine:
    """The line of the negative list that refuses: its number in the list, and its words."""

    number: str
    text: str

    def says(self, department: str) -> str:
        """The refusal, in Chinese."""
        return f"负面清单第 {self.number} 条“{self.text}”：不得下派给{department}"


def department_level(kind: str) -> Level:
    """The level that a department belongs to, from its kind (部门类型), which is free text (ours).

    社区、村、居委会、网格 are communities', 街道、镇、乡 are streets'; anything else is the district's.
    """
    if any(word in kind for word in _COMMUNITY_WORDS):
        return Level.COMMUNITY
    return Level.STREET if any(word in kind for word in _STREET_WORDS) else Level.DISTRICT


def refusal(session: Session, *, class_code: str, code: str, department_code: str) -> NegativeLine | None:
    """The line that forbids passing a case of this class, at this place, to that department; None: allowed.

    Of several lines the most particular speaks: longest class prefix, then longest area, then its number.
    """
    department = department_of(session, department_code)
    if department is None:
        return None
    return refusal_for(session, class_code=class_code, code=code, department=department)


def refusal_for(
    session: Session, *, class_code: str, code: str, department: Department
) -> NegativeLine | None:
    """As :func:`refusal`, for a department that is at hand."""
    level = department_level(department.kind)
    return refusal_at(session, class_code=class_code, code=code, level=level)


def refusal_at(session: Session, *, class_code: str, code: str, level: Level) -> NegativeLine | None:
    """As :func:`refusal`, for what is passed down to a level without naming a department."""
    if level is Level.DISTRICT:
        return None
    query = select(ListItem).where(
        column(ListItem.list_type) == ListType.NEGATIVE.value,
        column(ListItem.status) == ListStatus.IN_FORCE.value,
        column(ListItem.class_prefix).in_(prefixes_of(class_code)),
        column(ListItem.area_prefix).in_(prefixes_of(code)),
    )
    lines = [item for item in session.execute(query).scalars() if _forbids(item, level)]
    if not lines:
        return None
    item = min(lines, key=lambda one: (-len(one.class_prefix), -len(one.area_prefix), one.external_no))
    return NegativeLine(number=item.external_no, text=item.text)


def lines_against(session: Session, level: Level) -> list[ListItem]:
    """Every line in force that keeps something from that level, by its number."""
    if level is Level.DISTRICT:
        return []
    query = select(ListItem).where(
        column(ListItem.list_type) == ListType.NEGATIVE.value,
        column(ListItem.status) == ListStatus.IN_FORCE.value,
    )
    lines = session.execute(query.order_by(column(ListItem.external_no))).scalars()
    return [item for item in lines if _forbids(item, level)]


def _forbids(item: ListItem, level: Level) -> bool:
    """A line against streets holds for communities as well; one without a level holds for both."""
    return level is Level.COMMUNITY or item.level != Level.COMMUNITY


def forbidden_level_text(level: str) -> str:
    """What a line forbids, in words."""
    if level == Level.COMMUNITY:
        return f"不得下派到{LEVEL[Level.COMMUNITY]}"
    return f"不得下派到{LEVEL[Level.STREET]}和{LEVEL[Level.COMMUNITY]}"

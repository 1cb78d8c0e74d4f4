"""The ladder of a whistle (吹哨报到): who has to act now, as a pure function of what is on record.

Half of the time to respond gone → yellow; overdue → red, and the secretary supervises; overdue a second
time → the district; three returns → the agenda of the joint meeting (DOMAIN section 3, ours). The moments are
those that a whistle was blown with (``data.whistle.blow.steps_of``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from data.whistle_vocabulary import LadderColor

RETURNS_TO_MEETING: Final = 3
"""Unless the rule 吹哨未报到 says otherwise."""


class LadderOwner(StrEnum):
    """Who has to act."""

    DEPARTMENTS = "departments"
    SECRETARY = "secretary"
    DISTRICT = "district"
    MEETING = "meeting"
    NOBODY = "nobody"


LADDER_OWNER: Final[dict[str, str]] = {
    LadderOwner.DEPARTMENTS: "被吹哨部门",
    LadderOwner.SECRETARY: "街道书记督办",
    LadderOwner.DISTRICT: "提请区级协调",
    LadderOwner.MEETING: "列入联席会议题",
    LadderOwner.NOBODY: "无",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """A department that was called, as far as the ladder asks."""

    name: str
    arrived_at: datetime | None = None
    returned_count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistleFacts:
    """What the ladder is judged by. ``half_at`` <= ``respond_by`` <= ``second_by``, all aware."""

    half_at: datetime
    respond_by: datetime
    second_by: datetime
    called: Sequence[Called]
    done_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """Where a whistle stands: its colour, who has to act, and why, in Chinese."""

    color: LadderColor
    owner: LadderOwner
    reason: str


def ladder(whistle: WhistleFacts, as_of: datetime, *, returns: int = RETURNS_TO_MEETING) -> Rung:
    """The rung at ``as_of``. What has not happened yet by then does not count; a moment that is exactly
    reached is not yet past. ``returns``: so many put it on the agenda.
    """
    if whistle.done_at is not None and whistle.done_at <= as_of:
        ended = "已撤回" if whistle.withdrawn else "已办结"
        return Rung(color=LadderColor.BLUE, owner=LadderOwner.NOBODY, reason=ended)
    returned = sum(one.returned_count for one in whistle.called)
    if returned >= returns:
        text = f"已退回 {returned} 次，满 {returns} 次，列入联席会议题"
        return Rung(color=LadderColor.RED, owner=LadderOwner.MEETING, reason=text)
    missing = [one.name for one in whistle.called if one.arrived_at is None or one.arrived_at > as_of]
    if not missing:
        return Rung(color=LadderColor.BLUE, owner=LadderOwner.DEPARTMENTS, reason="各部门已报到，办理中")
    names = "、".join(missing)
    if as_of > whistle.second_by:
        text = f"{names}再次超时仍未报到，提请区级协调"
        return Rung(color=LadderColor.RED, owner=LadderOwner.DISTRICT, reason=text)
    if as_of > whistle.respond_by:
        text = f"{names}超过报到时限未报到，由街道书记督办"
        return Rung(color=LadderColor.RED, owner=LadderOwner.SECRETARY, reason=text)
    if as_of > whistle.half_at:
        text = f"已过提醒时间，{names}还没有报到"
        return Rung(color=LadderColor.YELLOW, owner=LadderOwner.DEPARTMENTS, reason=text)
    return Rung(color=LadderColor.BLUE, owner=LadderOwner.DEPARTMENTS, reason=f"等待{names}报到")

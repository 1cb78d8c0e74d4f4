"""Whistles of the demo: two in five days, of all kinds and ends, decided by the seed and the day alone.

A whistle's life is planned whole, as that of a case is; what a moment shows is the life up to it. Lives take
turns, so that at any moment somebody has not come, somebody has not finished, and a meeting has an item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from data.codes import prefix_range
from data.demo import facts
from data.demo.world import World
from data.lifecycle import Person
from data.models import Event, Whistle, WhistleLog
from data.models.base import column
from data.vocabulary import Role
from data.whistle import Deed, WhistleDraft, blow, take
from data.whistle_vocabulary import WhistleAct, WhistleKind

LONGEST_DAYS: Final = 30
"""No life is longer."""
_CASE_DAYS: Final = 14
"""A whistle is blown for a case of its class of so many days at most, where its street has one."""
_HOUR: Final = timedelta(hours=1)
_DAY: Final = 24.0
ARRIVE, RETURN, FINISH, SCORE = (
    WhistleAct.ARRIVE, WhistleAct.RETURN, WhistleAct.FINISH, WhistleAct.SCORE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Turn:
    """One step of a life: hours after the blow, what, which department by its place in ``called``."""

    hours: float
    act: WhistleAct
    who: int = 0
    reason: str = ""
    points: int | None = None


@dataclass(frozen=True, slots=True)
class _Life:
    kind: WhistleKind
    class_code: str
    subject: str
    called: tuple[str, ...]
    turns: tuple[_Turn, ...]


def _came(*hours: float) -> tuple[_Turn, ...]:
    return tuple(_Turn(at, ARRIVE, who) for who, at in enumerate(hours))


def _ended(*days: float, said: str = "现场已处置", points: Sequence[int] = ()) -> tuple[_Turn, ...]:
    """Each department finishes after so many days, and is scored three hours after the last."""
    ends = [_Turn(day * _DAY, FINISH, who, said) for who, day in enumerate(days)]
    last = max(days) * _DAY + 3
    given = [
        _Turn(last + who / 10, SCORE, who, "" if mark >= 80 else "到场慢、配合不够", mark)
        for who, mark in enumerate(points)
    ]
    return tuple(ends + given)


def _gave_back(who: int, *hours: float) -> tuple[_Turn, ...]:
    reasons = ("不属本部门职责", "需先明确产权单位", "职责边界不清，请牵头部门协调")
    return tuple(_Turn(at, RETURN, who, reasons[n % 3]) for n, at in enumerate(hours))


_RESIDENTS, _JOINT, _URGENT = WhistleKind.RESIDENTS, WhistleKind.JOINT, WhistleKind.EMERGENCY
LIVES: Final = (
    _Life(_URGENT, "0704", "示例小区燃气异味，请到场处置", ("D12", "D04", "D02"),
          _came(0.15, 0.2, 0.35) + _ended(0.1, 0.1, 0.9, points=(95, 92, 85))),
    _Life(_JOINT, "0501", "示例夜市占道经营联合整治", ("D01", "D05", "D03"),
          _came(3, 5, 21) + _ended(5, 6.1, 7, points=(90, 82, 78))),
    _Life(_RESIDENTS, "0404", "示例小区下水道反复堵塞，群众多次反映", ("D07", "D02"),
          _came(4) + _gave_back(1, 5, 28, 54) + (_Turn(20 * _DAY, ARRIVE, 1),)
          + _ended(21, 22, points=(88, 65))),
    _Life(_JOINT, "0101", "示例楼栋私搭乱建联合拆除", ("D01", "D02"),
          _came(6, 13 * _DAY) + _ended(14, 15, points=(86, 55))),
    _Life(_URGENT, "0406", "示例路下穿隧道积水，车辆被困", ("D07", "D12"),
          _came(0.2, 0.9) + _ended(2, 3, points=(93, 74))),
    _Life(_RESIDENTS, "0908", "示例广场夜间噪音扰民，群众反映强烈", ("D06", "D03"),
          _came(5, 7) + _ended(12, 12.1, points=(80, 84))),
    _Life(_JOINT, "0505", "示例路违停整治（误吹示例）", ("D03",),
          (_Turn(0.4, WhistleAct.WITHDRAW, 0, "与当日专项行动重复"),)),
    _Life(_JOINT, "1003", "示例片区扬尘和散乱污联合检查", ("D06", "D01", "D05"),
          _came(2, 4, 10.5 * _DAY) + _ended(11, 11.2, 12, points=(91, 87, 58))),
    _Life(_RESIDENTS, "0803", "示例工地拖欠工资，群众集中反映", ("D08", "D02", "D11"),
          (*_came(3), *_gave_back(1, 4), _Turn(22, ARRIVE, 1), _Turn(26, ARRIVE, 2),
           *_ended(8, 8.2, 8.3, points=(94, 76, 83)))),
    _Life(_RESIDENTS, "0703", "示例小区电动车飞线充电屡禁不止", ("D04", "D02"),
          _came(5) + _gave_back(1, 6, 30, 60) + (_Turn(16 * _DAY, ARRIVE, 1),)
          + _ended(17, 18, points=(89, 62))),
    _Life(_URGENT, "0706", "示例老旧围墙垮塌，存在二次倒塌风险", ("D02", "D12", "D03"),
          _came(0.2, 0.4, 0.9) + _ended(8, 8.2, 9, points=(90, 92, 81))),
    _Life(_JOINT, "0504", "示例学校周边环境联合整治", ("D05", "D10", "D01"),
          _came(4, 11 * _DAY, 8) + _ended(12, 13, 12.2, points=(90, 50, 88))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Planned:
    """One whistle: its life, street and moment; ``community`` where no case gives the place."""

    life: _Life
    street: str
    community: str
    blown_at: datetime

    @property
    def moments(self) -> list[datetime]:
        """When it is blown, and each turn after that, in order."""
        return [self.blown_at, *(self.blown_at + turn.hours * _HOUR for turn in self.turns)]

    @property
    def turns(self) -> list[_Turn]:
        return sorted(self.life.turns, key=lambda turn: turn.hours)


def write_whistles(
    session: Session,
    world: World,
    *,
    staff: Mapping[str, int],
    zone: ZoneInfo,
    first_day: date,
    now: datetime,
    batch_id: int,
    since: datetime | None = None,
) -> int:
    """Brings the demo's whistles from ``since`` (None: from nothing) up to ``now``; how many steps it took.

    ``staff``: the numbers of the demo's people by name.
    A whistle that somebody had a hand in is left alone from then on. Call it once the events are written.
    """
    crew = _Crew(world, staff)
    oldest = first_day if since is None else since.astimezone(zone).date() - timedelta(days=LONGEST_DAYS + 1)
    known = _stored(session, batch_id)
    numbers: dict[datetime, int] = {}
    due: list[tuple[datetime, int, _Planned]] = []
    for planned in _plan(world.seed, min(oldest, first_day), now.astimezone(zone).date(), zone):
        stored = known.get(planned.blown_at)
        seen = sum(at <= since for at in planned.moments) if since else 0
        if stored is not None and stored[1] == seen:
            numbers[planned.blown_at] = stored[0]
        elif stored is not None or seen or planned.blown_at.astimezone(zone).date() < first_day:
            continue
        steps = [(at, n, planned) for n, at in enumerate(planned.moments) if n >= seen and at <= now]
        due += steps
    for at, number, planned in sorted(due, key=lambda step: (step[0], step[2].blown_at)):
        if number == 0:
            numbers[at] = _blow(session, crew, planned)
        else:
            _take(session, crew, planned, numbers[planned.blown_at], planned.turns[number - 1], at)
    return len(due)


def _plan(seed: int, first: date, last: date, zone: ZoneInfo) -> Iterator[_Planned]:
    """Two whistles in five days, life after life."""
    streets, communities = facts.streets(), [code for code, _ in facts.communities()]
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        if 2 * ordinal % 5 >= 2:
            continue
        rng = np.random.default_rng([seed, 97, ordinal])
        life = LIVES[2 * ordinal // 5 % len(LIVES)]
        street = streets[int(rng.integers(len(streets)))].code
        inside = [code for code in communities if code.startswith(street)]
        minutes = int(rng.integers(8 * 60 + 40, 15 * 60))
        local = datetime.combine(date.fromordinal(ordinal), time(minutes // 60, minutes % 60), tzinfo=zone)
        at = local.astimezone(UTC) + timedelta(seconds=int(rng.integers(60)))
        yield _Planned(life, street, inside[int(rng.integers(len(inside)))], at)


class _Crew:
    """Who acts: the clerk of each street, and one officer of each department, with their numbers."""

    def __init__(self, world: World, staff: Mapping[str, int]) -> None:
        self._staff = staff
        everyone = world.crew.everyone
        self._clerks = {one.division_code: one.name for one in everyone if one.post == "街道报单员"}
        self._officers = {code: people[0].name for code, people in world.crew.by_department.items()}

    def clerk(self, street: str) -> Person:
        name = self._clerks[street]
        return Person(name=name, role=Role.STREET, staff_id=self._staff.get(name), division_code=street)

    def officer(self, code: str) -> Person:
        name = self._officers[code]
        return Person(name=name, role=Role.DEPARTMENT, staff_id=self._staff.get(name), department_code=code)


def _stored(session: Session, batch_id: int) -> dict[datetime, tuple[int, int]]:
    """Number and steps so far of the demo's whistles, by the moment of the blow. What followed an edit of the
    calendar is nobody's step.
    """
    query = select(Whistle).where(column(Whistle.batch_id) == batch_id)
    reckoned = Counter(
        session.execute(
            select(column(WhistleLog.whistle_id)).where(
                column(WhistleLog.action) == WhistleAct.RECKON.value,
                column(WhistleLog.whistle_id).in_(query.with_only_columns(column(Whistle.id))),
            )
        ).scalars()
    )
    found = session.execute(query).scalars()
    return {one.blown_at: (one.id or 0, one.seq - reckoned[one.id]) for one in found}


def _blow(session: Session, crew: _Crew, planned: _Planned) -> int:
    life, at = planned.life, planned.blown_at
    case = _case(session, planned)
    draft = WhistleDraft(
        kind=life.kind.value, code=case[1][:12] if case else planned.community, subject=life.subject,
        lead=life.called[0], joining=life.called[1:], events=(case[0],) if case else (),
    )  # fmt: skip
    return blow(session, draft, person=crew.clerk(planned.street), at=at).id or 0


def _case(session: Session, planned: _Planned) -> tuple[int, str] | None:
    """The latest case of the life's class in the street."""
    low, high = prefix_range(planned.street)
    day = planned.blown_at.date()
    query = select(column(Event.id), column(Event.code)).where(
        column(Event.reported_day).between(day - timedelta(days=_CASE_DAYS), day + timedelta(days=1)),
        column(Event.code) >= low, column(Event.code) < high,
        column(Event.class_code) == planned.life.class_code,
        column(Event.reported_at) <= planned.blown_at,
    )  # fmt: skip
    newest = (column(Event.reported_at).desc(), column(Event.external_no))
    row = session.execute(query.order_by(*newest).limit(1)).first()
    return (row.id, row.code) if row and len(row.code) >= len(planned.community) else None


def _take(
    session: Session, crew: _Crew, planned: _Planned, whistle_id: int, turn: _Turn, at: datetime
) -> None:
    code = planned.life.called[turn.who]
    by_street = turn.act in (WhistleAct.SCORE, WhistleAct.WITHDRAW)
    person = crew.clerk(planned.street) if by_street else crew.officer(code)
    deed = Deed(
        act=turn.act, whistle_id=whistle_id, department="" if turn.act is WhistleAct.WITHDRAW else code,
        reason=turn.reason, points=turn.points,
    )  # fmt: skip
    take(session, deed, person=person, at=at)

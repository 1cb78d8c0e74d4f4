"""Whistles as a file for the joint meeting: CSV as Excel opens it, the same rows as the list on the page."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from data.export import BOM, neutralised
from data.filter import Filter
from data.labels import CALLED_STANDING, WHISTLE_ACT, WHISTLE_KIND, WHISTLE_STANDING
from data.models import WhistleLog
from data.models.base import column
from data.queries.days import zone_of
from data.whistle.ladder import LADDER_OWNER
from data.whistle.lines import CalledLine, WhistleLine
from data.whistle.reading import whistle_page
from data.whistle_vocabulary import CalledStanding, WhistleAct

MOST_ROWS: Final = 10_000
_AT_ONCE: Final = 500
_NOT_HERE: Final = (CalledStanding.CALLED, CalledStanding.RETURNED)
_Column = tuple[str, Callable[[WhistleLine, ZoneInfo], str]]
COLUMNS: Final[tuple[_Column, ...]] = (
    ("编号", lambda line, _: str(line.id)),
    ("事项", lambda line, _: line.subject),
    ("事由", lambda line, _: WHISTLE_KIND[line.kind]),
    ("地点", lambda line, _: line.place_name),
    ("区划代码", lambda line, _: line.code),
    ("吹哨时间", lambda line, zone: _local(line.blown_at, zone)),
    ("吹哨人", lambda line, _: line.actor),
    ("应报到", lambda line, zone: _local(line.respond_by, zone)),
    ("现状", lambda line, _: WHISTLE_STANDING[line.standing]),
    ("现在由谁", lambda line, _: LADDER_OWNER[line.rung.owner]),
    ("情况", lambda line, _: line.rung.reason),
    ("牵头部门", lambda line, _: _named(line, lambda one: one.leads)),
    ("配合部门", lambda line, _: _named(line, lambda one: not one.leads)),
    ("没报到", lambda line, _: _named(line, lambda one: one.standing in _NOT_HERE)),
    ("没办结", lambda line, _: _named(line, lambda one: one.standing is CalledStanding.ARRIVED)),
    ("退回次数", lambda line, _: str(line.returned_count)),
    ("各部门", lambda line, zone: "；".join(_told(one, zone) for one in line.departments)),
    ("办结时间", lambda line, zone: _local(line.done_at, zone)),
    ("处置结果", lambda line, _: line.outcome),
)
HEADERS: Final = (*(name for name, _ in COLUMNS), "退回理由")


def export_whistles(*, session: Session, where: Filter, as_of: datetime, standing: str = "") -> bytes:
    """One list: UTF-8 with BOM, CRLF, local times; the reasons of its returns stand in the last column."""
    zone = zone_of(session)
    page = whistle_page(session=session, where=where, as_of=as_of, standing=standing, limit=MOST_ROWS)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADERS)
    returns = _returns(session, [line.id for line in page.rows if line.returned_count])
    for line in page.rows:
        cells = [read(line, zone) for _, read in COLUMNS]
        writer.writerow([neutralised(cell) for cell in (*cells, _why(line, returns[line.id]))])
    return BOM + buffer.getvalue().encode()


def _returns(session: Session, numbers: Sequence[int]) -> dict[int, list[WhistleLog]]:
    """The returns of whistles by their numbers, in order, those that were undone included."""
    found: dict[int, list[WhistleLog]] = defaultdict(list)
    for start in range(0, len(numbers), _AT_ONCE):
        query = select(WhistleLog).where(
            column(WhistleLog.whistle_id).in_(numbers[start : start + _AT_ONCE]),
            column(WhistleLog.action) == WhistleAct.RETURN.value,
        )
        for one in session.execute(query.order_by(column(WhistleLog.id))).scalars():
            found[one.whistle_id].append(one)
    return found


def _why(line: WhistleLine, returned: Sequence[WhistleLog]) -> str:
    names = {one.code: one.name for one in line.departments}
    said = [f"{names.get(one.department_code, one.department_code)}：{one.reason}" for one in returned]
    return "；".join(said) + ("（含已撤销的）" if len(returned) > line.returned_count else "")


def _named(line: WhistleLine, wanted: Callable[[CalledLine], bool]) -> str:
    return "、".join(one.name for one in line.departments if wanted(one))


def _told(one: CalledLine, zone: ZoneInfo) -> str:
    when = _local(one.done_at or one.arrived_at, zone)
    return (
        f"{one.name} {WHISTLE_ACT[WhistleAct.SCORE]} {one.score}"
        if one.score is not None
        else (f"{one.name} {CALLED_STANDING[one.standing]} {when}".strip())
    )


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""

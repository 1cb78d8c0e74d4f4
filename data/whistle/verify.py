"""Finds what was done to whistles and their log behind the log's back. Whistles are few: all are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from data.event_fold import NO_HASH
from data.models import Whistle, WhistleDepartment, WhistleLog
from data.models.base import column
from data.whistle.log import fold, hash_of


def verify_whistles(session: Session) -> list[str]:
    """Everything wrong with the logs and rows of whistles, in Chinese. An empty list: all is well."""
    log = select(WhistleLog).order_by(column(WhistleLog.whistle_id), column(WhistleLog.seq))
    entries = {
        number: list(found)
        for number, found in groupby(session.execute(log).scalars(), attrgetter("whistle_id"))
    }
    called: dict[int, dict[str, Whistle | WhistleDepartment]] = {}
    for one in session.execute(select(WhistleDepartment)).scalars():
        called.setdefault(one.whistle_id, {})[one.department_code] = one
    faults: list[str] = []
    for whistle in session.execute(select(Whistle).order_by(column(Whistle.id))).scalars():
        mine = entries.pop(whistle.id or 0, [])
        faults += _faults(whistle, mine, {"": whistle, **called.get(whistle.id or 0, {})})
    return faults + [
        f"吹哨 {number} 有 {len(found)} 条记录，却没有这次吹哨" for number, found in entries.items()
    ]


def _faults(
    whistle: Whistle, entries: Sequence[WhistleLog], rows: Mapping[str, Whistle | WhistleDepartment]
) -> Iterator[str]:
    place, prev_hash = f"吹哨 {whistle.id}", NO_HASH
    numbers = [one.seq for one in entries]
    if numbers != list(range(1, whistle.seq + 1)) or not numbers:
        there = f"第 {'、'.join(map(str, numbers))} 条" if numbers else "一条也没有"
        yield f"{place} 应有 {whistle.seq} 条记录，现有：{there}"
        return
    for entry in entries:
        if entry.prev_hash != prev_hash:
            yield f"{place} 的第 {entry.seq} 条记录不接在前一条之后"
        if entry.hash != hash_of(entry):
            yield f"{place} 的第 {entry.seq} 条记录的内容与校验值不符，被改过"
        prev_hash = entry.hash or NO_HASH
    if whistle.head_hash != prev_hash:
        yield f"{place} 的末条记录不是它认得的那一条"
    state = fold(entries)
    if state.keys() != rows.keys():
        yield f"{place} 的部门与记录不符"
    for key, values in state.items():
        wrong = [name for name, value in values.items() if key in rows and _of(rows[key], name) != value]
        if wrong:
            yield f"{place}{key and f' 的部门 {key}'} 与它的记录不符：{'、'.join(wrong)}"


def _of(row: Whistle | WhistleDepartment, name: str) -> Any:
    return getattr(row, name)

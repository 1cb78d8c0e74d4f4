"""Where the chained logs beside that of the events ended on a day: what its anchor keeps of them.

A chain shows by itself whatever is done to its inside. An end that was cut off, with the head that counts the
rows changed to fit, shows only against what was written down before: the last row that there then was.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Column, Table, select
from sqlmodel import Session

from data.chain import LOGS
from data.models import ContactReveal, WhistleLog

_REVEAL: Final[Table] = ContactReveal.__table__  # type: ignore[attr-defined]
_WHISTLE: Final[Table] = WhistleLog.__table__  # type: ignore[attr-defined]
_ENDING: Final[dict[str, tuple[Column[int], str]]] = {
    **{name: (log.table.c.id, log.words) for name, log in LOGS.items()},
    _REVEAL.name: (_REVEAL.c.seq, "联系电话查看记录"),
    _WHISTLE.name: (_WHISTLE.c.id, "吹哨记录"),
}
"""By table: the column in whose order rows are written, and what people call them."""


def ends_now(session: Session) -> str:
    """The number and hash of the last row of each log that has one, as JSON; '' where none has."""
    found = {}
    for name, (number, _) in _ENDING.items():
        last = select(number, number.table.c.hash).order_by(number.desc()).limit(1)
        row = session.connection().execute(last).first()
        if row is not None:
            found[name] = [row[0], (row[1] or b"").hex()]
    return json.dumps(found, sort_keys=True) if found else ""


def verify_ends(session: Session, said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Of each log the first of these ends that is not there as it was, in Chinese. ``said``: by what, and the
    ends that it keeps, the oldest first.
    """
    ends: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for by, text in said:
        for name, (number, own) in json.loads(text or "{}").items():
            ends[name].append((by, number, own))
    for name, wanted in ends.items():
        column, words = _ENDING[name]
        numbers = sorted({number for _, number, _ in wanted})
        rows = session.connection().execute(select(column, column.table.c.hash).where(column.in_(numbers)))
        there = {number: (own or b"").hex() for number, own in rows}
        for by, number, own in wanted:
            if there.get(number) != own:
                gone = "已经不在：末尾的记录被删过" if number not in there else "已不是那一条：记录被换过"
                yield f"{by}时{words}的末条（编号 {number}）{gone}"
                break

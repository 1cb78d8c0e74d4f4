"""Daily anchors: what the whole log was on a day, so that a removed event or a removed tail shows as well.

The chain of an event says nothing about an event that is gone with its whole log. An anchor does: its digest
is made of the hashes of all entries since the anchor before, in the order in which they were written, and of
that anchor. Writing one reads the day's entries alone, however long the history; checking reads them all. An
anchor also keeps where the other logs ended (``data.chain_ends``).

Whoever can write the database can also write new anchors. So ``verify-log`` prints the newest fingerprint:
written down elsewhere (minutes, a daily report), it can be asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine, Table, insert, select
from sqlmodel import Session

from data.chain_ends import ends_now, verify_ends
from data.database import read_session, write_session
from data.event_fold import NO_HASH
from data.event_verify import Fault, FaultKind
from data.models import EventLog, LogAnchor

_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_ANCHOR: Final[Table] = LogAnchor.__table__  # type: ignore[attr-defined]
_ROWS_AT_ONCE: Final = 20_000
_NAMED: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """The log up to entry ``log_id``: ``entries`` in all; ``ends`` of the other logs, '' in anchors from
    before they were kept. ``fingerprint`` is what a person writes down.
    """

    day: date
    log_id: int
    entries: int
    made_at: datetime
    digest: bytes
    prev_hash: bytes
    hash: bytes
    ends: str = ""

    @property
    def fingerprint(self) -> str:
        return self.hash.hex()


def anchor_day(engine: Engine, *, day: date, now: datetime | None = None) -> Anchor | None:
    """Anchors what has been written since the last anchor, as the anchor of ``day`` (local). Once a day: None
    where the day, or a later one, has its anchor already, or where there is no entry at all.

    Reads the new entries without holding the write lock; what is written meanwhile is the next day's.
    """
    with read_session(engine) as session:
        last = newest_anchor(session)
        if last is not None and last.day >= day:
            return None
        found = _covered(session, after_id=last.log_id if last else 0)
        ends = ends_now(session)
    if last is None and not found.entries:
        return None
    anchor = _made(last, found, ends=ends, day=day, now=now or datetime.now(UTC))
    with write_session(engine) as session:
        if newest_anchor(session) != last:
            return None  # another process was quicker
        session.connection().execute(
            insert(_ANCHOR).values({name: getattr(anchor, name) for name in Anchor.__dataclass_fields__})
        )
    return anchor


def newest_anchor(session: Session) -> Anchor | None:
    """The last anchor; None before the first."""
    row = session.connection().execute(select(_ANCHOR).order_by(_ANCHOR.c.day.desc()).limit(1)).first()
    return None if row is None else Anchor(**row._mapping)


def verify_anchors(session: Session, *, expected: str = "") -> list[Fault]:
    """Everything by which the log differs from its anchors, in order of days; an empty list: all is well.

    ``expected``: a fingerprint that somebody wrote down; it is a fault when no anchor has it any more.
    """
    faults: list[Fault] = []
    before: Anchor | None = None
    known = False
    ends: list[tuple[str, str]] = []
    for row in session.connection().execute(select(_ANCHOR).order_by(_ANCHOR.c.day)).all():
        anchor = Anchor(**row._mapping)
        faults += _faults(session, before, anchor)
        ends.append((f"写下 {anchor.day} 的锚点", anchor.ends))
        known = known or anchor.fingerprint == expected.strip().lower()
        before = anchor
    faults += [_fault(said) for said in verify_ends(session, ends)]
    if expected and not known:
        faults.append(_fault(f"没有指纹为 {expected} 的锚点：那以后的锚点或日志被删改过"))
    return faults


@dataclass(slots=True)
class _Covered:
    """Entries after an anchor: how many, the last of them, and their hashes as one."""

    entries: int
    log_id: int
    digest: bytes
    gaps: list[tuple[int, int]]


def _covered(session: Session, *, after_id: int, up_to_id: int | None = None) -> _Covered:
    """The entries ``after_id < id <= up_to_id``, in order of id: SHA-256 over that of their numbers (8 bytes
    each, high byte first) and that of their hashes.
    """
    numbers, hashes, count, last = sha256(), sha256(), 0, after_id
    gaps: list[tuple[int, int]] = []
    for ids, entry_hashes in _parts(session, after_id, up_to_id):
        found = np.array(ids, dtype=">i8")
        before = np.concatenate(([last], found[:-1]))
        for row in np.flatnonzero(found > before + 1):
            gaps.append((int(before[row]) + 1, int(found[row]) - 1))
        numbers.update(found.tobytes())
        hashes.update(b"".join(entry_hashes))
        count, last = count + len(ids), ids[-1]
    if up_to_id is not None and last < up_to_id:
        gaps.append((last + 1, up_to_id))
    return _Covered(count, last, sha256(numbers.digest() + hashes.digest()).digest(), gaps)


def _parts(
    session: Session, after_id: int, up_to_id: int | None
) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
    """Numbers and hashes, some thousands at once: a first anchor may have millions to read."""
    wanted = select(_LOG.c.id, _LOG.c.hash).where(_LOG.c.id > after_id).order_by(_LOG.c.id)
    if up_to_id is not None:
        wanted = wanted.where(_LOG.c.id <= up_to_id)
    rows = session.connection().execute(wanted, execution_options={"yield_per": _ROWS_AT_ONCE})
    for part in rows.partitions():
        ids, hashes = zip(*part, strict=True)
        yield ids, hashes


def _made(last: Anchor | None, found: _Covered, *, ends: str, day: date, now: datetime) -> Anchor:
    values: dict[str, Any] = {
        "day": day,
        "log_id": found.log_id,
        "entries": found.entries + (last.entries if last else 0),
        "made_at": now,
        "digest": found.digest,
        "prev_hash": last.hash if last else NO_HASH,
        "ends": ends,
    }
    return Anchor(hash=_hash_of(values), **values)


def _hash_of(values: dict[str, Any]) -> bytes:
    made_at = values["made_at"].astimezone(UTC).replace(tzinfo=None).isoformat()
    text = f"{values['day']}|{values['log_id']}|{values['entries']}|{made_at}|"
    if values["ends"]:
        text += f"{values['ends']}|"
    return sha256(text.encode() + values["digest"] + values["prev_hash"]).digest()


def _faults(session: Session, before: Anchor | None, anchor: Anchor) -> Iterator[Fault]:
    day = f"{anchor.day} 的锚点"
    values = {name: getattr(anchor, name) for name in Anchor.__dataclass_fields__ if name != "hash"}
    if _hash_of(values) != anchor.hash:
        yield _fault(f"{day}本身被改过")
    if anchor.prev_hash != (before.hash if before else NO_HASH):
        yield _fault(f"{day}不接在前一个锚点之后：中间的锚点被删改过")
    found = _covered(session, after_id=before.log_id if before else 0, up_to_id=anchor.log_id)
    wanted = anchor.entries - (before.entries if before else 0)
    if found.entries < wanted:
        missing = "、".join(
            f"{low}" if low == high else f"{low} 至 {high}" for low, high in found.gaps[:_NAMED]
        )
        yield _fault(
            f"{day}以来应有 {wanted} 条记录，只有 {found.entries} 条：缺的记录编号在 {missing or '别处'}"
        )
    elif found.entries > wanted:
        yield _fault(f"{day}以来应有 {wanted} 条记录，却有 {found.entries} 条：事后插入了记录")
    elif found.digest != anchor.digest:
        yield _fault(f"{day}以来的 {wanted} 条记录与锚点的指纹不符：有记录被改换过")


def _fault(text: str) -> Fault:
    return Fault(0, 0, FaultKind.ANCHOR, text)

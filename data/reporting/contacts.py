"""Seeing a resident's contact whole: a role, a reason, and a row of an audit that is hash-chained (DOMAIN
section 6). Everywhere else it is masked. Identity numbers are not kept at all.

Who may (ours): the command centre and checkers, who call back; street and community of the place, who verify;
the department while the case is in its hands. Leaders see the audit and not the contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlmodel import Session

from data.chain import row_hash
from data.codes import prefix_range
from data.event_fold import NO_HASH
from data.labels import ROLE
from data.lifecycle import Person, read_rules
from data.models import ContactReveal, Event, ResidentContact
from data.reporting.errors import RevealRefused, TooManyReveals
from data.reporting.report import without_personal
from data.vocabulary import ENDED, Role

REVEALERS: Final = frozenset({Role.DISPATCHER, Role.CHECKER, Role.STREET, Role.COMMUNITY, Role.DEPARTMENT})
AUDITORS: Final = frozenset({Role.LEADER})
SHORTEST_REASON: Final = 4
LONGEST_REASON: Final = 200
_HOUR: Final = timedelta(hours=1)
_REVEAL: Final[Table] = ContactReveal.__table__  # type: ignore[attr-defined]
_CHAINED: Final = ("seq", "event_id", "external_no", "code", "at", "staff_id", "actor", "role", "reason")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reveal:
    """One row of the audit. ``event_id`` 0: of somebody in the staff table, whom ``external_no`` names."""

    seq: int
    event_id: int
    external_no: str
    at: datetime
    actor: str
    role: str
    reason: str


def why_not_revealed(row: Mapping[str, Any], person: Person) -> str:
    """The rule by which ``person`` may not see the contact of the case ``row``; '' where they may."""
    if person.role not in REVEALERS:
        named = "、".join(text for role, text in ROLE.items() if role in REVEALERS)
        return f"联系电话由{named}按需查看，{person.name}的角色是{ROLE[person.role]}"
    if not person.covers(row["code"]):
        return f"这件不在{person.name}的责任区内，不能查看联系电话"
    if person.role is Role.DEPARTMENT:
        if not person.department_code or row["department_code"] != person.department_code:
            return "这件不由本部门承办，不能查看联系电话"
        if row["status"] in ENDED:
            return "这件已经办结，承办部门不再需要联系电话；回访由派遣员或核查员办理"
    return ""


def reveal_contact(session: Session, *, event_id: int, person: Person, reason: str, at: datetime) -> str:
    """The whole contact of a case, and the row of the audit that says so, in the caller's write session.

    Raises:
        RevealRefused: not this person, no reason, or no contact.
        TooManyReveals: this person has seen as many within an hour as the rules let them.
    """
    event = session.get(Event, event_id)
    if event is None:
        raise RevealRefused(f"没有编号为 {event_id} 的事件，可能已经移除")
    refused = why_not_revealed(event.model_dump(), person)
    found = session.get(ResidentContact, event_id)
    subject = {"event_id": event_id, "external_no": event.external_no, "code": event.code}
    note_reveal(
        session, subject, person=person, reason=reason, at=at,
        refused=refused or ("" if found else "这件没有留联系电话"),
    )  # fmt: skip
    return found.contact if found else ""


def note_reveal(
    session: Session, subject: Mapping[str, Any], *, person: Person, reason: str, at: datetime, refused: str
) -> None:
    """The row of the audit for a contact that is about to be seen: of ``subject`` (``event_id``,
    ``external_no``, ``code``), unless it is ``refused`` in words. Raises as :func:`reveal_contact`.
    """
    if not session.info.get("writes"):
        raise RevealRefused("查看联系电话要写入记录：只能在写会话（write_session）里进行")
    if refused or person.staff_id is None:
        raise RevealRefused(refused or "查看联系电话须是人员表里的人")
    why = _checked(reason)
    _check_rate(session, person.staff_id, at)
    _note(
        session, **subject, at=at, staff_id=person.staff_id, actor=person.name, role=person.role.value,
        reason=why,
    )  # fmt: skip


def reveals(
    session: Session, *, person: Person, event_id: int | None = None, limit: int = 50
) -> list[Reveal]:
    """Who saw contacts, the newest first: of one case, or all in the area of a leader. Nobody else does."""
    if person.role not in AUDITORS:
        return []
    columns = select(*(_REVEAL.c[name] for name in Reveal.__dataclass_fields__))
    if event_id is not None:
        columns = columns.where(_REVEAL.c.event_id == event_id)
    if person.division_code:
        low, high = prefix_range(person.division_code)
        columns = columns.where(_REVEAL.c.code >= low, _REVEAL.c.code < high)
    rows = session.connection().execute(columns.order_by(_REVEAL.c.seq.desc()).limit(limit))
    return [Reveal(**row._mapping) for row in rows]


def verify_reveals(session: Session) -> list[str]:
    """What is wrong with the audit's chain, in words; an empty list: all is well."""
    faults: list[str] = []
    expected, prev_hash = 1, NO_HASH
    for found in session.connection().execute(select(_REVEAL).order_by(_REVEAL.c.seq)).mappings():
        row: dict[str, Any] = dict(found)
        place = f"联系电话查看记录第 {row['seq']} 条"
        if row["seq"] != expected:
            faults.append(f"{place}之前缺了 {row['seq'] - expected} 条")
        elif row["prev_hash"] != prev_hash:
            faults.append(f"{place}不接在前一条之后")
        if row_hash(row, _CHAINED, row["prev_hash"]) != row["hash"]:
            faults.append(f"{place}的内容与校验值不符，被改过")
        expected, prev_hash = row["seq"] + 1, row["hash"]
    return faults


def reveals_head(session: Session) -> tuple[int, str]:
    """How many rows the audit has and the fingerprint of the last: written down elsewhere, it shows whether
    the end was cut off.
    """
    wanted = select(_REVEAL.c.seq, _REVEAL.c.hash).order_by(_REVEAL.c.seq.desc()).limit(1)
    row = session.connection().execute(wanted).first()
    return (0, "") if row is None else (row.seq, row.hash.hex())


def _checked(reason: str) -> str:
    """The reason as the audit keeps it. Raises ``RevealRefused`` where it is too short or too long."""
    why = without_personal(" ".join(reason.split()))
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise RevealRefused(
            f"请写明查看的原因（{SHORTEST_REASON} 到 {LONGEST_REASON} 字），现有 {len(why)} 字"
        )
    return why


def _check_rate(session: Session, staff_id: int, at: datetime) -> None:
    """Raises ``TooManyReveals`` where this person has seen as many within an hour as the rules let them."""
    most = int(read_rules(session).contact_reveals_an_hour)
    wanted = select(_REVEAL.c.at).where(_REVEAL.c.staff_id == staff_id, _REVEAL.c.at > at - _HOUR)
    seen = sorted(session.connection().execute(wanted).scalars())
    if len(seen) >= most:
        left = seen[-most] + _HOUR - at
        raise TooManyReveals(
            f"一小时内已查看 {len(seen)} 个联系电话，上限 {most} 个，"
            f"请 {max(1, round(left / timedelta(minutes=1)))} 分钟后再查",
            retry_seconds=int(left.total_seconds()) + 1,
        )


def _note(session: Session, **said: Any) -> None:
    """Appends a row; the write lock is held, so the next number is free."""
    last = session.connection().execute(select(func.max(_REVEAL.c.seq))).scalar()
    head = select(_REVEAL.c.hash).where(_REVEAL.c.seq == last)
    prev_hash = NO_HASH if last is None else session.connection().execute(head).scalar_one()
    row = {"seq": (last or 0) + 1, **said}
    chained = row_hash(row, _CHAINED, prev_hash)
    session.connection().execute(_REVEAL.insert().values(**row, prev_hash=prev_hash, hash=chained))

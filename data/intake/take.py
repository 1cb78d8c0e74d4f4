"""A request becomes one batch: judged by the rules of the imports outside the lock, written in one short
transaction, with the answer that a repeat of the request is given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, Table, delete, select
from sqlmodel import Session

from data.bulk import insert_rows
from data.database import read_session, write_session
from data.event_links import link_repeats
from data.imports.compare_events import EventChanges
from data.imports.errors import PositionProblem
from data.imports.kinds import compare, count, prepare
from data.imports.known import Known, load_known
from data.imports.prepared import Prepared
from data.imports.profile import Profile, load_profile
from data.imports.publish import refuse_demo, write_changes
from data.imports.rejects import Reject, reject_rows
from data.imports.source_table import SourceTable
from data.intake.csv_cases import read_csv_cases
from data.intake.errors import KeyReused
from data.intake.json_cases import CASE_FIELDS, Cases, json_profile, read_cases
from data.models import Event, ImportBatch, ImportReject, IntakeRequest, IntakeToken
from data.settings import Settings
from data.vocabulary import BatchKind, BatchStatus

KEPT: Final = timedelta(days=7)
"""How long an Idempotency-Key is known."""
_BATCH: Final[Table] = ImportBatch.__table__  # type: ignore[attr-defined]
_REJECT: Final[Table] = ImportReject.__table__  # type: ignore[attr-defined]
_REQUEST: Final[Table] = IntakeRequest.__table__  # type: ignore[attr-defined]
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_FILE_NAME: Final = {True: "接口（JSON）", False: "接口（CSV）"}
_NOTE_LENGTH: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What one request brings. ``key`` is its Idempotency-Key, '' where it has none."""

    token: IntakeToken
    body: bytes
    is_json: bool
    key: str = ""


class _Told(Exception):
    """The request was taken already, by whoever held the lock before."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("taken already")
        self.answer = answer


def take_in(engine: Engine, *, delivery: Delivery, settings: Settings) -> dict[str, Any]:
    """Takes one request in and says what became of each row; nothing at all is written when this raises.

    Raises:
        IntakeProblem, ImportProblem: the request as a whole cannot be used.
        DatabaseProblem: the database is locked, read-only or unusable.
    """
    with read_session(engine) as session:
        refuse_demo(session)
        told = _told_before(session, delivery)
        known = None if told else load_known(session)
    if known is None:
        return told or {}
    profile = _profile(delivery.token, settings)
    if delivery.is_json:
        cases, profile = read_cases(delivery.body), json_profile(profile)
    else:
        cases = read_csv_cases(delivery.body, profile=profile)
    refused = list(cases.refused)
    prepared = [
        part for table in cases.tables for part in _prepared(table, profile, known, refused) if part.total
    ]
    try:
        with write_session(engine) as session:
            return _publish(session, delivery, cases, prepared, refused, settings)
    except _Told as earlier:
        return earlier.answer


def _profile(token: IntakeToken, settings: Settings) -> Profile:
    """The token's profile; whose cases they are is never what the rows say."""
    profile = load_profile(token.profile, settings=settings)

    def without_source(named: Any) -> dict[str, Any]:
        return {name: value for name, value in named.items() if name != "source"}

    return profile.changed(
        source=token.source,
        columns=without_source(profile.columns),
        constants=without_source(profile.constants),
        fallback=without_source(profile.fallback),
    )


def _prepared(table: SourceTable, profile: Profile, known: Known, refused: list[Reject]) -> list[Prepared]:
    """Rows whose coordinates are of another system stop a file, since all of it would be wrong. Of a request
    only they are refused: what is true of a row must not hang on its neighbours.
    """
    try:
        return [prepare(table, profile, known)]
    except PositionProblem as problem:
        if len(table) > 1:
            half = len(table) // 2
            parts = (_part(table, slice(0, half)), _part(replace(table, ragged=()), slice(half, None)))
            return [one for part in parts for one in _prepared(part, profile, known, refused)]
        cells = {str(name): str(value) for name, value in table.cells.iloc[0].items()}
        refused.append(
            Reject(
                line=int(table.lines[0]), field=CASE_FIELDS["lonlat"].label, value="",
                reason=str(problem), advice="请核对坐标的数值和坐标系", row=cells,
            )
        )  # fmt: skip
        return [prepare(_part(table, slice(0, 0)), profile, known)] if table.ragged else []


def _part(table: SourceTable, rows: slice) -> SourceTable:
    return replace(table, cells=table.cells.iloc[rows].reset_index(drop=True), lines=table.lines[rows])


def _publish(
    session: Session,
    delivery: Delivery,
    cases: Cases,
    prepared: Sequence[Prepared],
    refused: list[Reject],
    settings: Settings,
) -> dict[str, Any]:
    now = datetime.now(UTC)
    refuse_demo(session)
    told = _told_before(session, delivery)
    if told is not None:
        raise _Told(told)
    batch_id = _begin(session, delivery, now=now)
    outcome: dict[int, str] = {}
    counts = dict.fromkeys(("rows_new", "rows_changed", "rows_same", "rows_unplaced", "rows_unlocated",
                            "rows_marked"), 0)  # fmt: skip
    kept: list[str] = []
    for part in prepared:
        changes = compare(session, part)
        if not isinstance(changes, EventChanges):
            raise TypeError("requests bring events")
        outcome |= _outcome(session, part, changes)
        kept += changes.warnings
        for name, value in vars(count(part, changes)).items():
            if f"rows_{name}" in counts:
                counts[f"rows_{name}"] += value
        write_changes(
            session, changes, batch_id=batch_id, actor=_actor(delivery.token), now=now, settings=settings
        )
    rejects = sorted(
        [*refused, *(one for part in prepared for one in part.fields.rejections.listed())],
        key=lambda one: one.line,
    )
    insert_rows(session.connection(), _REJECT, reject_rows(batch_id, rejects))
    warnings = [*(text for part in prepared for text in part.warnings), *kept]
    session.connection().execute(
        _BATCH.update()
        .where(_BATCH.c.id == batch_id)
        .values(
            **counts, rows_total=cases.total, rows_rejected=len(rejects),
            note="\n".join(warnings)[:_NOTE_LENGTH],
        )
    )  # fmt: skip
    new = select(_EVENT.c.id).where(_EVENT.c.batch_id == batch_id, _EVENT.c.ended_at.is_(None))
    link_repeats(session, event_ids=list(session.connection().execute(new).scalars()), at=now)
    answer = _answer(batch_id, cases, counts, outcome, rejects, warnings)
    _remember(session, delivery, batch_id=batch_id, answer=answer, now=now)
    return answer


def _begin(session: Session, delivery: Delivery, *, now: datetime) -> int:
    batch = ImportBatch(
        kind=BatchKind.EVENTS.value,
        status=BatchStatus.PUBLISHED.value,
        source=delivery.token.source,
        file_name=_FILE_NAME[delivery.is_json],
        profile=delivery.token.profile,
        actor=_actor(delivery.token),
        created_at=now,
        published_at=now,
    )
    session.add(batch)
    session.flush()
    if batch.id is None:
        raise AssertionError("a flushed batch has a number")
    return batch.id


def _actor(token: IntakeToken) -> str:
    return f"接口·{token.name}"[:64]


def _outcome(session: Session, part: Prepared, changes: EventChanges) -> dict[int, str]:
    """Line → new, changed or same, for the rows that are taken; an equal repeat of a row has no line here."""
    new = set(changes.new.names())
    ids = [event_id for event_id, _, _ in changes.changed]
    named = select(_EVENT.c.source, _EVENT.c.external_no).where(_EVENT.c.id.in_(ids))
    changed = {tuple(row) for row in session.connection().execute(named)} if ids else set()
    return {
        line: "new" if key in new else "changed" if key in changed else "same"
        for key, line in zip(part.keys, part.lines, strict=True)
    }


def _answer(
    batch_id: int,
    cases: Cases,
    counts: dict[str, int],
    outcome: dict[int, str],
    rejects: Iterable[Reject],
    warnings: Sequence[str],
) -> dict[str, Any]:
    why = {one.line: one for one in rejects}
    lines = sorted({*outcome, *why, *cases.numbers, *_lines(cases)})
    rows: list[dict[str, Any]] = []
    for line in lines:
        row: dict[str, Any] = {"row": line, "result": "refused" if line in why else outcome.get(line, "same")}
        if cases.numbers.get(line):
            row["external_no"] = cases.numbers[line]
        if line in why:
            one = why[line]
            row |= {"field": one.field, "value": one.value, "reason": one.reason, "advice": one.advice}
        rows.append(row)
    return {
        "batch": batch_id,
        "total": cases.total,
        "new": counts["rows_new"],
        "changed": counts["rows_changed"],
        "same": counts["rows_same"],
        "refused": len(why),
        "rows": rows,
        "warnings": list(warnings),
    }


def _lines(cases: Cases) -> set[int]:
    return {int(line) for table in cases.tables for line in table.lines}


def _told_before(session: Session, delivery: Delivery) -> dict[str, Any] | None:
    """What the request was told under its key; None where it is new, or what it brought was undone.

    Raises:
        KeyReused: the key stands for another body.
    """
    if not delivery.key:
        return None
    query = (
        select(_REQUEST.c.body_hash, _REQUEST.c.answer, _BATCH.c.status)
        .join(_BATCH, _BATCH.c.id == _REQUEST.c.batch_id)
        .where(_REQUEST.c.token_id == delivery.token.id, _REQUEST.c.key_hash == _key_hash(delivery))
    )
    row = session.connection().execute(query).one_or_none()
    if row is None or row.status != BatchStatus.PUBLISHED:
        return None
    if row.body_hash != _body_hash(delivery):
        raise KeyReused("这个 Idempotency-Key 已用于内容不同的另一次请求：内容变了，请换一个新的键。")
    answer: dict[str, Any] = json.loads(row.answer)
    return answer


def _remember(
    session: Session, delivery: Delivery, *, batch_id: int, answer: dict[str, Any], now: datetime
) -> None:
    session.connection().execute(delete(_REQUEST).where(_REQUEST.c.created_at < now - KEPT))
    if not delivery.key or delivery.token.id is None:
        return
    session.merge(
        IntakeRequest(
            token_id=delivery.token.id,
            key_hash=_key_hash(delivery),
            body_hash=_body_hash(delivery),
            batch_id=batch_id,
            answer=json.dumps(answer, ensure_ascii=False),
            created_at=now,
        )
    )
    session.flush()


def _key_hash(delivery: Delivery) -> str:
    return _sha256(delivery.key.encode())


def _body_hash(delivery: Delivery) -> str:
    return _sha256((b"json:" if delivery.is_json else b"csv:") + delivery.body)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

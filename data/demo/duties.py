"""The demo's duties: dispatch rules, lists and process tables, every one of them marked as an example."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, insert, select
from sqlmodel import Session, col

from data.chain import LOGS, append_rows, drop_rows
from data.demo import facts
from data.initials import initials
from data.models import (
    Department,
    DispatchRule,
    ListItem,
    ListItemLog,
    ServiceItem,
    Whistle,
    WhistleDepartment,
    WhistleEvent,
    WhistleLog,
)
from data.vocabulary import ListStatus, ReviewStage

SOURCE: Final = "demo"
ACTOR: Final = "系统"
_OWN: Final[tuple[Any, ...]] = (DispatchRule, ListItem, ServiceItem, Whistle)


def write_duties(session: Session, *, batch_id: int, now: datetime) -> None:
    """Write the examples, as of ``now``, in the caller's write session."""
    tables: list[tuple[Any, list[dict[str, Any]]]] = [
        (Department, _units(batch_id)),
        (DispatchRule, _rules(batch_id, now)),
        (ListItem, _items(batch_id)),
        (ServiceItem, _services(batch_id)),
    ]
    for model, found in tables:
        table: Table = model.__table__
        if table.name in LOGS:
            append_rows(session, table, found)
        else:
            session.connection().execute(insert(table), found)


def remove_duties(session: Session, *, batch_id: int | None) -> None:
    """Delete what belongs to the demo, edits made while it was in and whistles blown in it included."""
    items = {model.__tablename__: _ids(model, batch_id) for model in (ListItem, ServiceItem)}
    for subject, ids in items.items():
        its_log = (col(ListItemLog.subject) == subject) & col(ListItemLog.subject_id).in_(ids)
        _delete(session, ListItemLog, its_log)
    whistles = _ids(Whistle, batch_id)
    for part in (WhistleDepartment, WhistleEvent, WhistleLog):
        _delete(session, part, col(part.whistle_id).in_(whistles))
    for model in _OWN:
        _delete(session, model, col(model.batch_id) == batch_id)


def _ids(model: Any, batch_id: int | None) -> Any:
    return select(col(model.id)).where(col(model.batch_id) == batch_id)


def _delete(session: Session, model: Any, condition: ColumnElement[bool]) -> None:
    table: Table = model.__table__
    if table.name in LOGS:
        drop_rows(session, table, condition)
    else:
        session.connection().execute(delete(table).where(condition))


def _units(batch_id: int) -> list[dict[str, Any]]:
    return [
        {"code": unit.code, "name": unit.name, "initials": initials(unit.name), "kind": unit.kind,
         "phone": unit.phone, "batch_id": batch_id}
        for unit in facts.units()
    ]  # fmt: skip


def _rules(batch_id: int, now: datetime) -> list[dict[str, Any]]:
    from data.demo.rows import VALID_FROM

    return [
        {
            **row, "number": number, "version": 1, "valid_from": VALID_FROM, "valid_to": None,
            "limit_hours": _number(row["limit_hours"]), "respond_hours": _number(row["respond_hours"]),
            "withdrawn": False, "actor": ACTOR, "created_at": now, "batch_id": batch_id,
        }
        for number, row in enumerate(facts.read_rows("dispatch_rules.csv"), start=1)
    ]  # fmt: skip


def _items(batch_id: int) -> list[dict[str, Any]]:
    return [
        {
            "source": f"{SOURCE}:{row['list_type']}", "external_no": row["number"],
            "list_type": row["list_type"], "text": row["text"], "class_prefix": row["class_prefix"],
            "area_prefix": row["area_prefix"], "level": row["level"],
            "status": _status(row["review_stage"]), "review_stage": row["review_stage"],
            "removed_at": None, "basis": row["basis"], "batch_id": batch_id,
        }
        for row in facts.read_rows("list_items.csv")
    ]  # fmt: skip


def _status(stage: str) -> str:
    return (ListStatus.IN_FORCE if stage == ReviewStage.PUBLISHED else ListStatus.REVIEWING).value


def _services(batch_id: int) -> list[dict[str, Any]]:
    return [
        {
            **{name: row[name] for name in ("name", "content", "undertaker", "requirements", "materials")},
            "source": SOURCE, "external_no": row["number"], "initials": initials(row["name"]),
            "mode": row["mode"], "limit_days": _number(row["limit_days"]), "removed_at": None,
            "batch_id": batch_id,
        }
        for row in facts.read_rows("service_items.csv")
    ]  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text else None

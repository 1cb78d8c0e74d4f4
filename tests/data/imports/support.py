"""Helpers of the import tests: files with one deliberate fault, and the state of the tables in one value."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from data.database import read_session
from data.event_verify import verify
from data.imports import ImportResult, Preview, Profile, load_profile, preview_import, run_import
from data.models import Event, EventLog, ImportReject
from data.models.base import column
from data.settings import Settings
from data.vocabulary import BatchKind

EVENT: Final[dict[str, str]] = {
    "案件编号": "SL001",
    "事件类别": "0102",
    "标题": "示例路口有垃圾",
    "地址": "示例路1号",
    "经度": "103.81",
    "纬度": "30.71",
    "状态": "处置中",
    "责任部门": "示例执法局",
    "上报时间": "2026-11-20 08:30",
    "结案时间": "",
}
"""A faultless row of the generic event table, in community 510115001001."""
_BOOKKEEPING: Final = ("import_batch", "import_reject", "data_state")


@dataclass(frozen=True)
class Street:
    """A database to import into."""

    engine: Engine
    settings: Settings

    def load(self, path: Path, kind: BatchKind, profile: Profile | None = None) -> ImportResult:
        return run_import(
            self.engine,
            path=path,
            kind=kind,
            profile=profile or load_profile(f"generic_{kind.value}"),
            settings=self.settings,
            actor="测试",
        )

    def events(self, path: Path, profile: Profile | None = None) -> ImportResult:
        return self.load(path, BatchKind.EVENTS, profile)

    def preview(self, path: Path, kind: BatchKind, profile: Profile | None = None) -> Preview:
        with read_session(self.engine) as session:
            return preview_import(
                session,
                path=path,
                kind=kind,
                profile=profile or load_profile(f"generic_{kind.value}"),
                settings=self.settings,
            )

    def digest(self) -> str:
        """One value for everything but the bookkeeping of imports."""
        found = hashlib.sha256()
        with read_session(self.engine) as session:
            for name, table in sorted(SQLModel.metadata.tables.items()):
                if name not in _BOOKKEEPING:
                    rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
                    found.update(repr((name, rows)).encode())
        return found.hexdigest()

    def rejects(self, batch_id: int) -> list[ImportReject]:
        with read_session(self.engine) as session:
            query = select(ImportReject).where(column(ImportReject.batch_id) == batch_id)
            return list(session.execute(query.order_by(column(ImportReject.line))).scalars())

    def rows(self, model: type[Any]) -> list[Any]:
        """All rows of a table by its primary key."""
        with read_session(self.engine) as session:
            return list(session.execute(select(model).order_by(*model.__table__.primary_key)).scalars())

    def event(self, external_no: str) -> Event:
        found: Event = next(event for event in self.rows(Event) if event.external_no == external_no)
        return found

    def log(self, external_no: str) -> list[EventLog]:
        event = self.event(external_no)
        return [entry for entry in self.rows(EventLog) if entry.event_id == event.id]

    def only_reject(self, path: Path, kind: BatchKind, profile: Profile | None = None) -> ImportReject:
        """The one row that a file of bad rows has refused; nothing else may have changed."""
        before = self.digest()
        result = self.load(path, kind, profile)
        found = self.rejects(result.batch_id)
        assert len(found) == result.rejected == result.total == 1
        assert self.digest() == before
        return found[0]


def assert_log_is_sound(street: Street) -> None:
    """Every event is the fold of its log, and the log is whole."""
    with read_session(street.engine) as session:
        assert verify(session) == []


def event(**changes: str) -> dict[str, str]:
    """A faultless event row with some cells replaced; English keywords name our fields."""
    names = {
        "no": "案件编号", "kind": "事件类别", "title": "标题", "address": "地址",
        "lon": "经度", "lat": "纬度", "status": "状态", "department": "责任部门",
        "reported": "上报时间", "ended": "结案时间",
    }  # fmt: skip
    return {**EVENT, **{names[key]: value for key, value in changes.items()}}


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, str]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    above: Sequence[str] = (),
) -> Path:
    """Rows as CSV below the lines ``above``; returns the path."""
    with path.open("w", encoding=encoding, newline="") as file:
        file.writelines(line + "\n" for line in above)
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]], *, merged: Sequence[str] = ()) -> Path:
    """Rows of typed cells as a workbook, with some ranges merged; returns the path."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path

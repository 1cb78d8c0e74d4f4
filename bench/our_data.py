"""The same grids and events in our tables, brought in by the product's own imports."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from bench.dataset import Dataset
from data.database import open_engine
from data.imports.profile import load_profile
from data.imports.publish import run_import
from data.imports.result import ImportResult
from data.migrate import migrate
from data.settings import Settings, read_settings
from data.vocabulary import BatchKind

PROFILES: Final = Path(__file__).with_name("profiles")
ACTOR: Final = "bench"
CLASS_CODE: Final = "0102"
DUE_IN: Final = {"in_time": timedelta(days=30), "soon": timedelta(minutes=30), "overdue": timedelta(hours=-5)}
"""Deadlines that give each colour now and for the length of a run: 临期 begins at a quarter of the limit."""
DAY: Final = timedelta(days=1)
REPORTED_BEFORE: Final = timedelta(days=2)
EVENT_COLUMNS: Final = ("no", "class", "title", "lon", "lat", "status", "reported_at", "due_at", "ended_at")


def fill(dataset: Dataset, var_dir: Path) -> tuple[Engine, Settings]:
    """A fresh database in ``var_dir`` with the boundaries, one event class and the open events."""
    shutil.rmtree(var_dir, ignore_errors=True)
    var_dir.mkdir(parents=True)
    settings = read_settings({"ONEMAP_VAR_DIR": str(var_dir)})
    engine = open_engine(settings.database_url)
    migrate(engine)
    bring_in(engine, settings, _boundary_file(dataset, var_dir), BatchKind.DIVISIONS)
    bring_in(engine, settings, _class_file(var_dir), BatchKind.EVENT_CLASSES)
    events = var_dir / "events.csv"
    write_csv(events, EVENT_COLUMNS, open_rows(dataset.events))
    bring_in(engine, settings, events, BatchKind.EVENTS)
    return engine, settings


def bring_in(
    engine: Engine, settings: Settings, path: Path, kind: BatchKind, *, shipped: str = ""
) -> ImportResult:
    """One import with the shipped profile of that name, else the bench's own for that kind, else the
    generic one; stops the run if a row was refused.
    """
    own = PROFILES / f"{kind.value}.toml"
    profile = load_profile(shipped or (own if own.exists() else f"generic_{kind.value}"))
    result = run_import(engine, path=path, kind=kind, profile=profile, settings=settings, actor=ACTOR)
    if result.rejected:
        raise RuntimeError(f"{result.rejected} rows of {path.name} were refused")
    return result


def open_rows(events: Sequence[dict[str, Any]]) -> Iterable[tuple[object, ...]]:
    """Open events as rows of ``EVENT_COLUMNS``, with deadlines that give their colours now."""
    now = datetime.now(UTC)
    for number, event in enumerate(events):
        reported = now - REPORTED_BEFORE
        due = now + DUE_IN[event["color"]]
        yield (
            f"B{number:07d}", CLASS_CODE, f"测速事件 {number}", event["lon"], event["lat"], "handling",
            _spelled(reported), _spelled(due), "",
        )  # fmt: skip


def closed_rows(dataset: Dataset, *, count: int, first: int, days: int) -> Iterable[tuple[object, ...]]:
    """``count`` closed events spread over ``days`` days that ended 60 days ago and earlier."""
    now = datetime.now(UTC)
    for number in range(first, first + count):
        event = dataset.events[number % len(dataset.events)]
        reported = now - timedelta(days=60) - timedelta(days=days) * ((number - first) / count)
        yield (
            f"H{number:08d}", CLASS_CODE, f"测速旧件 {number}", event["lon"], event["lat"], "closed",
            _spelled(reported), _spelled(reported + timedelta(days=3)), _spelled(reported + DAY),
        )  # fmt: skip


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A UTF-8 CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _boundary_file(dataset: Dataset, folder: Path) -> Path:
    path = folder / "boundaries.gpkg"
    dataset.boundaries.assign(name=dataset.boundaries["code"]).to_file(path, driver="GPKG")
    return path


def _class_file(folder: Path) -> Path:
    path = folder / "classes.csv"
    header = ("类别代码", "大类", "小类", "紧急程度", "时限（小时）", "计时方式")
    write_csv(path, header, [(CLASS_CODE, "市容环境", "暴露垃圾", "一般", "24", "紧急工作时")])
    return path


def _spelled(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")

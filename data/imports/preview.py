"""What an import would do, before it does anything: rows as understood, places, the shift, warnings,
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from sqlmodel import Session

from data.imports.kinds import check_kind, compare, count, prepare, warnings_of
from data.imports.known import Known, load_known
from data.imports.outlines import Ring, coarse_rings
from data.imports.prepared import Prepared, Row
from data.imports.profile import Profile
from data.imports.readers import read_source
from data.imports.rejects import Reject
from data.imports.result import Counts
from data.labels import (
    CLOCK_TYPE,
    DATA_FLAG,
    LIST_STATUS,
    LIST_TYPE,
    NO_CODE,
    REVIEW_STAGE,
    SERVICE_MODE,
    SOURCE,
    STATION_KIND,
    STATUS,
    URGENCY,
    label,
)
from data.progress import Progress, no_progress
from data.settings import Settings
from data.vocabulary import BatchKind

FIRST_ROWS: Final = 20
MAX_POINTS: Final = 500
FIRST_REJECTS: Final = 100
_TITLES: Final[dict[str, str]] = {
    "class_code": "类别",
    "department_code": "部门",
    "code": "区划",
    "lon": "经度",
    "lat": "纬度",
    "parent_code": "上级代码",
    "short_name": "简称",
    "area_km2": "面积（平方公里）",
    "flags": "数据标记",
    "class_prefix": "类别",
    "area_prefix": "区域",
    "status": "状态",
}
_RECKONED: Final = {"warn_at": "临期时间", "limit_hours": "时限（小时）", "clock_type": "计时方式"}
"""What the class adds to an event that no column of the file holds."""
_STEPS: Final = 3
_HIDDEN: Final = frozenset(
    {"geometry", "initials", "cell", "status_since", "min_lon", "min_lat", "max_lon", "max_lat", "level",
     "removed_at"}
)  # fmt: skip
_WORDS: Final[dict[str, dict[str, str]]] = {
    "status": STATUS,
    "urgency": URGENCY,
    "clock_type": CLOCK_TYPE,
    "source": SOURCE,
    "list_type": LIST_TYPE,
    "review_stage": REVIEW_STAGE,
    "mode": SERVICE_MODE,
}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """``rows`` are the first rows as understood, Chinese titles to text, with their line numbers in 行号.

    ``columns`` says which header each field was read from. ``points`` are at most 500 (longitude, latitude)
    in CGCS2000 degrees, ``raw_points`` the same rows as the file has them. ``shift_m`` is how far the
    declared system moves the points.
    ``outlines`` are the boundaries that would be taken in, coarse, in CGCS2000; empty for other kinds.
    """

    counts: Counts
    rows: tuple[dict[str, str], ...]
    columns: dict[str, str]
    points: tuple[tuple[float, float], ...]
    raw_points: tuple[tuple[float, float], ...]
    system: str
    shift_m: float
    warnings: tuple[str, ...]
    rejects: tuple[Reject, ...]
    outlines: tuple[Ring, ...] = ()


def preview_import(
    session: Session,
    *,
    path: Path,
    kind: BatchKind,
    profile: Profile,
    settings: Settings,
    progress: Progress = no_progress,
) -> Preview:
    """A dry run: reads, judges and compares everything, writes nothing.

    Raises:
        ImportProblem: the file, its columns, its coordinates or the profile cannot be used.
    """
    check_kind(kind, profile)
    progress("读取文件", 0, _STEPS)
    table = read_source(path, profile)
    progress("核对各行", 1, _STEPS)
    known = load_known(session)
    prepared = prepare(table, profile, known)
    progress("与现有数据比较", 2, _STEPS)
    changes = compare(session, prepared)
    progress("完成", _STEPS, _STEPS)
    counts = count(prepared, changes)
    places = {division.code: division.name for division in known.divisions}
    classes = {one.code: f"{one.major}/{one.minor}" for one in known.classes}
    departments = dict(known.departments)
    words = {**_WORDS, "code": places, "class_code": classes, "department_code": departments}
    if kind == BatchKind.STATIONS:
        words["kind"] = STATION_KIND
    if kind == BatchKind.LIST_ITEMS:
        words["status"] = LIST_STATUS
    words |= {"area_prefix": places, "class_prefix": _major_names(known) | classes}
    return Preview(
        counts=counts,
        rows=_first_rows(prepared, words, settings),
        columns={
            prepared.fields.specs[name].label: header for name, header in prepared.fields.columns.items()
        },
        points=_sample(prepared, raw=False),
        raw_points=_sample(prepared, raw=True),
        system=prepared.positions.system.label if prepared.positions else "",
        shift_m=prepared.positions.shift_m() if prepared.positions else 0.0,
        warnings=(*prepared.warnings, *warnings_of(changes)),
        rejects=tuple(prepared.fields.rejections.listed()[:FIRST_REJECTS]),
        outlines=_outlines(prepared),
    )


def _outlines(prepared: Prepared) -> tuple[Ring, ...]:
    if prepared.kind is not BatchKind.DIVISIONS:
        return ()
    return coarse_rings([shapely.from_wkb(wkb) for wkb in prepared.column("geometry")])


def _major_names(known: Known) -> dict[str, str]:
    return {one.code[:2]: one.major for one in known.classes}


def _first_rows(
    prepared: Prepared, words: dict[str, dict[str, str]], settings: Settings
) -> tuple[dict[str, str], ...]:
    found = []
    for row, line in zip(prepared.rows[:FIRST_ROWS], prepared.lines, strict=False):
        shown = {"行号": str(line)}
        for name, value in row.items():
            if name not in _HIDDEN:
                shown[_title(prepared, name)] = _text(name, value, row, words, prepared.kind, settings)
        found.append(shown)
    return tuple(found)


def _title(prepared: Prepared, name: str) -> str:
    if name in _TITLES and (prepared.kind is not BatchKind.DIVISIONS or name != "code"):
        return _TITLES[name]
    spec = prepared.fields.specs.get(name)
    return spec.label if spec else _RECKONED.get(name, name)


def _text(
    name: str, value: Any, row: Row, words: dict[str, dict[str, str]], kind: BatchKind, settings: Settings
) -> str:
    if isinstance(value, datetime):
        return value.astimezone(settings.timezone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "是" if value else "否"
    if name == "code" and kind is not BatchKind.DIVISIONS:
        return words["code"].get(value, value) or (NO_CODE if row.get("lon") is not None else "")
    if name == "flags":
        return "、".join(label(DATA_FLAG, flag) for flag in str(value or "").split(",") if flag)
    if name in words and kind is not BatchKind.DIVISIONS:
        return label(words[name], value) if value else ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def _sample(prepared: Prepared, *, raw: bool) -> tuple[tuple[float, float], ...]:
    """An even sample of the positions, in the order of the file."""
    positions = prepared.positions
    if positions is None:
        return ()
    rows = np.flatnonzero(positions.located & prepared.fields.alive)
    if len(rows) > MAX_POINTS:
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, MAX_POINTS).astype(np.int64))]
    x, y = (positions.raw_x, positions.raw_y) if raw else (positions.lon, positions.lat)
    pairs: Sequence[tuple[float, float]] = list(zip(x[rows].tolist(), y[rows].tolist(), strict=True))
    return tuple(pairs)

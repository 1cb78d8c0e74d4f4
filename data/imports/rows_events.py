"""Events: from the columns of a source to rows that the event log can take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.clock import deadline
from data.imports.known import Known
from data.imports.mapping import FieldTable, plain_word
from data.imports.normalise import Mask
from data.imports.positions import Positions, read_positions
from data.imports.prepared import Prepared, Row, settle_duplicates
from data.imports.profile import Profile
from data.imports.source_table import SourceTable
from data.labels import SOURCE, STATUS, URGENCY
from data.vocabulary import CLOSED, ENDED, BatchKind, Status, Urgency

FLAG_CLOSED_BEFORE: Final = "closed_before_reported"
FLAG_DUE_BEFORE: Final = "due_before_reported"
FLAG_OPEN_WITH_END: Final = "open_with_end"
FLAG_SWAPPED: Final = "position_swapped"

_ADVICE_CLASS: Final = (
    "请先在“事件类别”中接入该类别，或在配置的 [values.class] 中写明对应哪一类，或设 [fallback] class"
)
_ADVICE_STATUS: Final = "请在配置的 [values.status] 中写明对应哪个状态：" + "、".join(STATUS.values())
_ADVICE_DEPARTMENT: Final = (
    "请先接入该部门，或在配置的 [values.department] 中写明对应哪个部门，或设 [fallback] department"
)
_ADVICE_END: Final = "请补上结案时间，或把状态改为未结案的状态"

Texts = "pd.Series[Any]"


def prepare_events(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of events; what cannot be taken is refused with its reason.

    Raises:
        HeaderProblem, PositionProblem: the file as a whole cannot be used.
    """
    fields = FieldTable(table, profile)
    columns: dict[str, Sequence[Any]] = {}
    numbers = fields.key("external_no")
    columns["external_no"] = [profile.number_prefix + number for number in numbers]
    columns["source"] = _sources(fields)
    classes = _classes(fields, known)
    columns["class_code"] = classes.tolist()
    positions = read_positions(fields, outline=known.outline)
    columns |= _place(fields, positions, known)
    columns |= _texts(fields, classes, known)
    columns |= _clock(fields, classes, known)
    flags = _flags(fields, columns, positions)
    columns["flags"] = flags
    return _finish(fields, columns, positions)


def _finish(fields: FieldTable, columns: dict[str, Sequence[Any]], positions: Positions) -> Prepared:
    alive = np.flatnonzero(fields.alive).tolist()
    names = list(columns)
    every = list(zip(*columns.values(), strict=True))
    rows: list[Row] = [dict(zip(names, every[index], strict=True)) for index in alive]
    keys = [(row["source"], row["external_no"]) for row in rows]
    kept, repeats = settle_duplicates(fields, rows, keys, alive, key_field="external_no")
    if len(kept) < len(rows):
        rows, keys, alive = [rows[i] for i in kept], [keys[i] for i in kept], [alive[i] for i in kept]
    lines = fields.table.lines[alive].tolist()
    warnings = [*fields.warnings, *positions.warnings, *_place_warnings(rows)]
    return Prepared(
        kind=BatchKind.EVENTS, fields=fields, rows=rows, keys=keys, lines=lines,
        repeats=repeats, positions=positions, warnings=warnings,
    )  # fmt: skip


def _sources(fields: FieldTable) -> list[str]:
    """Source keys: the column (by our key, our label, or the profile's words), else the profile's
    constant.
    """
    constant = fields.profile.source
    if not fields.has("source"):
        return [constant or fields.profile.name] * len(fields.table)
    known = {plain_word(word): key for key, label in SOURCE.items() for word in (key, label)}
    words = fields.word("source")
    found = {
        word: known.get(plain_word(word), word) or constant or fields.profile.name for word in words.unique()
    }
    return [str(source)[:32] for source in words.map(found)]


def _classes(fields: FieldTable, known: Known) -> pd.Series[Any]:
    if fields.has("class"):
        name, words = "class", fields.word("class")
    else:
        name = "class_minor" if fields.has("class_minor") else "class_major"
        words = fields.word(name)
        if fields.has("class_major") and fields.has("class_minor"):
            both = fields.word("class_major").str.cat(words, sep="/")
            known_both = both.map(plain_word).isin(known.class_words.keys())
            words = words.where(~known_both, both)
    keys = fields.resolve(name, words, known.class_words, empty="", advice=_ADVICE_CLASS)
    missing = (keys == "").to_numpy(dtype=bool) & fields.alive
    fields.refuse(missing, name, "没有类别", _ADVICE_CLASS)
    return keys


def _place(fields: FieldTable, positions: Positions, known: Known) -> dict[str, Sequence[Any]]:
    """Position and division: by position where there is one, else as declared, if we have that division."""
    located = positions.located
    codes: NDArray[np.object_] = np.full(len(fields.table), "", dtype=object)
    if located.any():
        codes[located] = known.locator.locate(positions.lon[located], positions.lat[located]).astype(object)
    if fields.has("code"):
        words = fields.key("code")
        declared = words.map(
            {word: known.division_words.get(plain_word(word), "") for word in words.unique()}
        )
        codes = np.where(located, codes, declared.to_numpy(dtype=object))
        lost = (words != "").to_numpy(dtype=bool) & ~located & (declared == "").to_numpy(dtype=bool)
        if lost.any():
            fields.warnings.append(
                f"{int(lost.sum())} 行没有坐标，填写的区划“{words[lost].iloc[0]}”等又不在库中，将列入未落格。"
            )
    return {
        "code": [str(code) for code in codes],
        "lon": [value if here else None for value, here in zip(positions.lon.tolist(), located, strict=True)],
        "lat": [value if here else None for value, here in zip(positions.lat.tolist(), located, strict=True)],
    }


def _texts(fields: FieldTable, classes: pd.Series[Any], known: Known) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {}
    minors = classes.map(
        {code: known_class.minor for code, known_class in known.class_by_code.items()}
    ).fillna("")
    titles = fields.text("title") if fields.has("title") else minors
    columns["title"] = titles.where(titles != "", minors).tolist()
    for name in ("description", "address", "handler"):
        if fields.has(name):
            columns[name] = fields.text(name).tolist()
    defaults = classes.map({code: one.department_code for code, one in known.class_by_code.items()}).fillna(
        ""
    )
    if fields.has("department"):
        words = fields.word("department")
        codes = fields.resolve(
            "department", words, known.department_words, empty="", advice=_ADVICE_DEPARTMENT
        )
        columns["department_code"] = codes.where(codes != "", defaults).tolist()
    else:
        columns["department_code"] = defaults.tolist()
    urgencies = classes.map({code: one.urgency for code, one in known.class_by_code.items()}).fillna(
        Urgency.NORMAL
    )
    if fields.has("urgency"):
        words = fields.word("urgency")
        keys = fields.resolve(
            "urgency",
            words,
            _spellings(URGENCY),
            empty="",
            advice="请填 紧急 或 一般，或在配置的 [values.urgency] 中写明对应",
        )
        urgencies = keys.where(keys != "", urgencies)
    columns["urgency"] = [str(key) for key in urgencies]
    if fields.has("supervised"):
        columns["supervised"] = [bool(value) for value in fields.yes_no("supervised")]
    return columns


def _clock(fields: FieldTable, classes: pd.Series[Any], known: Known) -> dict[str, Sequence[Any]]:
    words = fields.word("status")
    status = fields.resolve("status", words, _spellings(STATUS), empty="", advice=_ADVICE_STATUS)
    status = status.map(lambda key: key or Status.REPORTED.value)
    reported = fields.moment("reported_at")
    due = fields.moment("due_at") if fields.has("due_at") else None
    ended = fields.moment("ended_at") if fields.has("ended_at") else None
    is_ended = status.isin([key.value for key in ENDED]).to_numpy(dtype=bool)
    closed = status.isin([key.value for key in CLOSED]).to_numpy(dtype=bool)
    without = closed if ended is None else closed & ended.isna().to_numpy(dtype=bool)
    fields.refuse(
        without & fields.alive,
        "ended_at" if ended is not None else "status",
        "状态已结案，却没有结案时间",
        _ADVICE_END,
    )
    reported_at = _datetimes(reported)
    ended_at = [None] * len(status) if ended is None else _datetimes(ended)
    ends = [
        (end or start) if over else None
        for end, start, over in zip(ended_at, reported_at, is_ended, strict=True)
    ]
    columns: dict[str, Sequence[Any]] = {
        "status": status.tolist(),
        "reported_at": reported_at,
        "due_at": _due(reported_at, None if due is None else _datetimes(due), classes, known, fields.alive),
        "ended_at": ends,
        "status_since": [end or start for end, start in zip(ends, reported_at, strict=True)],
    }
    if fields.has("in_time"):
        given = fields.yes_no("in_time")
        columns["in_time"] = [
            value if shut and limit else None
            for value, shut, limit in zip(given, closed, columns["due_at"], strict=True)
        ]
    return columns


def _due(
    reported: Sequence[datetime | None],
    given: Sequence[datetime | None] | None,
    classes: pd.Series[Any],
    known: Known,
    alive: Mask,
) -> list[datetime | None]:
    """Deadlines: as the source has them, else by the limit of the class."""
    limits = [one.limit_hours if (one := known.class_by_code.get(code)) else None for code in classes]
    found: list[datetime | None] = []
    for row, (start, limit) in enumerate(zip(reported, limits, strict=True)):
        due = given[row] if given is not None else None
        if due is None and start is not None and alive[row]:
            due = deadline(reported_at=start, limit_hours=limit).due_at
        found.append(due)
    return found


def _flags(fields: FieldTable, columns: dict[str, Sequence[Any]], positions: Positions) -> list[str]:
    """Marks that stay with an event: nothing is lost, and the quality page shows them."""
    has_end = fields.has("ended_at")
    given = (fields.raw("ended_at").str.strip() != "").tolist() if has_end else [False] * len(fields.table)
    flags = []
    for start, due, end, has_given, swapped in zip(
        columns["reported_at"],
        columns["due_at"],
        columns["ended_at"],
        given,
        positions.mended.tolist(),
        strict=True,
    ):
        marks = []
        if end is not None and start is not None and end < start:
            marks.append(FLAG_CLOSED_BEFORE)
        if due is not None and start is not None and due < start:
            marks.append(FLAG_DUE_BEFORE)
        if end is None and has_given:
            marks.append(FLAG_OPEN_WITH_END)
        if swapped:
            marks.append(FLAG_SWAPPED)
        flags.append(",".join(marks))
    return flags


def _place_warnings(rows: Sequence[Row]) -> list[str]:
    outside = sum(1 for row in rows if row["lon"] is not None and not row["code"])
    nowhere = sum(1 for row in rows if row["lon"] is None)
    zero = sum(
        1 for row in rows if row["lon"] is not None and abs(row["lon"]) < 1e-6 and abs(row["lat"]) < 1e-6
    )
    found = []
    if outside:
        found.append(
            f"{outside} 行的坐标不在任何区划内，将列入未落格"
            + (f"，其中 {zero} 行的坐标是 0，0。" if zero else "。")
        )
    if nowhere:
        found.append(f"{nowhere} 行没有坐标，将列入无坐标。")
    return found


def _spellings(table: dict[str, str]) -> dict[str, str]:
    return {plain_word(word): str(key) for key, label in table.items() for word in (key, label)}


def _datetimes(moments: pd.Series[Any]) -> list[datetime | None]:
    present = moments.notna().to_numpy(dtype=bool)
    values = moments.dt.to_pydatetime()
    return [value if here else None for value, here in zip(list(values), present, strict=True)]

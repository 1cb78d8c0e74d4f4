"""Events: from the columns of a source to rows that the event log can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.event_columns import Column, Moments
from data.imports.event_limits import limits
from data.imports.event_rows import EventRows
from data.imports.known import Known
from data.imports.mapping import FieldTable, plain_word
from data.imports.normalise import each_word
from data.imports.positions import Positions, read_positions
from data.imports.prepared import Prepared, settle_duplicates
from data.imports.profile import Profile
from data.imports.source_table import SourceTable
from data.labels import SOURCE, STATUS, URGENCY
from data.vocabulary import CLOSED, ENDED, BatchKind, Status, Urgency

FLAG_CLOSED_BEFORE: Final = "closed_before_reported"
FLAG_DUE_BEFORE: Final = "due_before_reported"
FLAG_OPEN_WITH_END: Final = "open_with_end"
FLAG_SWAPPED: Final = "position_swapped"
_ZERO_DEG: Final = 1e-6

_ADVICE_CLASS: Final = (
    "请先在“事件类别”中接入该类别，或在接入方案的类别对照中写明对应哪一类，或写明认不出时归入哪一类"
)
_ADVICE_STATUS: Final = "请在接入方案的状态对照中写明对应哪个状态：" + "、".join(STATUS.values())
_ADVICE_DEPARTMENT: Final = (
    "请先接入该部门，或在接入方案的部门对照中写明对应哪个部门，或写明认不出时交给哪个部门"
)
_ADVICE_END: Final = "请补上结案时间，或把状态改为未结案的状态"


def prepare_events(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of events; what cannot be taken is refused with its reason.

    Raises:
        HeaderProblem, PositionProblem: the file as a whole cannot be used.
    """
    fields = FieldTable(table, profile)
    columns: dict[str, Column] = {}
    numbers = fields.key("external_no")
    columns["external_no"] = [profile.number_prefix + number for number in numbers.tolist()]
    columns["source"] = _sources(fields)
    classes = _classes(fields, known)
    columns["class_code"] = classes.tolist()
    positions = read_positions(fields, outline=known.outline)
    place = _place(fields, positions, known)
    columns |= place
    columns |= _texts(fields, classes, known)
    columns |= _clock(fields, classes, known, list(place["code"]))
    flags = _flags(fields, columns, positions)
    columns["flags"] = flags
    return _finish(fields, columns, positions)


def _finish(fields: FieldTable, columns: dict[str, Column], positions: Positions) -> Prepared:
    rows = EventRows(columns)
    alive = np.flatnonzero(fields.alive)
    if len(alive) < len(rows):
        rows = rows.taken(alive)
    keys = rows.names()
    kept, repeats = settle_duplicates(fields, rows, keys, alive.tolist(), key_field="external_no")
    if len(kept) < len(rows):
        rows, keys, alive = rows.taken(kept), [keys[row] for row in kept], alive[kept]
    warnings = [*fields.warnings, *positions.warnings, *_place_warnings(rows.columns)]
    return Prepared(
        kind=BatchKind.EVENTS, fields=fields, rows=rows, keys=keys, lines=fields.table.lines[alive].tolist(),
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
            known_both = each_word(both, lambda word: plain_word(word) in known.class_words).to_numpy(
                dtype=bool
            )
            words = words.where(~known_both, both)
    keys = fields.resolve(name, words, known.class_words, empty="", advice=_ADVICE_CLASS)
    missing = (keys == "").to_numpy(dtype=bool) & fields.alive
    fields.refuse(missing, name, "没有类别", _ADVICE_CLASS)
    return keys


def _place(fields: FieldTable, positions: Positions, known: Known) -> dict[str, Column]:
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


def _of_class(classes: pd.Series[Any], by_code: Mapping[str, str | None], missing: str) -> pd.Series[Any]:
    """What is known of each row's class. Where no class is known at all, pandas would make it numbers."""
    return classes.map(by_code).astype(object).fillna(missing)


def _texts(fields: FieldTable, classes: pd.Series[Any], known: Known) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    minors = _of_class(classes, {code: one.minor for code, one in known.class_by_code.items()}, "")
    titles = fields.text("title") if fields.has("title") else minors
    columns["title"] = titles.where(titles != "", minors).tolist()
    for name in ("description", "address", "handler"):
        if fields.has(name):
            columns[name] = fields.text(name).tolist()
    defaults = _of_class(
        classes, {code: one.department_code for code, one in known.class_by_code.items()}, ""
    )
    if fields.has("department"):
        words = fields.word("department")
        codes = fields.resolve(
            "department", words, known.department_words, empty="", advice=_ADVICE_DEPARTMENT
        )
        columns["department_code"] = codes.where(codes != "", defaults).tolist()
    else:
        columns["department_code"] = defaults.tolist()
    urgencies = _of_class(
        classes, {code: one.urgency for code, one in known.class_by_code.items()}, Urgency.NORMAL
    )
    if fields.has("urgency"):
        words = fields.word("urgency")
        keys = fields.resolve(
            "urgency",
            words,
            _spellings(URGENCY),
            empty="",
            advice="请填 紧急 或 一般，或在接入方案的紧急程度对照中写明",
        )
        urgencies = keys.where(keys != "", urgencies)
    columns["urgency"] = [str(key) for key in urgencies.tolist()]
    if fields.has("supervised"):
        columns["supervised"] = [bool(value) for value in fields.yes_no("supervised")]
    return columns


def _clock(
    fields: FieldTable, classes: pd.Series[Any], known: Known, codes: Sequence[str]
) -> dict[str, Column]:
    words = fields.word("status")
    keys = fields.resolve("status", words, _spellings(STATUS), empty="", advice=_ADVICE_STATUS)
    status = [key or Status.REPORTED.value for key in keys.tolist()]
    reported = _moments(fields, "reported_at")
    due, ended = _moments(fields, "due_at"), _moments(fields, "ended_at")
    is_ended = np.array([key in ENDED for key in status], dtype=bool)
    closed = np.array([key in CLOSED for key in status], dtype=bool)
    fields.refuse(
        closed & np.isnat(ended) & fields.alive,
        "ended_at" if fields.has("ended_at") else "status",
        "状态已结案，却没有结案时间",
        _ADVICE_END,
    )
    ends = np.where(is_ended, np.where(np.isnat(ended), reported, ended), np.datetime64("NaT", "us"))
    columns: dict[str, Column] = {
        "status": status,
        "reported_at": reported,
        **limits(reported, due, classes=classes.tolist(), codes=codes, known=known, alive=fields.alive),
        "ended_at": ends,
        "status_since": np.where(np.isnat(ends), reported, ends),
    }
    if fields.has("arrived_at"):
        columns["arrived_at"] = _arrivals(fields, reported)
    if fields.has("in_time"):
        decided = (closed & ~np.isnat(columns["due_at"])).tolist()
        columns["in_time"] = [
            value if known_end else None
            for value, known_end in zip(fields.yes_no("in_time").tolist(), decided, strict=True)
        ]
    return columns


def _arrivals(fields: FieldTable, reported: Moments) -> Moments:
    """When somebody first came. Times without seconds may name the minute of the report; what is earlier
    cannot be: it is left out, and that is said.
    """
    arrived = _moments(fields, "arrived_at")
    early = arrived < reported.astype("datetime64[m]")
    if count := int((early & fields.alive).sum()):
        fields.warnings.append(f"{count} 行的到场时间早于上报时间，没有采用。")
    return np.where(early, np.datetime64("NaT", "us"), np.maximum(arrived, reported))


def _moments(fields: FieldTable, name: str) -> Moments:
    if not fields.has(name):
        return np.full(len(fields.table), np.datetime64("NaT", "us"))
    naive: pd.Series[Any] = fields.moment(name).dt.tz_localize(None)
    return np.asarray(naive, dtype="datetime64[us]")


def _flags(fields: FieldTable, columns: Mapping[str, Any], positions: Positions) -> list[str]:
    """Marks that stay with an event: nothing is lost, and the quality page shows them."""
    start, due, end = columns["reported_at"], columns["due_at"], columns["ended_at"]
    given = np.zeros(len(fields.table), dtype=bool)
    if fields.has("ended_at"):
        cells = fields.raw("ended_at").tolist()
        given = np.array([cell != "" and not cell.isspace() for cell in cells], dtype=bool)
    marks = (
        (FLAG_CLOSED_BEFORE, end < start),
        (FLAG_DUE_BEFORE, due < start),
        (FLAG_OPEN_WITH_END, np.isnat(end) & given),
        (FLAG_SWAPPED, positions.mended),
    )
    flags = [""] * len(given)
    for row in np.flatnonzero(np.logical_or.reduce([mask for _, mask in marks])).tolist():
        flags[row] = ",".join(flag for flag, mask in marks if mask[row])
    return flags


def _place_warnings(columns: Mapping[str, Any]) -> list[str]:
    nowhere = sum(1 for lon in columns["lon"] if lon is None)
    outside, zero = 0, 0
    for code, lon, lat in zip(columns["code"], columns["lon"], columns["lat"], strict=True):
        outside += not code and lon is not None
        zero += lon is not None and abs(lon) < _ZERO_DEG and abs(lat) < _ZERO_DEG
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

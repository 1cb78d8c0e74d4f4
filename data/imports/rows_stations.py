"""Service stations: position, capacity, and the area that they serve."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from data.imports.known import Known
from data.imports.mapping import FieldTable, plain_word
from data.imports.positions import read_positions
from data.imports.prepared import Prepared
from data.imports.profile import Profile
from data.imports.rows_simple import finish, sources
from data.imports.source_table import SourceTable
from data.initials import initials
from data.labels import STATION_KIND
from data.opening_hours import HoursError, parse_hours
from data.vocabulary import BatchKind
from geo.cells import encode_one

_SEPARATORS: Final = re.compile(r"[、，,;；\s]+")
_ADVICE_KIND: Final = (
    "可填 " + "、".join(STATION_KIND.values()) + "；别的叫法请在接入方案的站点类型对照中写明"
)
_ADVICE_HOURS: Final = "请写作“一-五 08:30-17:30; 六 09:00-12:00”或“全天”，没有请留空"


def prepare_stations(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of stations, keyed by source and number.

    Raises:
        HeaderProblem, PositionProblem: the file as a whole cannot be used.
    """
    fields = FieldTable(table, profile)
    words = {plain_word(word): str(key) for key, label in STATION_KIND.items() for word in (key, label)}
    columns: dict[str, Sequence[Any]] = {
        "source": sources(fields),
        "external_no": [profile.number_prefix + number for number in fields.key("external_no")],
        "name": fields.text("name").tolist(),
        "kind": fields.resolve("kind", fields.word("kind"), words, empty="", advice=_ADVICE_KIND).tolist(),
    }
    columns["initials"] = [initials(name)[:128] for name in columns["name"]]
    for name in ("address", "phone"):
        if fields.has(name):
            columns[name] = fields.text(name).tolist()
    for name, whole in (("area_m2", False), ("counters", True), ("staff_count", True)):
        if fields.has(name):
            columns[name] = fields.number(name, whole=whole)
    if fields.has("hours"):
        columns["hours"] = _hours(fields)
    for name in ("items", "serves"):
        if fields.has(name):
            columns[name] = [json.dumps(_listed(text), ensure_ascii=False) for text in fields.text(name)]
    positions = read_positions(fields, outline=known.outline)
    located = positions.located
    codes = np.full(len(table), "", dtype=object)
    if located.any():
        codes[located] = known.locator.locate(positions.lon[located], positions.lat[located]).astype(object)
    if fields.has("code"):
        declared = fields.key("code").map(lambda word: known.division_words.get(plain_word(word), ""))
        codes = np.where(located, codes, declared.to_numpy(dtype=object))
    columns["code"] = [str(code) for code in codes]
    places = list(zip(positions.lon.tolist(), positions.lat.tolist(), located.tolist(), strict=True))
    columns["lon"] = [lon if here else None for lon, _, here in places]
    columns["lat"] = [lat if here else None for _, lat, here in places]
    columns["cell"] = [encode_one(lon, lat) if here else None for lon, lat, here in places]
    return finish(
        fields, columns, kind=BatchKind.STATIONS, key_names=("source", "external_no"), positions=positions
    )


def _hours(fields: FieldTable) -> list[str]:
    texts = fields.text("hours").tolist()
    bad = np.array([bool(text) and not _readable(text) for text in texts], dtype=bool)
    fields.refuse(bad, "hours", "“{value}”不是能认出的开放时间", _ADVICE_HOURS)
    return texts


def _readable(text: str) -> bool:
    try:
        parse_hours(text)
    except HoursError:
        return False
    return True


def _listed(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]

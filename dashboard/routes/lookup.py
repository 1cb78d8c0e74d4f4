"""Stations on the map, and the search box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from dashboard.routes.respond import Asked, BadRequest, data_route
from data.queries.search import search
from data.queries.stations import list_stations
from data.vocabulary import StationKind

_DIGITS: Final = 6
_MAX_HITS: Final = 12


def _stations(asked: Asked) -> Mapping[str, Any]:
    kinds = tuple(part for part in asked.params.get("kind", "").split(",") if part)
    if unknown := [kind for kind in kinds if kind not in set(StationKind)]:
        raise BadRequest(f"参数 kind={unknown[0][:40]} 无效：没有这种站点")
    rows = list_stations(
        session=asked.session, areas=asked.where.areas, kinds=kinds, open_at=asked.moment.as_of
    )
    return {
        "stations": [
            [
                row.id,
                round(row.lon, _DIGITS),
                round(row.lat, _DIGITS),
                row.kind,
                None if row.open_now is None else int(row.open_now),
                row.name,
            ]
            for row in rows
            if row.lon is not None and row.lat is not None
        ]
    }


def _search(asked: Asked) -> Mapping[str, Any]:
    text = asked.where.text  # ``q`` as in the Filter, which has checked its length
    return {"hits": [asdict(hit) for hit in search(session=asked.session, text=text, limit=_MAX_HITS)]}


stations = data_route(_stations)
search_hits = data_route(_search, keep=False)

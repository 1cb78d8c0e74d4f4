"""A class for every area of one level, ready for the map."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from data.clock import sla_color_number_sql
from data.filter import Filter
from data.labels import LEVEL
from data.queries.conditions import color_of, where_clauses
from data.queries.legend import FloatArray, LegendEntry, classify_amounts, classify_rates
from data.queries.names import in_force
from data.queries.rates import is_judged, minimum_sample, rate_filter
from data.queries.tables import DATA_STATE, DIVISION, EVENT
from data.vocabulary import CODE_LENGTH, Basis, Level, SlaColor
from geo.cells import IntArray


class Metric(StrEnum):
    """What colours the areas.

    ``per_1000``: events of the filter per 1,000 residents; ``on_time_rate``: 按期结案率 in per cent.
    """

    OPEN = "open"
    OVERDUE = "overdue"
    SOON = "soon"
    TOTAL = "total"
    PER_1000 = "per_1000"
    ON_TIME_RATE = "on_time_rate"


METRIC_LABEL: Final[dict[Metric, str]] = {
    Metric.OPEN: "在办",
    Metric.OVERDUE: "超期",
    Metric.SOON: "临期",
    Metric.TOTAL: "事件总数",
    Metric.PER_1000: "每千人事件数",
    Metric.ON_TIME_RATE: "按期结案率",
}
METRIC_UNIT: Final[dict[Metric, str]] = {
    Metric.PER_1000: "件/千人",
    Metric.ON_TIME_RATE: "%",
}


@dataclass(frozen=True)
class _TileOrder:
    """The areas of a level in the order of their features; ``position`` by code."""

    count: int
    position: dict[str, int]
    exists: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class AreaCounts:
    """Events by area and colour, one entry each: ``places`` in the order of the features (one more than there
    are stands for no area of the level), ``colors`` as places in ``SlaColor``.
    """

    places: IntArray
    colors: IntArray
    events: FloatArray


@dataclass(frozen=True, kw_only=True)
class AreaValues:
    """A value for each area of one level, for colouring.

    ``classes`` has one mark an area: position k is the feature with ``tile_index`` k. ``0`` zero, ``1`` to
    ``5`` ever more pressing, ``n`` no data. ``limits`` are the last values of classes 1, 2, … (for
    on_time_rate, where less is more pressing, the lowest values of classes 1, 2, …). ``areas_per_class``
    counts the marks 0 to 5.
    """

    level: Level
    metric: Metric
    title: str
    unit: str
    count: int
    classes: str
    limits: tuple[float, ...]
    areas_per_class: tuple[int, ...]
    legend: tuple[LegendEntry, ...]
    order: _TileOrder = field(repr=False)
    amounts: FloatArray = field(repr=False)
    """The values behind the marks, by position; NaN without data. Rates over small samples are among them."""

    @property
    def values(self) -> dict[str, float]:
        """Code → value, where it is known and not zero (a rate of zero too)."""
        known = ~np.isnan(self.amounts)
        if self.metric is not Metric.ON_TIME_RATE:
            known &= self.amounts > 0
        return {code: float(self.amounts[k]) for code, k in self.order.position.items() if known[k]}


_orders: dict[tuple[str, Level], tuple[tuple[int, str], _TileOrder]] = {}
_lock = threading.Lock()


def area_values(
    *,
    session: Session,
    where: Filter,
    as_of: datetime,
    level: Level,
    metric: Metric = Metric.OPEN,
    counts: AreaCounts | None = None,
) -> AreaValues:
    """A class for every area of ``level`` under the filter.

    ``counts``: what :func:`count_areas` has said of the same filter, moment and level, whatever the colours.
    """
    order = _tile_order(session, level)
    if metric is Metric.ON_TIME_RATE:
        sample = _rates(session, where, as_of, level)
        rates = {code: 100.0 * done / due for code, (due, done) in sample.items() if due}
        amounts = _placed(order, list(rates), list(rates.values()), elsewhere=np.nan)
        fewest = minimum_sample(session=session, as_of=as_of)
        ranked = [code for code in rates if sample[code][0] >= fewest]
        shown = _placed(order, ranked, [rates[code] for code in ranked], elsewhere=np.nan)
        classified = classify_rates(shown, no_data_label=f"无数据或不足 {fewest} 件")
    else:
        if counts is None:
            counts = count_areas(session=session, where=where, as_of=as_of, level=level)
        amounts = _amounts(counts, where, metric, order)
        if metric is Metric.PER_1000:
            amounts = 1000.0 * amounts / _residents(session, order, level)
        classified = classify_amounts(amounts, whole=metric is not Metric.PER_1000)
    return AreaValues(
        level=level,
        metric=metric,
        title=f"各{LEVEL[level]}{METRIC_LABEL[metric]}",
        unit=METRIC_UNIT.get(metric, "件"),
        count=order.count,
        classes=classified.marks,
        limits=classified.limits,
        areas_per_class=classified.areas_per_class,
        legend=classified.legend,
        order=order,
        amounts=amounts,
    )


def _tile_order(session: Session, level: Level) -> _TileOrder:
    """The order of the level's features, read again when boundaries were baked anew."""
    state = session.execute(select(DATA_STATE.c.tiles_revision, DATA_STATE.c.tiles)).one_or_none()
    version = (state.tiles_revision, state.tiles) if state else (-1, "")
    key = (str(session.get_bind().engine.url), level)
    with _lock:
        held = _orders.get(key)
    if held is not None and held[0] == version:
        return held[1]
    order = _read_order(session, level)
    with _lock:
        _orders[key] = (version, order)
    return order


def _read_order(session: Session, level: Level) -> _TileOrder:
    columns = select(DIVISION.c.code, DIVISION.c.tile_index)
    rows = session.execute(columns.where(DIVISION.c.level == level.value, in_force())).all()
    position = {code: index for code, index in rows if index is not None}
    count = max(position.values(), default=-1) + 1
    exists = np.zeros(count, dtype=np.bool_)
    exists[list(position.values())] = True
    return _TileOrder(count, position, exists)


def _residents(session: Session, order: _TileOrder, level: Level) -> FloatArray:
    """Residents in the order of the features; NaN where they are unknown or none."""
    known = select(DIVISION.c.code, DIVISION.c.residents).where(
        DIVISION.c.level == level.value, in_force(), DIVISION.c.residents > 0
    )
    codes, residents = _columns(session, known)
    return _placed(order, codes, residents, elsewhere=np.nan)


def _columns(session: Session, query: Select[Any]) -> tuple[Sequence[str], Sequence[float]]:
    """The two columns of a query."""
    rows = session.connection().execute(query).all()
    codes, numbers = zip(*rows, strict=True) if rows else ((), ())
    return codes, numbers


def _placed(
    order: _TileOrder, codes: Sequence[str], numbers: Sequence[float], *, elsewhere: float
) -> FloatArray:
    """``numbers`` summed at the positions of their areas; ``elsewhere`` where an area has none, NaN where
    there is no area. Codes that are no area of the level are passed over.
    """
    places = np.array([order.position.get(code, order.count) for code in codes], dtype=np.int64)
    return _summed(order, places, np.array(numbers, dtype=np.float64), elsewhere=elsewhere)


def _summed(order: _TileOrder, places: IntArray, numbers: FloatArray, *, elsewhere: float) -> FloatArray:
    """As :func:`_placed`, of positions; ``order.count`` stands for no area of the level."""
    sums = np.bincount(places, weights=numbers, minlength=order.count + 1)
    found = np.bincount(places, minlength=order.count + 1) > 0
    return np.where(found[:-1], sums[:-1], np.where(order.exists, elsewhere, np.nan))


def count_areas(*, session: Session, where: Filter, as_of: datetime, level: Level) -> AreaCounts:
    """The events of the filter by area and colour: of all colours whatever ``where`` asks for."""
    order = _tile_order(session, level)
    length = CODE_LENGTH[level]
    # Grouped by the whole code where areas are small: shorter keys would be no fewer, only dearer.
    area = (EVENT.c.code if level is Level.GRID else func.substr(EVENT.c.code, 1, length)).label("area")
    color = sla_color_number_sql(as_of, all_open=where.basis is Basis.OPEN).label("color")
    conditions = where_clauses(session, replace(where, colors=()), as_of)
    grouped = select(area, color, func.count()).where(*conditions).group_by("area", "color")
    rows = session.connection().execute(grouped).all()
    codes, colors, events = zip(*rows, strict=True) if rows else ((), (), ())
    places = [order.position.get(code[:length], order.count) for code in codes]
    return AreaCounts(
        places=np.array(places, dtype=np.int64),
        colors=np.array(colors, dtype=np.int64),
        events=np.array(events, dtype=np.float64),
    )


def _amounts(counts: AreaCounts, where: Filter, metric: Metric, order: _TileOrder) -> FloatArray:
    """Events of the filter's colours that the metric counts, in the order of the features."""
    wanted = set(where.colors or SlaColor)
    if metric is Metric.OPEN:
        wanted -= {SlaColor.DONE, SlaColor.DONE_LATE}
    if metric in (Metric.OVERDUE, Metric.SOON):
        wanted &= {SlaColor(metric.value)}
    chosen = np.isin(counts.colors, [place for place, color in enumerate(SlaColor) if color in wanted])
    return _summed(order, counts.places[chosen], counts.events[chosen], elsewhere=0.0)


def _rates(session: Session, where: Filter, as_of: datetime, level: Level) -> dict[str, tuple[int, int]]:
    """Denominator and numerator by area: of the filter's own rows, or of this week for the basis *open*."""
    judged = rate_filter(session, where, as_of) if where.basis is Basis.OPEN else where
    area = func.substr(EVENT.c.code, 1, CODE_LENGTH[level]).label("area")
    color = color_of(as_of).label("color")
    columns = select(area, color, EVENT.c.in_time, func.count().label("events"))
    grouped = columns.where(*where_clauses(session, judged, as_of)).group_by("area", "color", EVENT.c.in_time)
    found: dict[str, tuple[int, int]] = {}
    for row in session.execute(grouped):
        if is_judged(row.color, row.in_time):
            due, done = found.get(row.area, (0, 0))
            found[row.area] = (due + row.events, done + (row.events if row.in_time else 0))
    return found

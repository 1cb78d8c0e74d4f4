"""The colours of the areas of one level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from dashboard.routes.memory import Memory
from dashboard.routes.respond import Asked, BadRequest, data_route, once_for_all_colors
from data.labels import LEVEL
from data.queries.areas import AreaCounts, Metric, area_values, count_areas
from data.queries.explain import METRIC_PREFIX, explain
from data.vocabulary import Level

_counts: Final[Memory[AreaCounts]] = Memory(32)


def _values(asked: Asked) -> Mapping[str, Any]:
    level = Level(_one(asked.params, "level", {level: LEVEL[level] for level in Level}))
    metric = _metric(asked.params)
    counts = None
    if metric is not Metric.ON_TIME_RATE:
        counts = once_for_all_colors(_counts, asked, level, partial(count_areas, level=level))
    found = area_values(
        session=asked.session,
        where=asked.where,
        as_of=asked.moment.as_of,
        level=level,
        metric=metric,
        counts=counts,
    )
    return {
        "level": found.level,
        "metric": found.metric,
        "title": found.title,
        "unit": found.unit,
        "count": found.count,
        "classes": found.classes,
        "limits": list(found.limits),
        "areas_per_class": list(found.areas_per_class),
        "legend": [asdict(entry) for entry in found.legend],
    }


def _explanation(asked: Asked) -> Mapping[str, Any]:
    """怎么算的 of the colours; apart from the values, which stay as small as they are."""
    metric = _metric(asked.params)
    found = explain(
        session=asked.session, key=f"{METRIC_PREFIX}{metric}", where=asked.where, as_of=asked.moment.as_of
    )
    return {
        "title": found.title,
        "formula": found.formula,
        "conditions": list(found.conditions),
        "rows": found.rows,
    }


def _metric(params: Mapping[str, str]) -> Metric:
    metric = params.get("metric") or Metric.OPEN
    if metric not in set(Metric):
        raise BadRequest(f"参数 metric={metric[:40]} 无效：可用的值是 {'、'.join(Metric)}")
    return Metric(metric)


def _one(params: Mapping[str, str], name: str, allowed: Mapping[str, str]) -> str:
    value = params.get(name, "")
    if value not in allowed:
        words = "、".join(f"{key}（{text}）" for key, text in allowed.items())
        raise BadRequest(f"参数 {name}={value[:40]} 无效：可用的值是 {words}")
    return value


values = data_route(_values)
explanation = data_route(_explanation)

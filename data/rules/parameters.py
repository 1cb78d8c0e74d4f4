"""The parameters of each kind of rule: JSON in the table, checked here, frozen in Python."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from data.rules.errors import RuleError
from data.rules.parameter_reader import FieldReader
from data.rules.parameter_titles import ORDER_TITLES, RUNG_TITLES, TITLES
from data.vocabulary import ClockType, Level, RiskColor, Role, RuleKind, Urgency


@dataclass(frozen=True, kw_only=True)
class Order:
    """A rectification order (整改指令): its class, limit and clock, and who gets it.

    ``department_code`` '': whom the dispatch table names for an automatic order; by hand, nobody yet.
    """

    class_code: str
    limit_hours: float
    clock_type: str = ""
    department_code: str = ""


@dataclass(frozen=True, kw_only=True)
class TwoWeeksWorse:
    """Worse than the baseline ``weeks`` complete weeks running (003). ``indicators`` empty: all.

    A week is judged once ``settle_days`` of the next have passed, so that what was answered late is known.
    Against a trend, worse means by more than ``trend_margin`` per cent of it: half of all weeks are worse
    than their median.
    """

    indicators: tuple[str, ...] = ()
    levels: tuple[str, ...] = (Level.STREET, Level.COMMUNITY)
    weeks: int = 2
    settle_days: int = 1
    trend_margin: float = 20.0


@dataclass(frozen=True, kw_only=True)
class ThresholdNow:
    """An indicator of the running week beyond ``limit`` on the ``side`` above or below; rings at once."""

    indicator: str
    limit: float
    side: str = "above"
    levels: tuple[str, ...] = (Level.COMMUNITY,)
    order: Order | None = None


@dataclass(frozen=True, kw_only=True)
class SurgeRule:
    """``times`` the median of the same weekday of the past ``weeks`` up to this hour, at least ``minimum``
    events, and more than ``deviations`` standard deviations of a small count above the median.
    """

    times: float = 3.0
    minimum: int = 5
    weeks: int = 8
    deviations: float = 3.0
    level: str = Level.COMMUNITY
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RepeatRule:
    """At least ``minimum`` events of one class at one place (about 40 m), reported within ``days`` days."""

    minimum: int = 3
    days: int = 30


@dataclass(frozen=True, kw_only=True)
class Rung:
    """From so many hours after the deadline on: this colour, and this role answers. The hours run on the
    case's own clock: working time for 工作时, 24 a day for 工作日, plain time for the others.
    """

    hours: float
    color: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class OverdueLadder:
    """Open events past their deadline, the longer the higher. ``rungs`` ascend."""

    rungs: tuple[Rung, ...]


@dataclass(frozen=True, kw_only=True)
class SensorLimit:
    """The newest reading of a count above or below a limit.

    ``fresh_hours``: so long a sensor's newest reading says something about now; ``fresh_weeks``: so long what
    was entered by week does. ``for_minutes``: a sensor's readings have been beyond for at least so long.
    """

    count: str
    above: float | None = None
    below: float | None = None
    fresh_hours: float = 6.0
    fresh_weeks: int = 2
    for_minutes: float = 0.0


@dataclass(frozen=True, kw_only=True)
class WhistleLadder:
    """Whistles that nobody answers: half the time gone, all of it, as much again, ``returns`` returns."""

    returns: int = 3


@dataclass(frozen=True, kw_only=True)
class EventClass:
    """Every open event of these classes (codes or their prefixes). ``urgency`` '': urgent or not."""

    classes: tuple[str, ...]
    sources: tuple[str, ...] = ()
    urgency: str = ""


LEAST_SILENT_MINUTES: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class SystemFailure:
    """A job of the worker that failed so often running, or runs for so long without an end; no sign of life
    of the worker; notices that fail.
    """

    failures: int = 3
    running_minutes: float = 15.0
    silent_minutes: float = 10.0
    delivery_hours: float = 2.0


Parameters: TypeAlias = (
    TwoWeeksWorse
    | ThresholdNow
    | SurgeRule
    | RepeatRule
    | OverdueLadder
    | SensorLimit
    | WhistleLadder
    | EventClass
    | SystemFailure
)


def climbs(ladder: OverdueLadder, hours_over: float) -> bool:
    """Whether a case past its deadline by so many hours of its clock is on the ladder at all."""
    return hours_over > ladder.rungs[0].hours or not ladder.rungs[0].hours


def rung_of(ladder: OverdueLadder, hours_over: float) -> Rung:
    """The highest rung that so many hours after the deadline reach; the first where they reach none."""
    reached = [rung for rung in ladder.rungs if hours_over >= rung.hours]
    return (reached or [ladder.rungs[0]])[-1]


def read_parameters(kind: str, text: str) -> Parameters:
    """The parameters that JSON spells for a kind of rule.

    Raises:
        RuleError: no JSON, or every field that is wrong, in Chinese.
    """
    try:
        given = json.loads(text or "{}")
    except ValueError as error:
        raise RuleError((f"参数不是 JSON：{error}",)) from error
    if not isinstance(given, dict):
        raise RuleError(("参数应是一组名称和值",))
    if kind not in _READ:
        raise RuleError((f"没有“{kind}”这种规则",))
    reader = FieldReader(given, TITLES[RuleKind(kind)])
    found = _READ[RuleKind(kind)](reader)
    if unknown := sorted(set(given) - reader.asked):
        reader.problems.append(f"没有参数 {'、'.join(unknown)}，可用的是 {'、'.join(sorted(reader.asked))}")
    if reader.problems:
        raise RuleError(tuple(reader.problems))
    return found


_LEVELS: Final = frozenset({Level.DISTRICT.value, Level.STREET.value, Level.COMMUNITY.value})
_COLORS: Final = frozenset(one.value for one in RiskColor)
_ROLES: Final = frozenset({"", *(one.value for one in Role)})
_CLASS: Final = re.compile(r"\d{2}(\d{2})?", re.ASCII)
_CLOCKS: Final = frozenset({"", *(one.value for one in ClockType)})


def _two_weeks(reader: FieldReader) -> TwoWeeksWorse:
    return TwoWeeksWorse(
        indicators=reader.texts("indicators", ()),
        levels=reader.texts("levels", TwoWeeksWorse.levels, _LEVELS),
        weeks=reader.whole("weeks", 2, 1, 12),
        settle_days=reader.whole("settle_days", 1, 0, 6),
        trend_margin=reader.number("trend_margin", 20.0, 0, 1000),
    )


def _threshold(reader: FieldReader) -> ThresholdNow:
    found = ThresholdNow(
        indicator=reader.text("indicator", ""),
        limit=reader.number("limit", 0.0, -1e9, 1e9),
        side=reader.text("side", "above", frozenset({"above", "below"})),
        levels=reader.texts("levels", ThresholdNow.levels, _LEVELS),
        order=_order(reader),
    )
    if not found.indicator:
        reader.problems.append(f"{reader.title('indicator')}没有选：请选择")
    return found


def _order(reader: FieldReader) -> Order | None:
    inner = reader.one("order", ORDER_TITLES)
    if inner is None:
        return None
    order = Order(
        class_code=inner.text("class_code", ""),
        limit_hours=inner.number("limit_hours", 24.0, 0.5, 8784),
        clock_type=inner.text("clock_type", "", _CLOCKS),
        department_code=inner.text("department_code", ""),
    )
    if not order.class_code:
        inner.problems.append(f"{inner.title('class_code')}没有选：请选择")
    reader.problems += inner.problems
    return order


def _surge(reader: FieldReader) -> SurgeRule:
    return SurgeRule(
        times=reader.number("times", 3.0, 1.1, 100),
        minimum=reader.whole("minimum", 5, 2, 10_000),
        weeks=reader.whole("weeks", 8, 3, 26),
        deviations=reader.number("deviations", 3.0, 0, 10),
        level=reader.text("level", Level.COMMUNITY, _LEVELS),
        sources=reader.texts("sources", ()),
    )


def _repeat(reader: FieldReader) -> RepeatRule:
    return RepeatRule(minimum=reader.whole("minimum", 3, 2, 100), days=reader.whole("days", 30, 2, 180))


def _overdue(reader: FieldReader) -> OverdueLadder:
    rungs = []
    for each in reader.each("rungs", RUNG_TITLES):
        rungs.append(
            Rung(
                hours=each.number("hours", 0.0, 0, 8784),
                color=each.text("color", RiskColor.YELLOW, _COLORS),
                owner=each.text("owner", "", _ROLES),
            )
        )
        reader.problems += each.problems
    if not rungs:
        reader.problems.append("至少要填一级：超期满几小时")
    if [rung.hours for rung in rungs] != sorted({rung.hours for rung in rungs}):
        reader.problems.append("各级的超期小时应从小到大，且不重复")
    return OverdueLadder(rungs=tuple(rungs))


def _sensor(reader: FieldReader) -> SensorLimit:
    found = SensorLimit(
        count=reader.text("count", ""),
        above=reader.optional("above"),
        below=reader.optional("below"),
        fresh_hours=reader.number("fresh_hours", SensorLimit.fresh_hours, 0.1, 720),
        fresh_weeks=reader.whole("fresh_weeks", SensorLimit.fresh_weeks, 0, 52),
        for_minutes=reader.number("for_minutes", SensorLimit.for_minutes, 0, 1440),
    )
    if not found.count:
        reader.problems.append(f"{reader.title('count')}没有选：请选择")
    if found.above is None and found.below is None:
        reader.problems.append("“高于”和“低于”至少填一个")
    return found


def _whistle(reader: FieldReader) -> WhistleLadder:
    return WhistleLadder(returns=reader.whole("returns", 3, 1, 100))


def _event_class(reader: FieldReader) -> EventClass:
    found = EventClass(
        classes=reader.texts("classes", ()),
        sources=reader.texts("sources", ()),
        urgency=reader.text("urgency", "", frozenset({"", Urgency.URGENT.value})),
    )
    if not found.classes:
        reader.problems.append("请至少选一个事件类别")
    if wrong := [code for code in found.classes if not _CLASS.fullmatch(code)]:
        reader.problems.append(f"事件类别“{wrong[0]}”不对：应为 2 位（大类）或 4 位（小类）数字")
    return found


def _system(reader: FieldReader) -> SystemFailure:
    return SystemFailure(
        failures=reader.whole("failures", 3, 1, 1000),
        running_minutes=reader.number("running_minutes", SystemFailure.running_minutes, 2, 1440),
        silent_minutes=reader.number("silent_minutes", 10.0, LEAST_SILENT_MINUTES, 1440),
        delivery_hours=reader.number("delivery_hours", 2.0, 0.5, 720),
    )


_READ: Final[dict[str, Callable[[FieldReader], Parameters]]] = {
    RuleKind.TWO_WEEKS_WORSE: _two_weeks,
    RuleKind.THRESHOLD_NOW: _threshold,
    RuleKind.SURGE: _surge,
    RuleKind.REPEAT: _repeat,
    RuleKind.OVERDUE_LADDER: _overdue,
    RuleKind.SENSOR_LIMIT: _sensor,
    RuleKind.WHISTLE_LADDER: _whistle,
    RuleKind.EVENT_CLASS: _event_class,
    RuleKind.SYSTEM_FAILURE: _system,
}

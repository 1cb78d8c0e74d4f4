"""Indicators of a week and rates of a month in plain SQL: questions 3 and 7, from their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from tests.browser.plain_sql import COUNTED, DONE, Demo

IN_GARBAGE = "e.class_code IN ('0102', '0103', '0606', '0907')"


@dataclass(frozen=True)
class Indicator:
    """Numerator and denominator as conditions, the day that decides the week, and the baseline."""

    day: str
    part: str
    whole: str
    baseline: float | None
    better: str


_DUE = f"{COUNTED} AND e.status <> 'suspended'"
INDICATORS = {
    "on_time": Indicator("due_day", f"{DONE} AND e.in_time = 1", _DUE, 90, "up"),
    "reworked": Indicator("due_day", "e.reworked_count > 0", COUNTED, 2, "down"),
    "response": Indicator("reported_day", "e.accepted_at <= e.respond_by",
                          "e.status <> 'voided' AND e.respond_by IS NOT NULL", 100, "up"),
    "solved": Indicator("ended_day", "e.solved = 1", f"{DONE} AND e.solved IS NOT NULL", 80, "up"),
    "satisfied": Indicator("ended_day", "e.satisfied = 1", f"{DONE} AND e.satisfied IS NOT NULL", 85, "up"),
    "proactive": Indicator("reported_day", "e.source IN ('patrol', 'sensor')", "e.status <> 'voided'", None,
                           "up"),
    "garbage_late": Indicator("due_day", f"NOT ({DONE} AND coalesce(e.in_time, 0) = 1)",
                              f"{_DUE} AND {IN_GARBAGE}", 10, "down"),
    "hazard": Indicator("due_day", DONE, f"{_DUE} AND e.class_code LIKE '07%'", 98, "up"),
}  # fmt: skip
"""Those of the twelve that cases alone decide. Without a number the baseline is a trend."""
SAMPLE, TREND_WEEKS, TREND_MARGIN = 10, 8, 0.20


@dataclass(frozen=True)
class Reading:
    """An indicator of numbers that people enter; without a denominator ``whole`` is empty."""

    part: str
    whole: str
    weeks: int
    scale: int
    baseline: float
    better: str


READINGS = {
    "visits": Reading("visits_done", "visits_due", 4, 100, 100, "up"),
    "disputes": Reading("disputes_settled", "disputes_accepted", 4, 100, 92, "up"),
    "waiting": Reading("wait_minutes", "wait_served", 1, 1, 12, "down"),
}


@dataclass(frozen=True)
class Median:
    """An indicator that is a median of minutes over cases, and how many of them it needs."""

    sample: int
    baseline: float
    better: str


ARRIVAL = Median(5, 20, "down")
_Share = tuple[float | None, float | None]
_Shares = dict[str, _Share]


def worse_two_weeks(demo: Demo) -> dict[tuple[str, str], tuple[list[_Share], float]]:
    """Question 3: (indicator, area) → the shares of both weeks, and how far the last is from the baseline.

    A week is judged once a day of the next has passed; against a trend, by more than a fifth of the median
    of the eight weeks before.
    """
    settled = demo.today - timedelta(days=1)
    last = settled - timedelta(days=settled.weekday() + 7)
    weeks = [last - timedelta(weeks=back) for back in range(TREND_WEEKS + 2)]
    found = {}
    every: dict[str, Indicator | Reading | Median] = {**INDICATORS, **READINGS, "arrival": ARRIVAL}
    for key, indicator in every.items():
        shares = [_shares(demo, indicator, week) for week in weeks]
        for code in shares[0]:
            history = [_value(indicator, week.get(code)) for week in shares]
            judged = [_gap(indicator, history[back:]) for back in (0, 1)]
            if all(beyond is not None and beyond > 1e-9 for beyond, _ in judged):
                both = [shares[1][code], shares[0][code]]
                if isinstance(indicator, Median):  # shown with its cases only
                    both = [(None, cases) for _, cases in both]
                found[key, code] = (both, judged[0][1])
    return found


def _shares(demo: Demo, indicator: Indicator | Reading | Median, week: date) -> _Shares:
    """Numerator and denominator of every street and community in one week; a median and its cases."""
    if isinstance(indicator, Median):
        return _medians(demo, week)
    found: _Shares = {}
    for length in (9, 12):
        sql = _readings(indicator, length) if isinstance(indicator, Reading) else _cases(indicator, length)
        first = week - timedelta(weeks=indicator.weeks - 1) if isinstance(indicator, Reading) else week
        days = {"week": week, "first": first, "last": week + timedelta(days=6)}
        for row in demo.rows(sql, **{name: day.isoformat() for name, day in days.items()}):
            found[row["area"]] = (row["part"], row["whole"])
    return found


def _medians(demo: Demo, week: date) -> _Shares:
    minutes: dict[str, list[float]] = {}
    for row in demo.rows(
        "SELECT code, (strftime('%s', arrived_at) - strftime('%s', reported_at)) / 60.0 AS minutes"
        " FROM event WHERE arrived_at IS NOT NULL AND urgency = 'urgent' AND status <> 'voided'"
        " AND reported_day BETWEEN :first AND :last",
        first=week.isoformat(), last=(week + timedelta(days=6)).isoformat(),
    ):  # fmt: skip
        for length in (9, 12):
            if len(row["code"]) >= length:
                minutes.setdefault(row["code"][:length], []).append(row["minutes"])
    return {code: (median(times), len(times)) for code, times in minutes.items()}


def _cases(indicator: Indicator, length: int) -> str:
    return (
        f"SELECT substr(e.code, 1, {length}) AS area, sum(coalesce({indicator.part}, 0)) AS part,"  # noqa: S608
        f" count(*) AS whole FROM event e WHERE e.{indicator.day} BETWEEN :first AND :last"
        f" AND length(e.code) >= {length} AND {indicator.whole} GROUP BY 1"
    )


def _readings(reading: Reading, length: int) -> str:
    """Sums over areas and weeks; what has no denominator (a median) holds for its own area and week only."""
    if not reading.whole:
        return (
            "SELECT code AS area, value AS part, NULL AS whole FROM indicator_reading"  # noqa: S608
            f" WHERE name = '{reading.part}' AND week = :week AND length(code) = {length}"
        )
    return (
        f"SELECT substr(code, 1, {length}) AS area, sum(value * (name = '{reading.part}')) AS part,"  # noqa: S608
        f" sum(value * (name = '{reading.whole}')) AS whole FROM indicator_reading"
        f" WHERE week BETWEEN :first AND :last AND length(code) >= {length}"
        f" AND name IN ('{reading.part}', '{reading.whole}') GROUP BY 1"
    )


def _value(indicator: Indicator | Reading | Median, share: _Share | None) -> tuple[float | None, bool]:
    """The value, and whether its sample is large enough."""
    if share is None:
        return None, False
    part, whole = share
    if isinstance(indicator, Median):
        return part, (whole or 0) >= indicator.sample
    if part is None or whole is None:
        return part, True
    scale = indicator.scale if isinstance(indicator, Reading) else 100
    return (scale * part / whole, whole >= SAMPLE) if whole else (None, False)


def _gap(
    indicator: Indicator | Reading | Median, history: list[tuple[float | None, bool]]
) -> tuple[float | None, float]:
    """How much worse than what is tolerated (None: cannot be said), and the gap to the baseline itself.

    ``history`` begins with the week that is judged and goes back.
    """
    value, enough = history[0]
    if value is None or not enough:
        return None, 0.0
    baseline, margin = indicator.baseline, 0.0
    if baseline is None:
        known = [earlier for earlier, _ in history[1 : TREND_WEEKS + 1] if earlier is not None]
        if len(known) < TREND_WEEKS // 2:
            return None, 0.0
        baseline = median(known)
        margin = TREND_MARGIN * baseline
    gap = baseline - value if indicator.better == "up" else value - baseline
    return gap - margin, abs(gap)


def month_shares(demo: Demo, key: str, first: date, last: date) -> dict[str, tuple[int, int]]:
    """Question 7: numerator and denominator of a rate of 12345 in a period, by 大类 and ('') in all."""
    indicator = INDICATORS[key]
    found = {
        row["major"]: (row["part"], row["whole"])
        for row in demo.rows(
            f"SELECT substr(e.class_code, 1, 2) AS major, sum(coalesce({indicator.part}, 0)) AS part,"  # noqa: S608
            f" count(*) AS whole FROM event e WHERE e.{indicator.day} BETWEEN :first AND :last"
            f" AND e.source = '12345' AND {indicator.whole} GROUP BY 1",
            first=first.isoformat(), last=last.isoformat(),
        )
    }  # fmt: skip
    totals = (sum(part for part, _ in found.values()), sum(whole for _, whole in found.values()))
    return found | ({"": totals} if found else {})

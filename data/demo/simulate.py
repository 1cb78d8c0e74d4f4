"""The cases of one local day, from nothing but the seed and the day.

Rates follow weekday, hour, class and place; some addresses bring the same trouble again and again, some grids
are busy, and every day one community has a surge of one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.calendar import published_calendar
from data.clock import deadline
from data.demo import facts
from data.demo.clocks import respond_limit
from data.demo.lifecycle import DRAWS, MORE_DRAWS, Case, life, may_repeat
from data.demo.people import Crew
from data.demo.places import Place
from data.demo.quality import Qualities
from data.event_fold import Entry
from data.vocabulary import CODE_LENGTH, ENDED, Level, RouteColor, Status

EVENTS_PER_DAY: Final = 204.0
"""Average of a week; with the lives of ``lifecycle`` it keeps about 1,200 cases on hand."""
_WEEKDAYS: Final = (1.08, 1.05, 1.02, 1.0, 1.04, 0.93, 0.88)
_UNPLACED, _UNLOCATED = 0.0125, 0.009
_HOT_SPOTS: Final = 36
_HOT_SPOT_DAILY: Final = 0.17
_HOT_GRIDS: Final = 0.03
_SURGE_CLASSES: Final = ("0905", "0907", "0908", "0406", "0505", "0404")
_SURGE_SIZE: Final = (10, 14)
_NUMBER_PREFIX: Final = "YS"
_BLUE, _YELLOW = 0.2, 0.28
_LOCAL_LIMIT_HOURS: Final = 48.0
"""Of what patrols find and what is done quickly: the share that stays with the grid, and with the street."""

_HOURS: Final = {
    "day":     (1, 1, 0, 0, 0, 1, 3, 8, 12, 14, 13, 10, 6, 8, 12, 13, 12, 10, 7, 5, 4, 3, 2, 1),
    "office":  (0, 0, 0, 0, 0, 0, 0, 2, 12, 16, 14, 9, 3, 6, 13, 14, 12, 6, 2, 1, 1, 0, 0, 0),
    "morning": (0, 0, 0, 0, 2, 5, 12, 18, 16, 11, 8, 6, 3, 3, 4, 4, 3, 2, 1, 1, 0, 0, 0, 0),
    "evening": (1, 0, 0, 0, 0, 0, 1, 2, 4, 5, 5, 6, 6, 5, 5, 6, 9, 13, 16, 15, 11, 7, 4, 2),
    "night":   (7, 5, 4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 2, 2, 2, 3, 5, 8, 12, 16, 15, 11),
    "any":     (2, 2, 1, 1, 1, 2, 4, 7, 8, 8, 7, 7, 6, 6, 7, 7, 7, 8, 8, 7, 6, 5, 4, 3),
}  # fmt: skip
_CHANNELS: Final = {
    "order": (("city_mgmt", 52), ("patrol", 40), ("superior", 4), ("resident", 4)),
    "mixed": (("patrol", 42), ("resident", 24), ("12345", 22), ("city_mgmt", 9), ("superior", 3)),
    "livelihood": (("12345", 44), ("resident", 34), ("patrol", 13), ("mailbox", 9)),
    "hotline": (("12345", 62), ("12349", 10), ("resident", 18), ("mailbox", 10)),
    "elder": (("12349", 58), ("12345", 22), ("patrol", 20)),
    "sensor": (("sensor", 82), ("patrol", 18)),
    "superior": (("superior", 60), ("patrol", 40)),
}
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case with its whole life; ``entries[0]`` is the report, on the local day ``day``.

    ``repeats``: the case of that day (source, number) that its merge, if there is one, names.
    """

    day: date
    source: str
    external_no: str
    entries: list[Entry]
    repeats: tuple[str, str] | None = None

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it is 在办 then."""
        ended = (entry.at for entry in self.entries if entry.changes.get("status") in ENDED)
        return self.entries[0].at < moment < next(ended)


@dataclass(frozen=True, slots=True)
class HotSpot:
    """An address where one class comes up again and again."""

    place: Place
    rate: facts.ClassRate


@dataclass(frozen=True, slots=True)
class Draft:
    """What is reported, before it is written down."""

    hour: float
    rate: facts.ClassRate
    place: Place


class Simulation:
    """Plans the cases of any day; the same seed and places always give the same plans."""

    def __init__(
        self,
        *,
        seed: int,
        places: Sequence[Place],
        outside: Sequence[Place],
        residents: dict[str, int],
        crew: Crew,
        qualities: Qualities,
        timezone: ZoneInfo,
    ) -> None:
        self._seed = seed
        self._outside = outside
        self._crew = crew
        self._qualities = qualities
        self._timezone = timezone
        # Not the calendar in the tables: the same seed gives the same cases, whatever people enter there.
        self._calendar = published_calendar(timezone)
        self._rates = facts.class_rates()
        self._classes = {found.code: found for found in facts.event_classes()}
        self._departments = {found.code: found.name for found in facts.departments()}
        rng = np.random.default_rng([seed, 21])
        codes = sorted(residents)
        heat = dict(zip(codes, np.where(rng.random(len(codes)) < _HOT_GRIDS, 4.0, 1.0), strict=True))
        self._places = {
            kind: [place for place in places if place.kind == kind]
            for kind in sorted({place.kind for place in places})
        }
        self._places["village"] = [p for p in self._places["compound"] if "组" in p.name]
        self._cumulative = {
            kind: np.cumsum([residents[place.code] * heat[place.code] for place in found])
            for kind, found in self._places.items()
        }
        self._by_community: dict[str, list[Place]] = {}
        for place in self._places["compound"]:
            self._by_community.setdefault(place.code[:12], []).append(place)
        self._hot_spots = self._choose_hot_spots(rng)

    def plan(self, day: date) -> list[PlannedCase]:
        """Everything reported on a local day, in order of time."""
        rng = np.random.default_rng([self._seed, day.toordinal()])
        drafts = self._everyday(day, rng) + self._repeats(rng) + self._surge(rng)
        drafts.sort(key=lambda draft: draft.hour)
        draws = rng.random((len(drafts), DRAWS + 8)).tolist()
        more = rng.random((len(drafts), MORE_DRAWS)).tolist()
        planned: list[PlannedCase] = []
        for row in range(len(drafts)):
            twin = self._twin(day, row, drafts, draws, planned)
            if twin is not None:
                drafts[row] = replace(drafts[twin], hour=drafts[row].hour)
            repeats = None if twin is None else planned[twin]
            planned.append(self._written(day, row + 1, drafts[row], draws[row], more[row], repeats))
        return planned

    def _twin(
        self, day: date, row: int, drafts: list[Draft], draws: list[list[float]], planned: list[PlannedCase]
    ) -> int | None:
        """The newest case that this one can repeat: at a known place, and open when it is merged."""
        if not may_repeat(draws[row]) or draws[row][DRAWS] < _UNPLACED + _UNLOCATED:
            return None
        merged_at = self._moment(day, drafts[row].hour) + timedelta(hours=1.1)
        return next(
            (
                other
                for other in range(row - 1, -1, -1)
                if draws[other][DRAWS] >= _UNPLACED + _UNLOCATED and planned[other].is_open_at(merged_at)
            ),
            None,
        )

    def _choose_hot_spots(self, rng: np.random.Generator) -> list[HotSpot]:
        is_common = [rate.channel in ("order", "mixed", "livelihood") for rate in self._rates]
        weights = _shares([rate.weight * common for rate, common in zip(self._rates, is_common, strict=True)])
        chosen = rng.choice(len(self._rates), size=_HOT_SPOTS, p=weights)
        return [HotSpot(self._draw_place(self._rates[k].place, rng.random()), self._rates[k]) for k in chosen]

    def _everyday(self, day: date, rng: np.random.Generator) -> list[Draft]:
        expected = EVENTS_PER_DAY - _HOT_SPOTS * _HOT_SPOT_DAILY - sum(_SURGE_SIZE) / 2
        count = round(expected * _WEEKDAYS[day.weekday()] * (0.96 + 0.08 * rng.random()))
        quiet = 0.25 if day.weekday() >= 5 else 1.0
        weights = _shares([rate.weight * (quiet if rate.rhythm == "office" else 1.0) for rate in self._rates])
        rates = [self._rates[k] for k in rng.choice(len(self._rates), size=count, p=weights)]
        return [
            Draft(_hour_of(rate.rhythm, at), rate, self._draw_place(rate.place, where))
            for rate, at, where in zip(rates, rng.random(count), rng.random(count), strict=True)
        ]

    def _repeats(self, rng: np.random.Generator) -> list[Draft]:
        awake = rng.random(len(self._hot_spots)) < _HOT_SPOT_DAILY
        hours = rng.random(len(self._hot_spots))
        return [
            Draft(_hour_of(spot.rate.rhythm, at), spot.rate, spot.place)
            for spot, on, at in zip(self._hot_spots, awake, hours, strict=True)
            if on
        ]

    def _surge(self, rng: np.random.Generator) -> list[Draft]:
        """One class in one community; more than half of it before six, so that any working hour sees it."""
        code = _SURGE_CLASSES[int(rng.integers(len(_SURGE_CLASSES)))]
        rate = next(rate for rate in self._rates if rate.class_code == code)
        communities = sorted(self._by_community)
        places = self._by_community[communities[int(rng.integers(len(communities)))]]
        count = int(rng.integers(_SURGE_SIZE[0], _SURGE_SIZE[1] + 1))
        is_early = np.arange(count) <= count // 2
        hours = np.where(is_early, rng.uniform(0.2, 6.0, count), rng.uniform(6.0, 22.0, count))
        chosen = rng.integers(len(places), size=count)
        return [Draft(float(at), rate, places[int(k)]) for at, k in zip(hours, chosen, strict=True)]

    def _draw_place(self, kind: str, u: float) -> Place:
        cumulative = self._cumulative[kind]
        return self._places[kind][int(np.searchsorted(cumulative, u * cumulative[-1], side="right"))]

    def _written(
        self, day: date, number: int, draft: Draft, draws: list[float], more: list[float],
        repeats: PlannedCase | None,
    ) -> PlannedCase:  # fmt: skip
        luck, channel, wording, who, officer, other = draws[DRAWS : DRAWS + 6]
        place, has_position = draft.place, True
        if luck < _UNPLACED:
            place = self._outside[int(wording * len(self._outside))]
        elif luck < _UNPLACED + _UNLOCATED:
            has_position = False
        found = self._classes[draft.rate.class_code]
        source = _pick_weighted(_CHANNELS[draft.rate.channel], channel)
        reported_at = self._moment(day, draft.hour)
        limit = deadline(
            reported_at=reported_at, limit_hours=found.limit_hours,
            clock_type=found.clock_type, calendar=self._calendar,
        )  # fmt: skip
        title, description = draft.rate.texts[int(wording * len(draft.rate.texts))]
        number_text = f"{_NUMBER_PREFIX}{day:%Y%m%d}{number:04d}"
        code = place.code if has_position else place.code[:12]
        fields: dict[str, Any] = {
            "source": source,
            "external_no": number_text,
            "class_code": found.code,
            "title": title.format(p=place.name),
            "description": description.format(p=place.name),
            "address": place.address,
            "code": code,
            "lon": place.lon if has_position else None,
            "lat": place.lat if has_position else None,
            "urgency": found.urgency,
            "status": Status.REPORTED.value,
            "reported_at": reported_at,
            "due_at": limit.due_at,
            "warn_at": limit.warn_at,
            "limit_hours": found.limit_hours,
            "clock_type": found.clock_type,
        }
        color = _route_color(source, code, found.limit_hours, more[6])
        departments = (found.department_code, self._other_department(found.department_code, other))
        case = Case(
            fields=fields,
            reported_at=reported_at,
            local_hour=draft.hour,
            limit_hours=found.limit_hours,
            clock_type=found.clock_type,
            limit=limit,
            calendar=self._calendar,
            route_color=color,
            departments=departments if color == RouteColor.RED else ("", ""),
            bases=self._bases(found, departments[1]),
            roles=self._crew.roles(
                source=source, code=code, departments=departments, route_color=color, who=who, officer=officer
            ),
            quality=self._qualities.of(
                class_code=found.code, department_code=found.department_code, code=code, day=day
            ),
            twin=repeats is not None,
            draws=draws[:DRAWS],
            more=more,
        )
        twin = (repeats.source, repeats.external_no) if repeats else None
        return PlannedCase(day, source, number_text, life(case), twin)

    def _other_department(self, code: str, u: float) -> str:
        others = [d.code for d in facts.departments() if d.code != code]
        return others[int(u * len(others))]

    def _bases(self, found: facts.ClassFact, other: str) -> tuple[str, str]:
        """Why a case goes to the department of its class, and to another after that sent it back."""
        hours, _ = respond_limit(found.urgency, found.limit_hours)
        by_class = (
            f"没有适用的派遣规则，按类别“{found.minor}”的默认部门，由{self._departments[found.department_code]}"
            f"办理；演示约定 {hours:g} 小时内响应"
        )
        return by_class, f"人工指定{self._departments[other]}；{by_class}"

    def _moment(self, day: date, hour: float) -> datetime:
        """The moment (UTC) at which the clocks of the district show an hour of a day."""
        midnight = datetime(day.year, day.month, day.day)
        return (midnight + timedelta(seconds=int(hour * 3600))).replace(tzinfo=self._timezone).astimezone(UTC)


def _route_color(source: str, code: str, limit_hours: float | None, u: float) -> str:
    """分色: what a patrol finds in its grid and what is done quickly may stay there; the rest goes up."""
    quick = limit_hours is not None and limit_hours <= _LOCAL_LIMIT_HOURS
    if source != "patrol" or not quick or len(code) < CODE_LENGTH[Level.GRID] or u >= _YELLOW:
        return RouteColor.RED.value
    return (RouteColor.BLUE if u < _BLUE else RouteColor.YELLOW).value


def _hour_of(rhythm: str, u: float) -> float:
    """Hour of the day (with its fraction) at quantile ``u`` of a rhythm."""
    cumulative = np.cumsum(_HOURS[rhythm])
    target = u * cumulative[-1]
    hour = int(np.searchsorted(cumulative, target, side="right"))
    before = cumulative[hour - 1] if hour else 0
    return float(hour + (target - before) / _HOURS[rhythm][hour])


def _pick_weighted(options: tuple[tuple[str, int], ...], u: float) -> str:
    target = u * sum(weight for _, weight in options)
    for name, weight in options:
        target -= weight
        if target < 0:
            return name
    return options[-1][0]


def _shares(weights: list[float]) -> FloatArray:
    array = np.array(weights, dtype=np.float64)
    return np.asarray(array / array.sum(), dtype=np.float64)

"""Opening hours of a station, as its people write them.

Parts are separated by ``;``, each is ``days spans``: ``一-五 08:30-12:00,13:30-17:30; 六 09:00-12:00``.
Days are ``一`` to ``日`` (``周``, ``星期`` before them and ``至`` between are fine), ``每天``, ``工作日``,
``周末``; without days a part means every day. ``全天`` or ``24小时`` is the whole day, ``休息`` none.
A span that ends no later than it begins runs past midnight. A later part replaces an earlier one on the
same day. A remark on holidays (``节假日休``) is kept and shown, but not reckoned with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

DAY_NAMES: Final = "一二三四五六日"
_MINUTES_A_DAY: Final = 24 * 60
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_GROUPS: Final = {
    "每天": range(7),
    "每日": range(7),
    "工作日": range(5),
    "周末": range(5, 7),
    "双休日": range(5, 7),
}
_DAY: Final = rf"(?:周|星期)?([{DAY_NAMES}天])"
_DAYS: Final = re.compile(rf"{_DAY}(?:[-至到]{_DAY})?")
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})[-至到](次日)?(\d{1,2}):(\d{2})")
_ALL_DAY: Final = ("全天", "24小时", "24h", "全天候")
_CLOSED: Final = ("休息", "不开放", "闭馆", "休")
_HOLIDAY: Final = re.compile(r"[（(]?(?:法定)?节假日[^;；,，）)]*[）)]?")
_SAME: Final = str.maketrans(
    dict.fromkeys("～〜~—–－", "-") | {"：": ":", "；": ";", "，": ",", "、": ",", "\u3000": " "}
)

Span = tuple[int, int]
"""Minutes after the day's midnight, half open; the end is beyond 1,440 when the span crosses midnight."""


class HoursError(ValueError):
    """Opening hours that cannot be understood. The text names the part and how to write it."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of each weekday, Monday first; ``note`` is a remark on holidays; ``text`` what was read."""

    week: tuple[tuple[Span, ...], ...]
    note: str = ""
    text: str = ""
    timezone: ZoneInfo = field(default=_SHANGHAI)

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at a moment (aware). Opening time belongs to it, closing time does not."""
        return any(begins <= at < ends for begins, ends in self._spans_around(at, days=0))

    def next_change(self, at: datetime) -> datetime | None:
        """When it next opens or closes after ``at``; None if it never does (always open, always closed)."""
        spans = _joined(sorted(self._spans_around(at, days=8)))
        for begins, ends in spans:
            if begins <= at < ends:
                return None if ends - at > timedelta(days=7) else ends
            if begins > at:
                return begins
        return None

    def describe(self) -> str:
        """One spelling for all: days that share their hours together, the remark at the end."""
        if all(spans == ((0, _MINUTES_A_DAY),) for spans in self.week):
            shown = "全天"
        else:
            parts = [f"周{days} {_describe_spans(self.week[first])}" for first, days in self._runs()]
            shown = "；".join(parts) or "不开放"
        return f"{shown}（{self.note}）" if self.note else shown

    def _runs(self) -> Iterator[tuple[int, str]]:
        first = 0
        for day in range(1, 8):
            if day < 7 and self.week[day] == self.week[first]:
                continue
            if self.week[first]:
                is_one = day - 1 == first
                yield first, DAY_NAMES[first] if is_one else f"{DAY_NAMES[first]}至周{DAY_NAMES[day - 1]}"
            first = day

    def _spans_around(self, at: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
        today = at.astimezone(self.timezone).date()
        for shift in range(-1, days + 1):
            day = today + timedelta(days=shift)
            for begins, ends in self.week[day.weekday()]:
                yield self._moment(day, begins), self._moment(day, ends)

    def _moment(self, day: date, minutes: int) -> datetime:
        over, left = divmod(minutes, _MINUTES_A_DAY)
        return datetime.combine(day + timedelta(days=over), time(left // 60, left % 60), self.timezone)


def parse_hours(text: str, *, timezone: ZoneInfo = _SHANGHAI) -> Hours:
    """Reads opening hours. Empty text: never open, which ``describe`` calls 不开放.

    Raises:
        HoursError: a part that cannot be understood, by name.
    """
    plain = text.translate(_SAME).strip()
    note = ";".join(found.group().strip("（）()") for found in _HOLIDAY.finditer(plain))
    week: list[tuple[Span, ...]] = [()] * 7
    for part in _HOLIDAY.sub("", plain).replace("\n", ";").split(";"):
        if part.strip(" ,"):
            days, spans = _parse_part(part.strip(" ,"), text)
            for day in days:
                week[day] = spans
    return Hours(tuple(week), note=note, text=text, timezone=timezone)


def _parse_part(part: str, whole: str) -> tuple[list[int], tuple[Span, ...]]:
    days, rest = _take_days(part)
    rest = rest.strip(" ,:")
    if rest.lower().replace(" ", "") in _ALL_DAY:
        return days, ((0, _MINUTES_A_DAY),)
    if rest in _CLOSED:
        return days, ()
    spans = []
    for piece in filter(None, re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", rest))):
        found = _SPAN.fullmatch(piece)
        if found is None:
            raise _not_understood(piece, whole)
        spans.append(_span(found, whole))
    if not spans:
        raise _not_understood(part, whole)
    return days, _checked(sorted(spans), whole)


def _take_days(part: str) -> tuple[list[int], str]:
    days: list[int] = []
    rest = part
    while True:
        rest = rest.lstrip(" ,")
        group = next((name for name in _GROUPS if rest.startswith(name)), None)
        found = _DAYS.match(rest)
        if group:
            days += _GROUPS[group]
            rest = rest[len(group) :]
        elif found:
            days += _day_range(found.group(1), found.group(2) or found.group(1))
            rest = rest[found.end() :]
        else:
            return days or list(range(7)), rest


def _day_range(first: str, last: str) -> list[int]:
    start, stop = (DAY_NAMES.index("日" if name == "天" else name) for name in (first, last))
    return [day % 7 for day in range(start, (stop if stop >= start else stop + 7) + 1)]


def _span(found: re.Match[str], whole: str) -> Span:
    begins = _minutes(found.group(1), found.group(2), whole)
    ends = _minutes(found.group(4), found.group(5), whole)
    if begins == _MINUTES_A_DAY:
        raise HoursError(f"开放时间“{whole}”从 24:00 开始，应写作 00:00")
    return begins, ends + _MINUTES_A_DAY if found.group(3) or ends <= begins else ends


def _minutes(hours: str, minutes: str, whole: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > _MINUTES_A_DAY:
        raise HoursError(f"开放时间“{whole}”里的“{hours}:{minutes}”不是钟点，应在 00:00 到 24:00 之间")
    return total


def _checked(spans: list[Span], whole: str) -> tuple[Span, ...]:
    for (_, ends), (begins, _) in pairwise(spans):
        if begins < ends:
            raise HoursError(f"开放时间“{whole}”里有两段重叠，请合并")
    return tuple(spans)


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans in order, those that touch or overlap made one."""
    joined: list[tuple[datetime, datetime]] = []
    for begins, ends in spans:
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return joined


def _describe_spans(spans: tuple[Span, ...]) -> str:
    if spans == ((0, _MINUTES_A_DAY),):
        return "全天"
    return "、".join(f"{_clock(begins)}–{_clock(ends)}" for begins, ends in spans)


def _clock(minutes: int) -> str:
    if minutes == _MINUTES_A_DAY:
        return "24:00"
    over, left = divmod(minutes, _MINUTES_A_DAY)
    return f"{'次日' if over else ''}{left // 60:02d}:{left % 60:02d}"


def _not_understood(piece: str, whole: str) -> HoursError:
    return HoursError(
        f"开放时间“{whole}”里的“{piece}”看不懂，请写成“一-五 08:30-17:30; 六 09:00-12:00”或“全天”"
    )

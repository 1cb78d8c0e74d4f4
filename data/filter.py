"""The one Filter: what a person is looking at, with one spelling as a URL query.

The map's routes, the list, the KPIs, the alerts and the export all take the same Filter, so that
their numbers reconcile. It is parsed here and nowhere else; what cannot be parsed is reported.

=========  =======================================================  ===================
parameter  meaning                                                  example
=========  =======================================================  ===================
basis      open (default), reported, due, closed                    ``reported``
from, to   first and last day of the period, both included          ``2026-11-01``
area       code prefixes                                            ``510115001,510115002``
class      event class codes or their prefixes (大类 = 2 digits)    ``01,0203``
source     source keys                                              ``12345,patrol``
status     statuses                                                 ``handling``
dept       department codes; ``-`` for none named                  ``D03``
color      deadline colours                                         ``overdue,soon``
q          text in number, title, description or address            ``井盖``
poly       polygon, an encoded polyline of geo.polyline             ``_p~iF…``
missing    without area below the one in view, or without position  ``position``
mark       what became of it beside its status, all of them         ``reworked``
=========  =======================================================  ===================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from data.codes import minimal
from data.labels import BASIS, MARK, MISSING, SLA_COLOR, STATUS
from data.vocabulary import CODE_LENGTH, Basis, Mark, Missing, SlaColor, Status
from geo.cell_ranges import compile_polygon
from geo.errors import PolygonError
from geo.polyline import decode, encode

MAX_VALUES: Final = 500
NOBODY: Final = "-"
"""Among departments: those events that name none."""
MAX_TEXT: Final = 50
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
"""Days that a filter may name: those around them, in any time zone, can be told too."""
_CODE: Final = re.compile(r"\d+")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KEY: Final = re.compile(r"[\w.\-·]{1,64}")

E = TypeVar("E", Basis, Status, SlaColor, Missing, Mark)


class FilterError(ValueError):
    """A URL query that does not spell a Filter. ``problems`` are Chinese sentences, one a parameter."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A frozen, hashable choice of events. Empty tuples and None mean: no restriction.

    ``start`` and ``end`` are local days, both included, and are set exactly when the basis is not
    *open*. ``polygon`` holds (longitude, latitude) in degrees, CGCS2000, without a closing vertex.
    """

    basis: Basis = Basis.OPEN
    start: date | None = None
    end: date | None = None
    areas: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    departments: tuple[str, ...] = ()
    colors: tuple[SlaColor, ...] = ()
    text: str = ""
    polygon: tuple[tuple[float, float], ...] = ()
    missing: Missing | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def focus(self) -> str:
        """The one area in view; the empty prefix when there is none or several."""
        return self.areas[0] if len(self.areas) == 1 else ""

    @property
    def standing(self) -> Filter:
        """The same without basis, period and colours: what figures and alerts see, which set their own."""
        return replace(self, basis=Basis.OPEN, start=None, end=None, colors=())

    def to_params(self) -> dict[str, str]:
        """The URL parameters that spell this filter, defaults left out, in a fixed order."""
        params = {
            "basis": "" if self.basis is Basis.OPEN else self.basis.value,
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "area": ",".join(self.areas),
            "class": ",".join(self.classes),
            "source": ",".join(self.sources),
            "status": ",".join(self.statuses),
            "dept": ",".join(self.departments),
            "color": ",".join(self.colors),
            "q": self.text,
            "poly": encode(self.polygon) if self.polygon else "",
            "missing": self.missing.value if self.missing else "",
            "mark": ",".join(self.marks),
        }
        return {name: value for name, value in params.items() if value}

    def to_query(self) -> str:
        """The same as a URL query without the question mark."""
        return urlencode(self.to_params())

    def changed(self, **changes: Any) -> Filter:
        """A filter with some fields replaced."""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            raise TypeError(f"Filter has no field {', '.join(sorted(unknown))}")
        return replace(self, **changes)


PARAMS: Final = (
    "basis", "from", "to", "area", "class", "source", "status", "dept", "color", "q", "poly", "missing",
    "mark",
)  # fmt: skip


def parse_filter(params: Mapping[str, str]) -> Filter:
    """The Filter that URL parameters spell. Parameters of other names are not ours and are passed over.

    Raises :class:`FilterError` with one Chinese sentence for each parameter that makes no sense.
    """
    reader = _Reader(params)
    basis = reader.one("basis", Basis, BASIS) or Basis.OPEN
    start, end = reader.day("from"), reader.day("to")
    reader.check_period(basis, start, end)
    result = Filter(
        basis=basis,
        start=start,
        end=end,
        areas=minimal(reader.codes("area", "区划代码", frozenset(CODE_LENGTH.values()))),
        classes=minimal(reader.codes("class", "事件类别", frozenset({2, 4}))),
        sources=reader.keys("source", "来源"),
        statuses=reader.many("status", Status, STATUS),
        departments=reader.keys("dept", "部门"),
        colors=reader.many("color", SlaColor, SLA_COLOR),
        text=reader.text("q"),
        polygon=reader.polygon("poly"),
        missing=reader.one("missing", Missing, MISSING),
        marks=reader.many("mark", Mark, MARK),
    )
    if reader.problems:
        raise FilterError(tuple(reader.problems))
    return result


def _unwritable(char: str) -> bool:
    """Control characters, and halves of a character, which no database takes."""
    return char < " " or "\ud800" <= char <= "\udfff"


class _Reader:
    """Reads one parameter at a time and collects what is wrong."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params
        self.problems: list[str] = []

    def _fail(self, name: str, value: str, advice: str) -> None:
        shown = value if len(value) <= 40 else value[:40] + "…"
        shown = shown.encode(errors="replace").decode()  # half characters cannot be sent or printed
        self.problems.append(f"网址参数 {name}={shown} 无效：{advice}")

    def _values(self, name: str) -> list[str]:
        values = [part.strip() for part in self._params.get(name, "").split(",") if part.strip()]
        if len(values) > MAX_VALUES:
            self._fail(name, self._params[name], f"最多 {MAX_VALUES} 个值")
            return []
        return values

    def one(self, name: str, kind: type[E], labels: dict[str, str]) -> E | None:
        found = self.many(name, kind, labels)
        if len(found) > 1:
            self._fail(name, self._params[name], "只能取一个值")
        return found[0] if found else None

    def many(self, name: str, kind: type[E], labels: dict[str, str]) -> tuple[E, ...]:
        found: list[E] = []
        for value in self._values(name):
            try:
                found.append(kind(value))
            except ValueError:
                allowed = "、".join(f"{key}（{text}）" for key, text in labels.items())
                self._fail(name, value, f"可用的值是 {allowed}")
        return tuple(sorted(set(found)))

    def codes(self, name: str, what: str, lengths: frozenset[int]) -> tuple[str, ...]:
        found = []
        for value in self._values(name):
            if _CODE.fullmatch(value) and value.isascii() and len(value) in lengths:
                found.append(value)
            else:
                sizes = "、".join(str(length) for length in sorted(lengths))
                self._fail(name, value, f"{what}应为 {sizes} 位数字")
        return tuple(found)

    def keys(self, name: str, what: str) -> tuple[str, ...]:
        found = set()
        for value in self._values(name):
            if _KEY.fullmatch(value):
                found.add(value)
            else:
                self._fail(name, value, f"{what}代码只能由字母、数字、下划线、点和短横组成")
        return tuple(sorted(found))

    def text(self, name: str) -> str:
        value = self._params.get(name, "").strip()
        if len(value) > MAX_TEXT or any(map(_unwritable, value)):
            self._fail(name, value, f"搜索文字最长 {MAX_TEXT} 个字，且不含控制字符")
            return ""
        return value

    def day(self, name: str) -> date | None:
        value = self._params.get(name, "").strip()
        if not value:
            return None
        try:
            if not _DAY.fullmatch(value):
                raise ValueError
            found = date.fromisoformat(value)
            if not EARLIEST <= found <= LATEST:
                raise ValueError
            return found
        except ValueError:
            self._fail(name, value, f"日期应写作 2026-11-21 这样，{EARLIEST.year}–{LATEST.year} 年")
            return None

    def check_period(self, basis: Basis, start: date | None, end: date | None) -> None:
        given = [name for name in ("from", "to") if self._params.get(name, "").strip()]
        if basis is Basis.OPEN:
            for name in given:
                self._fail(name, self._params[name], "口径为“在办”时没有时段，请去掉起止日期或换口径")
        elif len(given) < 2:
            self._fail("basis", basis.value, "这个口径需要起止日期 from 和 to")
        elif start and end and start > end:
            self._fail("from", start.isoformat(), f"开始日期晚于结束日期 {end.isoformat()}")

    def polygon(self, name: str) -> tuple[tuple[float, float], ...]:
        value = self._params.get(name, "").strip()
        if not value:
            return ()
        try:
            vertices = tuple(decode(value))
            compile_polygon(vertices, max_ranges=1)  # says now whether it crosses itself or has no area
            return vertices
        except PolygonError as error:
            self._fail(name, value, str(error))
            return ()

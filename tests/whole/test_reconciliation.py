"""Whatever the filter: the map's routes, the list, the files and the screens all give the same numbers.

220 random filters over 2,000 events that are hard to count, at one moment. What is right is said by a plain
loop over the rows (``plain``), which shares no rule with the product. The routes, files, list and the
overview with its KPIs are asked under every filter; the events page, which is turned, under every ninth.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from dashboard import context
from data.database import read_session
from data.filter import parse_filter
from data.labels import SLA_COLOR, STATUS
from data.queries.events import Order, list_events
from data.vocabulary import SlaColor
from geo.cells import tile_of
from tests.dashboard.small_world import DISTRICT, EAST, NORTH, NOW, SOUTH, WEST
from tests.whole.nasty import ZONE, Params, build_nasty, random_filter
from tests.whole.plain import Row, color, in_time, judged, kpis, matching, this_week
from tests.whole.screens import Product, product

pytestmark = pytest.mark.slow  # not one group: each worker builds the world in two seconds

EVENTS, FILTERS, EVERY = 2_000, 220, 9
_PICK = random.Random(20261121)
ALL_PARAMS: list[Params] = [{}, *(random_filter(_PICK) for _ in range(FILTERS - 1))]
CASES = list(enumerate(ALL_PARAMS))
SCREENS = CASES[::EVERY]
LENGTH = {"district": 6, "street": 9, "community": 12, "grid": 15}
METRICS = ("open", "overdue", "soon", "total", "per_1000", "on_time_rate")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The events of the world, as inserted."""
    return []


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Iterator[Product]:
    built, events = build_nasty(tmp_path_factory.mktemp("nasty"), events=EVENTS, seed=5)
    built.engine.dispose()
    rows += events
    with product(built.var_dir) as found:
        yield found


def answer(world: Product, path: str, params: Params, **more: Any) -> dict[str, Any]:
    found = world.client.get(f"/onemap/{path}", params={"at": NOW.isoformat(), **params, **more})
    assert found.status_code == 200, found.text
    assert found.json()["as_of"] == NOW.isoformat()
    body: dict[str, Any] = found.json()
    return body


def points(world: Product, params: Params, z: int, x: tuple[int, int], y: tuple[int, int]) -> Counter[str]:
    body = answer(world, "points", params, z=z, x0=x[0], x1=x[1], y0=y[0], y1=y[1])
    found = Counter(total=0)
    for _lon, _lat, count, overdue, soon, suspended, _id, _class, _color, late in body["clusters"]:
        found.update(total=count, overdue=overdue, soon=soon, suspended=suspended, done_late=late)
    assert found["total"] == body["shown"]
    found.update(all=body["total"], unlocated=body["unlocated"])
    return found


def located(expected: list[Row]) -> Counter[str]:
    """What all tiles together must add up to."""
    found = Counter(total=0)
    for row in expected:
        if row["lon"] is not None:
            found.update(["total"])
            if color(row) in ("overdue", "soon", "suspended", "done_late"):
                found.update([color(row)])
    return found


def add_up(parts: list[Counter[str]]) -> Counter[str]:
    found = Counter(total=0)
    for part in parts:
        found.update({key: part[key] for key in ("total", "overdue", "soon", "suspended", "done_late")})
    return found


def single_tiles(pick: random.Random, expected: list[Row]) -> Iterator[tuple[int, int, int]]:
    """Tiles of many zooms that cover the world once: it is split again and again around one event."""
    places = [(row["lon"], row["lat"]) for row in expected if row["lon"] is not None]
    lon, lat = pick.choice(places) if places else (103.8, 30.7)
    depth = pick.randint(2, 7) if pick.random() < 0.8 else 18
    for z in range(1, depth + 1):
        parent = tile_of(lon, lat, z=z - 1)
        inner = tile_of(lon, lat, z=z)
        for x in (2 * parent[0], 2 * parent[0] + 1):
            for y in (2 * parent[1], 2 * parent[1] + 1):
                if (x, y) != inner or z == depth:
                    yield z, x, y


@pytest.mark.parametrize(("number", "params"), CASES)
def test_tiles_rectangles_heat_and_the_list_add_up_to_the_same_events(
    world: Product, rows: list[Row], number: int, params: Params
) -> None:
    pick = random.Random(number)
    expected = matching(rows, params)
    of_map = located(expected)
    without = len(expected) - of_map["total"]

    tiles = [points(world, params, z, (x, x), (y, y)) for z, x, y in single_tiles(pick, expected)]
    assert add_up(tiles) == of_map
    assert {(tile["all"], tile["unlocated"]) for tile in tiles} == {(len(expected), without)}

    z = 5
    east, south = pick.randint(1, 31), pick.randint(1, 31)
    quarters = [(x, y) for x in ((0, east - 1), (east, 31)) for y in ((0, south - 1), (south, 31))]
    assert add_up([points(world, params, z, x, y) for x, y in quarters]) == of_map
    heat = [
        cell[2]
        for x, y in quarters
        for cell in answer(world, "heat", params, z=z, x0=x[0], x1=x[1], y0=y[0], y1=y[1])["cells"]
    ]
    assert sum(heat) + without == len(expected)

    (x0, y0), (x1, y1) = tile_of(WEST, NORTH, z=13), tile_of(EAST, SOUTH, z=13)
    middle = pick.randint(x0, x1 - 1)
    halves = [points(world, params, 13, x, (y0, y1)) for x in ((x0, middle), (middle + 1, x1))]
    assert add_up(halves) == add_up([points(world, params, 13, (x0, x1), (y0, y1))])


@pytest.mark.parametrize(("number", "params"), CASES)
def test_the_list_holds_every_event_once_page_by_page(
    world: Product, rows: list[Row], number: int, params: Params
) -> None:
    assert world.now == NOW
    expected = sorted(row["id"] for row in matching(rows, params))
    order, size = list(Order)[number % len(Order)], 400
    where = parse_filter(params)
    listed: list[int] = []
    with read_session(context.engine()) as session:
        for offset in range(0, len(expected) + 1, size):
            page = list_events(
                session=session, where=where, as_of=NOW, limit=size, offset=offset, order=order
            )
            assert page.total == len(expected)
            listed += [row.id for row in page.rows]
    assert sorted(listed) == expected


@pytest.mark.parametrize(("number", "params"), CASES)
def test_the_map_s_areas_stand_in_the_class_of_their_number(
    world: Product, rows: list[Row], number: int, params: Params
) -> None:
    expected = matching(rows, params)
    metric = METRICS[number % len(METRICS)]
    for level in LENGTH:
        for shown in {"total", metric}:
            body = answer(world, "values", params, level=level, metric=shown)
            codes = areas_of(world, level)
            marks = [mark_of(body, known) for known in values(rows, expected, params, codes, shown)]
            assert body["classes"] == "".join(marks)
            assert body["count"] == len(codes)
            assert body["areas_per_class"] == [marks.count(str(number)) for number in range(6)]
            assert {entry["mark"]: entry["areas"] for entry in body["legend"]} == {
                entry["mark"]: marks.count(entry["mark"]) for entry in body["legend"]
            }
            assert sum(entry["areas"] for entry in body["legend"]) == len(codes)


def areas_of(world: Product, level: str) -> list[str]:
    """Codes of the lattice in the order of its features."""
    del world
    codes = [DISTRICT]
    for size in {"district": (), "street": (4,), "community": (4, 4), "grid": (4, 4, 16)}[level]:
        codes = [f"{code}{part:03}" for code in codes for part in range(1, size + 1)]
    return codes


def values(
    rows: list[Row], expected: list[Row], params: Params, codes: list[str], metric: str
) -> list[float | None]:
    """The number of each area; None where there is none."""
    if metric == "on_time_rate":
        week = this_week(rows, params)
        sample = week if "basis" not in params else [row for row in expected if judged(row)]
        return [rate([row for row in sample if row["code"].startswith(code)]) for code in codes]
    counted = {
        "open": [row for row in expected if row["ended_at"] is None],
        "overdue": [row for row in expected if color(row) == "overdue"],
        "soon": [row for row in expected if color(row) == "soon"],
    }.get(metric, expected)
    by_area = Counter(row["code"][: len(codes[0])] for row in counted)
    return [float(by_area[code]) for code in codes]  # every area has 1,000 residents


def rate(sample: list[Row]) -> float | None:
    return 100 * sum(in_time(row) for row in sample) / len(sample) if len(sample) >= 10 else None


def mark_of(body: dict[str, Any], value: float | None) -> str:
    """The mark of a number by the limits that the answer itself names."""
    if value is None:
        return "n"
    if body["metric"] == "on_time_rate":
        return str(1 + sum(value < limit for limit in body["limits"]))
    return "0" if value == 0 else str(1 + sum(value > limit for limit in body["limits"]))


def as_exported(row: Row) -> tuple[str, str, str, str, str, str, float | None, float | None]:
    number = row["external_no"]
    ended = row["ended_at"].astimezone(ZONE).replace(tzinfo=None, microsecond=0) if row["ended_at"] else ""
    return (
        f"'{number}" if number.startswith("=") else number,
        row["class_code"],
        row["code"],
        STATUS[row["status"]],
        SLA_COLOR[SlaColor(color(row))],
        str(ended),
        _rounded(row["lon"]),
        _rounded(row["lat"]),
    )


def _rounded(degrees: Any) -> float | None:
    """A tenth of a millimetre: a workbook keeps 16 digits of a number, a row of the database 17."""
    return None if degrees in (None, "") else round(float(degrees), 9)


COLUMNS = ("编号", "类别代码", "区划代码", "状态", "时限状态", "办结时间", "经度", "纬度")


def as_read(row: dict[str, Any]) -> tuple[Any, ...]:
    texts = [str("" if row[name] is None else row[name]) for name in COLUMNS[:6]]
    return (*texts, *(_rounded(row[name]) for name in COLUMNS[6:]))


@pytest.mark.parametrize("params", ALL_PARAMS)
def test_the_csv_file_holds_the_same_events(world: Product, rows: list[Row], params: Params) -> None:
    content = world.client.get("/onemap/export.csv", params={"at": NOW.isoformat(), **params}).content
    assert content.startswith(b"\xef\xbb\xbf")
    read = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert sorted(map(as_read, read), key=str) == sorted(map(as_exported, matching(rows, params)), key=str)


@pytest.mark.parametrize("params", ALL_PARAMS)
def test_the_workbook_holds_the_same_events(world: Product, rows: list[Row], params: Params) -> None:
    content = world.client.get("/onemap/export.xlsx", params={"at": NOW.isoformat(), **params}).content
    sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    header = next(sheet)
    read: list[dict[Any, Any]] = [dict(zip(header, row, strict=True)) for row in sheet]
    assert sorted(map(as_read, read), key=str) == sorted(map(as_exported, matching(rows, params)), key=str)


@pytest.mark.parametrize("params", ALL_PARAMS)
def test_the_overview_shows_the_same_numbers(world: Product, rows: list[Row], params: Params) -> None:
    expected = matching(rows, params)
    shown = world.page("overview", **params)

    assert not shown.app.exception
    assert shown.total == len(expected)
    assert shown.kpis == pytest.approx(kpis(rows, params))
    colors = Counter(map(color, expected))
    counts = shown.counts("data-color")
    assert counts == {key: colors[key] for key in counts}
    assert {key for key in colors if colors[key]} <= set(counts)
    assert len(expected) == sum(counts.values())


@pytest.mark.parametrize("params", [params for _, params in SCREENS])
def test_the_events_page_lists_the_same_events(world: Product, rows: list[Row], params: Params) -> None:
    expected = matching(rows, params)
    last = max(1, -(-len(expected) // 100))
    listed: list[int] = []
    for number in {1, 2, last} & set(range(1, last + 1)):
        shown = world.page("events", **params, p=str(number))
        assert not shown.app.exception
        assert shown.total == len(expected)
        found = shown.listed()
        assert len(found) == min(100, len(expected) - 100 * (number - 1))
        listed += found
    assert len(listed) == len(set(listed))
    assert set(listed) <= {row["id"] for row in expected}


def test_the_filters_reach_into_every_corner(rows: list[Row], world: Product) -> None:
    """Else the tests above could agree on nothing: few filters are empty, and every field is used."""
    assert world.now == NOW
    sizes = [len(matching(rows, params)) for params in ALL_PARAMS]
    assert len(ALL_PARAMS) >= 200
    assert len(SCREENS) >= 20
    assert sum(size > 0 for size in sizes) > 0.6 * len(sizes)
    assert sum(size > EVENTS / 20 for size in sizes) >= 30
    fields = Counter(name for params in ALL_PARAMS for name in params)
    assert (
        min(fields[name] for name in ("area", "class", "source", "status", "dept", "color", "q", "poly")) > 20
    )
    assert {params.get("basis", "open") for params in ALL_PARAMS} == {"open", "reported", "due", "closed"}
    assert {row["status"] for row in rows} >= {"suspended", "closed", "evaluated", "merged", "voided"}
    assert any(row["due_at"] == NOW and row["ended_at"] is None for row in rows)
    assert any(row["code"] == "" for row in rows)
    assert any(row["lon"] is None for row in rows)

"""The ten questions of a street: from 一图统览 in two taps to the right answer, checked against plain SQL.

Each test walks as a street secretary with a tablet does. What the screen says is compared with SQL of the
tests' own (``plain_sql``) on the same file, at the moment that the screen says it shows. The demo lives on
while it is looked at, so both are read again until they are of one moment; a wrong answer never becomes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser

from tests.browser import plain_sql as sql
from tests.browser import plain_weeks as weeks
from tests.browser.plain_sql import Demo
from tests.browser.product import product_page
from tests.browser.serving import Served
from tests.browser.walk import Walk, later_first, listed, minutes_said, numbers_in, points_said

TABLETS = {"landscape": (1180, 820), "portrait": (820, 1180)}


@pytest.fixture
def walk(request: pytest.FixtureRequest, browser: Browser, demo: Served) -> Iterator[Walk]:
    """Upright too where the way is another one there."""
    width, height = TABLETS[getattr(request, "param", "landscape")]
    with product_page(browser, demo.base, width=width, height=height, has_touch=True) as page:
        page.open()
        assert page.path == ""
        yield Walk(page, demo)


both_ways = pytest.mark.parametrize("walk", TABLETS, indirect=True)


@both_ways
def test_question_1_the_three_most_urgent_where_who_and_how_many_hours(walk: Walk) -> None:
    def shown() -> list[tuple[int, str, str, bool]]:
        rows = []
        for row in walk.locator("[data-urgent]").all():
            title, left = (row.locator(part).inner_text() for part in (".om-row-title", ".om-row-detail"))
            second = row.locator(".om-row-second:not([data-risk]) > span:first-child").all_inner_texts()
            low, high = minutes_said(left)
            key = int(row.get_attribute("data-event") or 0)
            with sql.opened(walk.served.var_dir, walk.as_of()) as demo:
                (found,) = demo.rows("SELECT due_at, clock_type FROM event WHERE id = :id", id=key)
            due = datetime.fromisoformat(f"{found['due_at']}+00:00")
            minutes = sql.minutes_left(due, walk.as_of(), found["clock_type"])
            rows.append((key, title, "｜".join(second), low - 0.1 <= minutes <= high + 0.1))
        return rows

    def truth(demo: Demo) -> list[tuple[int, str, str, bool]]:
        return [
            (row["id"], row["title"],
             f"{sql.place(demo, row['code'])}｜承办 {row['department']} · {row['handler']}", True)
            for row in sql.most_urgent(demo)
        ]  # fmt: skip

    three = walk.agree(shown, truth)
    assert len(three) == 3
    walk.tap(walk.locator("[data-urgent='1']"))
    card = walk.locator("[data-card=event]").inner_text()
    assert three[0][1] in card
    assert three[0][2].split("承办 ")[1] in card


@both_ways
def test_question_2_what_is_overdue_is_stuck_in_which_stage_and_department(walk: Walk) -> None:
    walk.tap(walk.locator(".om-tab-overdue"))

    def shown() -> dict[str, dict[str, int]]:
        stages = walk.locator(".om-stuck thead th").all_inner_texts()[1:-1]
        found = {}
        for row in walk.locator(".om-stuck tbody tr:not(.om-sum):not([data-department=rest])").all():
            name, *counts, total = row.locator("td").all_inner_texts()
            found[name] = {stage: int(n) for stage, n in zip(stages, counts, strict=True) if n != "0"}
            assert sum(found[name].values()) == int(total)
        rest = walk.locator(".om-stuck [data-department=rest] td:last-child")
        assert sum(sum(row.values()) for row in found.values()) + (
            int(rest.inner_text()) if rest.count() else 0
        ) == walk.product.kpi("overdue")
        return found

    def truth(demo: Demo) -> dict[str, dict[str, int]]:
        table = sql.stuck(demo)
        named = shown()
        assert sum(sum(row.values()) for row in table.values()) == demo.number(sql.OVERDUE)
        smallest = min((sum(row.values()) for row in named.values()), default=0)
        assert all(sum(row.values()) <= smallest for name, row in table.items() if name not in named)
        return {name: row for name, row in table.items() if name in named}

    walk.agree(shown, truth)
    most = walk.locator(".om-stuck .om-most a").first
    stage = most.locator("xpath=..").get_attribute("data-stage")
    department = most.locator("xpath=ancestor::tr").get_attribute("data-department")
    walk.tap(most)
    statuses = dict(zip(sql.STAGE_KEYS, sql.STAGES, strict=True))
    condition = (
        f"{sql.OVERDUE} AND e.department_code = '{department}' AND e.status IN ({statuses[str(stage)][1]})"
    )
    walk.agree(lambda: listed(walk), lambda demo: demo.ids(condition))


def test_question_3_which_community_is_worse_two_weeks_running_and_by_how_much(walk: Walk) -> None:
    walk.tap(walk.locator(".om-nav a", text="效能"))
    walk.tap(walk.locator("[data-look=worse]"))

    def shown() -> dict[tuple[str, str], list[float]]:
        found = {}
        for part in walk.locator("[data-measure]").all():
            for row in part.locator("tbody tr").all():
                first, second, _, gap = row.locator("td").all_inner_texts()[1:]
                key = (str(part.get_attribute("data-measure")), str(row.get_attribute("data-area")))
                shares = [number for text in (first, second) for number in numbers_in(text)[1:]]
                found[key] = [*shares, *numbers_in(gap)]
        return found

    def truth(demo: Demo) -> dict[tuple[str, str], list[float]]:
        return {
            key: [float(f"{number:.0f}") for share in shares if share[1] is not None for number in share
                  if number is not None] + [float(f"{gap:.1f}")]
            for key, (shares, gap) in weeks.worse_two_weeks(demo).items()
        }  # fmt: skip

    found = walk.agree(shown, truth)
    communities = {code for _, code in found if len(code) == 12}
    assert communities
    assert walk.locator("[data-worse]").get_attribute("data-worse") == str(len(communities))


def test_question_4_who_has_not_come_to_the_whistle_and_who_has_not_finished(walk: Walk) -> None:
    def counts() -> dict[str, int]:
        lines = walk.locator(".om-whistle-line [data-whistles]").all()
        return {
            str(line.get_attribute("data-whistles")): int(line.get_attribute("data-count") or 0)
            for line in lines
        }

    both = walk.agree(counts, lambda demo: {name: len(of) for name, of in sql.whistles(demo).items()})
    assert min(both.values()) > 0
    walk.tap(walk.locator("[data-whistles=absent]"))
    assert walk.product.path == "whistle"

    def listed_here() -> dict[int, dict[str, str]]:
        return {
            int(row.get_attribute("data-whistle") or 0): {
                str(one.get_attribute("data-called")): re.split(r" \d", one.inner_text().split(" ", 1)[1])[0]
                for one in row.locator("[data-called]").all()
            }
            for row in walk.locator(".om-whistle-list [data-whistle]").all()
        }

    walk.agree(listed_here, lambda demo: sql.whistles(demo)["absent"])

    def missing() -> dict[str, int]:
        chips = walk.locator("[data-missing]").all()
        return {
            str(one.get_attribute("data-missing")): int(one.get_attribute("data-count") or 0) for one in chips
        }

    walk.agree(missing, sql.missing_departments)
    chip = walk.locator("[data-missing^='working:']").first
    department = str(chip.get_attribute("data-missing")).partition(":")[2]
    walk.tap(chip)
    walk.agree(
        lambda: sorted(listed_here()),
        lambda demo: sorted(
            key for key, called in sql.open_whistles(demo).items() if called.get(department) == "已报到"
        ),
    )


def test_question_5_the_same_problem_at_the_same_place_is_the_how_manieth(walk: Walk) -> None:
    walk.tap(walk.locator(".om-tab-repeat"))

    def shown() -> list[tuple[str, int, int]]:
        rows = walk.locator("[data-alert=repeat]")
        titles, details = (
            rows.locator(part).all_inner_texts()
            for part in (".om-row-title", ".om-row-second:not([data-risk]) > span:first-child")
        )
        found = []
        for title, detail in zip(titles, details, strict=True):
            name, times = title.rsplit(" ", 2)[0].removesuffix(" 同一处"), numbers_in(title)[-1]
            found.append((name, int(times), int(numbers_in(detail)[-1])))
        return found

    def truth(demo: Demo) -> list[tuple[str, int, int]]:
        groups = [rows for rows in sql.same_place(demo).values() if len(rows) >= 3]
        groups.sort(key=lambda rows: (-len(rows), later_first(rows[-1]["reported_at"]), -rows[-1]["id"]))
        return [
            (rows[0]["class_name"], len(rows), sum(row["ended_at"] is None for row in rows))
            for rows in groups[:30]
        ]

    walk.agree(shown, truth)
    times = int(numbers_in(walk.locator("[data-alert=repeat] .om-row-title").first.inner_text())[-1])
    walk.tap(walk.locator("[data-alert=repeat]").first)

    def ids() -> list[int]:
        rows = walk.locator(".om-side .om-rows [data-event]")
        return sorted(rows.evaluate_all("rows => rows.map(r => +r.dataset.event)"))

    def those(demo: Demo) -> list[int]:
        groups = sql.same_place(demo).values()
        return next((sorted(row["id"] for row in rows) for rows in groups if ids()[0] in
                     {row["id"] for row in rows}), [])  # fmt: skip

    assert len(walk.agree(ids, those)) >= times


def test_question_5_the_card_of_a_case_says_which_time_it_is(walk: Walk) -> None:
    walk.tap(walk.locator(".om-tab-overdue"))
    keys = walk.locator("[data-alert=overdue]").evaluate_all(
        "rows => rows.map(r => +new URL(r.href).searchParams.get('sel').split(':')[1])"
    )
    with sql.opened(walk.served.var_dir, walk.as_of()) as demo:
        located = {row["id"] for row in demo.rows("SELECT id FROM event WHERE lon IS NOT NULL")}
        times = {key: sql.nth_time(demo, key) for key in keys if key in located}
    chosen = max(times, key=lambda key: times[key])
    walk.tap(walk.locator(f"[data-alert=overdue][href*='event:{chosen}']"))
    nth = walk.agree(
        lambda: int(numbers_in(walk.locator("[data-nth]").inner_text())[1]),
        lambda demo: sql.nth_time(demo, chosen),
    )
    assert nth >= 1


def test_question_7_three_rates_of_12345_against_last_month_and_which_class_pulls_them_down(
    walk: Walk,
) -> None:
    walk.tap(walk.locator(".om-nav a", text="效能"))
    walk.tap(walk.locator("[data-look=month]"))

    def share(text: str) -> tuple[int, int]:
        part, whole = re.findall(r"([\d,]+)/([\d,]+)", text)[0]
        return int(numbers_in(part)[0]), int(numbers_in(whole)[0])

    def shown() -> dict[str, tuple[object, ...]]:
        found: dict[str, tuple[object, ...]] = {}
        for card in walk.locator("[data-rate].om-hotline-card").all():
            rate = str(card.get_attribute("data-rate"))
            _, now, before, drag = card.locator("xpath=./div").all_inner_texts()
            found[rate] = (
                share(now),
                share(before),
                points_said(before),
                str(card.get_attribute("data-drag")),
            )
            assert "拖后腿的是" in drag
            for row in walk.locator(f"tr[data-major] td[data-rate={rate}]").all():
                major = str(row.locator("xpath=..").get_attribute("data-major"))
                if major != "all" and share(row.inner_text())[1]:
                    found[f"{rate} {major}"] = share(row.inner_text())
        return found

    def truth(demo: Demo) -> dict[str, tuple[object, ...]]:
        settled = demo.monday - timedelta(days=7)
        first = settled.replace(day=1)
        month_end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        last_end = first - timedelta(days=1)
        found: dict[str, tuple[object, ...]] = {}
        for rate in ("response", "solved", "satisfied"):
            now = weeks.month_shares(demo, rate, first, min(month_end, demo.today))
            before = weeks.month_shares(demo, rate, last_end.replace(day=1), last_end)
            change = 100 * (now[""][0] / now[""][1] - before[""][0] / before[""][1])
            without = {
                major: (now[""][0] - part) / (now[""][1] - whole)
                for major, (part, whole) in now.items()
                if major and whole < now[""][1]
            }
            worst = max(without, key=lambda major: without[major])
            found[rate] = (now[""], before[""], 0.0 if abs(change) < 0.05 else float(f"{change:.1f}"), worst)
            found |= {f"{rate} {major}": counts for major, counts in now.items() if major}
        return found

    walk.agree(shown, truth)


@both_ways
def test_question_8_which_grid_has_few_people_and_much_to_do(walk: Walk) -> None:
    if walk.upright:
        walk.tap(walk.locator(".om-sheet-tabs .om-sheet-areas"))
    walk.tap(walk.locator(".om-ranking .om-more", text="网格人少事多"))

    def shown() -> list[tuple[str, list[float]]]:
        rows = []
        for row in walk.locator("tr[data-grid]").all():
            cells = row.locator("td").all_inner_texts()[1:]
            rows.append((str(row.get_attribute("data-grid")), [numbers_in(cell)[0] for cell in cells]))
        return rows

    def truth(demo: Demo) -> list[tuple[str, list[float]]]:
        return [
            (row["code"], [
                row["events"], row["workers"], float(f"{row['events'] / row['workers']:.1f}"),
                row["residents"], float(f"{1000 * row['events'] / row['residents']:.1f}"),
            ])
            for row in sql.grid_loads(demo)
        ]  # fmt: skip

    rows = walk.agree(shown, truth)
    assert len(rows) == 50
    assert rows[0][1][2] >= 2 * rows[-1][1][2], "the demo has grids that carry far more than others"
    if not walk.upright:
        code = rows[0][0]
        walk.tap(walk.locator(f"tr[data-grid='{code}'] td:nth-child(2) a"))
        walk.agree(
            lambda: listed(walk),
            lambda demo: demo.ids("e.ended_at IS NULL AND e.code = :code", code=code),
        )


@pytest.mark.parametrize("key", sql.FIGURES)
def test_question_10_how_a_number_is_computed_over_which_rows_and_as_of_when(walk: Walk, key: str) -> None:
    menu = walk.locator(f"[data-kpi={key}] .om-explain")
    walk.open_menu(menu.locator("summary"))
    sheet = menu.locator(".om-menu-sheet")

    def shown() -> tuple[float, str]:
        assert {"算法", "口径", "条件", "行数", "数据截至"} <= set(sheet.locator(".om-key").all_inner_texts())
        pairs = dict(text.split("\n", 1) for text in sheet.locator(".om-pair").all_inner_texts())
        assert " = " in pairs["算法"]
        return numbers_in(pairs["行数"])[0], pairs["数据截至"]

    def truth(demo: Demo) -> tuple[float, str]:
        return float(
            demo.number(sql.FIGURES[key], monday=demo.monday.isoformat())
        ), f"{demo.as_of:%m-%d %H:%M}"

    walk.agree(shown, truth)
    if key == "on_time_rate":
        in_time = f"{sql.FIGURES[key]} AND {sql.DONE} AND e.in_time = 1"
        walk.agree(
            lambda: numbers_in(walk.locator(f"[data-kpi={key}] .om-fraction").inner_text()),
            lambda demo: [float(demo.number(condition, monday=demo.monday.isoformat()))
                          for condition in (in_time, sql.FIGURES[key])],
        )  # fmt: skip
    if not menu.get_attribute("open") is not None:
        menu.evaluate("menu => { menu.open = true; }")  # the page was drawn anew while it was compared
    walk.tap(sheet.locator("a", has_text="查看这些件"))
    assert walk.product.path == "events"
    walk.agree(
        lambda: walk.product.total, lambda demo: demo.number(sql.FIGURES[key], monday=demo.monday.isoformat())
    )

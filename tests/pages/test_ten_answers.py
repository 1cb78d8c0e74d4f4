"""What answers the standing questions of a street, from the entry script: small panels and their links."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from tests.dashboard.small_world import DISTRICT, World
from tests.pages.conftest import Opener, Shown
from tests.pages.test_performance_and_alerts import STREET, params_of, weeks

__all__ = ["weeks"]


def linked(shown: Shown, opener: Opener, text: str) -> Shown:
    """The page behind the first link with this text."""
    found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(text)}', shown.html)
    assert found, text
    page = re.match(r"\./(\w*)", unescape(found.group(1)))
    assert page
    return opener(page.group(1) or "overview", **params_of(found.group(1)))


def test_the_three_most_urgent_stand_above_the_alerts_and_not_twice(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener()
    assert "最急三件" in shown.text
    first = re.findall(r'data-urgent="(\d)" data-event="(\d+)"', shown.html)
    assert [place for place, _ in first] == ["1", "2", "3"]
    assert re.search(r"超 1 天 6 小时.*到期 .*承办 .*D01", shown.text, flags=re.DOTALL)
    keys = re.findall(r"sel=event:(\d+)", shown.html)
    assert len(keys) == len(set(keys))


def test_what_is_overdue_stands_by_stage_and_department_and_its_counts_open_their_rows(
    opener: Opener, world: World
) -> None:
    assert world.grids
    shown = opener(alert="overdue", class_="0101")
    overdue = shown.kpis["overdue"]
    assert f'data-stuck="{overdue:.0f}"' in shown.html
    assert "超期卡在哪个环节、哪个部门" in shown.text
    row = re.search(r'<tr data-department="D01">.*?</tr>', shown.html, flags=re.DOTALL)
    assert row
    (count, href) = re.search(r'data-count="(\d+)"><a href="([^"]+)"', row.group()).groups()  # type: ignore[union-attr]
    params = params_of(href)
    assert (params["dept"], params["color"], params["class"]) == ("D01", "overdue", "0101")
    assert opener("events", **{k: v for k, v in params.items() if k != "class"}, class_="0101").total == int(
        count
    )


def test_grids_are_ranked_by_their_load_and_a_count_opens_its_rows(opener: Opener, world: World) -> None:
    assert world.grids
    shown = linked(opener(), opener, "网格人少事多")
    rows = re.findall(r'data-grid="(\d+)" data-events="(\d+)"', shown.html)
    counts = [int(count) for _, count in rows]
    assert counts == sorted(counts, reverse=True)
    assert len(rows) == 50
    assert "前 50 个，共 256 个网格" in shown.text
    assert "无人" in shown.text
    assert opener("events", area=rows[0][0]).total == counts[0]
    by_residents = opener(rank="grids", sort="per_1000", area=f"{DISTRICT}001")
    assert "每千人" in by_residents.text
    assert all(
        code.startswith(f"{DISTRICT}001")
        for code, _ in re.findall(r'data-grid="(\d+)" data-(e)', by_residents.html)
    )


def test_the_sum_of_the_grids_leads_to_no_list_that_also_holds_what_lies_in_no_grid(
    opener: Opener, world: World
) -> None:
    assert world.grids
    sheet = re.search(
        r'id="om-menu-explain-workload".*?</details>', opener(rank="grids").html, flags=re.DOTALL
    )
    assert sheet
    assert "每员件数：" in sheet.group()
    assert "查看这些件" not in sheet.group()
    assert "行数" not in sheet.group()


def test_the_card_says_which_time_it_is_at_this_place(opener: Opener, world: World) -> None:
    located = next(k for k, row in enumerate(world.events, start=1) if row["cell"] is not None)
    assert re.search(r"同一处同类 30 天内第 \d 次", opener(sel=f"event:{located}").text)
    without = next(k for k, row in enumerate(world.events, start=1) if row["cell"] is None)
    assert "第几次" not in opener(sel=f"event:{without}").text


def test_who_is_behind_for_weeks_is_listed_with_the_gap_and_leads_to_the_cell(
    opener: Opener, weeks: Path
) -> None:
    assert weeks
    table = opener("performance")
    assert re.search(r'data-look="worse">连续两周不达标<span class="om-badge">1 个社区', table.html)
    shown = opener("performance", look="worse")
    assert "差 15.0 个百分点" in shown.text
    assert "9/12" in shown.text
    (href,) = re.findall(rf'data-href="([^"]+)" data-area="{STREET}001"', shown.html)[:1]
    cell = opener("performance", **params_of(href))
    assert "✗ 差于基准" in cell.text
    assert opener("performance", look="worse", area=f"{DISTRICT}004").text.count("没有连续两周") == 1


def test_a_month_without_ratings_says_so(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener("performance", look="month")
    assert "这两个月没有带响应时限、回访或评价的 12345 工单" in shown.text
    assert 'data-month="2026-11"' in shown.html

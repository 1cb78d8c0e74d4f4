"""Drilling by the map, the table and the breadcrumb; narrowing by every condition; drawing; search; alerts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.browser.product import ProductPage

TODAY = datetime.now(UTC).astimezone(timezone(timedelta(hours=8))).date()
WEEK = f"from={TODAY - timedelta(days=6)}&to={TODAY}"

# A pixel of the map with nothing but an area under it: far from controls, events, stations and borders.
_BARE_AREA = """(outside) => {
  const size = OneMap.map.getSize(), points = OneMap.part("points"), stations = OneMap.part("stations");
  const areas = OneMap.part("areas"), found = [];
  for (let y = 20; y < size.y - 20; y += 8) for (let x = 20; x < size.x - 20; x += 8) {
    const at = L.point(x, y), area = areas.at(at);
    if (!area || points.at(at, 16) || stations.at(at, 16)) continue;
    if (document.elementFromPoint(x, y)?.closest(".leaflet-control")) continue;
    if ([[-6, 0], [6, 0], [0, -6], [0, 6]].some(([dx, dy]) => areas.at(L.point(x + dx, y + dy))?.i !== area.i)) continue;
    if (outside && area.name.includes(outside)) continue;
    found.push({ x, y, name: area.name, away: Math.hypot(x - size.x / 2, y - size.y / 2) });
  }
  return found.sort((a, b) => a.away - b.away)[0] || null;
}"""
_SINGLE = """(wanted) => {
  const size = OneMap.map.getSize();
  for (const c of OneMap.part("points").answer.clusters) {
    const p = OneMap.pixelOf(c[0], c[1]);
    if (c[2] !== 1 || p.x < 60 || p.y < 60 || p.x > size.x - 60 || p.y > size.y - 60) continue;
    if (document.elementFromPoint(p.x, p.y)?.closest(".leaflet-control")) continue;
    if (OneMap.part("points").at(L.point(p.x, p.y), 12) !== c) continue;
    return { x: p.x, y: p.y, id: c[6] };
  }
  return null;
}"""


def reconcile(product: ProductPage) -> int:
    """The one number of this view, the same in the row of conditions, the map, the table and the file."""
    total, shown = product.total, product.debug()["points"]
    assert shown["total"] == total
    if product.path == "":
        ranking = product.ranking
        if ranking:
            assert ranking.pop("合计") == total
            assert sum(ranking.values()) == total
    assert len(exported(product)) == total
    return total


def exported(product: ProductPage) -> list[dict[str, str]]:
    """Rows of the CSV file under the filter and moment that the map shows."""
    state = product.debug()["state"]
    answer = product.page.request.get(
        f"{product.base}/onemap/export.csv?{state['query']}", params={"at": state["at"]}
    )
    assert answer.ok
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def bare_area(product: ProductPage) -> dict[str, Any]:
    found: dict[str, Any] | None = product.js(_BARE_AREA, "")
    assert found is not None, "no area without events or stations over it"
    return found


def test_clicking_the_map_leads_from_district_to_street_community_and_grid_and_the_breadcrumb_back(
    product: ProductPage,
) -> None:
    product.open()
    seen = [(product.crumbs, product.total)]
    for digits in (9, 12, 15):
        product.js(
            "OneMap.choose({ layers: ['areas', 'names'] })"
        )  # an area between the events is easier to hit
        product.settle()
        spot = bare_area(product)
        before = product.page.url
        product.click_map(spot["x"], spot["y"])
        product.until(lambda before=before: product.page.url != before, "the click on the map drills")  # type: ignore[misc]
        product.settle()
        assert len(product.params["area"]) == digits
        assert product.crumbs[-1].endswith(spot["name"])
        assert (
            product.debug()["state"]["focus"]["level"] == {9: "street", 12: "community", 15: "grid"}[digits]
        )
        _sees_focus(product)
        assert product.kpi("open") == product.total <= seen[-1][1]
        seen.append((product.crumbs, product.total))
    assert len(product.crumbs) == 4
    for crumbs, total in reversed(seen[:-1]):
        product.follow(product.page.locator(".om-crumbs a").nth(len(crumbs) - 1))
        assert (product.crumbs, product.total) == (crumbs, total)
    assert "area" not in product.params


def _sees_focus(product: ProductPage) -> None:
    """The area in focus lies within the view and is not a speck in it."""
    share = product.js(
        """() => { const [w, s, e, n] = OneMap.state.focus.bounds, size = OneMap.map.getSize();
        const a = OneMap.pixelOf(w, n), b = OneMap.pixelOf(e, s);
        return [Math.min(a.x, a.y, size.x - b.x, size.y - b.y), Math.max((b.x - a.x) / size.x, (b.y - a.y) / size.y)]; }"""
    )
    assert share[0] >= 0
    assert share[1] > 0.3


def test_a_row_of_the_ranked_table_drills_and_its_count_is_the_total_there(product: ProductPage) -> None:
    product.open()
    total = reconcile(product)
    for level in ("street", "community"):
        row = product.page.locator(".om-ranking tr[data-code]").first
        code, count = row.get_attribute("data-code"), int(row.get_attribute("data-count") or -1)
        product.follow(row.locator("a"))
        assert product.params["area"] == code
        assert reconcile(product) == count <= total
        assert product.debug()["state"]["focus"]["level"] == level
        total = count


@pytest.mark.parametrize(
    "query",
    [
        "",
        "color=overdue",
        "color=overdue,soon&area=510115001",
        "class=01",
        "source=12345",
        "status=handling",
        "q=小区",
        f"basis=reported&{WEEK}",
        f"basis=due&{WEEK}",
        f"basis=closed&{WEEK}&class=01&source=patrol",
    ],
)
def test_under_any_filter_figure_map_table_list_and_file_agree(product: ProductPage, query: str) -> None:
    product.open(f"?{query}")
    total = reconcile(product)
    assert total > 0
    for key, colors in (("open", ""), ("overdue", "overdue"), ("soon", "soon")):
        if product.filter_params.get("basis", "open") == "open" and query == (
            f"color={colors}" if colors else ""
        ):
            assert product.kpi(key) == total
    product.open(f"events?{query}")
    assert reconcile(product) == total
    assert f"共 {total:,} 件" in product.page.locator(".om-pager").inner_text()
    assert product.page.locator("tr[data-event]").count() == min(total, 100)


def _option(product: ProductPage, menu: str, text: str) -> int:
    """Choose one line of a menu; gives the count that stands on it."""
    product.page.locator(f"#om-menu-{menu} > summary").click()
    line = product.page.locator(f"#om-menu-{menu} a.om-option", has_text=text).first
    count = line.locator(".om-option-count")
    promised = int(count.inner_text().replace(",", "")) if count.count() else -1
    product.follow(line)
    product.page.keyboard.press("Escape")
    return promised


def test_each_menu_keeps_its_promise_and_clear_takes_all_away(product: ProductPage) -> None:
    product.open()
    whole = product.total
    promised = _option(product, "class", "暴露垃圾")
    assert reconcile(product) == promised
    product.follow(product.page.locator("a.om-clear"))
    promised = _option(product, "source", "网格巡查")
    assert reconcile(product) == promised
    promised = _option(product, "dept", "区水务局")
    assert reconcile(product) == promised
    product.follow(product.page.locator("a.om-clear"))
    assert (product.total, product.params) == (whole, {})


def test_a_colour_is_switched_on_and_off_by_its_chip(product: ProductPage) -> None:
    product.open()
    whole = product.total
    chip = product.page.locator(".om-colors [data-color=overdue]")
    count = int(chip.get_attribute("data-count") or -1)
    product.follow(chip)
    assert reconcile(product) == count == product.kpi("overdue")
    assert chip.get_attribute("aria-pressed") == "true"
    product.follow(chip)
    assert product.total == whole


def test_words_narrow_the_view_and_only_matching_events_stay(product: ProductPage) -> None:
    product.open()
    box = product.page.locator(".om-text input")
    box.fill("小区")
    before = product.page.url
    box.press("Enter")
    product.until(lambda: product.page.url != before, "the words reach the address")
    product.settle()
    assert product.params == {"q": "小区"}
    reconcile(product)
    assert all(
        "小区" in row["标题"] + row["地址"] + row["编号"] or "小区" in "".join(row.values())
        for row in exported(product)
    )


def test_another_basis_brings_its_period_and_a_preset_changes_it(product: ProductPage) -> None:
    product.open()
    _option(product, "basis", "上报")
    assert product.params["basis"] == "reported"
    week = reconcile(product)
    _option(product, "period", "今日")
    assert product.params["from"] == product.params["to"] == str(TODAY)
    assert reconcile(product) == product.kpi("new_today") < week


def test_a_figure_sets_its_own_basis(product: ProductPage) -> None:
    product.open()
    value = product.kpi("new_today")
    product.follow(product.page.locator("[data-kpi=new_today] a.om-kpi-link"))
    assert product.params["basis"] == "reported"
    assert reconcile(product) == value


def test_a_drawn_polygon_narrows_everything_and_is_cleared_on_the_map(product: ProductPage) -> None:
    product.open()
    whole = product.total
    assert product.frame is not None
    product.frame.get_by_role("button", name="画一个范围来筛选").click()
    west, south, east, north = product.debug()["state"]["tiles"]["bounds"]
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2 - (north - south) / 8
    width, height = (east - west) / 5, (north - south) / 5
    corners = [(middle_lon - width, middle_lat - height), (middle_lon + width, middle_lat - height),
               (middle_lon, middle_lat + height)]  # fmt: skip
    for corner in [*corners, corners[0]]:
        product.click_place(*corner)
        product.page.wait_for_timeout(150)
    product.until(lambda: "poly" in product.params, "the polygon is in the address")
    product.settle()
    inside = reconcile(product)
    assert 0 < inside < whole
    for row in exported(product):
        assert _in_triangle((float(row["经度"]), float(row["纬度"])), corners)
    product.follow(product.page.locator(".om-nav a", has_text="事件"))
    assert reconcile(product) == inside
    product.frame.get_by_role("button", name="清除画的范围").click()
    product.until(lambda: "poly" not in product.params, "the polygon has left the address")
    product.settle()
    assert reconcile(product) == whole


def _in_triangle(point: tuple[float, float], corners: list[tuple[float, float]]) -> bool:
    """On the same side of all three edges, give or take a pixel of the click."""
    sides = []
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
        sides.append(cross / ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
    return min(sides) > -0.001 or max(sides) < 0.001


def test_an_event_clicked_on_the_map_opens_its_card_and_a_second_click_opens_it_again(
    product: ProductPage,
) -> None:
    product.open("?area=510115001001&layers=points")
    spot = product.js(_SINGLE)
    assert spot is not None
    for _ in range(2):
        product.click_map(spot["x"], spot["y"])
        product.until(lambda: product.params.get("sel") == f"event:{spot['id']}", "the event is selected")
        product.settle()
        card = product.page.locator("[data-card=event]")
        card.wait_for()
        assert {"谁在办", "状态", "到期", "案件号"} <= set(card.locator("dt").all_inner_texts())
        assert card.locator(".om-timeline li").count() >= 1
        assert product.debug()["state"]["selection"]["key"] == str(spot["id"])
        product.follow(card.locator("a.om-back"))
        assert "sel" not in product.params
        again = product.js(_SINGLE)  # nothing has moved
        assert again["id"] == spot["id"]
        spot = again


def test_escape_closes_a_card(product: ProductPage) -> None:
    product.open("?tab=events")
    product.follow(product.page.locator("a.om-row[data-event]").first)
    product.page.locator("[data-card=event]").wait_for()
    product.page.keyboard.press("Escape")
    product.until(lambda: "sel" not in product.params, "the card is closed")
    product.settle()
    assert product.page.locator("[data-card=event]").count() == 0


def _search(product: ProductPage, text: str) -> list[str]:
    product.page.locator("#om-search").fill(text)
    product.page.locator("#om-search-hits.om-open").wait_for()
    product.until(
        lambda: product.page.locator("#om-search-hits > *").count() > 0, "the search says something"
    )
    product.page.wait_for_timeout(400)
    return product.page.locator("#om-search-hits > *").all_inner_texts()


def test_pinyin_initials_find_a_street_and_the_map_goes_there(product: ProductPage) -> None:
    product.open()
    hits = _search(product, "lcjd")
    assert any("柳城街道" in hit for hit in hits)
    product.follow(product.page.locator("#om-search-hits a", has_text="柳城街道").first)
    assert product.params["area"] == "510115001"
    assert product.crumbs == ["温江区", "柳城街道"]
    _sees_focus(product)


def test_a_case_number_finds_the_event_flies_there_and_opens_its_card(product: ProductPage) -> None:
    product.open()
    located = next(row for row in exported(product) if row["经度"])
    assert any(located["编号"] in hit for hit in _search(product, located["编号"]))
    before = product.page.url
    product.page.keyboard.press("Enter")
    product.until(lambda: product.page.url != before, "the hit is followed")
    product.settle()
    assert located["编号"] in product.page.locator("[data-card=event]").inner_text()
    _is_over(product, float(located["经度"]), float(located["纬度"]))


def test_a_search_without_a_hit_says_so(product: ProductPage) -> None:
    product.open()
    assert _search(product, "没有这个地方") == ["没有找到“没有这个地方”"]


def _is_over(product: ProductPage, lon: float, lat: float) -> None:
    """The map has come near to a place and shows it well inside the view."""
    shown = product.debug()
    assert shown["zoom"] >= 15
    x, y, width, height = product.js(
        "([lon, lat]) => { const p = OneMap.pixelOf(lon, lat), s = OneMap.map.getSize(); return [p.x, p.y, s.x, s.y]; }",
        [lon, lat],
    )
    assert 0 < x < width
    assert 0 < y < height


def test_an_alert_flies_to_its_place_and_opens_its_card(product: ProductPage) -> None:
    product.open()
    alert = product.page.locator("[data-alert=overdue]").first
    title = alert.locator(".om-row-title").inner_text().split(" ")[0]
    product.follow(alert)
    assert title in product.page.locator("[data-card=event]").inner_text()
    selection = product.debug()["state"]["selection"]
    _is_over(product, selection["lon"], selection["lat"])


def test_an_alert_of_repeats_opens_its_rows(product: ProductPage) -> None:
    product.open("?alert=repeat")
    alert = product.page.locator("[data-alert=repeat]").first
    times = int("".join(filter(str.isdigit, alert.locator(".om-row-title").inner_text())))
    product.follow(alert)
    assert reconcile(product) == times


def test_a_row_of_the_list_opens_its_card_and_is_marked_in_the_list(product: ProductPage) -> None:
    product.open("events?color=overdue")
    row = product.page.locator("tr[data-event]").nth(2)
    key = row.get_attribute("data-event")
    product.follow(row.locator("td").nth(1))
    assert product.params["sel"] == f"event:{key}"
    assert product.page.locator("tr.om-selected").get_attribute("data-event") == key
    product.page.locator("[data-card=event]").wait_for()
    assert product.debug()["state"]["selection"]["key"] == key


def test_a_layer_switched_off_on_the_map_is_kept_in_the_address(product: ProductPage) -> None:
    product.open()
    product.js("OneMap.choose({ layers: ['areas', 'points', 'names'] })")
    product.until(
        lambda: product.params.get("layers") == "areas,points,names", "the layers are in the address"
    )
    product.settle()
    product.page.reload()
    product.page.locator(".om-head").wait_for()
    product.settle()
    assert product.debug()["state"]["layers"] == ["areas", "points", "names"]

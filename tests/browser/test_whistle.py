"""A whistle by clicking: blown from a case, answered, finished, scored; who is missing, from the overview."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.browser.product import ProductPage
from tests.browser.serving import Served
from tests.browser.test_loop import choose


def _a_case(demo: Served) -> tuple[int, str, str]:
    """An open case of a community with a department that has officers: its number, the names of the street's
    clerk and of an officer.
    """
    with closing(sqlite3.connect(demo.var_dir / "onemap.db")) as connection:
        found: tuple[int, str, str] = connection.execute(
            "SELECT event.id, clerk.name, officer.name FROM event"
            " JOIN staff clerk ON clerk.division_code = substr(event.code, 1, 9)"
            " AND clerk.post = '街道报单员'"
            " JOIN staff officer ON officer.department_code = event.department_code"
            " WHERE event.ended_at IS NULL AND length(event.code) = 15 AND event.department_code <> ''"
            " ORDER BY event.id DESC LIMIT 1"
        ).fetchone()
    return found


def do(product: ProductPage, act: str, *, text: str = "", points: str = "") -> str:
    """Follow an act's button, fill in its form, send it; what is said then."""
    product.follow(product.page.locator(f"a[data-act={act}]").first)
    form = product.page.locator(".st-key-om-loop-form")
    if points:
        form.locator("input[type=number]").fill(points)
    if text:
        form.locator("textarea").fill(text)
    before = product.page.url
    form.locator("[data-testid=stFormSubmitButton] button").click()
    product.until(lambda: product.page.url != before, f"{act} is done")
    product.settle()
    product.check_texts()
    return product.page.locator(".om-notice-line").inner_text()


def test_a_street_blows_for_a_case_the_department_comes_and_finishes_and_the_street_scores_it(
    product: ProductPage, demo: Served
) -> None:
    event_id, clerk, officer = _a_case(demo)
    product.open(f"events?sel=event:{event_id}")
    choose(product, clerk)
    product.follow(product.page.locator("a[data-blow]"))
    form = product.page.locator(".st-key-om-loop-form")
    form.get_by_text("应急处置").click()
    form.get_by_role("button", name="预览").click()
    product.page.locator("[data-preview=blow]").wait_for()
    product.settle()
    product.check_texts()
    product.press("确认吹哨")
    product.until(lambda: product.params.get("whistle", "new") != "new", "the whistle's card")
    product.settle()
    assert "已吹哨，1 个部门应在" in product.page.locator(".om-notice-line").inner_text()
    number = product.params["whistle"]
    row = product.page.locator(f".om-whistle-list [data-whistle='{number}']")
    assert row.get_attribute("data-stands") == "absent"

    choose(product, officer)
    assert "已报到" in do(product, "arrive")
    assert row.get_attribute("data-stands") == "working"
    assert "已办结" in do(product, "finish", text="现场已处置")

    choose(product, clerk)
    assert "已评分" in do(product, "score", points="95")
    steps = product.page.locator(".om-whistle-card [data-did]")
    assert steps.evaluate_all("rows => rows.map(row => row.dataset.did)") == [
        "score", "finish", "arrive", "blow",
    ]  # fmt: skip
    actors = product.page.locator(".om-whistle-card .om-actor").all_inner_texts()
    assert actors == [clerk, officer, officer, clerk]


def test_from_the_overview_one_tap_shows_who_has_not_come(product: ProductPage) -> None:
    product.open()
    line = product.page.locator("[data-whistles=absent]")
    count = int(line.get_attribute("data-count") or -1)
    product.follow(line)

    assert (product.path, product.params) == ("whistle", {"standing": "absent"})
    assert count > 0
    assert product.page.locator(".om-whistle-list [data-whistle]").count() == count
    missing = product.page.locator("[data-missing^='absent:']").first
    of_one = int(missing.get_attribute("data-count") or -1)
    product.follow(missing)
    assert product.page.locator(".om-whistle-list [data-whistle]").count() == of_one
    product.check_texts()

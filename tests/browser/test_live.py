"""When the data changes, map and panels move to the same new revision, in place."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.browser.product import ProductPage
from tests.browser.serving import ROOT, Served

# Another process, as an import or a second person would be: closes the first open event that can be closed.
_VOID_ONE = """
from datetime import UTC, datetime
from sqlmodel import select
from data.database import open_engine, read_session, write_session
from data.event_log import append_one
from data.event_fold import Action, Entry
from data.models import Event
from data.settings import read_settings
engine = open_engine(read_settings().database_url)
with write_session(engine) as session:
    event = session.exec(select(Event).where(Event.ended_at.is_(None), Event.lon.is_not(None)).limit(1)).one()
    append_one(session, Entry(at=datetime.now(UTC), actor="浏览器测试", action=Action.VOID, reason="测试",
        changes={"status": "voided", "ended_at": datetime.now(UTC)}), event_id=event.id, seen_seq=event.seq)
    print(event.external_no)
"""


def _void_one_event(served: Served) -> str:
    environment = {**os.environ, "ONEMAP_VAR_DIR": str(served.var_dir), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _VOID_ONE], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_change_by_another_process_reaches_panels_and_map_together_without_a_reload(
    product: ProductPage, demo: Served
) -> None:
    product.open()
    product.page.evaluate("window.stillTheSame = true")
    product.js("window.stillTheSame = true")
    product.js("OneMap.map.setView(OneMap.map.getCenter(), 14, { animate: false })")  # a person looks closer
    product.settle()
    before = product.debug()
    total = product.total
    assert _void_one_event(demo)
    product.until(lambda: product.total == total - 1, "the panels have one event fewer")
    product.settle()
    after = product.debug()
    assert after["points"]["total"] == product.total == product.kpi("open") == product.ranking["合计"]
    revisions = {after["points"]["revision"], after["areas"]["revision"], after["state"]["revision"]}
    assert len(revisions) == 1
    assert revisions.pop() > before["points"]["revision"]
    assert after["points"]["asOf"] == after["state"]["at"]
    assert product.page.evaluate("window.stillTheSame") is True
    assert product.js("window.stillTheSame") is True
    assert after["zoom"] == before["zoom"] == 14  # and where it was, to about a pixel
    assert [after["center"][axis] for axis in ("lng", "lat")] == pytest.approx(
        [before["center"][axis] for axis in ("lng", "lat")], abs=1e-4
    )


def test_a_page_without_a_map_hears_of_a_change_from_the_stream(product: ProductPage, demo: Served) -> None:
    product.open("events")
    product.page.evaluate("window.stillTheSame = true")
    product.until(lambda: any(url.endswith("/onemap/stream") for url in product.requests), "it listens")
    total, address = product.total, product.page.url
    assert _void_one_event(demo)
    product.until(lambda: product.total == total - 1, "the list has one event fewer")
    product.settle()
    assert product.page.evaluate("window.stillTheSame") is True
    assert product.page.url == address


def test_the_clock_goes_on_by_itself(product: ProductPage) -> None:
    product.open("events")
    beat = product.page.locator("[data-beat]").get_attribute("data-beat")
    product.until(
        lambda: product.page.locator("[data-beat]").get_attribute("data-beat") != beat,
        "the sign of life beats",
    )
    assert "● 实时" in product.page.locator(".om-live").inner_text()


def test_a_refusal_stays_to_be_read_while_others_change_the_data(product: ProductPage, demo: Served) -> None:
    def beats() -> int:
        return int(product.page.locator("[data-beat]").get_attribute("data-beat") or 0)

    product.open("settings?item=new")
    product.page.get_by_role("button", name="新增", exact=True).click()
    refusal = product.page.get_by_role("alert").filter(has_text="没有保存")
    refusal.wait_for()
    assert _void_one_event(demo)
    for _ in range(3):
        seen = beats()
        product.until(lambda seen=seen: beats() > seen, "the next beat")  # type: ignore[misc]
    product.settle()
    assert refusal.is_visible()

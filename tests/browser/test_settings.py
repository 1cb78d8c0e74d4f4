"""By clicking: a receiver is added and tested against a real server; a new rule rings and is told to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.product import ProductPage, product_page
from tests.browser.serving import Served, serve_product, wait_for_first_rules
from tests.browser.test_loop import choose
from tests.dashboard.small_world import build_world
from tests.data.loop.world import furnish
from tests.data.notices.outside import Web, web_server


@pytest.fixture(scope="module")
def own(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small district without the demo, with staff; its worker runs beside the server."""
    assert chromium_path
    var_dir = tmp_path_factory.mktemp("settings") / "var"
    var_dir.mkdir()
    world = build_world(var_dir, events=60)
    furnish(world.engine)
    world.engine.dispose()
    with serve_product(var_dir, "--no-demo") as served:
        wait_for_first_rules(served)
        yield served


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as found:
        yield found


@pytest.fixture
def desk(browser: Browser, own: Served) -> Iterator[ProductPage]:
    with product_page(browser, own.base) as page:
        yield page


def send(desk: ProductPage, label: str) -> str:
    """Press a button and wait for what is said afterwards."""
    desk.page.get_by_role("button", name=label, exact=True).click()
    line = desk.page.locator(".om-notice-line")
    desk.until(lambda: line.count() == 1, f"what came of {label}")
    desk.settle()
    return line.inner_text()


def test_a_receiver_is_added_tested_and_told_of_a_rule_made_by_clicking(desk: ProductPage, web: Web) -> None:
    desk.open("settings?item=new")
    choose(desk, "派遣员")
    desk.page.get_by_label("名称", exact=True).fill("值班群")
    desk.page.get_by_label("地址", exact=True).fill(f"{web.url}/robot/send?access_token=SECRETKEY")
    assert "已新增接收方“值班群”" in send(desk, "新增")
    assert "SECRETKEY" not in desk.page.content()

    desk.follow(desk.page.locator("[data-receiver] a"))
    assert "已排入发送队列" in send(desk, "发一条测试")
    desk.until(lambda: len(web.got) == 1, "the test arrives")
    sent = desk.page.locator(".om-deliveries [data-state=sent]")
    desk.until(lambda: sent.count() == 1, "the page says that the test was sent")
    assert "测试" in sent.inner_text()
    assert "【测试】" in web.bodies[0]["text"]["content"]

    desk.open("alerts?rule=new")
    desk.page.get_by_role("combobox", name=re.compile("看什么")).click()
    desk.page.get_by_role("option", name="超期升级").click()
    name = desk.page.get_by_label("名称", exact=True)
    desk.until(lambda: desk.page.get_by_text("第 1 级：超期满").count() == 1, "the fields of the other kind")
    desk.settle()
    name.fill("示例：超期一天")
    desk.page.get_by_role("button", name="它现在会响几次").click()
    preview = desk.page.locator("[data-rings]")
    desk.until(lambda: preview.count() == 1, "how often it rings now")
    rings = int(preview.get_attribute("data-rings") or "0")
    assert rings > 0
    desk.settle()
    assert "规则“示例：超期一天”已保存" in send(desk, "新增规则")

    told = [body["text"]["content"] for body in web.bodies]
    desk.until(
        lambda: any("示例：超期一天" in body["text"]["content"] for body in web.bodies),
        f"the alerts of the new rule are told; until now {told}",
    )
    assert desk.complaints == []

"""A walk from 一图统览 with counted taps, and how what a screen says is read and compared."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator

from tests.browser import plain_sql as sql
from tests.browser.plain_sql import Demo
from tests.browser.product import ProductPage
from tests.browser.serving import Served

MOST_TAPS = 2
AGREE_WITHIN_SECONDS = 40
T = TypeVar("T")


@dataclass
class Walk:
    """A way through the product that begins on 一图统览, and counts its taps."""

    product: ProductPage
    served: Served
    taps: int = 0

    def tap(self, target: Locator) -> None:
        """Tap what leads to another view."""
        self._count(target)
        self.product.follow(target)

    def open_menu(self, target: Locator) -> None:
        """Tap what opens a sheet on this view."""
        self._count(target)
        target.tap()

    def _count(self, target: Locator) -> None:
        self.taps += 1
        assert self.taps <= MOST_TAPS, "the answer is more than two taps away"
        target.scroll_into_view_if_needed()

    @property
    def upright(self) -> bool:
        size = self.product.page.viewport_size
        return size is not None and size["height"] > size["width"]

    def locator(self, selector: str, *, text: str | None = None) -> Locator:
        return self.product.page.locator(selector, has_text=text)

    def as_of(self) -> datetime:
        """数据截至, as a moment: the screen says the time of day."""
        zone = ZoneInfo("Asia/Shanghai")
        now = datetime.now(zone)
        said = datetime.strptime(self.product.as_of, "%H:%M:%S").time()
        at = datetime.combine(now.date(), said, tzinfo=zone)
        return at if at <= now + timedelta(minutes=1) else at - timedelta(days=1)

    def agree(self, shown: Callable[[], T], truth: Callable[[Demo], T]) -> T:
        """What the screen says, once it is what SQL says at the moment of the screen."""
        end = time.monotonic() + AGREE_WITHIN_SECONDS
        while True:
            self.product.settle()
            at, said = self.as_of(), shown()
            with sql.opened(self.served.var_dir, at) as demo:
                expected = truth(demo)
            if said == expected or (time.monotonic() > end and at == self.as_of()):
                assert expected, "the demo gives no answer to compare with"
                assert said == expected
                self.product.check_texts()
                return said
            self.product.page.wait_for_timeout(1000)


def listed(walk: Walk) -> list[int]:
    """Ids of the rows on the page 事件."""
    assert walk.product.path == "events"
    keys = walk.locator(".om-event-list tr[data-event]").evaluate_all(
        "rows => rows.map(r => +r.dataset.event)"
    )
    assert walk.product.total == len(keys), "all rows are on one page of the list"
    return sorted(keys)


def numbers_in(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def minutes_said(text: str) -> tuple[float, float]:
    """From and to which minutes 剩 3 小时 20 分（工作时） or 超 2 个工作日 can mean, negative when over."""
    a_day = 8 * 60 if "工作日" in text else 24 * 60
    size = {"天": a_day, "个工作日": a_day, "小时": 60, "分": 1}
    parts = re.findall(r"(\d+) (天|个工作日|小时|分)", text)
    minutes = sum(int(number) * size[unit] for number, unit in parts)
    # A whole number of hours is said without minutes, and a long time without hours.
    units = {unit for _, unit in parts}
    finest = 1 if "分" in units or units == {"小时"} else 60 if minutes < 10 * a_day else a_day
    return (-minutes - finest, -minutes) if text.startswith("超") else (minutes, minutes + finest)


def points_said(text: str) -> float:
    """↑1.3 个百分点, ↓0.4 个百分点, 持平."""
    found = re.search(r"([↑↓])([\d.]+)", text)
    return (1 if found.group(1) == "↑" else -1) * float(found.group(2)) if found else 0.0


def later_first(text: str) -> float:
    """What to sort stored moments by, so that the latest comes first."""
    return -datetime.fromisoformat(f"{text}+00:00").timestamp()

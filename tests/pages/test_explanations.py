"""怎么算的: which numbers have it, and that it names the conditions under which they were counted."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.dashboard.small_world import DISTRICT, World
from tests.pages.conftest import Opener, Shown

COMMUNITY = f"{DISTRICT}001001"
SCREENS: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("overview", {}),
    "overview under a period": (
        "overview",
        {"basis": "reported", "from": "2026-11-01", "to": "2026-11-21"},
    ),
    "where overdue cases are stuck": ("overview", {"alert": "overdue"}),
    "grids by their load": ("overview", {"rank": "grids"}),
    "events beside the map": ("overview", {"tab": "events"}),
    "choice of a community": ("community", {}),
    "a community": ("community", {"area": COMMUNITY}),
    "list": ("events", {}),
    "loop": ("loop", {}),
}
NUMBERS: list[tuple[str, dict[str, str], set[str]]] = [
    ("overview", {}, {"total", "open", "overdue", "alerts", "urgent", "ranking", "mix"}),
    ("overview", {"alert": "overdue"}, {"alerts", "stuck"}),
    ("overview", {"tab": "events"}, {"events"}),
    ("overview", {"tab": "stations"}, {"stations"}),
    ("overview", {"sel": "station:1"}, {"card"}),
    ("overview", {"sel": "event:7"}, {"left"}),
    ("community", {}, {"picker"}),
    ("community", {"area": COMMUNITY}, {"alerts", "events", "trend", "repeats", "facts", "stations"}),
    ("events", {}, {"total", "by-class", "by-department", "by-source"}),
    ("stations", {}, {"stations", "capacity"}),
]


def explanations(shown: Shown) -> dict[str, dict[str, str]]:
    """What each ⓘ says, line by line, by its key."""
    menus = re.findall(r'<details[^>]*id="om-menu-explain-([\w-]+)".*?</details>', shown.html, re.DOTALL)
    assert len(menus) == len(set(menus)), "two explanations of one key open together"
    found = {}
    for key in menus:
        body = re.search(rf'id="om-menu-explain-{key}".*?</details>', shown.html, re.DOTALL)
        assert body
        lines = re.findall(r'class="om-key">([^<]*)</span><span>([^<]*)</span>', body.group())
        found[key] = {name: unescape(text) for name, text in lines}
    return found


@pytest.mark.parametrize("name", SCREENS)
def test_the_explanation_of_every_count_of_events_names_the_conditions_in_force(
    name: str, opener: Opener, world: World
) -> None:
    assert world.events
    page, params = SCREENS[name]
    found = explanations(opener(page, class_="01", source="patrol", **params))
    said = {key: lines["条件"] for key, lines in found.items() if "条件" in lines}

    assert "total" in said
    for key, conditions in said.items():
        assert "类别：01" in conditions, key
        assert "来源：网格巡查" in conditions, key


def test_without_conditions_an_explanation_says_that_there_are_none(opener: Opener, world: World) -> None:
    assert world.events
    found = explanations(opener())

    assert {found[key]["条件"] for key in ("total", "open", "ranking", "mix", "urgent")} == {"无其他条件"}
    assert found["overdue"]["条件"] == "时限：超期"


def test_an_explanation_leaves_out_what_its_number_does_not_follow(opener: Opener, world: World) -> None:
    assert world.events
    period = {"basis": "reported", "from": "2026-11-01", "to": "2026-11-21", "color": "soon"}
    found = explanations(opener("community", area=COMMUNITY, **period))

    assert "时限：临期" in found["total"]["条件"]
    for key in ("urgent", "alerts", "repeats", "trend"):
        assert "时限" not in found[key]["条件"], key
    assert found["urgent"]["口径"] == "在办（此刻未办结）"
    assert found["repeats"]["口径"] == "上报，规则所说的天数之内"
    assert found["trend"]["口径"] == "上报和结案，各按其日期，2026-11-01 至 2026-11-21"
    rates = explanations(opener("performance", look="month", class_="01"))["month"]
    assert rates["条件"] == "来源：12345"


@pytest.mark.parametrize(("page", "params", "keys"), NUMBERS)
def test_the_numbers_that_a_person_would_ask_about_have_an_explanation(
    page: str, params: dict[str, str], keys: set[str], opener: Opener, world: World
) -> None:
    assert world.events
    found = explanations(opener(page, **params))

    assert keys <= set(found)
    assert all({"算法", "数据截至"} <= set(lines) for lines in found.values())

"""The address is the state: what it spells, what leads where, and what makes no sense."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from dashboard.panels.filter_bar import presets, toggle, toggle_class
from dashboard.state import DEFAULT_LAYERS, LAYERS, Screen, View, parse_url, parse_view
from data.database import Moment
from data.filter import Filter, FilterError
from data.settings import read_settings
from data.vocabulary import SlaColor
from tests.dashboard.small_world import NOW

views = st.builds(
    View,
    level=st.sampled_from(["auto", "grid", "street"]),
    metric=st.sampled_from(["open", "overdue"]),
    paint=st.sampled_from(["sla", "class"]),
    layers=st.sampled_from([DEFAULT_LAYERS, ("areas",), LAYERS]),
    tab=st.sampled_from(["alerts", "events", "areas", "stations"]),
    order=st.sampled_from(["urgent", "reported", "due"]),
    page_number=st.integers(1, 500),
)


def screen(where: Filter, view: View, *, page: str = "overview") -> Screen:
    return Screen(
        page=page,
        where=where,
        view=view,
        moment=Moment(NOW, 1),
        session=Session(),
        settings=read_settings({}),
    )


@given(views)
def test_every_view_is_read_back_from_its_own_address(view: View) -> None:
    assert parse_view(view.to_params()) == view


@given(views, st.sets(st.sampled_from(SlaColor)))
def test_a_copied_address_gives_the_same_filter_and_view(view: View, colors: set[SlaColor]) -> None:
    where = Filter(colors=tuple(sorted(colors)), areas=("510115001",))
    address = screen(where, view).href()

    assert parse_url(dict(parse_qsl(address.partition("?")[2]))) == (where, view)


def test_defaults_are_left_out_of_the_address() -> None:
    assert screen(Filter(), View()).href() == "./"


def test_another_filter_begins_at_the_first_page_of_the_list() -> None:
    here = screen(Filter(), View(page_number=7, order="due"), page="events")

    assert here.href(where=Filter(text="井盖")) == "./events?q=%E4%BA%95%E7%9B%96&order=due"


def test_another_page_keeps_the_filter_and_the_map_but_not_the_card() -> None:
    here = screen(Filter(areas=("510115",)), View(metric="overdue", sel_kind="event", sel_key="3"))

    assert here.href(page="events") == "./events?area=510115&metric=overdue"


def test_focusing_an_area_closes_the_card() -> None:
    here = screen(Filter(), replace(View(), sel_kind="event", sel_key="3"))

    assert here.href_area("510115001") == "./?area=510115001"


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"level": "moon"}, "level=moon"),
        ({"metric": "beauty"}, "metric=beauty"),
        ({"layers": "areas,clouds"}, "layers=areas,clouds"),
        ({"sel": "person:7"}, "sel=person:7"),
        ({"sel": "event:7x"}, "sel=event:7x"),
        ({"tab": "x"}, "tab=x"),
        ({"p": "0"}, "p=0"),
        ({"p": "-3"}, "p=-3"),
        ({"order": "random"}, "order=random"),
        ({"batch": "abc"}, "batch=abc"),
        ({"batch": "0"}, "batch=0"),
        ({"queue": "nowhere"}, "queue=nowhere"),
        ({"kind": "micro_point,nonsense"}, "没有这种站点 nonsense"),
        ({"alert": "fire"}, "alert=fire"),
        ({"sort": "beauty"}, "sort=beauty"),
        ({"step": "demo"}, "step=demo"),
        ({"now": "never"}, "now=never"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named_with_advice(params: dict[str, str], named: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_url(params)

    assert len(caught.value.problems) == 1
    assert named in caught.value.problems[0]


def test_problems_of_filter_and_view_are_told_together() -> None:
    with pytest.raises(FilterError) as caught:
        parse_url({"color": "red", "level": "moon"})

    assert len(caught.value.problems) == 2


def test_toggling_twice_changes_nothing() -> None:
    assert toggle(toggle(("a", "c"), "b"), "b") == ("a", "c")


EVERY = ("0101", "0102", "0103", "0201")


def test_choosing_a_major_class_replaces_its_minor_ones() -> None:
    assert toggle_class(("0101", "0201"), "01", EVERY) == ("01", "0201")


def test_taking_one_minor_class_out_of_a_major_one_leaves_the_others() -> None:
    assert toggle_class(("01",), "0102", EVERY) == ("0101", "0103")


def test_taking_a_major_class_out_leaves_the_rest() -> None:
    assert toggle_class(("01", "0201"), "01", EVERY) == ("0201",)


def test_this_week_begins_on_monday() -> None:
    saturday = NOW.date()
    named = {name: (start, end) for name, start, end in presets(saturday)}

    assert named["本周"][0].weekday() == 0
    assert (named["近 7 天"][1] - named["近 7 天"][0]).days == 6
    assert {end for _, end in named.values()} == {saturday}

"""The Filter: one spelling as a URL, and a sentence for everything that is none."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.codes import minimal
from data.filter import MAX_VALUES, Filter, FilterError, parse_filter
from data.vocabulary import Basis, SlaColor, Status

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
code_sets = st.lists(st.from_regex(r"\A\d{6}(\d{3}){0,3}\Z"), max_size=4).map(
    lambda found: minimal(tuple(_ascii(found)))
)
class_sets = st.lists(st.from_regex(r"\A\d\d(\d\d)?\Z"), max_size=4).map(
    lambda found: minimal(tuple(_ascii(found)))
)
key_sets = st.lists(st.from_regex(r"\A[a-zA-Z0-9_.-]{1,12}\Z"), max_size=4).map(
    lambda found: tuple(sorted(set(found)))
)


def _ascii(found: list[str]) -> list[str]:
    return [text for text in found if text.isascii()]


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    basis = draw(st.sampled_from(Basis))
    period = sorted([draw(days), draw(days)]) if basis is not Basis.OPEN else [None, None]
    return Filter(
        basis=basis,
        start=period[0],
        end=period[1],
        areas=draw(code_sets),
        classes=draw(class_sets),
        sources=draw(key_sets),
        statuses=tuple(sorted(draw(st.sets(st.sampled_from(Status))))),
        departments=draw(key_sets),
        colors=tuple(sorted(draw(st.sets(st.sampled_from(SlaColor))))),
        text=draw(st.text(st.characters(categories=["L", "N", "P"]), max_size=20)),
    )


@given(where=filters())
def test_every_filter_is_spelled_so_that_it_is_read_back(where: Filter) -> None:
    assert parse_filter(where.to_params()) == where
    assert parse_filter(dict(parse_qsl(where.to_query()))) == where


def test_the_default_filter_has_an_empty_spelling() -> None:
    assert Filter().to_query() == ""
    assert parse_filter({}) == Filter()


def test_a_drawn_polygon_survives_the_url_to_five_decimals() -> None:
    corners = ((103.80001, 30.70001), (103.84, 30.70001), (103.84, 30.72))
    found = parse_filter(Filter(polygon=corners).to_params()).polygon

    assert [value for corner in found for value in corner] == pytest.approx(
        [value for corner in corners for value in corner], abs=1e-5
    )


def test_areas_and_classes_inside_others_are_dropped() -> None:
    where = parse_filter({"area": "510115001002,510115001,510115002", "class": "0203,02"})

    assert where.areas == ("510115001", "510115002")
    assert where.classes == ("02",)


def test_parameters_of_other_names_are_passed_over() -> None:
    assert parse_filter({"tab": "timeline", "level": "grid"}) == Filter()


def test_the_focus_is_the_one_area_in_view() -> None:
    assert Filter(areas=("510115001",)).focus == "510115001"
    assert Filter(areas=("510115001", "510115002")).focus == ""
    assert Filter().focus == ""


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"basis": "sideways"}, "basis=sideways 无效.*open（在办）"),
        ({"basis": "reported"}, "需要起止日期"),
        ({"basis": "reported", "from": "2026-11-01"}, "需要起止日期"),
        ({"basis": "reported", "from": "2026-11-09", "to": "2026-11-01"}, "开始日期晚于结束日期 2026-11-01"),
        ({"basis": "reported", "from": "11/1", "to": "2026-11-01"}, "from=11/1 无效.*2026-11-21 这样"),
        (
            {"basis": "reported", "from": "20261101", "to": "2026-11-01"},
            "from=20261101 无效.*2026-11-21 这样",
        ),
        ({"basis": "reported", "from": "2026-W01-1", "to": "2026-11-01"}, "from=2026-W01-1 无效"),
        ({"basis": "due", "from": "2026-11-01", "to": "9999-12-31"}, "to=9999-12-31 无效.*1900–2100 年"),
        ({"basis": "due", "from": "0001-01-01", "to": "2026-11-01"}, "from=0001-01-01 无效.*1900–2100 年"),
        ({"from": "2026-11-01"}, "“在办”时没有时段"),
        ({"area": "51011"}, "区划代码应为 6、9、12、15 位数字"),
        ({"area": "51011５"}, "区划代码应为"),
        ({"area": "510115;DROP"}, "区划代码应为"),
        ({"class": "020"}, "事件类别应为 2、4 位数字"),
        ({"source": "a b"}, "来源代码只能由字母"),
        ({"dept": "D01'--"}, "部门代码只能由字母"),
        ({"status": "lost"}, "status=lost 无效.*handling（处置中）"),
        ({"color": "purple"}, "color=purple 无效.*overdue（超期）"),
        ({"basis": "open,due"}, "只能取一个值"),
        ({"q": "井" * 51}, "最长 50 个字"),
        ({"q": "井\n盖"}, "控制字符"),
        ({"source": ",".join(f"s{number}" for number in range(MAX_VALUES + 1))}, f"最多 {MAX_VALUES} 个值"),
        ({"poly": "_p~iF"}, "poly=_p~iF 无效"),
        ({"poly": "\u2603"}, "poly=\u2603 无效"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(params: dict[str, str], says: str) -> None:
    with pytest.raises(FilterError, match=says):
        parse_filter(params)


def test_every_problem_is_reported_at_once_and_long_values_are_cut() -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter({"area": "9" * 200, "status": "lost"})

    assert len(caught.value.problems) == 2
    assert "…" in caught.value.problems[0]
    assert len(caught.value.problems[0]) < 120


def test_a_filter_changes_only_in_fields_that_it_has() -> None:
    assert Filter().changed(text="井盖").text == "井盖"
    with pytest.raises(TypeError, match="colour"):
        Filter().changed(colour="red")


def test_figures_see_one_filter_whatever_basis_period_and_colours_are_chosen() -> None:
    chosen = parse_filter(
        {"basis": "due", "from": "2026-11-01", "to": "2026-11-02", "color": "overdue", "area": "510115"}
    )
    assert chosen.standing == parse_filter({"area": "510115"})

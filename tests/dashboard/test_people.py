"""责任人: who answers for the area comes first; who answers for what lies above is folded."""

from __future__ import annotations

from dashboard.panels.cards import people
from data.queries.areas import Person


def person(number: int, post: str, code: str, area: str) -> Person:
    return Person(
        id=number, name=f"演示{number}", post=post, phone="138****0000", area_code=code, area_name=area
    )


def bare(one: Person) -> str:
    return one.phone


SECRETARY = person(1, "社区书记", "510115001001", "惠民社区")
DISPATCHERS = [person(number, "派遣员", "510115", "温江区") for number in range(2, 8)]


def test_those_of_the_area_stand_open_and_those_above_are_folded_by_post() -> None:
    html = str(people([SECRETARY, *DISPATCHERS], code="510115001001", phone=bare))

    own, _, above = html.partition("<details>")
    assert "演示1" in own
    assert "派遣员" not in own
    assert "上级责任人 6 人" in above
    assert "<h4>温江区</h4>" in above
    assert "<summary>派遣员 6 人</summary>" in above


def test_many_of_one_post_in_the_area_itself_are_one_line_that_opens() -> None:
    html = str(people(DISPATCHERS, code="510115", phone=bare))

    assert html.count("<details>") == 1
    assert html.index("派遣员 6 人") < html.index("演示2")
    assert "上级" not in html


def test_an_area_without_anybody_of_its_own_says_so() -> None:
    assert "这一级还没有登记责任人" in str(people(DISPATCHERS, code="510115001001", phone=bare))
    assert "还没有登记责任人" in str(people([], code="510115", phone=bare))

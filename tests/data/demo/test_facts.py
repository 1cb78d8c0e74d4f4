"""The facts that the demo stands on, and the lists that the product offers to a street without its own."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import shapely

from data.demo import facts
from data.vocabulary import ClockType, Urgency


def test_the_district_has_9_streets_95_communities_and_12_departments() -> None:
    assert len(facts.streets()) == 9
    assert len(facts.communities()) == 95
    assert len(facts.departments()) == 12
    assert sum(street.residents for street in facts.streets()) == 810_000


def test_every_community_lies_in_a_street_of_the_district() -> None:
    streets = {street.code for street in facts.streets()}

    assert {code[:9] for code, _ in facts.communities()} == streets
    assert {code[:6] for code in streets} == {facts.district()[0]} == {"510115"}


def test_display_names_carry_no_committee() -> None:
    assert [name for _, name in facts.communities() if not re.search(r"(社区|村)$", name)] == []
    assert [name for _, name in facts.communities() if "委会" in name] == []


def test_the_outline_is_one_valid_polygon_that_holds_the_centre_of_every_street() -> None:
    _, name, outline = facts.district()

    assert name == "温江区"
    assert outline.is_valid
    assert all(outline.contains(shapely.Point(s.centre_lon, s.centre_lat)) for s in facts.streets())


def test_names_and_codes_are_those_of_the_public_tables(shared_data: Path) -> None:
    with (shared_data / "communities_nbs2023.csv").open(encoding="utf-8") as file:
        public = {row["code"]: row["name"] for row in csv.DictReader(file) if row["areaCode"] == "510115"}

    assert [code for code, _ in facts.communities()] == sorted(public)
    assert all(public[code].startswith(name) for code, name in facts.communities())


def test_every_class_names_a_department_an_urgency_a_clock_and_when_it_is_done() -> None:
    departments = {department.code for department in facts.departments()}

    for found in facts.event_classes():
        assert found.department_code in departments, found
        assert found.urgency in set(Urgency), found
        assert found.clock_type in set(ClockType), found
        assert found.closing_condition, found
        assert found.limit_hours is None or found.limit_hours > 0, found


def test_limits_are_those_seen_in_public_practice_and_some_classes_have_none() -> None:
    limits = {found.minor: found.limit_hours for found in facts.event_classes()}

    assert limits["井盖缺失"] == 2
    assert limits["井盖破损"] == 4
    assert limits["暴露垃圾"] == 4
    assert limits["道路不洁"] == 2
    assert limits["电梯故障困人"] == 2
    assert [minor for minor, hours in limits.items() if hours is None] == [
        "家庭纠纷", "停车位纠纷", "残疾人服务", "停车难",
    ]  # fmt: skip


def test_every_simulated_class_exists_and_its_wording_has_a_place_for_the_address() -> None:
    known = {found.code for found in facts.event_classes()}

    for rate in facts.class_rates():
        assert rate.class_code in known
        assert all("{p}" in title and "{p}" in description for title, description in rate.texts)


def test_telephone_numbers_are_recognisable_as_invented() -> None:
    assert all(re.fullmatch(r"028-0000-\d{4}", department.phone) for department in facts.departments())

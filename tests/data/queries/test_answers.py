"""Areas, figures, alerts, search, stations, picking and the rest, by hand over the tiny district."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from data.database import read_session, write_session
from data.filter import Filter
from data.queries import quality, trends
from data.queries.alerts import AlertKind, alert_list
from data.queries.area_card import masked_phone
from data.queries.areas import Metric, area_card, area_table, area_values, narrowed
from data.queries.clusters import TileRectangle, clusters, heat
from data.queries.events import count_events
from data.queries.explain import describe_filter, explain
from data.queries.kpis import kpi_row
from data.queries.legend import classify_amounts, classify_rates
from data.queries.pick import pick
from data.queries.repeats import repeats
from data.queries.search import HitKind, search
from data.queries.stations import list_stations, station_card
from data.queries.surges import is_surge, surges
from data.queries.tables import STATION
from data.rules.parameters import SurgeRule
from data.rules.store import list_rules
from data.vocabulary import Basis, Level, RiskColor, SlaColor
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import C1, C2, C3, G1, G2, HOME, S1, S2, D, build, event


def asking(session: Session, where: Filter | None = None) -> dict[str, Any]:
    return {"session": session, "where": where or Filter(), "as_of": NOW}


def test_the_table_of_a_district_lists_streets_and_what_lies_in_none(session: Session) -> None:
    table = area_table(**asking(session))
    assert [(row.code, row.name, row.total, row.overdue) for row in table.rows] == [
        (S1, "公平街道", 9, 2),
        (S2, "金马街道", 1, 0),
    ]
    assert (table.unplaced.total, table.total.total, table.total.suspended) == (2, 12, 1)


def test_an_event_coded_only_to_the_parent_is_the_parents_unplaced(session: Session) -> None:
    table = area_table(**asking(session), parent=S1)
    assert [(row.code, row.total, row.residents) for row in table.rows] == [(C1, 7, 2000), (C2, 1, 2000)]
    assert (table.unplaced.total, table.total.total, table.total.residents) == (1, 9, 4000)
    assert table.rows[0].per_1000 == 3.5


def test_areas_of_the_filter_and_the_parent_meet() -> None:
    def met(areas: tuple[str, ...], parent: str) -> tuple[str, ...] | None:
        inner = narrowed(Filter(areas=areas), parent)
        return None if inner is None else inner.areas

    assert met((), S1) == (S1,)
    assert met((D,), S1) == (S1,)
    assert met((C1, S2), S1) == (C1,)
    assert met((S2,), S1) is None


def test_values_stand_in_the_order_of_the_tiles(session: Session) -> None:
    values = area_values(**asking(session), level=Level.COMMUNITY)
    assert values.values == {C1: 7.0, C2: 1.0, C3: 1.0}
    assert (values.count, values.classes, values.limits) == (3, "211", (1.0,))
    assert [(entry.mark, entry.label, entry.areas) for entry in values.legend] == [
        ("0", "0", 0),
        ("1", "1", 2),
        ("2", "≥2", 1),
        ("n", "无数据", 0),
    ]
    grids = area_values(**asking(session), level=Level.GRID, metric=Metric.OVERDUE)
    assert (grids.classes, grids.values) == ("11", {G1: 1.0, G2: 1.0})


def test_without_residents_there_is_no_rate_a_thousand(session: Session) -> None:
    assert area_values(**asking(session), level=Level.COMMUNITY, metric=Metric.PER_1000).values[C1] == 3.5
    assert area_values(**asking(session), level=Level.STREET, metric=Metric.PER_1000).classes == "nn"


def test_a_rate_over_a_small_sample_is_not_coloured(session: Session) -> None:
    values = area_values(**asking(session), level=Level.COMMUNITY, metric=Metric.ON_TIME_RATE)
    assert values.classes == "nnn"
    assert values.values[C1] == 25.0  # 11 in time; 1, 2 and 12 late


def test_classes_have_round_limits_and_zero_and_nothing_known_stand_apart() -> None:
    amounts = np.array([0, 1, 2, 4, 7, 9, 22, 41, np.nan])
    found = classify_amounts(amounts, whole=True)
    # Fifths of the positive values: 4, 7, 9 and 22, rounded up to 4, 8, 10 and 25.
    assert found.limits == (4.0, 8.0, 10.0, 25.0)
    assert found.marks == "01112345n"
    assert [entry.label for entry in found.legend] == ["0", "1–4", "5–8", "9–10", "11–25", "≥26", "无数据"]
    assert classify_amounts(np.zeros(3), whole=True).marks == "000"
    assert classify_amounts(np.array([]), whole=True).marks == ""
    assert classify_rates(np.array([95, 90, 85, 60, 0, np.nan]), no_data_label="无").marks == "11245n"


def test_figures_carry_their_comparison_and_their_filter(session: Session) -> None:
    open_, new, overdue, soon, rate = kpi_row(**asking(session))
    assert (open_.value, open_.aside) == (12, "其中挂账 1")
    # Open yesterday at this time: 1, 2, 7, and 11 and 12, which ended since. A week before: 7 and 18.
    assert (open_.yesterday, open_.last_week) == (5, 2)
    assert (new.value, new.where.basis, new.where.start) == (7, Basis.REPORTED, date(2026, 11, 18))
    assert (overdue.value, soon.value) == (2, 2)
    # Due from Monday to today and judged: 1 and 2 overdue, 12 late, 11 in time; 13 ended before its day.
    assert (rate.numerator, rate.denominator, rate.value) == (1, 4, 25.0)
    assert len(open_.spark) == 14
    assert open_.spark[-1] == 12


def test_figures_keep_other_conditions_and_leave_colours_and_period_aside(session: Session) -> None:
    where = Filter(
        basis=Basis.CLOSED, start=date(2026, 1, 1), end=date(2026, 1, 2), areas=(S1,),
        colors=(SlaColor.DONE,),
    )  # fmt: skip
    open_ = kpi_row(**asking(session, where))[0]
    assert (open_.value, open_.where) == (9, Filter(areas=(S1,)))


def test_clusters_near_are_single_events_and_far_are_one(session: Session) -> None:
    (far,) = [each for each in clusters(**asking(session), zoom=3) if each.count > 1]
    assert (far.count, far.overdue, far.soon, far.suspended, far.event_id) == (10, 2, 2, 1, None)
    near = clusters(**asking(session), zoom=18)
    assert {each.event_id: each.class_code for each in near if each.event_id in (5, 6)} == {
        5: "0101",
        6: "0203",
    }
    assert [each.count for each in near if (each.lon, each.lat) == pytest.approx(HOME)] == [
        4
    ]  # 1, 3, 4 and 7
    assert sum(cell.weight for cell in heat(**asking(session), zoom=12)) == 10


def test_tiles_deeper_than_a_cluster_are_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="过深"):
        clusters(**asking(session), zoom=10, tiles=TileRectangle(z=13, x0=0, y0=0, x1=0, y1=0))


def test_alerts_name_what_is_late_and_for_how_long(session: Session) -> None:
    found = alert_list(**asking(session), limit=1)
    assert found.totals[AlertKind.OVERDUE] == 2
    first = found.alerts[0]
    assert (first.event_id, first.title) == (2, "示例2 已超 2 天 4 小时")
    assert first.place_name == "公平街道·惠民社区·02网格"
    assert count_events(session=session, where=first.where, as_of=NOW).total == 2


def test_what_no_department_has_is_said_alike_in_alerts_and_charts(tmp_path: Path) -> None:
    with read_session(build(tmp_path / "nobody.db", [event(1, reported=-50, due=-2, department="")])) as own:
        (alert,) = alert_list(**asking(own)).alerts
        (bar,) = trends.by_department(**asking(own))
    assert alert.detail == "暴露垃圾 · 处置中 · 暂无部门"
    assert (bar.key, bar.label) == ("", "暂无部门")


def test_the_same_class_at_one_place_three_times_in_thirty_days_is_a_repeat(session: Session) -> None:
    (repeat,) = repeats(**asking(session))
    # 1, 3, 4, 7, 11, 12, 15 and 18 at HOME; 16 is voided and 17 is 40 days old.
    assert (repeat.count, repeat.open, repeat.class_name) == (8, 4, "暴露垃圾")
    assert count_events(session=session, where=repeat.where, as_of=NOW).total == 8


def test_a_surge_needs_number_growth_and_more_than_chance() -> None:
    wanted = SurgeRule(minimum=4)
    asked = ((4, 0.0), (3, 0.0), (4, 1.5), (6, 2.0), (7, 2.0))
    assert [is_surge(*each, wanted) for each in asked] == [True, False, False, False, True]
    assert is_surge(6, 2.0, SurgeRule(minimum=4, deviations=2))


def test_a_surge_is_measured_against_the_same_weekday_up_to_this_time(tmp_path: Path) -> None:
    """One case on each of eight Wednesdays; nine later that day, and twenty on one of them, count nothing."""
    week = 24 * 7
    usual = [event(100 + k, reported=-week * (1 + k) - 1, source="12345") for k in range(8)]
    odd = [event(400 + k, reported=-week * 5 - 2, source="12345") for k in range(20)]
    later_that_day = [event(200 + k, reported=-week * 2 + 3, source="12345") for k in range(9)]
    today = [event(300 + k, reported=-1 - k / 10, source="12345") for k in range(6)]
    with read_session(build(tmp_path / "surge.db", usual + odd + later_that_day + today)) as session:
        (surge,) = surges(**asking(session), rules=list_rules(session=session))
        assert (surge.code, surge.today, surge.usual) == (C1, 6, 1.0)
        assert surge.values == (1, 1, 1, 21, 1, 1, 1, 1, 6)
        assert count_events(session=session, where=surge.where, as_of=NOW).total == 6
        (alert,) = [one for one in alert_list(**asking(session)).alerts if one.kind is AlertKind.SURGE]
        assert (alert.title, alert.rule, alert.risk) == ("暴露垃圾 今日 6 件", "诉求激增", RiskColor.YELLOW)


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("E005", HitKind.EVENT, "5"),
        ("金马", HitKind.DIVISION, S2),
        ("gpjd", HitKind.DIVISION, S1),
        (C2, HitKind.DIVISION, C2),
        ("微服务", HitKind.STATION, "2"),
        ("小广告", HitKind.CLASS, "0203"),
        ("示例6", HitKind.EVENT, "6"),
        ("e017", HitKind.EVENT, "17"),
        ("sl6", HitKind.EVENT, "6"),
        ("ffxgg", HitKind.CLASS, "0203"),
        ("st2", HitKind.STATION, "2"),
    ],
)
def test_one_box_finds_numbers_names_initials_and_words(
    session: Session, text: str, kind: HitKind, key: str
) -> None:
    first = search(session=session, text=text)[0]
    assert (first.kind, first.key) == (kind, key)


def test_a_station_whose_number_is_not_in_latin_letters_is_found_by_it(tmp_path: Path) -> None:
    engine = build(tmp_path / "numbers.db", [])
    with write_session(engine) as session:
        session.execute(update(STATION).where(STATION.c.id == 3).values(external_no="站003"))
    with read_session(engine) as session:
        assert [hit.key for hit in search(session=session, text="站003")] == ["3"]


def test_an_ended_event_is_not_looked_for_by_the_initials_of_its_title(session: Session) -> None:
    found = {hit.key for hit in search(session=session, text="sl1", limit=50)}
    assert found == {"1", "10", "19"}


def test_nothing_typed_finds_nothing(session: Session) -> None:
    assert search(session=session, text="  ") == []
    assert search(session=session, text="%%") == []


def test_a_station_is_open_closed_or_of_unknown_hours(session: Session) -> None:
    rows = list_stations(session=session, open_at=NOW)  # a Wednesday, 14:30
    assert [(row.id, row.open_now) for row in rows] == [(1, True), (2, False), (3, None)]
    assert rows[1].opens_next == NOW + timedelta(days=2, hours=18, minutes=30)  # Saturday 09:00
    assert list_stations(session=session, kinds=("micro_point",), areas=(S1,), open_at=NOW)[0].id == 2
    assert list_stations(session=session, areas=(S2,), open_at=NOW) == []


def test_the_card_of_a_station_shows_its_catchment_and_open_events_around(session: Session) -> None:
    card = station_card(session=session, station_id=1, at=NOW)
    assert card is not None
    assert [step.name for step in card.serves] == ["01网格"]
    assert {row.id for row in card.nearby} == {1, 3, 4, 7}
    assert card.nearby_count == 4
    assert station_card(session=session, station_id=99, at=NOW) is None


def test_the_card_of_a_station_counts_what_its_list_leaves_out(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.queries.stations.NEARBY_LIMIT", 2)
    card = station_card(session=session, station_id=1, at=NOW)
    assert card is not None
    assert (len(card.nearby), card.nearby_count) == (2, 4)


def test_the_card_of_an_area_has_its_people_with_masked_phones(session: Session) -> None:
    card = area_card(session=session, code=G1, as_of=NOW)
    assert card is not None
    assert [step.name for step in card.path] == ["温江区", "公平街道", "惠民社区", "01网格"]
    assert [(person.post, person.phone) for person in card.staff] == [
        ("网格员", "138****1234"),
        ("社区书记", "******45"),
    ]
    community = area_card(session=session, code=C1, as_of=NOW)
    assert community is not None
    assert (community.grids, community.stations) == (2, 3)
    assert area_card(session=session, code="510199", as_of=NOW) is None
    assert masked_phone("") == ""


def test_a_click_means_the_event_before_the_station_before_the_area(session: Session) -> None:
    def picked(lon: float, lat: float, zoom: float = 18, **more: Any) -> tuple[str, str, int] | None:
        found = pick(**asking(session), lon=lon, lat=lat, zoom=zoom, tolerance_px=22, **more)
        return None if found is None else (found.kind, found.key, found.count)

    assert picked(*HOME) == ("event", "1", 4)  # the most urgent of four at one place
    assert picked(103.82, 30.70) == ("event", "2", 1)
    assert picked(103.801, 30.70) == ("station", "1", 1)
    assert picked(103.801, 30.70, layers=frozenset({"areas"})) == ("area", G1, 1)
    assert picked(103.75, 30.65, zoom=12) == ("area", S1, 1)
    assert picked(103.80, 30.70, zoom=5)[:2] == ("cluster", "")  # type: ignore[index]
    assert picked(0.0, 0.0) is None


def test_a_station_that_is_not_drawn_is_not_picked(session: Session) -> None:
    def picked(where: Filter, **more: Any) -> str:
        found = pick(
            session=session, where=where, as_of=NOW, lon=103.801, lat=30.70, zoom=18, tolerance_px=5, **more
        )
        return found.kind if found else ""

    here, elsewhere = Filter(areas=(C1,)), Filter(areas=(C2,))
    assert picked(here) == picked(here, station_kinds=("community_centre",)) == "station"
    assert picked(elsewhere) == picked(here, station_kinds=("micro_point",)) == "area"


def test_queues_hold_what_has_no_division_position_or_a_mark(session: Session) -> None:
    ask: dict[str, Any] = {"session": session, "as_of": NOW}
    assert [row.id for row in quality.unplaced(**ask).rows] == [8, 9]
    assert [row.id for row in quality.unlocated(**ask, limit=1).rows] == [8]
    assert quality.unlocated(**ask).total == 2
    assert quality.marked(**ask).total == 0
    assert quality.unplaced(**ask, batch_id=1).total == 0


def test_batches_rejects_and_freshness(session: Session) -> None:
    (batch,) = quality.batches(session=session)
    assert (batch.kind_label, batch.status_label, batch.rows_rejected) == ("事件", "已发布", 2)
    page = quality.rejects(session=session, batch_id=1, limit=1)
    assert (page.total, page.rows[0].line, page.rows[0].advice) == (2, 3, "改为数字")
    assert [(each.source, each.age_hours) for each in quality.freshness(session=session, as_of=NOW)] == [
        ("12345", 30.0),
        ("patrol", 2.0),
    ]


def test_charts_count_days_and_classes(session: Session) -> None:
    days = trends.by_day(**asking(session), days=3)
    assert [(each.day.day, each.reported, each.closed) for each in days] == [
        (16, 3, 0),
        (17, 2, 3),
        (18, 7, 1),
    ]
    assert [(each.key, each.count) for each in trends.by_class(**asking(session))] == [
        ("0101", 11),
        ("0203", 1),
    ]


def test_a_chart_of_a_thousand_years_shows_its_last_year(session: Session) -> None:
    ages = Filter(basis=Basis.REPORTED, start=date.min, end=date(2026, 11, 18))
    days = trends.by_day(session=session, where=ages, as_of=NOW)

    assert (len(days), days[-1].day) == (366, date(2026, 11, 18))
    month = ages.changed(start=date(2026, 10, 20))
    assert days[-30:] == trends.by_day(session=session, where=month, as_of=NOW)


def test_every_number_says_how_it_was_computed(session: Session) -> None:
    found = explain(session=session, key="metric:overdue", where=Filter(areas=(S1,)), as_of=NOW)
    assert (found.title, found.basis, found.rows) == ("超期", "在办", 2)
    assert found.conditions == ("口径：在办", "范围：公平街道", "时限：超期")
    with pytest.raises(KeyError):
        explain(session=session, key="metric:nonsense", where=Filter(), as_of=NOW)
    words = describe_filter(session=session, where=Filter(sources=("12345", "patrol"), text="井盖"))
    assert words == ("口径：在办", "来源：12345、网格巡查", "文字：井盖")


def test_an_empty_database_answers_everything(empty_session: Session) -> None:
    ask = asking(empty_session)
    assert [kpi.value for kpi in kpi_row(**ask)] == [0, 0, 0, 0, None]
    assert alert_list(**ask).alerts == []
    table = area_table(**ask)
    assert (table.rows, table.total.total, table.total.residents) == ([], 0, None)
    for level in Level:
        for metric in Metric:
            assert area_values(**ask, level=level, metric=metric).classes == ""
    assert [*clusters(**ask, zoom=10), *heat(**ask, zoom=10), *repeats(**ask)] == []
    assert search(session=empty_session, text="井盖") == []
    assert list_stations(session=empty_session, open_at=NOW) == []
    assert pick(**ask, lon=103.8, lat=30.7, zoom=14, tolerance_px=22) is None
    assert {each.reported for each in trends.by_day(**ask)} == {0}
    assert trends.by_class(**ask) + trends.by_source(**ask) + trends.by_department(**ask) == []
    assert quality.batches(session=empty_session) == []
    assert quality.freshness(session=empty_session, as_of=NOW) == []
    assert quality.rejects(session=empty_session, batch_id=1).total == 0
    assert quality.unplaced(session=empty_session, as_of=NOW).total == 0
    assert explain(**ask, key="open").rows == 0

"""Conventions as numbers: a changed one decides from the next evaluation on; its undo restores the old."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from data.calendar.edit import DayEntry, set_day
from data.conventions import Conventions, read_conventions
from data.database import read_session, write_session
from data.event_log import append
from data.filter import Filter
from data.indicators.store import measures
from data.indicators.table import indicator_table
from data.lifecycle import LoopRules
from data.manage import alerts
from data.manage.changes import Subject, newest, undo_change
from data.manage.errors import BadSetting
from data.manage.indicators import save_indicator
from data.manage.numbers import GROUPS, change_number
from data.models import Whistle
from data.numbers import SUBJECT, numbers_at
from data.queries.area_values import Metric, area_values
from data.queries.explain import explain
from data.queries.rates import minimum_sample
from data.reckon import reckon
from data.rules.act import resolve, take_back
from data.rules.errors import MoveRefused
from data.rules.evaluate import evaluate
from data.vocabulary import Level
from data.whistle import Deed, WhistleDraft, WhistleError, blow, department_scores, take
from data.whistle_vocabulary import WhistleAct
from tests.data.core.events import first
from tests.data.indicators.test_table import life
from tests.data.loop.world import COMMUNITY, DISPATCHER, ROADMAN, ROADS, SECRETARY
from tests.data.rules.test_alerts import late, only, run

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Friday noon in Shanghai."""


def put(engine: Engine, key: str, value: float, at: datetime = NOW) -> int:
    """A number put in force by the dispatcher; returns the change."""
    with write_session(engine) as session:
        seen = newest(session, Subject.NUMBER, key)
        return change_number(
            session, key=key, value=value, seen=seen, person=DISPATCHER, at=at, reason="试行"
        )


def back(engine: Engine, change: int, at: datetime = NOW) -> None:
    with write_session(engine) as session:
        undo_change(session, number=change, person=DISPATCHER, at=at)


def whistle(engine: Engine, kind: str = "emergency", at: datetime = NOW) -> int:
    draft = WhistleDraft(kind=kind, code=COMMUNITY, subject="示例路积水", lead=ROADS)
    with write_session(engine) as session:
        return blow(session, draft, person=SECRETARY, at=at).id or 0


def minutes(engine: Engine, number: int) -> tuple[float, float, float]:
    """The steps of a whistle in minutes after it was blown."""
    with read_session(engine) as session:
        row = session.get_one(Whistle, number)
        steps = (row.half_at, row.respond_by, row.second_by)
        return tuple((step - row.blown_at) / timedelta(minutes=1) for step in steps)  # type: ignore[return-value]


def test_a_whistle_keeps_the_ladder_it_was_blown_with_and_the_next_takes_the_new_numbers(
    district: Engine,
) -> None:
    before = whistle(district)
    share, times = put(district, "whistle_half_share", 80), put(district, "whistle_second_times", 4)
    after = whistle(district)
    back(district, share)
    back(district, times)

    assert minutes(district, before) == (15, 30, 60)
    assert minutes(district, after) == (24, 30, 120)
    assert minutes(district, whistle(district)) == (15, 30, 60)


def test_a_changed_calendar_moves_an_open_whistle_by_the_numbers_it_was_blown_with(district: Engine) -> None:
    """Friday noon + one working day is Monday evening; were Monday free, Tuesday, not days later."""
    number = whistle(district, "joint")
    put(district, "whistle_days", 5, at=NOW + timedelta(hours=1))
    put(district, "whistle_second_times", 10, at=NOW + timedelta(hours=1))
    with write_session(district) as session:
        free = DayEntry(day=date(2026, 11, 23), is_working=False, name="示例放假")
        set_day(session, free, area_prefix="", seen_id=None, actor="演示甲")

    assert reckon(district, now=NOW + timedelta(hours=2)).whistles == 1
    with read_session(district) as session:
        row = session.get_one(Whistle, number)
        assert [row.respond_by, row.second_by] == [
            datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC),
        ]  # fmt: skip


def test_the_numbers_of_any_moment_are_read_from_the_log_of_changes(district: Engine) -> None:
    moments = [NOW + timedelta(hours=hour) for hour in range(5)]
    first_change = put(district, "whistle_days", 3, at=moments[1])
    second = put(district, "whistle_days", 7, at=moments[2])
    back(district, second, at=moments[3])
    back(district, first_change, at=moments[4])
    with read_session(district) as session:
        found = numbers_at(session, LoopRules, moments)

        assert [found[moment].whistle_days for moment in moments] == [1, 3, 7, 3, 1]
        assert numbers_at(session, LoopRules, ()) == {}
        assert session.execute(text("SELECT DISTINCT subject FROM setting_change")).scalars().all() == [
            SUBJECT
        ]


def test_a_lower_cap_sums_up_by_street_at_the_next_evaluation_and_its_undo_takes_it_apart(
    district: Engine,
) -> None:
    only(district, "overdue_ladder")
    with write_session(district) as session:
        append(session, [late(number, hours=25) for number in range(1, 13)])
    assert len(run(district).raised) == 12
    change = put(district, "alert_cap", 10)
    summed = run(district)
    back(district, change)
    apart = run(district)

    assert (len(summed.raised), len(summed.resolved)) == (1, 12)
    assert (len(apart.raised), len(apart.resolved)) == (12, 1)


def test_a_trend_is_the_median_of_so_many_weeks(district: Engine) -> None:
    """主动发现率: 0 % in each of the four weeks before last week, 100 % in the four before those."""

    def baseline() -> float | None:
        with read_session(district) as session:
            (own,) = [one for one in measures(session=session) if one.key == "proactive"]
            total = indicator_table(session=session, parent="", as_of=NOW).total
            (cell,) = [one for one in total.cells if one.measure.key == own.key]
            return cell.now.baseline

    with write_session(district) as session:
        for week in range(2, 10):
            source = "12345" if week < 6 else "patrol"
            at = NOW - timedelta(weeks=week)
            append(session, [first(week, source=source, reported_at=at, due_at=at, code=COMMUNITY)])
    assert baseline() == 50
    change = put(district, "trend_weeks", 4)
    assert baseline() == 0
    back(district, change)
    assert baseline() == 50


def test_the_rate_on_the_map_needs_the_sample_that_its_indicator_needs(district: Engine) -> None:
    with write_session(district) as session:
        append(session, [life(number, due_at=NOW, hours=-1, code=COMMUNITY) for number in range(1, 7)])

    def told() -> tuple[int, str]:
        with read_session(district) as session:
            values = area_values(
                session=session, where=Filter(), as_of=NOW, level=Level.COMMUNITY, metric=Metric.ON_TIME_RATE
            )
            formula = explain(session=session, key="metric:on_time_rate", where=Filter(), as_of=NOW).formula
            assert f"不足 {minimum_sample(session=session, as_of=NOW)} 件的区域不着色" in formula
            return sum(values.areas_per_class), values.legend[-1].label

    assert told() == (0, "无数据或不足 10 件")
    with write_session(district) as session:
        (shipped,) = [one for one in measures(session=session) if one.key == "on_time"]
        this_week = replace(shipped, minimum_sample=5, valid_from=date(2026, 11, 16))
        change = save_indicator(session, this_week, person=DISPATCHER, at=NOW)
    assert told()[1] == "无数据或不足 5 件"
    assert change


def test_departments_are_ranked_from_the_number_in_force_on(district: Engine) -> None:
    for _ in range(2):
        whistle(district, at=NOW - timedelta(hours=2))

    def rank() -> int | None:
        with read_session(district) as session:
            (roads,) = department_scores(session=session, where=Filter(), as_of=NOW)
            return roads.rank

    assert rank() is None
    change = put(district, "minimum_sample", 2)
    assert rank() == 1
    back(district, change)
    assert rank() is None


def test_how_long_a_resolution_and_an_act_can_be_taken_back_is_a_number(district: Engine) -> None:
    only(district, "overdue_ladder")
    with write_session(district) as session:
        append(session, [late(1, hours=25)])
        (alert_id,) = evaluate(session, as_of=NOW).raised
        resolve(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW, reason="误报")
    number = whistle(district)
    arrive = Deed(act=WhistleAct.ARRIVE, whistle_id=number, department=ROADS)
    with write_session(district) as session:
        take(session, arrive, person=ROADMAN, at=NOW)
    change = put(district, "undo_hours", 2)
    three_hours_on = NOW + timedelta(hours=3)
    undo = Deed(act=WhistleAct.UNDO, whistle_id=number)
    with write_session(district) as session:
        with pytest.raises(MoveRefused, match="解除已超过 2 小时，不能恢复"):
            take_back(session, alert_id=alert_id, actor="演示甲", at=three_hours_on)
        with pytest.raises(WhistleError, match="已超过 2 小时，不能撤销"):
            take(session, undo, person=ROADMAN, at=three_hours_on)
    back(district, change)
    with write_session(district) as session:
        take_back(session, alert_id=alert_id, actor="演示甲", at=three_hours_on)
        take(session, undo, person=ROADMAN, at=three_hours_on)


def test_an_order_without_a_limit_of_its_own_has_the_limit_in_force(district: Engine) -> None:
    def hours() -> float:
        with read_session(district) as session:
            return alerts.suggest(session, class_code="", code=COMMUNITY, on=NOW.date()).limit_hours

    change = put(district, "order_hours", 48)
    assert hours() == 48
    back(district, change)
    assert hours() == 24


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("whistle_half_share", 95, "不能是 95 %：应在 10 到 90 之间"),
        ("whistle_second_times", 1, "不能是 1 倍：应在 2 到 10 之间"),
        ("minimum_sample", 0, "不能是 0 件：应在 1 到 1,000 之间"),
        ("alert_cap", 123_456, "不能是 123,456 起：应在 10 到 10,000 之间"),
        ("trend_weeks", 27, "不能是 27 周：应在 2 到 26 之间"),
        ("undo_hours", 0.5, "不能是 0.5 小时：应在 1 到 720 之间"),
        ("order_hours", 9000, "不能是 9,000 小时：应在 0.5 到 8,784 之间"),
        ("trend_weeks", 4.5, "应为整数"),
    ],
)
def test_a_convention_beyond_its_bounds_is_refused_with_them(
    district: Engine, key: str, value: float, said: str
) -> None:
    with pytest.raises(BadSetting, match=said):
        put(district, key, value)
    with read_session(district) as session:
        assert read_conventions(session=session) == Conventions()


def test_no_number_stands_in_two_groups_and_every_bound_is_told_with_its_unit() -> None:
    keys = [key for _, specs in GROUPS.values() for key in specs]
    specs = [spec for _, of_group in GROUPS.values() for spec in of_group.values()]

    assert len(keys) == len(set(keys))
    assert all(spec.bounds.endswith(f" {spec.unit}") for spec in specs)
    assert GROUPS["统计与预警"][1]["alert_cap"].bounds == "10–10,000 起"

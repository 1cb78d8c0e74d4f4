"""The demo's cases go the way of the real loop: the same entries, with response times and judgements."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    ColumnElement,
    Row,
    String,
    Table,
    cast,
    func,
    select,
)
from sqlmodel import Session, SQLModel

from data.calendar import published_calendar
from data.counted import monday_of
from data.database import read_session, write_session
from data.demo import catch_up_demo, remove_demo
from data.demo.clocks import respond_limit
from data.demo.quality import HARD_CLASS
from data.demo.seed import signed, staff_numbers
from data.demo.simulate import PlannedCase
from data.demo.world import World
from data.dispatch import Decision
from data.event_fold import Entry, decoded
from data.event_log import Advance, append, records_of
from data.filter import Filter
from data.indicators.store import enter_readings
from data.indicators.table import AreaCells, indicator_table
from data.lifecycle import Person, list_people, make_move, resident
from data.lifecycle.moves import MOVES
from data.models import Evaluation, IndicatorReading
from data.queries.conditions import where_clauses
from data.queries.loop import lanes
from data.vocabulary import EvaluationSource, Level, Move, Role, RouteColor, Stage, Status
from tests.data.demo.conftest import NOW, Database
from tests.data.demo.test_seed import count

EVENT: Table = SQLModel.metadata.tables["event"]
LOG: Table = SQLModel.metadata.tables["event_log"]
READING: Table = SQLModel.metadata.tables["indicator_reading"]
EACH_MOVE = 6
"""Lives replayed for every kind of move."""


def lives(cases: list[PlannedCase]) -> list[PlannedCase]:
    """Some cases in which each move happens, without those that repeat another."""
    found: dict[str, PlannedCase] = {}
    for move in Move:
        with_move = (case for case in cases if any(entry.action is move for entry in case.entries))
        for case in islice((one for one in with_move if one.repeats is None), EACH_MOVE):
            found[case.external_no] = case
    return list(found.values())


def acting(people: dict[tuple[str, str], Person], entry: Entry) -> Person:
    role = Role(entry.changes["role"])
    return resident(entry.actor) if role is Role.RESIDENT else people[entry.actor, role]


def decision(case: PlannedCase, entry: Entry) -> Decision | None:
    """What the demo's invented custom of responding comes to, as a decision of the dispatch table."""
    if entry.action is not Move.DISPATCH:
        return None
    fields = case.entries[0].changes
    hours, clock = respond_limit(fields["urgency"], fields["limit_hours"])
    return Decision(
        rule_id=None, rule_number=None, department_code=entry.changes.get("department_code", ""),
        limit_hours=None, clock_type=clock, respond_hours=hours, basis=entry.changes["basis"],
    )  # fmt: skip


def filled_in(entry: Entry) -> dict[str, Any]:
    """What a person would have filled in for an entry."""
    rule = MOVES[Move(entry.action)]
    given = {**entry.changes, "reason": entry.reason}
    wanted = {field.value for field in (*rule.needs, *rule.takes)} - {"department_code"}
    return {name: given[name] for name in wanted if given.get(name) not in (None, "")}


def moved_again(session: Session, case: PlannedCase, people: dict[tuple[str, str], Person]) -> list[Row[Any]]:
    """The case reported, and every further entry made by its person through the real loop."""
    first = signed(case.entries[0], staff_numbers(session), batch_id=None)
    (event_id,) = append(session, [Advance(entries=[first])])
    calendar = published_calendar()
    for seq, entry in enumerate(case.entries[1:], start=1):
        make_move(
            session, event_id=event_id, seen_seq=seq, move=Move(entry.action), person=acting(people, entry),
            at=entry.at, fields=filled_in(entry), decision=decision(case, entry), calendar=calendar,
        )  # fmt: skip
    return records_of(session, [event_id])[event_id]


Rates = dict[Any, tuple[int, float, float]]
"""Answers, share of 已解决, share of 满意."""


def rates(session: Session, by: Any, *conditions: ColumnElement[bool]) -> Rates:
    """The judgements of the events that were called back, by what they have in common."""
    solved, satisfied = (func.count().filter(EVENT.c[name]) for name in ("solved", "satisfied"))
    called = select(by, func.count(), solved, satisfied).where(EVENT.c.solved.is_not(None), *conditions)
    rows = session.connection().execute(called.group_by(by)).all()
    return {key: (count, good / count, happy / count) for key, count, good, happy in rows}


def cells(session: Session, parent: str, week: date | None = None) -> dict[str, AreaCells]:
    """The communities of the demo by code, in a week (the last complete one)."""
    found = indicator_table(session=session, parent=parent, as_of=NOW, week=week, level=Level.COMMUNITY)
    return {row.code: row for row in found.rows}


def test_the_real_loop_writes_the_same_entries_when_the_same_people_move_the_case(
    copied: Database, world: World
) -> None:
    days = [NOW.date() - timedelta(days=back) for back in range(100, 135)]
    chosen = lives([case for day in days for case in world.simulation.plan(day)])
    replayed = {entry.action for one in chosen for entry in one.entries} & set(Move)
    with write_session(copied.engine) as session:
        staff = staff_numbers(session)
        people = {(one.name, one.role.value): one for one in list_people(session)}
        for case in chosen:
            records = moved_again(session, case, people)
            written = [(record.action, record.at, record.actor, record.reason) for record in records]
            assert written == [(entry.action, entry.at, entry.actor, entry.reason) for entry in case.entries]
            for record, entry in zip(records[1:], case.entries[1:], strict=True):
                expected = signed(entry, staff, batch_id=None).changes
                assert decoded(record.changes) == expected, (case.external_no, record.seq, entry.action)

    assert replayed == set(Move) - {
        Move.VERIFY, Move.REASSIGN, Move.HAND_OVER, Move.REFUSE_EXTENSION, Move.END_SUPERVISE, Move.UNMERGE,
        Move.MERGE,
    }  # fmt: skip


def test_a_merge_names_an_open_case_of_the_same_class_at_the_same_place(seeded: Database) -> None:
    other = EVENT.alias("other")
    joined = select(EVENT, other.c.class_code, other.c.cell, other.c.reported_at, other.c.ended_at)
    joined = joined.join(other, other.c.id == EVENT.c.merged_into).set_label_style(
        LABEL_STYLE_TABLENAME_PLUS_COL
    )
    with read_session(seeded.engine) as session:
        merged = session.connection().execute(joined).mappings().all()
        statuses = select(func.count()).where(EVENT.c.status == Status.MERGED.value)
        every = session.connection().execute(statuses).scalar_one()

    assert len(merged) == every > 100
    for row in merged:
        assert (row["event_class_code"], row["event_cell"]) == (row["other_class_code"], row["other_cell"])
        assert row["other_reported_at"] <= row["event_reported_at"]
        assert row["other_ended_at"] is None or row["other_ended_at"] > row["event_ended_at"]


def test_every_indicator_has_a_plausible_value_for_the_district(seeded: Database) -> None:
    plausible = {
        "on_time": (85, 95), "reworked": (1, 6), "response": (95, 100), "solved": (75, 95),
        "satisfied": (72, 95), "proactive": (20, 45), "garbage_late": (2, 20), "visits": (95, 100),
        "disputes": (92, 100), "arrival": (5, 20), "waiting": (5, 12), "hazard": (85, 100),
    }  # fmt: skip
    with read_session(seeded.engine) as session:
        tables = [indicator_table(session=session, parent=code, as_of=NOW) for code in ("", "510115")]

    for table in tables:
        found = {cell.measure.key: cell.now.value for cell in table.total.cells}
        assert found.keys() == plausible.keys()
        for key, (low, high) in plausible.items():
            assert low <= (found[key] or 0) <= high, (key, found[key])


def test_slack_communities_are_worse_than_their_baselines_two_weeks_running(
    seeded: Database, world: World
) -> None:
    last = monday_of(NOW.date()) - timedelta(weeks=1)
    with read_session(seeded.engine) as session:
        weeks = [cells(session, "510115", week) for week in (last - timedelta(weeks=1), last)]

    assert len(world.qualities.slack) == 3
    for code in world.qualities.slack:
        worse = [{cell.measure.key for cell in week[code].cells if cell.now.worse} for week in weeks]
        assert {"on_time", "waiting"} <= worse[0] & worse[1], code


def test_one_class_drags_the_rates_of_12345(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        found = rates(session, EVENT.c.class_code, EVENT.c.source == "12345")
    frequent = {code: rate for code, rate in found.items() if rate[0] >= 20}

    assert min(frequent, key=lambda code: frequent[code][1]) == HARD_CLASS
    assert min(frequent, key=lambda code: frequent[code][2]) == HARD_CLASS
    assert frequent[HARD_CLASS][1] < 0.8
    assert found[HARD_CLASS][0] == max(count for count, *_ in found.values())


def test_departments_and_months_differ(seeded: Database) -> None:
    month = func.substr(cast(EVENT.c.ended_day, String), 1, 7)
    with read_session(seeded.engine) as session:
        by_month = rates(session, month)
        by_department = rates(session, EVENT.c.department_code)

    assert by_month["2026-10"][1] > by_month["2026-11"][1] + 0.01
    assert by_month["2026-10"][2] > by_month["2026-11"][2] + 0.01
    assert by_department["D02"][1] < by_department["D11"][1] - 0.05


def test_cases_of_every_source_are_judged_and_everybody_sent_has_time_to_respond(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        rows = session.connection().execute(select(EVENT)).mappings().all()
    sent = [row for row in rows if row["status"] not in ("reported", "filed", "voided", "merged", "returned")]

    assert {row["source"] for row in rows if row["solved"] is not None} == {row["source"] for row in rows}
    assert all((row["solved"] is None) is (row["rated_at"] is None) for row in rows)
    assert all(row["status"] == "evaluated" for row in rows if row["rated_at"])
    assert all(row["respond_by"] for row in sent)
    answered = [row for row in sent if row["accepted_at"]]
    too_late = [row for row in answered if row["accepted_at"] > row["respond_by"]]
    assert 0.005 <= len(too_late) / len(answered) <= 0.05


@pytest.mark.parametrize("hours", [0, 5, 17])
def test_what_waits_for_its_judgement_is_of_the_last_days(copied: Database, hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    if hours:
        catch_up_demo(copied.engine, copied.settings, now=now)
    with read_session(copied.engine) as session:
        lane = lanes(session=session, where=Filter(), as_of=now).lanes[-1]
        assert lane.where is not None
        waits = where_clauses(session, lane.where, now)
        ended = session.execute(select(EVENT.c.ended_at).where(*waits)).scalars().all()

    assert lane.stage is Stage.RATE
    assert 40 <= lane.count == len(ended) <= 190
    assert sum(now - at < timedelta(days=3) for at in ended) >= 0.9 * len(ended)


def test_who_patrolled_judges_the_case_and_the_command_centre_writes_down_what_others_said(
    seeded: Database,
) -> None:
    judged = select(LOG.c.actor, LOG.c.changes, EVENT.c.source, EVENT.c.reporter_id)
    judged = judged.join(EVENT, EVENT.c.id == LOG.c.event_id).where(LOG.c.action == Move.EVALUATE.value)
    with read_session(seeded.engine) as session:
        rows = session.connection().execute(judged).all()
    by_source: dict[str, set[str]] = {}
    for row in rows:
        said = decoded(row.changes)
        by_source.setdefault(row.source, set()).add(said["role"])
        if row.source == "patrol":
            assert said["role"] == Role.DISPATCHER or said["person_id"] == row.reporter_id

    everybody = {"12345", "12349", "city_mgmt", "mailbox", "sensor", "superior"}
    assert by_source.pop("resident") == {Role.RESIDENT, Role.DISPATCHER}
    assert {Role.GRID_WORKER} < by_source.pop("patrol") <= {Role.GRID_WORKER, Role.COMMUNITY, Role.DISPATCHER}
    assert by_source == {source: {Role.DISPATCHER} for source in everybody}


def test_whether_it_was_in_time_is_judged_at_feedback_and_kept(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        back = select(LOG.c.event_id, func.max(LOG.c.at)).where(LOG.c.action == Move.FEEDBACK.value)
        fed_back = {row[0]: row[1] for row in session.connection().execute(back.group_by(LOG.c.event_id))}
        rows = session.connection().execute(select(EVENT).where(EVENT.c.due_at.is_not(None))).mappings().all()
    after = [row for row in rows if row["status"] in ("feedback", "checking", "closed", "evaluated")]

    assert len(after) > 9_000
    assert all(row["in_time"] is (fed_back[row["id"]] <= row["due_at"]) for row in after)
    assert {row["in_time"] for row in after if row["status"] in ("feedback", "checking")} == {True, False}


def test_grid_and_street_handle_some_cases_themselves(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        found = select(EVENT.c.route_color, EVENT.c.department_code).where(EVENT.c.route_color != "")
        rows = session.connection().execute(found).all()
    colors = Counter(color for color, _ in rows)

    assert 100 < colors[RouteColor.YELLOW] < colors[RouteColor.BLUE] < 0.1 * colors[RouteColor.RED]
    assert {bool(department) for color, department in rows if color == RouteColor.RED} == {True, False}
    assert {department for color, department in rows if color != RouteColor.RED} == {""}


def test_readings_and_judgements_say_that_they_are_a_demo_and_leave_with_it(copied: Database) -> None:
    with read_session(copied.engine) as session:
        judged = session.scalars(select(Evaluation)).all()
        sources = set(session.scalars(select(READING.c.source)))
        weeks = sorted(set(session.scalars(select(READING.c.week))))

    assert sources == {"演示数据"}
    assert weeks == [date(2026, 9, 21) + timedelta(weeks=n) for n in range(8)]
    assert Counter(one.source for one in judged) == {
        EvaluationSource.SELF: 42, EvaluationSource.PEER: 84, EvaluationSource.PUBLIC: 42,
        EvaluationSource.THIRD_PARTY: 42,
    }  # fmt: skip
    assert {one.period for one in judged} == {"2026-09", "2026-10"}
    assert all(55 <= one.score <= 100 and one.actor.startswith("演示") for one in judged)

    remove_demo(copied.engine, copied.settings)

    assert count(copied.engine, "evaluation") == count(copied.engine, "indicator_reading") == 0


def test_catching_up_brings_the_readings_of_the_weeks_between_and_keeps_what_was_entered(
    copied: Database,
) -> None:
    week = monday_of(NOW.date())
    entered = ("visits_done", "510115001", week, 3.0)
    with write_session(copied.engine) as session:
        enter_readings(session, readings=[entered], source="手工", actor="演示甲", at=NOW)
        before = session.scalars(select(func.count()).select_from(READING)).one()

    catch_up_demo(copied.engine, copied.settings, now=NOW + timedelta(days=14))

    with read_session(copied.engine) as session:
        after = session.scalars(select(func.count()).select_from(READING)).one()
        kept = session.get_one(IndicatorReading, ("510115001", week, "visits_done"))
        months = {one.period for one in session.scalars(select(Evaluation))}
    assert (kept.value, kept.source) == (3.0, "手工")
    assert after == before + 2 * (before - 1) // 8
    assert months == {"2026-09", "2026-10", "2026-11"}  # November is judged on 5 December

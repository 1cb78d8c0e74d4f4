"""After the calendar changed the deadlines of open cases follow, by their logs; an undo brings them back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from data import roll_up
from data.calendar import published_calendar, read_calendar
from data.calendar.edit import DayEntry, changes, set_day, set_days, set_hours, undo_change
from data.clock import Deadline, deadline
from data.database import read_session, write_session
from data.dispatch import Decision
from data.event_log import Action, Advance, Entry, append, records_of, verify
from data.lifecycle import make_move
from data.models import CalendarChange, Event, Whistle
from data.queries.next_change import next_change
from data.reckon import Effect, Reckoned, reckon, rehearse, waiting
from data.vocabulary import ClockType, Move
from data.whistle import WhistleDraft, blow
from data.whistle.log import log_of
from data.whistle.verify import verify_whistles
from tests.data.conftest import division
from tests.data.core.events import first
from tests.data.databases import migrated_engine
from tests.data.loop.world import (
    CHECKER,
    DISPATCHER,
    GARDENER,
    GRID,
    NEIGHBOURHOOD,
    PARKS,
    SECRETARY,
    STREET_CLERK,
    furnish,
    report,
)
from tests.sql_recorder import recorded, scans

ACTOR = "管理员·示例01"
SHANGHAI = ZoneInfo("Asia/Shanghai")
OCTOBER_7 = date(2026, 10, 7)
"""A Wednesday, the last day of the National Day holiday; 8, 9 and Saturday 10 October are worked."""
WORKED = DayEntry(day=OCTOBER_7, is_working=True, name="调休")


def at(text: str) -> datetime:
    """Shanghai time of 2026 as ``09-29 09:00``."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


AS_OF = at("10-08 12:00")


def decision(hours: float = 72.0, clock: str = "working_days", respond: float | None = None) -> Decision:
    return Decision(
        rule_id=None, rule_number=None, department_code=PARKS, limit_hours=hours, clock_type=clock,
        respond_hours=respond, basis="演示规则",
    )  # fmt: skip


def go(engine: Engine, event_id: int, move: Move, person: Any, when: str, **fields: Any) -> None:
    """One move at a Shanghai time, on top of whatever the case is."""
    given = fields.pop("decision", None)
    with write_session(engine) as session:
        seen = session.get_one(Event, event_id).seq
        make_move(
            session, event_id=event_id, seen_seq=seen, move=move, person=person, at=at(when), fields=fields,
            decision=given,
        )  # fmt: skip


def handled(engine: Engine, number: int = 1, *, day: str = "09-29", **limit: Any) -> int:
    """A case of the parks department, reported at nine and in hand at ten."""
    with write_session(engine) as session:
        event_id = report(session, number, class_code="0106", reported_at=at(f"{day} 09:00"))
    go(engine, event_id, Move.VERIFY, NEIGHBOURHOOD, f"{day} 09:10", route_color="red")
    go(engine, event_id, Move.FILE, STREET_CLERK, f"{day} 09:20")
    go(engine, event_id, Move.DISPATCH, DISPATCHER, f"{day} 09:30", decision=decision(**limit))
    go(engine, event_id, Move.ACCEPT, GARDENER, f"{day} 09:40")
    go(engine, event_id, Move.HANDLE, GARDENER, f"{day} 10:00")
    return event_id


def edit(engine: Engine, entry: DayEntry = WORKED, *, area: str = "", seen: int | None = None) -> int:
    with write_session(engine) as session:
        return set_day(session, entry, area_prefix=area, seen_id=seen, actor=ACTOR).id or 0


def undo(engine: Engine, change: int) -> None:
    with write_session(engine) as session:
        undo_change(session, change_id=change, actor=ACTOR)
    reckon(engine, now=AS_OF)


def deadline_of(engine: Engine, event_id: int) -> Deadline:
    with read_session(engine) as session:
        event = session.get_one(Event, event_id)
        return Deadline(event.due_at, event.warn_at)


def check(engine: Engine) -> None:
    """Log, rows and roll-up agree."""
    with write_session(engine) as session:
        assert verify(session) == []
        kept = weeks(session)
        roll_up.recompute(session)
        assert weeks(session) == kept


def weeks(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text("SELECT * FROM area_week ORDER BY code, week"))]


def test_a_day_worked_within_national_day_brings_the_deadline_a_day_forward(district: Engine) -> None:
    """Three working days from 29 September: 30 September, 8 and 9 October; with the 7th a day less.

    A quarter of the 32 hours (with the rest of the 29th) is left after the 29th, the 30th and one day more.
    """
    event_id = handled(district)
    assert deadline_of(district, event_id) == Deadline(at("10-09 18:00"), at("10-08 18:00"))

    edit(district)
    done = reckon(district, now=AS_OF)

    assert done == Reckoned(changes=1, moved=1)
    assert deadline_of(district, event_id) == Deadline(at("10-08 18:00"), at("10-07 18:00"))
    with read_session(district) as session:
        entry = records_of(session, [event_id])[event_id][-1]
        assert (entry.action, entry.actor, entry.at) == ("reckon", "系统", AS_OF)
        assert entry.reason == (
            "工作日历有改动（1）：2026-10-07 改为上班（调休）；到期由 2026-10-09 18:00 改为 2026-10-08 18:00"
        )
        assert entry.from_status == entry.to_status == "handling"
        # On 8 October at noon the case is 临期 already; it is overdue right after six in the evening.
        assert next_change(session, as_of=AS_OF) == at("10-08 18:00") + timedelta.resolution
    check(district)


def test_the_deadline_s_week_moves_in_the_roll_up_as_well(district: Engine) -> None:
    """Due on Friday 9 October; where the first three days of the holiday are worked, on Friday the 2nd."""
    handled(district)
    days = [DayEntry(day=date(2026, 10, day), is_working=True) for day in (1, 2, 3)]
    with write_session(district) as session:
        set_days(session, days, area_prefix="", actor=ACTOR, what="演示调休")
        before = {row[0]: row[1] for row in due_by_week(session)}
    reckon(district, now=AS_OF)
    with read_session(district) as session:
        after = {row[0]: row[1] for row in due_by_week(session)}

    assert (before, after) == ({"2026-10-05": 1}, {"2026-09-28": 1})
    check(district)


def due_by_week(session: Session) -> list[Any]:
    query = (
        "SELECT cast(week AS varchar), sum(due) FROM area_week WHERE length(code) = 12"
        " GROUP BY week HAVING sum(due) > 0"
    )
    return list(session.execute(text(query)).all())


def test_an_undo_brings_every_deadline_back(district: Engine) -> None:
    event_id = handled(district)
    before = deadline_of(district, event_id)
    change = edit(district)
    reckon(district, now=AS_OF)
    undo(district, change)

    assert deadline_of(district, event_id) == before
    with read_session(district) as session:
        assert [entry.action for entry in records_of(session, [event_id])[event_id]][-2:] == ["reckon"] * 2
        assert [(line.number, line.moved) for line in changes(session=session, limit=5)] == [(2, 1), (1, 1)]
    check(district)


def test_a_day_within_a_pause_gives_and_takes_nothing(district: Engine) -> None:
    """Suspended on 30 September at ten, with 23 of the hours left: resumed on 8 October at ten, they end on
    Saturday the 10th at six, whether or not the 7th was worked."""
    event_id = handled(district)
    pause = {"suspended_until": at("10-20 00:00"), "reason": "等配件"}
    go(district, event_id, Move.SUSPEND, DISPATCHER, "09-30 10:00", **pause)
    go(district, event_id, Move.RESUME, DISPATCHER, "10-08 10:00")
    assert deadline_of(district, event_id).due_at == at("10-10 18:00")

    edit(district)

    assert reckon(district, now=AS_OF) == Reckoned(changes=1)
    assert deadline_of(district, event_id).due_at == at("10-10 18:00")


def test_a_case_that_is_suspended_meanwhile_resumes_with_what_was_left(district: Engine) -> None:
    """The edit is made while the clock stands still: on resuming as much is left as without it."""
    event_id = handled(district)
    pause = {"suspended_until": at("10-20 00:00"), "reason": "等配件"}
    go(district, event_id, Move.SUSPEND, DISPATCHER, "09-30 10:00", **pause)
    edit(district)
    reckon(district, now=at("10-07 20:00"))
    go(district, event_id, Move.RESUME, DISPATCHER, "10-08 10:00")

    assert deadline_of(district, event_id).due_at == at("10-10 18:00")
    assert reckon(district, now=AS_OF) == Reckoned()
    check(district)


def test_an_extension_is_reckoned_with_on_the_new_calendar(district: Engine) -> None:
    """Three working days after 9 October: Saturday the 10th, 12 and 13; with the 7th worked a day less."""
    event_id = handled(district)
    extend(district, event_id)
    assert deadline_of(district, event_id).due_at == at("10-13 18:00")

    edit(district)
    reckon(district, now=AS_OF)

    assert deadline_of(district, event_id).due_at == at("10-12 18:00")
    check(district)


def extend(engine: Engine, event_id: int, when: str = "09-30 11:00") -> None:
    go(engine, event_id, Move.ASK_EXTENSION, GARDENER, when, reason="苗木未到")
    go(engine, event_id, Move.GRANT_EXTENSION, SECRETARY, when)
    go(engine, event_id, Move.GRANT_EXTENSION, DISPATCHER, when)


def test_only_the_cases_concerned_move(district: Engine) -> None:
    """Another area, a clock that runs always, a deadline that the source brought, a case that has ended, one
    that was due before the day and one that was reported after it."""
    moved = handled(district, 1)
    elsewhere = handled(district, 2)
    always = handled(district, 3, hours=240.0, clock="urgent_hours")
    early = handled(district, 4, hours=2.0, clock="working_hours")
    late = handled(district, 5, day="10-08")
    closed = handled(district, 6)
    go(district, closed, Move.FEEDBACK, GARDENER, "09-30 09:00", reason="已修剪")
    go(district, closed, Move.CHECK, CHECKER, "09-30 09:10")
    go(district, closed, Move.CLOSE, CHECKER, "09-30 09:20")
    with write_session(district) as session:
        given = report(session, 7, reported_at=at("09-29 09:00"), due_at=at("10-09 12:00"))
        entry = Entry(
            action=Action.RECODE,
            at=at("09-30 12:00"),
            actor="系统",
            changes={"code": "510115002001"},
        )
        seen = session.get_one(Event, elsewhere).seq
        append(session, [Advance(event_id=elsewhere, seen_seq=seen, entries=[entry])])
    others = {one: deadline_of(district, one) for one in (elsewhere, always, early, late, closed, given)}

    with write_session(district) as session:
        session.add(division("510115001", "公平街道", 103.80, 103.84))
    edit(district, area="510115001")

    assert reckon(district, now=AS_OF).moved == 1
    assert deadline_of(district, moved).due_at == at("10-08 18:00")
    assert {one: deadline_of(district, one) for one in others} == others
    check(district)


def test_other_hours_move_deadlines_and_warnings_from_their_day_on(district: Engine) -> None:
    """Eight hours from nine on end at six; where work ends at four, two of them are left for the next day."""
    event_id = handled(district, hours=8.0, clock="working_hours", day="09-28")
    assert deadline_of(district, event_id) == Deadline(at("09-28 18:00"), at("09-28 16:00"))
    with write_session(district) as session:
        set_hours(
            session, spans="09:00-12:00 13:00-16:00", warn_share=0.5, valid_from=date(2026, 9, 28),
            area_prefix="", actor=ACTOR,
        )  # fmt: skip
    reckon(district, now=AS_OF)

    assert deadline_of(district, event_id) == Deadline(at("09-29 11:00"), at("09-28 14:00"))
    check(district)


def test_a_share_that_counts_as_soon_is_asked_of_a_clock_that_runs_always_too(district: Engine) -> None:
    event_id = handled(district, hours=4.0, clock="urgent_hours", day="09-28")
    with write_session(district) as session:
        set_hours(
            session, spans="09:00-12:00 13:00-18:00", warn_share=0.5, valid_from=date(2026, 9, 28),
            area_prefix="", actor=ACTOR,
        )  # fmt: skip
    reckon(district, now=AS_OF)

    assert deadline_of(district, event_id) == Deadline(at("09-28 13:00"), at("09-28 11:00"))


def test_the_time_to_respond_follows_where_the_dispatch_noted_it(district: Engine) -> None:
    """A working day from 30 September: 8 October; with the 7th worked that day."""
    with write_session(district) as session:
        event_id = report(session, class_code="0106", reported_at=at("09-30 09:00"))
    go(district, event_id, Move.VERIFY, NEIGHBOURHOOD, "09-30 09:10", route_color="red")
    go(district, event_id, Move.FILE, STREET_CLERK, "09-30 09:20")
    go(district, event_id, Move.DISPATCH, DISPATCHER, "09-30 09:30", decision=decision(respond=24.0))

    def respond_by() -> datetime | None:
        with read_session(district) as session:
            return session.get_one(Event, event_id).respond_by

    before = respond_by()
    change = edit(district)
    reckon(district, now=AS_OF)
    after = respond_by()
    undo(district, change)

    assert (before, after, respond_by()) == (at("10-08 18:00"), at("10-07 18:00"), at("10-08 18:00"))


def test_what_was_judged_at_the_hand_back_is_judged_again_until_the_case_is_closed(district: Engine) -> None:
    """Handed back on the 8th at seven in the evening: in time for the 9th, late for the 8th at six."""
    event_id = handled(district)
    go(district, event_id, Move.FEEDBACK, GARDENER, "10-08 19:00", reason="已修剪")
    go(district, event_id, Move.CHECK, CHECKER, "10-08 19:30")
    change = edit(district)
    reckon(district, now=at("10-08 20:00"))

    def in_time() -> bool | None:
        with read_session(district) as session:
            return session.get_one(Event, event_id).in_time

    assert in_time() is False
    undo(district, change)
    assert in_time() is True
    check(district)


def test_a_case_that_was_merged_meanwhile_comes_back_with_the_deadline_of_today_s_calendar(
    district: Engine,
) -> None:
    with write_session(district) as session:
        for number in (1, 2):
            report(
                session, number, class_code="0106", reported_at=at("09-29 09:00"), limit_hours=72.0,
                clock_type="working_days", due_at=at("10-09 18:00"), warn_at=at("10-08 18:00"),
            )  # fmt: skip
    go(district, 1, Move.MERGE, STREET_CLERK, "09-29 10:00", merged_into=2)
    edit(district)
    assert reckon(district, now=at("10-01 10:00")).moved == 1
    go(district, 1, Move.UNMERGE, STREET_CLERK, "10-02 10:00", reason="不是同一处")

    assert deadline_of(district, 1) == deadline_of(district, 2)
    assert deadline_of(district, 1).due_at == at("10-08 18:00")
    assert reckon(district, now=AS_OF) == Reckoned()
    check(district)


def test_a_preview_says_how_many_cases_and_which_way_and_writes_nothing(district: Engine) -> None:
    """At eight in the evening of the 8th the two cases of three days would be overdue, that of five not."""
    for number, hours in ((1, 72.0), (2, 72.0), (3, 120.0)):
        handled(district, number, hours=hours)
    evening = at("10-08 20:00")

    def sure(session: Session) -> CalendarChange:
        return set_day(session, WORKED, area_prefix="", seen_id=None, actor=ACTOR)

    found = rehearse(district, sure, as_of=evening)

    assert found == Effect(moved=3, earlier=3, becomes_overdue=2)
    with read_session(district) as session:
        assert changes(session=session, limit=1) == []
        assert waiting(session) == 0
        assert session.get_one(Event, 1).seq == 6
    edit(district)
    assert reckon(district, now=evening).moved == found.moved
    with read_session(district) as session:
        change = changes(session=session, limit=1)[0].number

    def back(session: Session) -> CalendarChange:
        return undo_change(session, change_id=change, actor=ACTOR)

    assert rehearse(district, back, as_of=evening) == Effect(moved=3, later=3, no_longer_overdue=2)


def test_an_open_whistle_is_answered_by_the_working_day_of_the_new_calendar(small_district: Engine) -> None:
    furnish(small_district)
    with write_session(small_district) as session:
        for kind in ("residents", "emergency"):
            draft = WhistleDraft(kind=kind, code="510115001", subject="占道经营反复", lead=PARKS)
            blow(session, draft, person=SECRETARY, at=at("09-30 10:00"))

    def steps() -> list[tuple[datetime, datetime]]:
        with read_session(small_district) as session:
            return [(one.respond_by, one.second_by) for one in session.exec(select(Whistle).order_by("id"))]

    before = steps()
    change = edit(small_district)
    assert reckon(small_district, now=AS_OF) == Reckoned(changes=1, whistles=1)
    after = steps()
    undo(small_district, change)

    assert before[0] == (at("10-08 18:00"), at("10-09 18:00"))
    assert after[0] == (at("10-07 18:00"), at("10-08 18:00"))
    assert after[1] == before[1] == (at("09-30 10:30"), at("09-30 11:00"))
    assert steps() == before
    with read_session(small_district) as session:
        assert verify_whistles(session) == []
        assert [entry.action for entry in log_of(session, 1)] == ["blow", "reckon", "reckon"]


def test_what_was_stopped_halfway_is_gone_on_with(district: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        handled(district, number)
    edit(district)
    monkeypatch.setattr("data.reckon._AT_ONCE", 2)

    def stop_after_two(_stage: str, done: int, _total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reckon(district, now=AS_OF, progress=stop_after_two)
    with read_session(district) as session:
        assert waiting(session) == 1
    told: list[tuple[int, int]] = []
    reckon(district, now=AS_OF, progress=lambda _, done, total: told.append((done, total)))

    assert {deadline_of(district, number).due_at for number in range(1, 6)} == {at("10-08 18:00")}
    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]
    with read_session(district) as session:
        assert waiting(session) == 0
        assert [len(log) for log in records_of(session, range(1, 6)).values()] == [7] * 5
    check(district)


def test_a_clock_that_was_set_back_writes_nothing_before_what_has_happened(district: Engine) -> None:
    event_id = handled(district)
    edit(district)
    reckon(district, now=at("09-01 00:00"))

    with read_session(district) as session:
        log = records_of(session, [event_id])[event_id]
    assert log[-1].at == log[-2].at == at("09-29 10:00")


def test_a_thousand_cases_take_a_bounded_number_of_statements(engine: Engine) -> None:
    """Two hundred at once: what is asked grows with the parts, not with the cases; no table is read whole."""
    fields = {
        "limit_hours": 72.0, "clock_type": "working_days", "code": GRID, "reported_at": at("09-29 09:00"),
        "due_at": at("10-09 18:00"), "warn_at": at("10-08 18:00"),
    }  # fmt: skip
    with write_session(engine) as session:
        append(session, [first(number, **fields) for number in range(1, 1001)])
    edit(engine)
    with recorded(engine) as statements:
        assert reckon(engine, now=AS_OF).moved == 1000

    assert len(statements) <= 5 * 40
    assert scans(statements) == []
    check(engine)


# --- whatever happens ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = migrated_engine(tmp_path_factory.mktemp("reckon") / "onemap.db")
    furnish(opened)
    yield opened
    opened.dispose()


def empty(engine: Engine) -> None:
    with write_session(engine) as session:
        for table in (
            "event_log", "event", "area_week", "area_week_count", "source_state", "calendar_day",
            "calendar_hours", "calendar_change",
        ):  # fmt: skip
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
        session.execute(text("UPDATE data_state SET last_event_id = 0"))


SEPTEMBER_28 = date(2026, 9, 28)
days_of_october = st.dictionaries(st.integers(0, 20), st.booleans(), min_size=1, max_size=8).map(
    lambda found: [DayEntry(day=SEPTEMBER_28 + timedelta(days=n), is_working=w) for n, w in found.items()]
)
doings = st.lists(
    st.tuples(st.sampled_from(["pause", "extend", "rework", "edit"]), st.integers(1, 40)), max_size=5
)


@settings(max_examples=25, deadline=None)
@given(
    first_edit=days_of_october, second_edit=days_of_october, doing=doings,
    limit=st.sampled_from([(72.0, "working_days"), (6.0, "working_hours"), (48.0, "calendar_days")]),
)  # fmt: skip
def test_change_and_undo_give_the_same_deadlines_whatever_happened_between(
    shared: Engine, first_edit: Any, second_edit: Any, doing: Any, limit: tuple[float, str]
) -> None:
    """Pauses, extensions, rework and edits in any order; then two edits more, taken back one by one."""
    empty(shared)
    event_id = handled(shared, hours=limit[0], clock=limit[1])
    now = at("09-29 10:00")
    for what, hours in doing:
        now += timedelta(hours=hours)
        happen(shared, event_id, what, now, first_edit)
    seen = []
    numbers = []
    for entries in (first_edit, second_edit):
        seen.append(deadline_of(shared, event_id))
        with write_session(shared) as session:
            change = set_days(session, entries, area_prefix="", actor=ACTOR, what="演示")
            numbers.append(change.id or 0)
        reckon(shared, now=now)
    for number in reversed(numbers):
        with write_session(shared) as session:
            undo_change(session, change_id=number, actor=ACTOR)
        reckon(shared, now=now)
        assert deadline_of(shared, event_id) == seen.pop()
    with read_session(shared) as session:
        assert verify(session) == []


def happen(engine: Engine, event_id: int, what: str, now: datetime, entries: list[DayEntry]) -> None:
    """Something that tells on the clock; what the rules do not admit does not happen."""
    when = now.strftime("%m-%d %H:%M")
    with read_session(engine) as session:
        event = session.get_one(Event, event_id)
        extended, overdue = event.extended_count, event.due_at is not None and event.due_at < now
    if what == "pause":
        until = {"suspended_until": now + timedelta(days=30), "reason": "等配件"}
        go(engine, event_id, Move.SUSPEND, DISPATCHER, when, **until)
        later = (now + timedelta(minutes=59)).strftime("%m-%d %H:%M")
        go(engine, event_id, Move.RESUME, DISPATCHER, later)
    elif what == "extend" and not overdue and extended < 2:
        extend(engine, event_id, when)
    elif what == "rework":
        go(engine, event_id, Move.FEEDBACK, GARDENER, when, reason="已修剪")
        go(engine, event_id, Move.CHECK, CHECKER, when)
        go(engine, event_id, Move.REWORK, CHECKER, when, reason="未清走")
        go(engine, event_id, Move.HANDLE, GARDENER, when)
    elif what == "edit":
        with write_session(engine) as session:
            set_days(session, entries[:1], area_prefix="", actor=ACTOR, what="演示")
        reckon(engine, now=now)


@settings(max_examples=25, deadline=None)
@given(entries=days_of_october, hours=st.integers(1, 30), minute=st.integers(0, 8 * 24 * 60))
def test_counting_minutes_one_by_one_agrees_after_a_change(
    shared: Engine, entries: list[DayEntry], hours: int, minute: int
) -> None:
    """Reported at any minute; after the edit as many minutes are worked up to the deadline as the limit has,
    and three quarters of them up to the warning."""
    empty(shared)
    reported = at("09-28 00:00") + timedelta(minutes=minute)
    calendar = published_calendar()
    limit: dict[str, Any] = {"limit_hours": float(hours), "clock_type": ClockType.WORKING_HOURS.value}
    with write_session(shared) as session:
        before = deadline(reported_at=reported, calendar=calendar, **limit)
        fields = {"due_at": before.due_at, "warn_at": before.warn_at, "reported_at": reported}
        append(session, [first(1, code=GRID, **fields, **limit)])
        set_days(session, entries, area_prefix="", actor=ACTOR, what="演示")
    reckon(shared, now=AS_OF)
    found = deadline_of(shared, 1)
    with read_session(shared) as session:
        calendar = read_calendar(session)

    assert found.due_at is not None
    assert found.warn_at is not None
    assert worked_minutes(calendar, reported, found.due_at) == hours * 60
    assert worked_minutes(calendar, reported, found.warn_at) == hours * 45


def worked_minutes(calendar: Any, since: datetime, until: datetime) -> int:
    count, moment = 0, since
    while moment < until:
        local = moment.astimezone(SHANGHAI)
        minutes = local.hour * 60 + local.minute
        count += any(begin <= minutes < end for begin, end in calendar.spans_on(local.date()))
        moment += timedelta(minutes=1)
    return count

"""Filling an empty database, catching up, refusing to mix, removing."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.event import listen
from sqlmodel import SQLModel, col

from data.calendar.edit import DayEntry, set_days
from data.database import open_engine, read_session, write_session
from data.demo import (
    DEFAULT_SEED,
    DemoMissing,
    DemoRefused,
    catch_up_demo,
    demo_state,
    remove_demo,
    seed,
    seed_demo,
)
from data.event_anchor import anchor_day, verify_anchors
from data.event_log import Action, Entry, append_one, records_of, verify
from data.lifecycle import KeptFile, resident
from data.lifecycle.attachments import note_files
from data.models import Alert, Department, Division, Event, EventLog, ImportBatch
from data.notices.queue import make_notices
from data.notices.receivers import add_receiver, list_receivers
from data.reckon import reckon
from data.reporting import ReportForm, report
from data.vocabulary import BatchKind, BatchStatus, Level, Move
from tests.data.demo.conftest import NOW, Database, open_database

SHORT_DAYS = 12
TABLES = (
    "division", "station", "department", "staff", "event_class", "event", "event_log", "area_week",
    "dispatch_rule", "list_item", "list_item_log", "service_item", "whistle", "whistle_department",
)  # fmt: skip


def count(engine: Engine, name: str) -> int:
    table: Table = SQLModel.metadata.tables[name]
    with read_session(engine) as session:
        return session.connection().execute(select(func.count()).select_from(table)).scalar_one()


def events(engine: Engine, *, reported_from: datetime) -> dict[str, dict[str, Any]]:
    """Event rows by number, without what depends on the order of writing."""
    table: Table = SQLModel.metadata.tables["event"]
    with read_session(engine) as session:
        found = session.connection().execute(select(table).where(table.c.reported_at >= reported_from))
        rows = [dict(row) for row in found.mappings()]
        named = session.connection().execute(select(table.c.id, table.c.external_no))
        numbers = {row.id: row.external_no for row in named}
    for row in rows:
        row["merged_into"] = numbers.get(row["merged_into"])
        for name in ("id", "head_hash", "batch_id"):
            del row[name]
    return {row["external_no"]: row for row in rows}


def figures(engine: Engine) -> tuple[int, int]:
    """未落格 and 无坐标 as the demo's batch gives them."""
    with read_session(engine) as session:
        batch = session.get_one(ImportBatch, demo_state(session).batch_id)
        return batch.rows_unplaced, batch.rows_unlocated


def places(engine: Engine) -> tuple[int, int]:
    """The same, counted one by one in the table of events."""
    table: Table = SQLModel.metadata.tables["event"]
    with read_session(engine) as session:
        rows = session.connection().execute(select(table.c.code, table.c.cell)).all()
    return sum(cell is not None and not code for code, cell in rows), sum(cell is None for _, cell in rows)


def open_count(engine: Engine) -> int:
    table: Table = SQLModel.metadata.tables["event"]
    with read_session(engine) as session:
        return (
            session.connection().execute(select(func.count()).where(table.c.ended_at.is_(None))).scalar_one()
        )


@pytest.fixture
def short_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve days of history, for tests that seed more than once."""
    monkeypatch.setattr(seed, "HISTORY_DAYS", SHORT_DAYS)


def test_a_seeded_database_holds_the_whole_district(seeded: Database) -> None:
    counts = {name: count(seeded.engine, name) for name in TABLES}

    assert counts["division"] == 1 + 9 + 95 + 1000
    assert counts["department"] == 12 + 2  # and two units below the district
    assert 140 <= counts["station"] <= 160
    assert counts["staff"] == 6 + 12 * 4 + 9 + 95 + 1000 + 9 + 4 + 2 * 2
    assert 12_000 <= counts["event"] <= 17_000
    assert counts["area_week"] > 0
    assert 1_100 <= open_count(seeded.engine) <= 1_300


def test_everything_belongs_to_one_published_batch_of_kind_demo(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        (batch,) = session.scalars(select(ImportBatch)).all()
        strangers = {
            table.name: session.connection()
            .execute(select(func.count()).where(table.c.batch_id.is_distinct_from(batch.id)))
            .scalar_one()
            for table in SQLModel.metadata.tables.values()
            if "batch_id" in table.c
        }

    assert (batch.kind, batch.status, batch.is_demo) == (BatchKind.DEMO, BatchStatus.PUBLISHED, True)
    assert batch.rows_new == batch.rows_total == count(seeded.engine, "event")
    assert figures(seeded.engine) == places(seeded.engine)
    assert min(figures(seeded.engine)) > 0
    assert set(strangers.values()) == {0}


def test_the_state_says_that_it_is_a_demo_and_until_when(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        state = demo_state(session)

    assert state.is_demo
    assert not state.removed
    assert not state.database_empty
    assert (state.seed, state.last_caught_up_at) == (DEFAULT_SEED, NOW)


@pytest.mark.sqlite
def test_asking_for_the_state_scans_neither_events_nor_log(copied: Database) -> None:
    remove_demo(copied.engine, copied.settings)
    asked: list[str] = []
    listen(copied.engine, "before_cursor_execute", lambda *call: asked.append(call[2].replace("?", "1")))
    with read_session(copied.engine) as session:
        assert demo_state(session).database_empty
    plans: list[str] = []
    with read_session(copied.engine) as session:
        for statement in [text for text in asked if text.startswith("SELECT")]:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            plans += [row[3] for row in plan]

    assert any("event" in step for step in plans)
    assert [step for step in plans if step.startswith("SCAN event")] == []


def test_every_event_row_is_the_fold_of_its_log(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        sample = [event_id for event_id in session.scalars(select(Event.id)) if event_id % 20 == 0]  # type: ignore[call-overload]

        assert len(sample) > 500
        assert verify(session, event_ids=sample) == []


def test_nothing_in_the_log_lies_in_the_future(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        newest = session.scalars(select(func.max(EventLog.at))).one()

    assert newest is not None
    assert NOW - timedelta(hours=2) < newest <= NOW


def test_the_tiles_are_baked_and_in_force(seeded: Database) -> None:
    (path,) = seeded.settings.tiles_dir.glob("*.pmtiles")
    table: Table = SQLModel.metadata.tables["data_state"]
    with read_session(seeded.engine) as session:
        assert session.connection().execute(select(table.c.tiles)).scalar_one() == path.name


@pytest.mark.usefixtures("short_history")
def test_seeding_tells_how_far_it_is_and_takes_seconds(
    empty: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, int, int]] = []
    started = time.perf_counter()

    seed_demo(empty.engine, empty.settings, now=NOW, progress=lambda *step: told.append(step))

    seconds = time.perf_counter() - started
    with capsys.disabled():
        print(f"\ndemo with {SHORT_DAYS} days of history: {seconds:.1f} s")  # noqa: T201
    assert {stage for stage, _, _ in told} == {
        "划分演示网格", "生成演示事件", "写入演示事件", "制作区划底图",
    }  # fmt: skip
    assert all(0 <= done <= total for _, done, total in told)


@pytest.mark.usefixtures("short_history")
def test_catching_up_gives_what_seeding_later_gives(
    empty: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    later = open_database(tmp_path_factory.mktemp("later") / "var")
    seed_demo(empty.engine, empty.settings, now=NOW - timedelta(days=6))
    catch_up_demo(empty.engine, empty.settings, now=NOW - timedelta(days=2, hours=5))
    catch_up_demo(empty.engine, empty.settings, now=NOW)
    seed_demo(later.engine, later.settings, now=NOW)

    both_cover = NOW - timedelta(days=SHORT_DAYS - 1)
    caught_up = events(empty.engine, reported_from=both_cover)
    assert len(caught_up) > 2_000
    assert caught_up == events(later.engine, reported_from=both_cover)
    with read_session(empty.engine) as session:
        assert verify(session) == []
    later.engine.dispose()


def test_after_ten_days_away_the_demo_is_alive_and_its_ended_cases_stay(copied: Database) -> None:
    before = events(copied.engine, reported_from=NOW - timedelta(days=90))

    catch_up_demo(copied.engine, copied.settings, now=NOW + timedelta(days=10))

    after = events(copied.engine, reported_from=NOW - timedelta(days=90))
    assert 1_100 <= open_count(copied.engine) <= 1_300
    assert max(row["reported_at"] for row in after.values()) > NOW + timedelta(days=9, hours=20)
    assert before.keys() <= after.keys()
    settled = [number for number, row in before.items() if row["status"] in ("evaluated", "merged", "voided")]
    assert settled
    assert all(before[number] == after[number] for number in settled)
    with read_session(copied.engine) as session:
        assert demo_state(session).last_caught_up_at == NOW + timedelta(days=10)
    assert figures(copied.engine) == places(copied.engine)


def test_a_case_moved_by_hand_is_left_alone(copied: Database) -> None:
    with write_session(copied.engine) as session:
        event = session.scalars(select(Event).where(Event.status == "handling")).first()  # type: ignore[arg-type]
        assert event is not None
        assert event.id is not None
        number, seq = event.external_no, event.seq
        by_hand = Entry(action=Move.SUPERVISE, at=NOW, actor="演示员0001", changes={"supervised": True})
        append_one(session, by_hand, event_id=event.id, seen_seq=seq)

    catch_up_demo(copied.engine, copied.settings, now=NOW + timedelta(days=3))

    row = events(copied.engine, reported_from=NOW - timedelta(days=90))[number]
    assert (row["status"], row["seq"], row["supervised"]) == ("handling", seq + 1, True)


def test_a_case_whose_deadline_followed_the_calendar_goes_on_as_planned(copied: Database) -> None:
    """Nobody worked on it: the plan's entries come after the one that moved the deadline."""
    next_day = (NOW + timedelta(days=1)).astimezone(copied.settings.timezone).date()
    entries = [DayEntry(day=next_day + timedelta(days=n), is_working=n != 1) for n in range(3)]
    with write_session(copied.engine) as session:
        set_days(session, entries, area_prefix="", actor="演示员0001", what="演示安排")
    moved = reckon(copied.engine, now=NOW).moved
    with read_session(copied.engine) as session:
        reckoned = col(EventLog.action) == Action.RECKON
        ids = set(session.scalars(select(col(EventLog.event_id)).where(reckoned)).all())
    assert len(ids) == moved > 0

    catch_up_demo(copied.engine, copied.settings, now=NOW + timedelta(days=3))

    with read_session(copied.engine) as session:
        logs = records_of(session, sorted(ids)).values()
        assert sum(log[-1].action != Action.RECKON for log in logs) > moved // 2
        assert verify(session) == []


@pytest.mark.parametrize("step", [timedelta(0), timedelta(hours=-3)])
def test_catching_up_to_a_moment_already_reached_does_nothing(seeded: Database, step: timedelta) -> None:
    assert catch_up_demo(seeded.engine, seeded.settings, now=NOW + step) == 0


def test_removing_leaves_an_empty_database_and_the_batch_as_a_record(copied: Database) -> None:
    remove_demo(copied.engine, copied.settings)

    assert {name: count(copied.engine, name) for name in (*TABLES, "source_state")} == dict.fromkeys(
        (*TABLES, "source_state"), 0
    )
    assert list(copied.settings.tiles_dir.glob("*.pmtiles")) == []
    with read_session(copied.engine) as session:
        state = demo_state(session)
        (batch,) = session.scalars(select(ImportBatch)).all()
    assert (state.present, state.removed, state.database_empty) == (False, True, True)
    assert batch.status == BatchStatus.UNDONE
    assert batch.undone_at is not None


@pytest.mark.usefixtures("short_history")
def test_after_removal_the_demo_can_be_made_again(copied: Database) -> None:
    remove_demo(copied.engine, copied.settings)

    batch_id = seed_demo(copied.engine, copied.settings, now=NOW)

    with read_session(copied.engine) as session:
        state = demo_state(session)
    assert (state.present, state.removed, state.batch_id) == (True, False, batch_id)


def test_what_was_reported_for_practice_goes_with_the_demo(copied: Database) -> None:
    photo = KeptFile(sha256="0" * 64, mime="image/jpeg", size_bytes=1, width=1, height=1)
    with write_session(copied.engine) as session:
        grid, of_demo = (
            session.connection().exec_driver_sql(f"SELECT {one} LIMIT 1").scalar_one()
            for one in ("code FROM division WHERE level = 'grid'", "id FROM event")
        )
        form = ReportForm(token=grid, class_code="0201", grid=grid, contact="13800001234")
        done = report(session, form=form, person=resident(), secret=b"s" * 32, at=NOW, address="203.0.113.7")
        for event_id in (done.event_id, of_demo):
            note_files(session, event_id=event_id, log_seq=1, files=[photo], at=NOW, actor="演示甲")

    remove_demo(copied.engine, copied.settings)

    left = ("event", "event_log", "event_attachment", "report_receipt", "resident_contact")
    assert {name: count(copied.engine, name) for name in left} == dict.fromkeys(left, 0)


def test_alerts_that_somebody_was_told_of_and_anchors_of_the_log_go_with_the_demo(copied: Database) -> None:
    with write_session(copied.engine) as session:
        earlier = Alert(cause="w", color="red", title="演示", raised_at=NOW, changed_at=NOW)
        session.add(earlier)
        session.flush()
        add_receiver(
            session, name="演示群", kind="dingtalk", address="https://example.org/x", actor="演示甲", at=NOW
        )  # fmt: skip
        alert = Alert(cause="x", color="red", title="演示", raised_at=NOW, changed_at=NOW)
        session.add(alert)
        session.flush()
        (receiver,) = list_receivers(session)
        assert receiver.after_alert_id == earlier.id
        make_notices(session, receiver, now=NOW)
    assert anchor_day(copied.engine, day=NOW.date(), now=NOW) is not None
    assert count(copied.engine, "notice") == 1

    remove_demo(copied.engine, copied.settings)

    left = ("notice", "alert", "log_anchor")
    assert {name: count(copied.engine, name) for name in left} == dict.fromkeys(left, 0)
    with read_session(copied.engine) as session:
        assert verify_anchors(session) == []
        assert [each.after_alert_id for each in list_receivers(session)] == [0], "numbers begin anew"


def test_removing_takes_nothing_that_came_in_beside_the_demo(copied: Database) -> None:
    with write_session(copied.engine) as session:
        own = ImportBatch(kind=BatchKind.DEPARTMENTS, status=BatchStatus.PUBLISHED, created_at=NOW)
        session.add(own)
        session.flush()
        session.add(Department(code="X1", name="自有部门", batch_id=own.id))

    remove_demo(copied.engine, copied.settings)

    assert count(copied.engine, "department") == 1
    assert count(copied.engine, "import_batch") == 2


def test_the_demo_refuses_a_database_with_rows_of_ones_own(empty: Database) -> None:
    with write_session(empty.engine) as session:
        row = Division(
            code="510999",
            valid_from=NOW.date(),
            level=Level.DISTRICT,
            name="某区",
            short_name="某区",
            parent_code="",
        )
        session.add(row)

    with pytest.raises(DemoRefused, match="不与真实数据混放"):
        seed_demo(empty.engine, empty.settings, now=NOW)

    assert count(empty.engine, "division") == 1
    assert count(empty.engine, "import_batch") == 0


def test_the_demo_refuses_to_be_made_twice(seeded: Database) -> None:
    with pytest.raises(DemoRefused, match="已有演示数据"):
        seed_demo(seeded.engine, seeded.settings, now=NOW)


def test_without_a_demo_there_is_nothing_to_remove_or_to_catch_up(empty: Database) -> None:
    with pytest.raises(DemoMissing, match="没有演示数据"):
        remove_demo(empty.engine, empty.settings)
    with pytest.raises(DemoMissing, match="没有演示数据"):
        catch_up_demo(empty.engine, empty.settings, now=NOW)
    with read_session(empty.engine) as session:
        state = demo_state(session)
    assert (state.present, state.removed, state.database_empty) == (False, False, True)


def test_two_processes_that_catch_up_at_once_add_nothing_twice(copied: Database) -> None:
    other = open_engine(copied.settings.database_url)
    to = NOW + timedelta(days=1)

    first = catch_up_demo(copied.engine, copied.settings, now=to)
    second = catch_up_demo(other, copied.settings, now=to)

    assert first > 0
    assert second == 0
    other.dispose()

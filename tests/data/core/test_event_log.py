"""The log: what an append writes, what it refuses, and what shows when somebody tampers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.database import read_session, write_session
from data.event_log import (
    Action,
    Advance,
    BadEntry,
    Entry,
    EventExists,
    FaultKind,
    StaleEvent,
    UnknownEvent,
    append,
    append_one,
    fold,
    records_of,
    verify,
)
from data.models import Event, ImportBatch
from tests.data.core.events import REPORTED_AT, first, move
from tests.data.core.test_event_fold import SHANGHAI
from tests.data.tampering import tamper


def write(engine: Engine, *advances: Advance) -> list[int]:
    with write_session(engine) as session:
        return append(session, advances)


def event(engine: Engine, event_id: int) -> Event:
    with read_session(engine) as session:
        found = session.get(Event, event_id)
    assert found is not None
    return found


def faults(engine: Engine) -> list[tuple[int, int, FaultKind]]:
    with read_session(engine) as session:
        return [(fault.event_id, fault.seq, fault.kind) for fault in verify(session)]


def tables(engine: Engine) -> dict[str, list[Any]]:
    names = ("event", "event_log", "area_week", "source_state")
    with read_session(engine) as session:
        found = {}
        for name in names:
            rows = session.execute(text("SELECT * FROM " + name))  # noqa: S608  our own table names
            found[name] = [tuple(row) for row in rows]
    return found


def test_a_new_event_gets_a_number_a_row_a_log_entry_and_a_place_in_the_roll_up(engine: Engine) -> None:
    (event_id,) = write(engine, first())

    row = event(engine, event_id)
    assert (row.status, row.seq, row.reported_day) == ("reported", 1, date(2026, 11, 20))
    with read_session(engine) as session:
        (record,) = records_of(session, [event_id])[event_id]
        weeks = session.execute(
            text("SELECT code, week, reported, proactive, due, closed FROM area_week")
        ).all()
        sources = session.execute(text("SELECT source, events FROM source_state")).all()
    assert (record.seq, record.action, record.from_status, record.to_status) == (1, "report", "", "reported")
    assert record.hash == row.head_hash
    assert [(code, str(week), *counts) for code, week, *counts in weeks] == [
        ("510115001001", "2026-11-16", 1, 1, 1, 0)
    ]
    assert [tuple(source) for source in sources] == [("patrol", 1)]


def test_a_whole_life_can_be_appended_at_once(engine: Engine) -> None:
    life = [*first().entries, move("filed", hours=0.5), move("handling", hours=1), move("closed", hours=5)]
    (event_id,) = write(engine, Advance(entries=life))

    row = event(engine, event_id)
    assert (row.seq, row.status, row.in_time) == (4, "closed", False)
    assert faults(engine) == []


def test_the_row_is_the_fold_of_the_log_and_the_log_can_be_folded_up_to_any_entry(engine: Engine) -> None:
    (event_id,) = write(engine, first())
    write(
        engine,
        Advance(event_id=event_id, seen_seq=1, entries=[move("filed", hours=1), move("closed", hours=2)]),
    )

    with read_session(engine) as session:
        records = records_of(session, [event_id])[event_id]
    row = event(engine, event_id)
    assert {name: getattr(row, name) for name in fold(records, timezone=SHANGHAI)} == fold(
        records, timezone=SHANGHAI
    )
    assert fold(records[:2], timezone=SHANGHAI)["status"] == "filed"


def test_numbers_are_never_given_twice_even_after_the_last_event_is_gone(engine: Engine) -> None:
    (last,) = write(engine, first())
    with write_session(engine) as session:
        session.execute(text("DELETE FROM event_log"))
        session.execute(text("DELETE FROM event"))

    assert write(engine, first(2)) == [last + 1]


def test_somebody_elses_change_makes_an_append_stale_and_nothing_is_written(engine: Engine) -> None:
    (event_id,) = write(engine, first())
    write(engine, Advance(event_id=event_id, seen_seq=1, entries=[move("filed", hours=1)]))
    before = tables(engine)

    with pytest.raises(StaleEvent, match=r"YS-0001.*第 1 条记录，现在是第 2 条.*刷新"):
        write(engine, first(2), Advance(event_id=event_id, seen_seq=1, entries=[move("voided", hours=2)]))
    assert tables(engine) == before


def test_an_event_that_is_not_there_is_named(engine: Engine) -> None:
    with pytest.raises(UnknownEvent, match="404"):
        write(engine, Advance(event_id=404, seen_seq=1, entries=[move("filed", hours=1)]))


@pytest.mark.parametrize("at_once", [True, False])
def test_a_number_that_the_source_used_already_is_named(engine: Engine, at_once: bool) -> None:
    again = [first(1), first(1, title="再报一次")]
    if not at_once:
        write(engine, again.pop(0))
    before = tables(engine)

    with pytest.raises(EventExists, match="patrol 里已有编号为 YS-0001"):
        write(engine, *again)

    assert tables(engine) == before


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (first(title="").entries[0], "缺少 title"),
        (first(colour="red").entries[0], "不能设置字段 colour"),
        (first(cell=1).entries[0], "不能设置字段 cell"),
        (first(status="lost").entries[0], "“lost”"),
        (first(description=None).entries[0], "description 不能为空"),
        (first(due_at=datetime(2026, 11, 20)).entries[0], "没有时区"),
        (move("filed", hours=1), "move 用在了开头|缺少"),
    ],
)
def test_a_first_entry_that_can_begin_no_log_is_refused(engine: Engine, entry: Entry, says: str) -> None:
    with pytest.raises(BadEntry, match=says), write_session(engine) as session:
        append_one(session, entry)


def test_source_and_number_of_an_event_never_change(engine: Engine) -> None:
    (event_id,) = write(engine, first())
    with pytest.raises(BadEntry, match="来源和编号"):
        write(
            engine, Advance(event_id=event_id, seen_seq=1, entries=[move("filed", hours=1, external_no="X")])
        )


def test_a_log_begins_only_once(engine: Engine) -> None:
    (event_id,) = write(engine, first())
    again = Entry(action=Action.REPORT, at=REPORTED_AT, actor="演示甲", changes={"title": "再报"})
    with pytest.raises(BadEntry, match="已有记录之后"):
        write(engine, Advance(event_id=event_id, seen_seq=1, entries=[again]))


def test_one_event_twice_in_one_append_is_refused(engine: Engine) -> None:
    (event_id,) = write(engine, first())
    one = Advance(event_id=event_id, seen_seq=1, entries=[move("filed", hours=1)])
    with pytest.raises(BadEntry, match="出现了两次"):
        write(engine, one, one)


def test_appending_needs_a_write_session(engine: Engine) -> None:
    with pytest.raises(BadEntry, match="写会话"), read_session(engine) as session:
        append(session, [first()])


def test_appending_nothing_changes_nothing(engine: Engine) -> None:
    assert write(engine) == []
    assert all(rows == [] for rows in tables(engine).values())


def test_a_batch_freshens_its_sources(engine: Engine) -> None:
    with write_session(engine) as session:
        batch = ImportBatch(kind="events", status="published", created_at=datetime.now(UTC))
        session.add(batch)
        session.flush()
        entry = first(reported_at=REPORTED_AT + timedelta(days=1)).entries[0]
        append(session, [first(2), Advance(entries=[Entry(**{**_fields(entry), "batch_id": batch.id})])])

    with read_session(engine) as session:
        (found,) = session.execute(
            text("SELECT last_reported_at, last_batch_at, events FROM source_state")
        ).all()
    assert str(found.last_reported_at).removesuffix(".000000") == "2026-11-21 01:00:00"
    assert found.last_batch_at is not None
    assert found.events == 2


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("action", "at", "actor", "changes", "reason", "batch_id")}


TAMPERINGS: dict[str, tuple[str, Callable[[int], list[tuple[int, int, FaultKind]]]]] = {
    "a changed reason": (
        "UPDATE event_log SET reason = '改' WHERE event_id = 2 AND seq = 2",
        lambda n: [(n, 2, FaultKind.CHANGED)],
    ),
    "a changed field": (
        "UPDATE event_log SET changes = replace(changes, '井盖', '路灯') WHERE event_id = 2 AND seq = 1",
        lambda n: [(n, 1, FaultKind.CHANGED)],
    ),
    "a removed middle entry": (
        "DELETE FROM event_log WHERE event_id = 2 AND seq = 2",
        lambda n: [(n, 3, FaultKind.MISSING)],
    ),
    "a removed first entry": (
        "DELETE FROM event_log WHERE event_id = 2 AND seq = 1",
        lambda n: [(n, 2, FaultKind.MISSING)],
    ),
    "a removed tail": (
        "DELETE FROM event_log WHERE event_id = 2 AND seq = 3",
        lambda n: [(n, 3, FaultKind.MISSING)],
    ),
    "a removed log": (
        "DELETE FROM event_log WHERE event_id = 2",
        lambda n: [(n, 0, FaultKind.MISSING)],
    ),
    "a changed row": (
        "UPDATE event SET handler = '演示乙' WHERE id = 2",
        lambda n: [(n, 0, FaultKind.ROW_DIFFERS)],
    ),
    "a changed day": (
        "UPDATE event SET reported_day = '2026-11-19' WHERE id = 2",
        lambda n: [(n, 0, FaultKind.ROW_DIFFERS)],
    ),
    "a removed row": (
        "DELETE FROM event WHERE id = 2",
        lambda n: [(n, 0, FaultKind.ROW_MISSING)],
    ),
    "an entry that the row does not know": (
        "INSERT INTO event_log (event_id, seq, at, actor, action, from_status, to_status, reason, changes,"
        " prev_hash, hash) SELECT event_id, 4, at, actor, action, from_status, to_status, reason, changes,"
        " hash, hash FROM event_log WHERE event_id = 2 AND seq = 3",
        lambda n: [(n, 4, FaultKind.CHANGED), (n, 4, FaultKind.UNFOLDED)],
    ),
}


@pytest.mark.parametrize("name", list(TAMPERINGS))
def test_tampering_shows_and_names_the_event(engine: Engine, name: str) -> None:
    life = [*first().entries, move("filed", hours=1), move("handling", hours=2)]
    others = [Advance(entries=[*first(number).entries, move("filed", hours=1)]) for number in (2, 3)]
    write(engine, others[0], Advance(entries=life), others[1])
    assert faults(engine) == []

    statement, expected = TAMPERINGS[name]
    tamper(engine, statement)

    assert faults(engine) == expected(2)


def test_two_entries_that_change_places_show(engine: Engine) -> None:
    write(engine, Advance(entries=[*first().entries, move("filed", hours=1), move("handling", hours=2)]))
    with write_session(engine) as session:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(
                text("UPDATE event_log SET seq = :new WHERE seq = :old"), {"old": old, "new": new}
            )

    kinds = {kind for _, _, kind in faults(engine)}
    assert kinds == {FaultKind.FORKED, FaultKind.CHANGED}


def test_verification_can_be_asked_for_some_events_only(engine: Engine) -> None:
    ids = write(engine, first(1), first(2))
    with write_session(engine) as session:
        session.execute(text("UPDATE event SET title = '改'"))

    with read_session(engine) as session:
        found = verify(session, event_ids=ids[1:])
    assert [fault.event_id for fault in found] == ids[1:]
    assert "title 是 改，按记录应是 井盖缺失" in found[0].detail


def test_an_empty_log_has_no_faults(engine: Engine) -> None:
    assert faults(engine) == []

"""The columns of the loop cost an import nothing, are part of the fold, come and go with the migration."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from data.database import open_engine, read_session, write_options, write_session
from data.event_begin import begin
from data.event_columns import Column, moments_of
from data.event_fold import DEFAULTS, KEPT_BY_TABLE, NO_HASH, NOTES
from data.event_log import Action, Advance, Entry, append, append_one, records_of, verify
from data.migrate import _config, migrate
from data.models import Event
from data.vocabulary import Move
from tests.data.core.events import REPORTED_AT, first, move
from tests.data.databases import new_url
from tests.sql_recorder import recorded

BARE: dict[str, Column] = {
    "source": ["12345"], "external_no": ["A"], "class_code": ["0201"], "title": ["井盖缺失"],
    "urgency": ["normal"], "status": ["reported"], "reported_at": moments_of([REPORTED_AT]),
}  # fmt: skip
"""What an import at least says about a case."""
TABLES = {"event", "event_attachment", "evaluation", "log_anchor", "loop_rule"}


def test_the_migrated_tables_are_those_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    ours = [change for change in found if any(f"'{table}'" in repr(change) for table in TABLES)]
    assert ours == []


def test_a_database_of_before_is_brought_forward_and_back_with_its_events(tmp_path: Path) -> None:
    engine = open_engine(new_url(tmp_path / "old.db"))
    with write_options(engine).begin() as connection:
        command.upgrade(_config(connection), "0001")
        insert = (
            "INSERT INTO event (id, source, external_no, class_code, title, description, address, code,"
            " code_at_report, urgency, status, status_since, department_code, handler, reported_at,"
            " reported_day, supervised, extended_count, reworked_count, flags, seq, head_hash)"
            " VALUES (1, 'patrol', 'A', '0201', '井盖缺失', '', '', '', '', 'normal', 'filed',"
            " '2026-11-20 01:00:00.000000', '', '', '2026-11-20 01:00:00.000000', '2026-11-20', :no, 0, 0,"
            " '', 1, :hash)"
        )
        connection.execute(text(insert), {"no": False, "hash": NO_HASH})
    migrate(engine)
    with read_session(engine) as session:
        event = session.get_one(Event, 1)
        assert {name: getattr(event, name) for name in KEPT_BY_TABLE} == {
            name: DEFAULTS[name] for name in KEPT_BY_TABLE
        }
    with write_options(engine).begin() as connection:
        command.downgrade(_config(connection), "0001")
    assert not (KEPT_BY_TABLE | {"reporter_id"}) & {
        column["name"] for column in inspect(engine).get_columns("event")
    }
    assert not TABLES - {"event"} & set(inspect(engine).get_table_names())
    engine.dispose()


@pytest.mark.sqlite
def test_an_import_binds_none_of_the_columns_that_it_does_not_set(engine: Engine) -> None:
    with write_session(engine) as session, recorded(engine) as statements:
        begin(session, BARE, action=Action.IMPORT, at=REPORTED_AT, actor="演示甲")
    inserts = [one.sql for one in statements if "INSERT INTO event " in one.sql]
    assert len(inserts) == 1
    assert not [name for name in KEPT_BY_TABLE if name in inserts[0]]


@pytest.mark.parametrize("name", sorted(KEPT_BY_TABLE))
def test_the_table_gives_the_default_of_the_fold(engine: Engine, name: str) -> None:
    with write_session(engine) as session:
        (event_id,) = begin(session, BARE, action=Action.IMPORT, at=REPORTED_AT, actor="演示甲")
        assert getattr(session.get_one(Event, event_id), name) == DEFAULTS[name]


def test_what_an_entry_sets_of_the_loop_is_in_the_row_and_in_the_fold(engine: Engine) -> None:
    given = {
        "limit_hours": 4.0, "clock_type": "working_hours", "respond_by": REPORTED_AT + timedelta(hours=1),
        "accepted_at": REPORTED_AT, "suspended_until": REPORTED_AT + timedelta(days=9), "merged_into": 7,
        "extension_step": 1, "appealed": True, "solved": False, "satisfied": True, "rated_at": REPORTED_AT,
        "route_color": "yellow", "handler_id": 3, "arrived_at": REPORTED_AT,
    }  # fmt: skip
    assert given.keys() == KEPT_BY_TABLE
    with write_session(engine) as session:
        (event_id,) = append(session, [first()])
        entry = Entry(action=Action.UPDATE, at=REPORTED_AT, actor="演示甲", changes=given)
        append_one(session, entry, event_id=event_id, seen_seq=1)
    with read_session(engine) as session:
        event = session.get_one(Event, event_id)
        assert {name: getattr(event, name) for name in given} == given
        assert verify(session) == []


def test_notes_are_chained_and_no_part_of_the_row(engine: Engine) -> None:
    notes = {
        "person_id": 3, "role": "dispatcher", "basis": "规则 7", "files": ["ab" * 32], "respond": [24.0, ""],
    }  # fmt: skip
    assert notes.keys() == NOTES
    with write_session(engine) as session:
        (event_id,) = append(session, [first()])
        entry = Entry(action=Move.FILE, at=REPORTED_AT, actor="演示甲", changes={**notes, "status": "filed"})
        append_one(session, entry, event_id=event_id, seen_seq=1)
    with read_session(engine) as session:
        assert session.get_one(Event, event_id).status == "filed"
        assert '"basis":"规则 7"' in records_of(session, [event_id])[event_id][1].changes
        assert verify(session) == []


def test_in_time_judged_on_handing_back_is_kept_through_checking_and_cleared_by_rework(
    engine: Engine,
) -> None:
    """Nobody judges a case that an old log moved to 核查中 without saying so: the close does."""
    kept = [move("feedback", hours=1, in_time=True), move("checking", hours=9)]
    with write_session(engine) as session:
        ids = append(
            session,
            [
                Advance(entries=[*first(1).entries, *kept]),
                Advance(entries=[*first(2).entries, *kept, move("reworking", hours=10)]),
                Advance(entries=[*first(3).entries, move("feedback", hours=1), move("checking", hours=2)]),
                Advance(entries=[*first(4).entries, move("closed", hours=1), move("checking", hours=2)]),
            ],
        )
        assert [session.get_one(Event, one).in_time for one in ids] == [True, None, None, None]
        assert verify(session) == []

"""Sessions, the revision, and a database that does not answer as it should."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from data import database
from data.database import (
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseTooNew,
    DatabaseTooOld,
    DatabaseUnusable,
    check_version,
    current_moment,
    name_of,
    open_engine,
    read_session,
    write_options,
    write_session,
)
from data.migrate import head_revision, migrate
from data.models import DataState, Department
from data.models.base import column
from tests.data.databases import POSTGRES, new_url, postgres_database


def revision_of(engine: Engine) -> int:
    with read_session(engine) as session:
        return current_moment(session).revision


def add_department(engine: Engine, code: str) -> None:
    with write_session(engine) as session:
        session.add(Department(code=code, name=f"演示部门{code}"))


def codes(engine: Engine) -> list[str]:
    with read_session(engine) as session:
        return list(session.execute(text("SELECT code FROM department ORDER BY code")).scalars())


@pytest.fixture
def someone_writes(database_url: str) -> Iterator[None]:
    """Another connection holds the write lock."""
    other = open_engine(database_url)
    with write_session(other, announce=False):
        yield
    other.dispose()


def test_a_write_session_adds_one_to_the_revision_and_stamps_the_time(engine: Engine) -> None:
    before = revision_of(engine)
    add_department(engine, "D01")

    assert revision_of(engine) == before + 1
    with read_session(engine) as session:
        changed_at = session.execute(select(column(DataState.changed_at))).scalar_one()
    assert abs(datetime.now(UTC) - changed_at) < timedelta(seconds=10)


def write_and_fail(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add(Department(code="D01", name="演示部门"))
        session.flush()
        raise ZeroDivisionError


def test_an_error_in_a_write_session_leaves_neither_rows_nor_a_new_revision(engine: Engine) -> None:
    before = revision_of(engine)
    with pytest.raises(ZeroDivisionError):
        write_and_fail(engine)

    assert codes(engine) == []
    assert revision_of(engine) == before


def test_a_reader_keeps_its_snapshot_while_others_write(engine: Engine) -> None:
    with read_session(engine) as session:
        first = current_moment(session).revision
        add_department(engine, "D01")
        again = current_moment(session).revision
        seen = session.execute(text("SELECT count(*) FROM department")).scalar_one()

    assert (again, seen) == (first, 0)
    assert codes(engine) == ["D01"]


def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(DatabaseReadOnly, match="不能写"), read_session(engine) as session:
        session.execute(text("DELETE FROM department"))


def test_the_moment_is_judged_at_the_given_time_in_utc_and_whole_seconds(engine: Engine) -> None:
    noon = datetime(2026, 11, 21, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=8)))
    with read_session(engine) as session:
        assert current_moment(session, now=noon).as_of == datetime(2026, 11, 21, 4, tzinfo=UTC)


def test_foreign_keys_are_kept(engine: Engine) -> None:
    with pytest.raises(IntegrityError), write_session(engine) as session:
        session.add(Department(code="D01", name="演示部门", batch_id=404))


def test_two_threads_that_read_then_write_lose_nothing(engine: Engine) -> None:
    def count_up() -> None:
        for _ in range(50):
            with write_session(engine) as session:
                number = session.execute(text("SELECT count(*) FROM department")).scalar_one()
                session.add(Department(code=f"D{number:03d}", name="演示部门"))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes(engine) == [f"D{number:03d}" for number in range(200)]


@pytest.mark.usefixtures("someone_writes")
def test_a_locked_database_is_named_after_the_wait(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 200)

    with pytest.raises(DatabaseLocked, match=f"{re.escape(name_of(engine))}.*另一个程序.*稍后再试"):
        add_department(engine, "D01")


@pytest.mark.usefixtures("someone_writes")
def test_reading_goes_on_while_the_database_is_locked(engine: Engine) -> None:
    assert codes(engine) == []


@pytest.mark.sqlite
def test_a_read_only_database_can_be_read_and_says_so_when_written(
    engine: Engine, database_path: Path
) -> None:
    add_department(engine, "D01")
    read_only = open_engine(f"sqlite:///file:{database_path}?mode=ro&uri=true")

    assert codes(read_only) == ["D01"]
    with pytest.raises(DatabaseReadOnly, match="写权限"):
        add_department(read_only, "D02")
    read_only.dispose()


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("温江区" * 1000, encoding="utf-8")

    with pytest.raises(DatabaseUnusable, match=r"notes\.db 不是数据库文件"):
        check_version(open_engine(f"sqlite:///{tmp_path / 'notes.db'}"))


@pytest.mark.sqlite
def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="打不开"):
        check_version(open_engine(f"sqlite:///{tmp_path}"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "nonsense", "odd+driver://x/y"])
def test_an_address_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="ONEMAP_DATABASE_URL"):
        open_engine(url)


def test_a_password_never_shows_in_a_message() -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        open_engine("odd+driver://user:hush@host/x")

    assert "hush" not in str(caught.value)


def test_an_empty_database_has_to_be_migrated_and_then_passes(tmp_path: Path) -> None:
    engine = open_engine(new_url(tmp_path / "new" / "onemap.db"))
    with pytest.raises(DatabaseTooOld, match="先建表"):
        check_version(engine)

    migrate(engine)

    check_version(engine)
    assert revision_of(engine) == 0


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    add_department(engine, "D01")
    migrate(engine)

    assert codes(engine) == ["D01"]


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = new_url(tmp_path / "onemap.db")
    failures: list[BaseException] = []

    def start() -> None:
        engine = open_engine(url)
        try:
            migrate(engine)
            check_version(engine)
        except Exception as error:
            failures.append(error)
        engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


@pytest.mark.sqlite
def test_an_upgrade_is_waited_for_longer_than_a_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    engine = open_engine(new_url(tmp_path / "onemap.db"))
    begun = threading.Event()

    def upgrade_for_half_a_second() -> None:
        with write_options(engine).begin():
            begun.set()
            time.sleep(0.5)

    other = threading.Thread(target=upgrade_for_half_a_second)
    other.start()
    begun.wait()
    migrate(engine)
    other.join()

    check_version(engine)
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    add_department(engine, "D01")
    with write_options(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for attempt in (check_version, migrate):
        with pytest.raises(DatabaseTooNew, match=f"9999，本程序只认识到 {head_revision()}.*升级程序"):
            attempt(engine)
    assert codes(engine) == ["D01"]


@pytest.mark.sqlite
def test_an_older_database_without_write_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    engine = open_engine(f"sqlite:///file:{path}?mode=ro&uri=true")

    with pytest.raises(DatabaseTooOld, match="没有写权限"):
        migrate(engine)
    engine.dispose()


def test_a_database_of_something_else_is_not_touched(tmp_path: Path) -> None:
    engine = open_engine(new_url(tmp_path / "other.db"))
    with write_options(engine).begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))

    with pytest.raises(DatabaseUnusable, match="invoices"):
        migrate(engine)
    assert inspect(engine).get_table_names() == ["invoices"]


@pytest.mark.skipif(not POSTGRES, reason="not applicable: a file of SQLite has one order of texts")
@pytest.mark.parametrize(
    "made", ["LOCALE_PROVIDER icu ICU_LOCALE 'zh'", "ENCODING 'EUC_CN' LC_COLLATE 'C' LC_CTYPE 'C'"]
)
def test_a_server_database_with_another_order_or_encoding_is_refused_with_the_way_to_make_it(
    made: str,
) -> None:
    with postgres_database(POSTGRES, template=f"template0 {made}") as url:
        engine = open_engine(url)
        with pytest.raises(DatabaseUnusable, match=r"排序规则不合用.*LC_COLLATE 'C' LC_CTYPE 'C'"):
            migrate(engine)
        assert inspect(engine).get_table_names() == []
        engine.dispose()


def test_the_migrations_end_in_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_new_database_remembers_whose_days_it_counts(tmp_path: Path) -> None:
    engine = open_engine(new_url(tmp_path / "onemap.db"))
    migrate(engine, timezone="Asia/Urumqi")
    migrate(engine, timezone="Asia/Shanghai")

    with read_session(engine) as session:
        assert session.execute(text("SELECT timezone FROM data_state")).scalar_one() == "Asia/Urumqi"


PERIOD = "BETWEEN '2026-11-01' AND '2026-11-21'"
FACTS = "class_code, source, department_code, status, due_at, warn_at, in_time, ended_at"


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("query", "plan"),
    [
        (
            f"SELECT {FACTS}, lon, lat, count(*) FROM event WHERE ended_at IS NULL"  # noqa: S608
            " AND code >= '510115001' AND code < '510115001:' GROUP BY class_code",
            "SEARCH event USING COVERING INDEX ix_event_open_code",
        ),
        (
            f"SELECT {FACTS}, avg(lon), avg(lat), count(*) FROM event WHERE ended_at IS NULL"  # noqa: S608
            " AND cell >= 1 AND cell < 4096 GROUP BY cell >> 6",
            "SEARCH event USING COVERING INDEX ix_event_open_cell",
        ),
        *(
            (
                f"SELECT substr(code, 1, 12), {FACTS}, cell, lon, lat, count(*) FROM event"  # noqa: S608
                f" WHERE {name}_day {PERIOD} GROUP BY 1",
                f"SEARCH event USING COVERING INDEX ix_event_{name}",
            )
            for name in ("reported", "due", "ended")
        ),
        (
            "SELECT * FROM event WHERE source = 'patrol' AND external_no = 'YS-0001'",
            "SEARCH event USING INDEX",
        ),
        ("SELECT * FROM event WHERE id = 7", "SEARCH event USING INTEGER PRIMARY KEY"),
        ("SELECT * FROM event_log WHERE event_id = 7 ORDER BY seq", "SEARCH event_log USING INDEX"),
    ],
)
def test_an_index_carries_every_way_of_asking(engine: Engine, query: str, plan: str) -> None:
    with read_session(engine) as session:
        steps = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()

    assert steps[0].detail.startswith(plan)

"""Readings in the watched folder: told from cases by their folder, each kept once, killed or not."""

from __future__ import annotations

import multiprocessing
import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.database import current_moment, read_session, write_session
from data.intake.folder import READINGS, Taken, take_in_folder
from data.models import ImportBatch, Reading, ReadingWeek
from data.readings import take
from data.readings.read import Cells, Rows
from data.readings.take import take_rows
from data.readings.upkeep import forget_old, tell_pages
from data.readings.weeks import KEPT_WEEKS, from_readings, kept_weeks, replace_weeks, wrong_weeks
from data.vocabulary import Weekly
from tests.data.imports.support import Street
from tests.data.intake.test_folder import child_environment, kill_at

NOW = datetime.now(UTC).replace(microsecond=0)
HEAD = "传感器,监测项,数值,时间,区划"
COMMUNITY = "510115001001"


def lines(number: int, *, of: str = "SW-01", begin: int = 0) -> list[str]:
    """One a minute, back from an hour ago."""
    return [
        f"{of},水体浊度,{1 + step % 7},{(NOW - timedelta(minutes=60 + begin + step)).isoformat()},{COMMUNITY}"
        for step in range(number)
    ]


def drop(street: Street, name: str, *rows: str) -> Path:
    folder = street.settings.inbox / READINGS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join([HEAD, *rows, ""]), "utf-8-sig")
    return path


def look(street: Street) -> list[Taken]:
    return take_in_folder(street.engine, street.settings, steady_seconds=0.0)


def cells(number: str, at: datetime, value: str, code: str = COMMUNITY) -> Cells:
    given = {"sensor": number, "count": "水体浊度", "value": value, "at": at.isoformat(), "code": code}
    return Cells(line=1, cells=given)


def taken_in(engine: Engine, *rows: Cells, now: datetime = NOW) -> None:
    found = take_rows(engine, Rows(good=list(rows), refused=[]), source="sensor", now=now)
    assert found.refused == []


def test_a_file_of_readings_is_put_away_with_what_was_refused_and_makes_no_batch(street: Street) -> None:
    drop(street, "河道.csv", *lines(3), "SW-01,水体浊度,很浑,2026-11-20T08:00:00+08:00,")

    assert [one.outcome for one in look(street)] == ["done"]

    done = street.settings.inbox / READINGS / "done"
    names = sorted(path.name.partition("-")[2] for path in done.iterdir())
    assert names == ["河道.csv", "河道.csv.接入结果.txt", "河道.csv.未接入的行.csv"]
    report, refused = (next(done.glob(f"*{end}")).read_text("utf-8-sig") for end in ("结果.txt", "行.csv"))
    assert "共 4 条：新增 3，已有 0，未接入 1。" in report
    assert "数值：水体浊度的值“很浑”不是数" in refused
    assert len(street.rows(Reading)) == 3
    assert street.rows(ImportBatch) == []

    mended = refused.replace("很浑", "8")
    (street.settings.inbox / READINGS / "改好.csv").write_text(mended, "utf-8-sig")
    drop(street, "又来.csv", *lines(3))
    assert [one.outcome for one in look(street)] == ["done", "done"]
    assert len(street.rows(Reading)) == 4


def test_what_is_no_file_of_readings_goes_to_failed(street: Street) -> None:
    drop(street, "说明.txt")
    drop(street, "空.csv").write_text("")
    drop(street, "半个.json").write_text("[{")
    found = {one.file: one for one in look(street)}
    assert {one.outcome for one in found.values()} == {"failed"}
    assert "请用 .csv 或 .json" in found["说明.txt"].reason
    assert "表头缺少" in found["空.csv"].reason
    assert "不是正确的 JSON" in found["半个.json"].reason
    assert street.rows(Reading) == []


def test_a_long_file_is_written_in_pieces_and_the_report_counts_them_all(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take, "AT_ONCE", 10)
    drop(street, "长.csv", *lines(35), *lines(5))
    look(street)
    report = next((street.settings.inbox / READINGS / "done").glob("*结果.txt")).read_text("utf-8-sig")
    assert "共 40 条：新增 35，已有 5，未接入 0。" in report


def kill_in_small_pieces(statement: int, environment: dict[str, str]) -> None:
    take.AT_ONCE = 20  # type: ignore[misc]
    kill_at(statement, environment)


@pytest.mark.slow
def test_killed_anywhere_a_restarted_intake_goes_on_where_it_stopped(street: Street) -> None:
    """Three files of 100 readings, written 20 at a time: no reading is lost, doubled or counted twice."""
    for place in range(3):
        drop(street, f"第{place}.csv", *lines(100, of=f"S{place}", begin=place))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    chance, found, killed = random.Random(20261122), [0], 0
    while killed < 8:
        street.engine.dispose()
        where = child_environment(street)
        child = context.Process(target=kill_in_small_pieces, args=(chance.randint(15, 70), where))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        killed += child.exitcode != 0
        found.append(len(street.rows(Reading)))
        with read_session(street.engine) as session:
            assert list(wrong_weeks(session, from_readings(session))) == []
        if child.exitcode == 0:
            break
    look(street)

    assert found == sorted(found)
    assert killed >= 3
    assert set(found) - {0, 100, 200, 300}, "some file was killed in its midst"
    assert len(street.rows(Reading)) == 300
    assert not list((street.settings.inbox / READINGS).glob("*.csv"))
    assert len(list((street.settings.inbox / READINGS / "done").glob("*结果.txt"))) == 3


def test_weeks_are_summed_exactly_in_whatever_order_readings_come_and_made_anew_they_are_the_same(
    street: Street,
) -> None:
    """Monday 00:00 in Shanghai is Sunday 16:00 UTC; nothing is rounded; a late one is not the last."""
    monday = datetime(2026, 11, 15, 16, tzinfo=UTC)
    engine = street.engine
    taken_in(
        engine, cells("A", monday + timedelta(hours=2), "0.2"), cells("A", monday - timedelta(seconds=1), "9")
    )
    taken_in(engine, cells("B", monday + timedelta(hours=1), "0.1"), cells("A", monday, "-5.000001"))
    with read_session(engine) as session:
        weeks = {key[1].isoformat(): sums for key, sums in kept_weeks(session).items()}
        assert kept_weeks(session) == from_readings(session)
    assert {key: one.readings for key, one in weeks.items()} == {"2026-11-09": 1, "2026-11-16": 3}
    week = weeks["2026-11-16"]
    made = {weekly: float(week.value(weekly)) for weekly in Weekly}
    assert week.value(Weekly.SUM) == week.value(Weekly.MEAN) * 3
    assert made == {"sum": -4.700001, "mean": pytest.approx(-1.566667), "max": 0.2, "last": 0.2}
    with write_session(engine) as session:
        row = session.get_one(ReadingWeek, (COMMUNITY, datetime(2026, 11, 16).date(), "water_turbidity"))
        row.total = "7"
        session.add(row)
    with write_session(engine) as session:
        anew = from_readings(session)
        assert [key[1].isoformat() for key, _, _ in wrong_weeks(session, anew)] == ["2026-11-16"]
        replace_weeks(session, anew)
        assert list(wrong_weeks(session, anew)) == []


def test_pages_hear_of_readings_once_however_many_came_in(street: Street) -> None:
    def revision() -> int:
        with read_session(street.engine) as session:
            return current_moment(session).revision

    before = revision()
    assert tell_pages(street.engine, told=0) == 0
    taken_in(street.engine, cells("A", NOW, "5"), cells("B", NOW, "6"))
    assert revision() == before
    told = tell_pages(street.engine, told=0)
    assert (revision(), told) == (before + 1, 2)
    assert tell_pages(street.engine, told=told) == told
    assert revision() == before + 1


def test_readings_beyond_what_is_kept_go_and_the_sums_of_their_weeks_stay(street: Street) -> None:
    engine, then = street.engine, NOW - timedelta(weeks=KEPT_WEEKS + 2)
    taken_in(engine, cells("A", then, "5"), now=then)
    taken_in(engine, cells("A", NOW, "6"))
    assert forget_old(engine, now=NOW) == 1
    assert forget_old(engine, now=NOW) == 0
    assert [one.value for one in street.rows(Reading)] == [6.0]
    assert len(street.rows(ReadingWeek)) == 2
    with read_session(engine) as session:
        assert list(wrong_weeks(session, from_readings(session))) == []


def test_a_week_of_which_only_a_part_is_forgotten_yet_keeps_its_sum(street: Street) -> None:
    """Old readings go in slices: the worker is killed between two of them, and ``recount`` comes by."""
    engine, then = street.engine, NOW - timedelta(weeks=KEPT_WEEKS + 2)
    taken_in(engine, *(cells(number, then, "5") for number in ("A", "B", "C")), now=then)
    taken_in(engine, cells("A", NOW, "6"))
    with write_session(engine) as session:
        session.delete(session.get_one(Reading, 3))
    with write_session(engine) as session:
        anew = from_readings(session)
        assert list(wrong_weeks(session, anew)) == []
        replace_weeks(session, anew)
    assert sorted(one.readings for one in street.rows(ReadingWeek)) == [1, 3]

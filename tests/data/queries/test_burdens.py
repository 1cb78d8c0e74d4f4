"""Where cases are stuck, which grid has much to do for few people, and which time it is at one place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, update
from sqlalchemy.orm import Session

from data.database import read_session, write_session
from data.filter import Filter
from data.queries.events import count_events
from data.queries.repeats import nth_time
from data.queries.stuck import stuck
from data.queries.tables import DIVISION, STAFF
from data.queries.workload import WorkloadOrder, workload
from data.vocabulary import Basis, SlaColor, Stage, Status
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import C1, C2, G1, G2, S2, build, event

OVERDUE = Filter(colors=(SlaColor.OVERDUE,))


def stuck_events() -> list[dict[str, Any]]:
    return [
        event(1, reported=-50, due=-2),
        event(2, reported=-50, due=-3, status="checking"),
        event(3, reported=-50, due=-4, department="D2"),
        event(4, reported=-50, due=-5, status="accepted"),
        event(5, reported=-50, due=-6, status="filed", department=""),
        event(6, reported=-50, due=6),
        event(7, reported=-50, due=-6, status="suspended"),
    ]


def test_overdue_cases_stand_by_stage_and_department_and_every_count_opens_its_rows(tmp_path: Path) -> None:
    with read_session(build(tmp_path / "stuck.db", stuck_events())) as session:
        found = stuck(session=session, where=OVERDUE, as_of=NOW)
        assert found.stages == (Stage.FILE, Stage.HANDLE, Stage.CHECK)
        assert [(row.department_code, row.name, dict(row.counts), row.total) for row in found.rows] == [
            ("D1", "示例城管局", {Stage.HANDLE: 2, Stage.CHECK: 1}, 3),
            ("", "暂无部门", {Stage.FILE: 1}, 1),
            ("D2", "D2", {Stage.HANDLE: 1}, 1),
        ]
        assert (dict(found.by_stage), found.total) == ({Stage.FILE: 1, Stage.HANDLE: 3, Stage.CHECK: 1}, 5)
        for row in found.rows:
            assert count_events(session=session, where=row.where, as_of=NOW).total == row.total


def test_what_was_voided_is_counted_and_stands_in_no_stage(tmp_path: Path) -> None:
    voided = [event(1, reported=-5, due=3, ended=-1, status="voided")]
    where = Filter(
        basis=Basis.REPORTED, start=date(2026, 11, 1), end=date(2026, 11, 30), statuses=(Status.VOIDED,)
    )
    with read_session(build(tmp_path / "voided.db", voided)) as session:
        found = stuck(session=session, where=where, as_of=NOW)
    assert (found.stages, found.total, [row.total for row in found.rows]) == ((), 1, [1])


def worked(tmp_path: Path) -> Engine:
    """Grid 1: 3 open, two workers, 100 residents. Grid 2: 2 open, nobody, residents unknown."""
    engine = build(
        tmp_path / "worked.db",
        [event(number, reported=-5, due=9, code=G1) for number in (1, 2, 3)]
        + [event(number, reported=-5, due=9, code=G2) for number in (4, 5)]
        + [event(6, reported=-5, due=9, code=C2), event(7, reported=-5, due=-1, ended=-2, code=G2)],
    )
    second = {"source": "x", "external_no": "9", "name": "网格员·示例02", "post": "专职网格员",
              "division_code": G1, "department_code": "", "phone": ""}  # fmt: skip
    other = second | {"external_no": "10", "name": "核查员·示例01", "post": "核查员"}
    with write_session(engine) as session:
        session.execute(insert(STAFF), [second, other])
        session.execute(update(DIVISION).where(DIVISION.c.code == G1).values(residents=100))
    return engine


def test_the_grid_with_events_and_nobody_comes_first_and_then_the_most_for_each_worker(
    tmp_path: Path,
) -> None:
    with read_session(worked(tmp_path)) as session:
        found = workload(session=session, where=Filter(), as_of=NOW)
        assert [(row.code, row.events, row.workers, row.residents) for row in found.rows] == [
            (G2, 2, 0, None),
            (G1, 3, 2, 100),
        ]
        assert [(row.per_worker, row.per_1000) for row in found.rows] == [(None, None), (1.5, 30.0)]
        assert (found.grids, found.events, found.workers, found.residents) == (2, 5, 2, 100)
        assert found.rows[0].place_name == "公平街道·惠民社区·02网格"
        for row in found.rows:
            assert count_events(session=session, where=row.where, as_of=NOW).total == row.events


def test_by_residents_unknown_ones_come_last_and_rows_are_cut_while_sums_are_not(tmp_path: Path) -> None:
    with read_session(worked(tmp_path)) as session:
        found = workload(session=session, where=Filter(), as_of=NOW, order=WorkloadOrder.RESIDENTS, limit=1)
        assert [row.code for row in found.rows] == [G1]
        assert (found.grids, found.events) == (2, 5)
        elsewhere = workload(session=session, where=Filter(areas=(C1,)), as_of=NOW, parent=S2)
        assert (elsewhere.rows, elsewhere.grids) == ((), 0)


def test_a_case_knows_which_time_it_is_at_its_place_and_how_many_came_after(tmp_path: Path) -> None:
    day = 24.0
    events = [
        event(1, reported=-45 * day, ended=-44 * day),  # more than 30 days before the third
        event(2, reported=-14 * day, ended=-13 * day),
        event(3, reported=-5 * day),
        event(4, reported=-1),
        event(5, reported=-2 * day, class_code="0203"),
        event(6, reported=-2 * day, at=(103.81, 30.70)),
        event(7, reported=-3 * day, ended=-2 * day, status="voided"),
        event(8, reported=-3 * day, at=None),
    ]
    with read_session(build(tmp_path / "again.db", events)) as session:
        found = {row["id"]: nth_time(session=session, event_id=row["id"], as_of=NOW) for row in events}
        spelled = {key: (nth.number, nth.later) for key, nth in found.items() if nth}
        assert spelled == {1: (1, 0), 2: (1, 2), 3: (2, 1), 4: (3, 0), 5: (1, 0), 6: (1, 0)}
        for nth in found.values():
            if nth:
                assert count_events(session=session, where=nth.where, as_of=NOW).total == nth.total
        assert nth_time(session=session, event_id=99, as_of=NOW) is None


def test_an_empty_database_has_no_burdens(empty_session: Session) -> None:
    assert stuck(session=empty_session, where=OVERDUE, as_of=NOW).rows == ()
    assert workload(session=empty_session, where=Filter(), as_of=NOW).rows == ()
    assert nth_time(session=empty_session, event_id=1, as_of=NOW) is None

"""到场时间 in a file of cases: kept in the log, left out where it cannot be, never over the loop's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.database import write_session
from data.imports import publish
from data.lifecycle import make_move
from data.vocabulary import Move
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv
from tests.data.imports.test_ownership import CENTRE, NOW, OFFICER, Then, way


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports happen in the hour of the report."""
    monkeypatch.setattr(publish, "datetime", Then)


def came(at: str, **changes: str) -> dict[str, str]:
    return {**event(**changes), "到场时间": at}


def test_arrivals_of_a_file_are_kept_and_those_before_the_report_are_left_out(
    street: Street, tmp_path: Path
) -> None:
    reported = "2026-11-20 08:30:40"
    rows = [
        came("2026-11-20 08:38", no="A1", reported=reported),
        came("", no="A2", reported=reported),
        came("2026-11-20 08:30", no="A3", reported=reported),
        came("2026-11-20 08:29", no="A4", reported=reported),
        came("昨天上午", no="A5", reported=reported),
    ]
    path = write_csv(tmp_path / "到场.csv", rows)
    result = street.events(path)

    assert (result.new, result.rejected) == (4, 1)
    assert "1 行的到场时间早于上报时间，没有采用。" in result.warnings
    found = {no: street.event(no).arrived_at for no in ("A1", "A2", "A3", "A4")}
    assert found == {
        "A1": datetime(2026, 11, 20, 0, 38, tzinfo=UTC), "A2": None,
        "A3": datetime(2026, 11, 20, 0, 30, 40, tzinfo=UTC), "A4": None,
    }  # fmt: skip
    assert street.events(path).same == 4
    assert_log_is_sound(street)


def test_an_arrival_that_comes_later_updates_and_a_file_without_the_column_leaves_it(
    street: Street, tmp_path: Path
) -> None:
    street.events(write_csv(tmp_path / "一.csv", [event()]))
    assert street.events(write_csv(tmp_path / "二.csv", [came("2026-11-20 08:50")])).changed == 1
    assert street.events(write_csv(tmp_path / "三.csv", [event()])).same == 1
    assert street.event("SL001").arrived_at == datetime(2026, 11, 20, 0, 50, tzinfo=UTC)
    assert_log_is_sound(street)


def test_an_arrival_noted_here_stays_whatever_a_file_says(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "一.csv", [{**came("", status="已立案"), "紧急程度": "紧急"}]))
    way(street, (Move.DISPATCH, CENTRE), (Move.ACCEPT, OFFICER))
    current = street.event("SL001")
    at = NOW + timedelta(hours=1)
    with write_session(street.engine) as session:
        make_move(
            session, event_id=current.id or 0, seen_seq=current.seq, move=Move.HANDLE, person=OFFICER, at=at,
            fields={"arrived_at": at},
        )  # fmt: skip
    street.events(
        write_csv(tmp_path / "二.csv", [{**came("2026-11-20 08:50", status="已立案"), "紧急程度": "紧急"}])
    )

    assert street.event("SL001").arrived_at == at
    assert_log_is_sound(street)

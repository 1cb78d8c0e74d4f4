"""``recount``: the weekly counts from nothing but the log, against those that are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dashboard.cli import main
from data.database import write_session
from data.models import Division
from data.readings.read import Cells, Rows
from data.readings.take import take_rows
from tests.data.core.events import two_events


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two events, reported and due in the week of 2026-11-16, in a database of this test's own."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    return two_events()


def test_counts_that_agree_with_the_log_are_said_to_agree(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.dispose()
    assert main(["recount"]) == 0
    assert "各区域每周的计数与日志一致" in capsys.readouterr().out


def test_a_count_changed_behind_the_logs_back_is_named_and_written_anew_on_demand(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE area_week SET reported = 5"))
    engine.dispose()

    assert main(["recount"]) == 1
    said = capsys.readouterr().err
    assert "510115001001，2026-11-16 一周，上报：现有 5，日志为 2" in said
    assert "共 1 项与日志不同" in said
    assert main(["recount", "--write"]) == 0
    assert "已按日志改写 1 项" in capsys.readouterr().out
    assert main(["recount"]) == 0


def test_a_week_that_is_missing_altogether_is_found(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM area_week"))
    engine.dispose()

    assert main(["recount"]) == 1
    assert "上报：现有 0，日志为 2" in capsys.readouterr().err


def test_weeks_of_readings_are_made_anew_from_the_readings(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = {"sensor": "SW-01", "count": "水体浊度", "value": "6.5", "code": "510115001001"}
    rows = [
        Cells(line=hour, cells={**cells, "at": f"2026-11-16T{hour:02}:00:00+08:00"}) for hour in range(8, 12)
    ]
    now = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    with write_session(engine) as session:
        session.add(Division(code="510115001001", level="community", name="示例社区", short_name="示例",
                             initials="sl", valid_from=now.date(), parent_code="510115001"))  # fmt: skip
    assert take_rows(engine, Rows(good=rows, refused=[]), source="sensor", now=now).refused == []
    engine.dispose()
    assert main(["recount"]) == 0
    with engine.begin() as connection:
        connection.execute(text("UPDATE reading_week SET total = '7000000', readings = 1"))
    engine.dispose()
    capsys.readouterr()

    assert main(["recount"]) == 1
    said = capsys.readouterr().err
    assert "510115001001，2026-11-16 一周，水体浊度：现有 1 条合计 7，读数为 4 条合计 26" in said
    assert main(["recount", "--write"]) == 0
    assert main(["recount"]) == 0

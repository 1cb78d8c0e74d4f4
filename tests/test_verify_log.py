"""``verify-log`` on a terminal: the fingerprint to write down, and what was done behind the log's back."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from dashboard.cli import main
from dashboard.cli.serve import anchor_log
from data.chain import append
from data.database import write_session
from data.models import EventAttachment, ListItemLog, SettingChange
from data.settings import read_settings
from tests.data.core.events import two_events


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two events in a database of this test's own."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    return two_events()


def test_a_whole_log_shows_the_fingerprint_of_its_newest_anchor(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify-log"]) == 0
    assert "还没有锚点" in capsys.readouterr().out
    assert main(["verify-log", "--anchor"]) == 0
    said = capsys.readouterr().out
    engine.dispose()

    today = datetime.now(read_settings().timezone).date()
    found = re.search(rf"最近的锚点 {today}，共 2 条记录，指纹 ([0-9a-f]{{64}})", said)
    assert found
    assert main(["verify-log", "--expect", found.group(1)]) == 0
    assert main(["verify-log", "--expect", "ab" * 32]) == 1
    assert f"没有指纹为 {'ab' * 32} 的锚点" in capsys.readouterr().err


def test_an_event_that_is_gone_with_its_log_is_found(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    anchor_log(engine, read_settings())
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM event_log WHERE event_id = 2"))
        connection.execute(text("DELETE FROM event WHERE id = 2"))
    engine.dispose()

    assert main(["verify-log"]) == 1
    said = capsys.readouterr().err
    assert "应有 2 条记录，只有 1 条：缺的记录编号在 2" in said
    assert "共发现 1 处差错" in said


def test_a_changed_row_is_named_with_its_event(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE event SET status = 'closed' WHERE id = 2"))
    engine.dispose()

    assert main(["verify-log", "--anchor"]) == 1
    said = capsys.readouterr().err
    assert "事件 2 第 0 条：事件 2 与它的记录不符" in said
    assert main(["verify-log"]) == 1
    assert "最近的锚点" not in capsys.readouterr().out, "what is wrong is not anchored"


def test_photos_and_other_logs_are_checked_and_every_kind_has_its_way_out(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    with write_session(engine) as session:
        session.add(
            EventAttachment(
                event_id=1, log_seq=1, sha256="abc123", mime="image/jpeg", size_bytes=1, created_at=at,
                actor="演示甲",
            )
        )  # fmt: skip
        append(
            session,
            ListItemLog(subject="list_item", subject_id=9, seq=1, at=at, actor="演示甲", action="edit"),
        )
        session.execute(text("UPDATE event SET status = 'closed' WHERE id = 2"))
    engine.dispose()

    assert main(["verify-log"]) == 1
    said = capsys.readouterr().err
    missing = tmp_path / "attachments" / "ab" / "abc123.jpg"
    assert f"事件 1 第 1 条：照片文件 {missing} 不在了" in said
    assert "清单条目 9 有改动记录，却没有这一条" in said
    assert "照片：从备份把照片文件放回附件文件夹" in said
    assert "事件与日志不符：日志是完整的" in said
    assert "其他记录：" in said
    assert "日志被改动或缺失：" not in said, "only the ways out of what there is"


def test_files_that_an_upload_left_behind_are_told_and_are_no_fault(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.dispose()
    stray = tmp_path / "attachments" / "ab" / "abc.jpg"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))

    assert main(["verify-log"]) == 0
    said = capsys.readouterr().out
    assert "附件文件夹里有 1 个没有案卷引用的文件" in said
    assert "也没有差错" in said


def test_starting_twice_on_a_day_writes_one_anchor(engine: Engine) -> None:
    anchor_log(engine, read_settings())
    anchor_log(engine, read_settings())
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM log_anchor")).scalar_one() == 1
    engine.dispose()


def test_an_appended_row_is_named_with_its_event(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    names = [column["name"] for column in inspect(engine).get_columns("event_log")]
    copied = ", ".join("2" if name == "seq" else name for name in names if name != "id")
    kept = ", ".join(name for name in names if name != "id")
    with engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO event_log ({kept}) SELECT {copied} FROM event_log WHERE event_id = 1")  # noqa: S608
        )
    engine.dispose()

    assert main(["verify-log"]) == 1
    said = capsys.readouterr().err
    assert "事件 1 第 2 条：" in said
    assert "日志被改动或缺失" in said


def test_a_changed_setting_is_named_by_the_command_and_a_whole_chain_has_its_fingerprint(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    at = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    with write_session(engine) as session:
        append(session, SettingChange(subject="plan", at=at, actor="演示甲", what="改预案"))
    assert main(["verify-log"]) == 0
    assert re.search(
        r"改动记录（预警、清单、设置、派遣规则、日历）1 条，指纹 [0-9a-f]{64}", capsys.readouterr().out
    )
    with engine.begin() as connection:
        connection.execute(text("UPDATE setting_change SET actor = '演示乙'"))
    engine.dispose()

    assert main(["verify-log"]) == 1
    assert "设置改动 1 的内容与校验值不符，被改过" in capsys.readouterr().err

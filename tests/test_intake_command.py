"""``intake`` and ``intake-token`` on a terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dashboard.cli import main
from data.database import open_engine
from data.migrate import migrate
from data.settings import read_settings
from tests.data.imports.support import EVENT, write_csv


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    monkeypatch.delenv("ONEMAP_INBOX_DIR", raising=False)
    engine = open_engine(read_settings().database_url)
    migrate(engine)
    engine.dispose()


def test_a_token_is_shown_once_listed_without_its_text_and_revoked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["intake-token", "create", "--name", "热线平台", "--source", "12345"]) == 0
    found = re.search(r"onemap_\S{43}", capsys.readouterr().out)
    assert found
    assert main(["intake-token", "list"]) == 0
    listed = capsys.readouterr().out
    assert "热线平台：来源 12345，方案 generic_events" in listed
    assert found.group() not in listed
    assert found.group().encode() not in Path(os.environ["ONEMAP_VAR_DIR"], "onemap.db").read_bytes()
    assert main(["intake-token", "create", "--name", "热线平台", "--source", "12345"]) == 2
    assert "已有名为“热线平台”的令牌" in capsys.readouterr().err
    assert main(["intake-token", "revoke", "--name", "热线平台"]) == 0
    assert main(["intake-token", "revoke", "--name", "热线平台"]) == 2
    assert "已经停用" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--source", "a b"], "来源“a b”不能用"),
        (["--source", "12345", "--profile", "generic_staff"], "接口只接入事件"),
        (["--source", "12345", "--profile", "没有"], "没有名为“没有”的接入方案"),
        (["--source", "12345", "--per-minute", "0"], "每分钟次数 0 不能用"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    extra: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["intake-token", "create", "--name", "甲", *extra]) == 2
    assert words in capsys.readouterr().err


def test_once_takes_in_what_lies_there_and_says_what_became_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["intake", "--once"]) == 0
    said = capsys.readouterr().out
    assert f"接入文件夹：{tmp_path / 'inbox'}" in said
    assert "没有要接入的文件" in said
    write_csv(tmp_path / "inbox" / "generic_events" / "甲.csv", [EVENT])
    (tmp_path / "inbox" / "generic_events" / "乙.pdf").write_bytes(b"%PDF")
    monkeypatch.setattr("dashboard.cli.intake.MOST_WAIT_SECONDS", 30.0)
    assert main(["intake", "--once"]) == 1
    said = capsys.readouterr().out
    assert "generic_events/甲.csv：已接入，批次 1" in said
    assert "generic_events/乙.pdf：没有接入：" in said

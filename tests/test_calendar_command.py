"""``calendar`` on the command line: a year listed, a notice taken in, a bad file named line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.cli import main


@pytest.fixture(autouse=True)
def own_var_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)


def test_the_calendar_lists_a_year_and_takes_in_a_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = tmp_path / "放假安排.csv"
    notice.write_text("日期,安排,名称\n2027-01-01,休,元旦\n2027-01-03,班,元旦调休\n", encoding="utf-8")

    assert main(["migrate"]) == 0
    assert main(["calendar", "--year", "2026"]) == 0
    said = capsys.readouterr().out
    assert "2026-02-17 周二 休 春节" in said
    assert "2026 年上班 248 天，休息 117 天。" in said
    assert "注意" not in said

    assert main(["calendar", "--import", str(notice), "--preview"]) == 0
    said = capsys.readouterr().out
    assert "影响 0 件在办件，0 件将变为超期，0 件不再超期。\n没有写入。" in said
    assert "2027-01-03" not in said

    assert main(["calendar", "--import", str(notice)]) == 0
    said = capsys.readouterr().out
    assert "已写入，改动 1：2 天；重算 0 件的时限" in said
    assert "2027-01-03 周日 班 元旦调休" in said
    assert "注意：2027 年的放假和调休安排尚未公布或录入" in said


def test_a_notice_that_cannot_be_read_is_refused_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = tmp_path / "放假安排.csv"
    notice.write_text("日期,安排\n2027-01-32,休\n2027-01-02,歇\n", encoding="utf-8")

    assert main(["migrate"]) == 0
    assert main(["calendar", "--import", str(notice)]) == 2
    said = capsys.readouterr().err
    assert "第 2 行“2027-01-32”：不是日期" in said
    assert "第 3 行“歇”：看不懂是休息还是上班" in said
    assert main(["calendar", "--year", "1999"]) == 2
    assert "年份 1999 不在 2004–2099 年之间" in capsys.readouterr().err

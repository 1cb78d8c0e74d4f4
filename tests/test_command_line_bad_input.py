"""Clumsy arguments, files, profiles, settings: one Chinese line with the way out, and nothing half done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from dashboard.cli import main
from data.database import open_engine
from data.settings import SettingsError, read_settings

PROJECT_ROOT = Path(__file__).resolve().parent.parent
EVENTS = "案件编号,事件类别,上报时间,状态,标题,经度,纬度\nSL1,0101,2026-11-01 08:00,处置,{title},103.8,30.7\n"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An empty database of its own; the var folder."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    capsys.readouterr()
    return tmp_path / "var"


def events_file(tmp_path: Path, title: str = "示例") -> Path:
    path = tmp_path / "事件.csv"
    path.write_text(EVENTS.format(title=title), encoding="utf-8")
    return path


def own_profile(var_dir: Path, name: str, content: str) -> Path:
    path = var_dir / "profiles" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../etc", "/etc/passwd", "Asia"])
def test_a_time_zone_that_is_none_is_named_with_its_setting(
    zone: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONEMAP_TIMEZONE", zone)

    assert main(["profiles"]) == 2
    assert f"ONEMAP_TIMEZONE={zone}" in capsys.readouterr().err


def test_a_base_map_of_an_unknown_kind_is_refused_and_not_taken_as_none() -> None:
    with pytest.raises(SettingsError, match="ONEMAP_BASEMAP=google 不能用：可写 none、pmtiles"):
        read_settings({"ONEMAP_BASEMAP": "google"})


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"ONEMAP_BASEMAP": "pmtiles"}, "ONEMAP_BASEMAP_URL：请填本地底图文件"),
        ({"ONEMAP_BASEMAP": "xyz"}, "ONEMAP_BASEMAP_URL：请填含"),
        ({"ONEMAP_BASEMAP": "xyz", "ONEMAP_BASEMAP_URL": "http://127.0.0.1/{z}/{x}.png"}, "现为“http://127"),
        ({"ONEMAP_BASEMAP": "tianditu"}, "ONEMAP_BASEMAP_KEY：请填"),
    ],
)
def test_a_base_map_without_what_it_needs_is_refused_with_the_setting_that_is_missing(
    given: dict[str, str], lacking: str
) -> None:
    with pytest.raises(SettingsError, match=lacking) as caught:
        read_settings(given)
    assert "不要底图请把 ONEMAP_BASEMAP 设为 none" in str(caught.value)


def test_a_base_map_with_what_it_needs_is_taken() -> None:
    given = {"ONEMAP_BASEMAP": "xyz", "ONEMAP_BASEMAP_URL": "http://127.0.0.1/{z}/{x}/{y}.png"}
    assert read_settings(given).basemap == "xyz"
    assert read_settings({"ONEMAP_BASEMAP": "amap"}).basemap_key == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["undo", "9" * 30], "批次号应为"),
        (["seed", "--seed", "-1"], "非负整数"),
        (["import", "长" * 300, "--kind", "events"], "不能读写"),
        (["import", "长.csv", "--profile", "长" * 300], "找不到文件"),
        (["export", "长" * 83 + ".csv"], "不能读写"),
        (["export", "没有的目录/x.xlsx"], "所在目录不存在"),
        (["export", "x.csv", "--filter", "q=\udcff"], "不含控制字符"),
    ],
)
def test_arguments_of_nonsense_end_with_one_message(
    arguments: list[str], says: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = int(str(stopped.code))

    assert code == 2
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_a_folder_instead_of_a_file_is_told_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(tmp_path), "--kind", "events"]) == 2
    assert "是文件夹，不是文件" in capsys.readouterr().err


def test_a_place_for_rejects_that_cannot_be_written_is_told_before_anything_is_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["import", str(events_file(tmp_path)), "--kind", "events", "--rejects"]

    assert main([*arguments, str(tmp_path / "没有" / "x.csv")]) == 2
    assert main([*arguments, str(tmp_path)]) == 2
    assert "还没有接入任何数据" in capsys.readouterr().err
    with open_engine(read_settings().database_url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM import_batch")).scalar_one() == 0


def test_square_brackets_in_a_cell_or_a_title_are_shown_as_they_are(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = 'kind = "events"\ntitle = "[/red]示例"\n[columns]\n' + "\n".join(
        f'{field} = "{header}"'
        for field, header in (("external_no", "案件编号"), ("status", "状态"), ("reported_at", "上报时间"),
                              ("class", "事件类别"), ("title", "标题"))
    )  # fmt: skip
    own_profile(database, "own", own)

    assert main(["profiles"]) == 0
    assert "[/red]示例" in capsys.readouterr().out
    path = events_file(tmp_path, title="[/red]事件")
    assert main(["import", str(path), "--profile", "own", "--preview"]) == 0


def test_one_broken_profile_is_named_and_keeps_nobody_from_the_others(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_profile(database, "broken", "kind = ")

    assert main(["profiles"]) == 0
    out = capsys.readouterr().out
    assert "generic_events" in out
    assert "broken.toml”不是正确的 TOML" in out
    assert main(["import", str(events_file(tmp_path)), "--profile", "没有"]) == 2
    assert "没有名为“没有”的接入方案" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["DELETE FROM data_state", "DROP TABLE event"])
def test_a_database_that_lost_a_part_is_called_damaged(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(read_settings().database_url)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        connection.execute(text(damage))
        connection.commit()
    engine.dispose()

    assert main(["export", str(tmp_path / "x.csv")]) == 2
    assert "已损坏" in capsys.readouterr().err


def test_a_python_without_our_packages_is_told_which_one_to_use() -> None:
    alone = [sys.executable, "-I", "-S", "-c", "import sys, runpy; sys.path.insert(0, '.');"
             "runpy.run_module('dashboard', run_name='__main__')"]  # fmt: skip
    done = subprocess.run(alone, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "缺少程序包" in done.stderr
    assert ".venv/bin/python -m dashboard" in done.stderr
    assert "Traceback" not in done.stderr

"""The command line explains itself in Chinese, and what goes wrong is one line with the way out."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from dashboard.cli import COMMANDS, build_parser, main
from dashboard.cli.export import read_filter
from dashboard.cli.serve import HOST, check_port, check_writable, prepare_data
from dashboard.cli.terminal import CommandError
from data.database import open_engine
from data.demo import DemoState
from data.filter import Filter, FilterError
from data.settings import read_settings

PROJECT_ROOT = Path(__file__).resolve().parent.parent
NAMES = [
    "serve",
    "seed",
    "import",
    "undo",
    "export",
    "demo-remove",
    "migrate",
    "verify-log",
    "recount",
    "profiles",
    "calendar",
    "intake",
    "intake-token",
    "worker",
    "receiver",
]


@pytest.fixture(autouse=True)
def own_var_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works on an empty database of its own."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def test_help_lists_every_command_in_chinese() -> None:
    text = build_parser().format_help()

    assert len(COMMANDS) == len(NAMES)
    assert all(re.search(rf"\n    {name}\s+[\u4e00-\u9fff]", text) for name in NAMES)
    assert "usage" not in text
    assert "options" not in text


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])

    assert caught.value.code == 0
    assert f"用法：python -m dashboard {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "缺少参数：命令"),
        (["fly"], "不能是 'fly'"),
        (["serve", "--port", "http"], "端口应为 1 到 65535 的整数，得到的是 'http'"),
        (["serve", "--port", "70000"], "得到的是 '70000'"),
        (["serve", "--port"], "后面缺少一个值"),
        (["seed", "--seed", "x"], "--seed：应为不超过 18 位的非负整数，得到的是 'x'"),
        (["undo", "0"], "批次号应为不超过 18 位的正整数，得到的是 '0'"),
        (["migrate", "now"], "不认识的参数：now"),
        (["import", "a.csv", "--kind", "demo"], "--kind 不能是 'demo'"),
    ],
)
def test_wrong_arguments_are_told_in_chinese(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)

    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_port_in_use_is_named_with_another_to_try(taken_port: int) -> None:
    with pytest.raises(CommandError, match=f"端口 {taken_port} 已被占用") as caught:
        check_port(taken_port)

    assert f"make run PORT={taken_port + 1}" in str(caught.value)
    assert f"Port {taken_port} is in use" in str(caught.value)


def test_serve_on_a_port_in_use_ends_with_one_message_and_touches_nothing(
    taken_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", str(taken_port)]) == 2
    assert capsys.readouterr().err.startswith(f"错误：端口 {taken_port} 已被占用")
    assert not (tmp_path / "var").exists()


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(CommandError, match="ONEMAP_VAR_DIR") as caught:
        check_writable(tmp_path / "file" / "var")

    assert str(tmp_path / "file" / "var") in str(caught.value)


def test_migrate_makes_the_tables_and_a_second_time_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.count("数据库已是最新版本") == 2


def test_commands_on_a_database_that_was_never_made_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-log"]) == 2
    assert "需要先建表" in capsys.readouterr().err


def test_the_log_of_an_empty_database_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])

    assert main(["verify-log"]) == 0
    assert "事件日志完整" in capsys.readouterr().out


def test_a_database_of_another_time_zone_is_not_counted_by_ours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["migrate"])
    monkeypatch.setenv("ONEMAP_TIMEZONE", "Asia/Urumqi")

    assert main(["verify-log"]) == 2
    assert "请把 ONEMAP_TIMEZONE 设为 Asia/Shanghai" in capsys.readouterr().err
    with pytest.raises(CommandError, match="Asia/Urumqi"):
        prepare_data(open_engine(read_settings().database_url), read_settings(), with_demo=False)


def test_removing_a_demo_that_is_not_there_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])

    assert main(["demo-remove"]) == 2
    assert "没有演示数据" in capsys.readouterr().err


def test_importing_a_file_that_is_not_there_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "无此文件.csv", "--kind", "events"]) == 2
    assert "找不到文件 无此文件.csv" in capsys.readouterr().err


def test_importing_without_saying_what_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("x\n", encoding="utf-8")

    assert main(["import", str(tmp_path / "a.csv")]) == 2
    assert "--kind events" in capsys.readouterr().err


def test_importing_with_an_unknown_profile_names_those_that_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("x\n", encoding="utf-8")
    main(["migrate"])

    assert main(["import", str(tmp_path / "a.csv"), "--profile", "无此方案"]) == 2
    assert "generic_events" in capsys.readouterr().err


DEPARTMENTS = "部门代码,部门名称\nD91,演示部门甲\nD92,演示部门乙\n"


def test_importing_twice_adds_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "部门.csv").write_text(DEPARTMENTS, encoding="utf-8")
    main(["migrate"])

    assert main(["import", str(tmp_path / "部门.csv"), "--kind", "departments"]) == 0
    assert main(["import", str(tmp_path / "部门.csv"), "--profile", "generic_departments"]) == 0
    text = capsys.readouterr().out
    assert "共 2 行，新增 2，更新 0，无变化 0，未接入 0" in text
    assert "共 2 行，新增 0，更新 0，无变化 2，未接入 0" in text


def test_a_preview_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "部门.csv").write_text(DEPARTMENTS, encoding="utf-8")
    main(["migrate"])

    assert main(["import", str(tmp_path / "部门.csv"), "--kind", "departments", "--preview"]) == 0
    assert "共 2 行，新增 2" in capsys.readouterr().out
    assert main(["import", str(tmp_path / "部门.csv"), "--kind", "departments"]) == 0
    assert "新增 2" in capsys.readouterr().out


def test_a_preview_that_is_wider_than_the_terminal_is_shown_row_by_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    header = "站点编号,站点名称,站点类型,地址,电话,经度,纬度,开放时间,窗口数,工作人员数"
    row = "ZD001,示例社区公共服务中心,便民服务站,示例路1号,028-00000001,103.81,30.71,全天,6,9"
    (tmp_path / "站点.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    main(["migrate"])

    assert main(["import", str(tmp_path / "站点.csv"), "--kind", "stations", "--preview"]) == 0
    shown = capsys.readouterr().out
    assert "站点编号：ZD001；站点名称：示例社区公共服务中心" in shown
    assert "…" not in shown


def test_undoing_a_batch_that_is_not_there_names_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])

    assert main(["undo", "77"]) == 2
    assert "77" in capsys.readouterr().err


def test_profiles_lists_the_ones_that_are_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles"]) == 0

    text = capsys.readouterr().out
    assert all(name in text for name in ("generic_events", "workorder_12345", "city_mgmt_case"))


@pytest.mark.parametrize(
    "text", ["area=510115001&color=overdue", "http://127.0.0.1:8501/?area=510115001&color=overdue"]
)
def test_an_export_takes_a_page_address_or_its_query(text: str) -> None:
    assert read_filter(text).to_params() == {"area": "510115001", "color": "overdue"}


def test_an_export_without_a_filter_is_what_is_open_now() -> None:
    assert read_filter("") == Filter()


def test_an_export_filter_of_nonsense_is_refused_by_name() -> None:
    with pytest.raises(FilterError, match="area=温江"):
        read_filter("area=温江")


@pytest.mark.parametrize("name", ["在办.csv", "在办.xlsx"])
def test_an_export_of_an_empty_database_has_a_header_and_leaves_no_half_file(
    tmp_path: Path, name: str
) -> None:
    main(["migrate"])

    assert main(["export", str(tmp_path / name)]) == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]
    assert (tmp_path / name).stat().st_size > 20


def test_an_export_never_overwrites_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "在办.csv"
    target.write_text("mine", encoding="utf-8")
    main(["migrate"])

    assert main(["export", str(target)]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "mine"


def test_an_export_of_an_unknown_kind_or_into_no_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["migrate"])

    assert main(["export", str(tmp_path / "在办.doc")]) == 2
    assert main(["export", str(tmp_path / "无此目录" / "在办.csv")]) == 2
    text = capsys.readouterr().err
    assert "请用 .csv 或 .xlsx" in text
    assert "不能写入" in text


@pytest.mark.parametrize(
    ("state", "with_demo", "done"),
    [
        (DemoState(present=False, removed=False, database_empty=True), True, ["seed"]),
        (DemoState(present=False, removed=False, database_empty=True), False, []),
        (DemoState(present=False, removed=True, database_empty=True), True, []),
        (DemoState(present=False, removed=False, database_empty=False), True, []),
        (DemoState(present=True, removed=False, database_empty=False), True, ["catch up"]),
        (DemoState(present=True, removed=False, database_empty=False), False, ["catch up"]),
    ],
    ids=["new", "new, none wanted", "demo was removed", "own data", "demo", "demo, none wanted"],
)
def test_a_start_fills_a_new_database_once_and_keeps_a_demo_current(
    state: DemoState, with_demo: bool, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []
    monkeypatch.setattr("data.demo.demo_state", lambda _session: state)
    monkeypatch.setattr("data.demo.seed_demo", lambda *_args, **_options: did.append("seed"))
    monkeypatch.setattr("data.demo.catch_up_demo", lambda *_args, **_options: did.append("catch up"))
    settings = read_settings()

    prepare_data(open_engine(settings.database_url), settings, with_demo=with_demo)

    assert did == done


def test_serve_prints_its_address_answers_there_only_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    with subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            "-m",
            "dashboard",
            "serve",
            "--port",
            str(port),
            "--no-demo",
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, "ONEMAP_VAR_DIR": str(tmp_path / "var")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            health = _wait_for(f"http://{HOST}:{port}/_stcore/health", server=server)
            time.sleep(0.5)
        finally:
            server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=20)

    assert health == 200
    assert f"一图统览已启动：http://{HOST}:{port}" in said
    assert "Traceback" not in said
    assert (tmp_path / "var" / "onemap.db").exists()


def _wait_for(url: str, *, server: subprocess.Popen[str]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            return httpx2.get(url).status_code
        except httpx2.TransportError:
            time.sleep(0.2)
    return 0

"""``worker`` and ``receiver`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.cli import main
from data.notices.outbound import UNENCRYPTED_LOGIN
from data.worker.jobs import standard_jobs
from data.worker.record import LABELS
from tests.data.notices.outside import web_server


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every test works on an empty database of its own."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    capsys.readouterr()


def test_the_status_says_that_nobody_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--status"]) == 1
    assert "后台任务没有在运行" in capsys.readouterr().err


def test_every_job_has_a_chinese_name(tmp_path: Path) -> None:
    from data.database import open_engine
    from data.notices.outbound import Outbound
    from data.settings import read_settings

    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    jobs = standard_jobs(engine, read_settings(), owner="甲", outbound=Outbound(environ={}))
    assert {job.name for job in jobs} <= set(LABELS)


def test_a_receiver_is_added_tried_and_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receiver"]) == 0
    assert "系统不向外发送任何内容" in capsys.readouterr().out
    with web_server() as web:
        added = [
            "--add",
            "群",
            "--kind",
            "dingtalk",
            "--to",
            f"{web.url}/r?access_token=t",
            "--quiet",
            "22:00-07:00",
        ]
        assert main(["receiver", *added]) == 0
        listed = capsys.readouterr().out
        assert main(["receiver", "--test", "群"]) == 0
    assert "钉钉群机器人" in listed
    assert "access_token" not in listed
    assert web.bodies[0]["text"]["content"].startswith("【测试】")
    assert main(["receiver", "--test", "群"]) == 1
    assert "没有送到：连接不上对方" in capsys.readouterr().err
    assert main(["receiver", "--off", "群"]) == 0
    assert "停用" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--add", "群", "--kind", "fax", "--to", "x"], "接收方类型 fax 不能用"),
        (["--off", "无此"], "没有名为“无此”的接收方"),
        (["--test", "无此"], "没有名为“无此”的接收方"),
        (["--add", "群", "--kind", "email", "--to", "zhiban@example.org", "--quiet", "22"], "时间"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["receiver", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"错误：{said}")


@pytest.mark.parametrize(("scheme", "warned"), [("smtp", True), ("smtps", False), ("smtp+starttls", False)])
def test_the_list_warns_of_a_mail_server_that_gets_the_password_unencrypted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, scheme: str, warned: bool
) -> None:
    monkeypatch.setenv("ONEMAP_SMTP_URL", f"{scheme}://yujing@127.0.0.1:9")
    monkeypatch.setenv("ONEMAP_SMTP_FROM", "yujing@example.org")

    assert main(["receiver", "--add", "书记", "--kind", "email", "--to", "shuji@example.org"]) == 0

    assert (f"注意：{UNENCRYPTED_LOGIN}" in capsys.readouterr().out) is warned

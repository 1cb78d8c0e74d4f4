"""设置 as people use it: each tab empty, filled, refused by role, changed and taken back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from dashboard.acting import token_of
from data.database import open_engine, read_session, write_session
from data.indicators.counts import named_counts
from data.lifecycle import Person, read_rules
from data.manage.permission import RIGHTS, Duty
from data.manage.readings import entered
from data.models.worker import WorkerLease
from data.notices.deliver import Delivery
from data.notices.outbound import UNENCRYPTED_LOGIN, Outbound
from data.notices.receivers import list_receivers
from data.rules.store import response_plans
from data.worker.lease import NAME
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.data.loop.world import COMMUNITY, DISPATCHER, NEIGHBOURHOOD, ROADMAN, SECRETARY, WORKER, furnish
from tests.data.notices.outside import web_server
from tests.pages.conftest import Opener, Shown
from tests.pages.test_import_page import click

STREET = f"{DISTRICT}001"


class Office:
    """The page 设置 with whoever sits there."""

    def __init__(self, opener: Opener, engine: Engine) -> None:
        self._opener, self.engine, self.token = opener, engine, ""

    def open(self, person: Person | None, tab: str, **params: str) -> Shown:
        self.token = token_of(person) if person else ""
        shown = self._opener("settings", set=tab, **params)
        assert not shown.app.exception
        assert "这个页面出错了" not in shown.text
        return shown


@pytest.fixture
def office(opener: Opener, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    found = Office(opener, engine)
    monkeypatch.setattr("dashboard.acting.read_token", lambda: found.token)
    monkeypatch.setattr("dashboard.acting.now", lambda: NOW)
    return found


def fill(shown: Shown, **values: Any) -> None:
    """Type into fields by their label."""
    for title, value in values.items():
        app = shown.app
        fields: list[Any] = [*app.text_input, *app.text_area, *app.number_input, *app.selectbox]
        next(one for one in fields if one.label.partition("（")[0] == title).set_value(value)


def undo_last(shown: Shown) -> None:
    """撤销 of the newest change, asked and confirmed."""
    click(shown.app, "撤销")
    click(shown.app, "确认撤销")


@pytest.mark.parametrize("tab", ["notices", "numbers", "plans", "readings", "counts"])
def test_each_tab_opens_on_an_empty_database(opener: Opener, empty_database: Path, tab: str) -> None:
    assert empty_database.is_file()
    shown = opener("settings", set=tab)

    assert not shown.app.exception
    assert "还没有人改过" in shown.text
    assert re.search(rf'aria-current="page"[^>]*data-set="{tab}"', shown.html)


def test_without_divisions_or_departments_the_forms_lead_to_their_import(
    opener: Opener, empty_database: Path
) -> None:
    assert empty_database
    readings = opener("settings", set="readings")
    assert "接入区划以后，可以在这里填报" in readings.text
    assert "./import?step=divisions" in [link.partition("&")[0] for link in readings.links]
    rule = opener("dispatch", rule="new")
    assert "接入职能部门以后，可以在这里新增规则" in rule.text
    assert "./import?step=departments" in [link.partition("&")[0] for link in rule.links]


def test_nonsense_in_the_address_is_named(opener: Opener, empty_database: Path) -> None:
    assert empty_database.is_file()
    assert "set=colours" in opener("settings", set="colours").text
    assert "param=1;" in opener("settings", param="1;").text
    assert "没有“speed”这个参数" in opener("settings", set="numbers", param="speed").text
    assert "没有这个接收方" in opener("settings", item="99").text


def test_a_number_is_changed_with_a_reason_and_taken_back(office: Office) -> None:
    shown = office.open(DISPATCHER, "numbers", param="extensions")
    assert 'data-number="extensions" data-value="2"' in shown.html
    fill(shown, 现值=1, 理由="试行")
    click(shown.app, "保存")

    assert "“一件延期的次数上限”现在是 1 次，立即生效。" in shown.text
    assert 'data-number="extensions" data-value="1"' in shown.html
    assert f"{DISPATCHER.name} · " in shown.text
    with read_session(office.engine) as session:
        assert read_rules(session).extensions == 1
    undo_last(shown)
    assert 'data-number="extensions" data-value="2"' in shown.html
    assert "已撤销：一件延期的次数上限：2 改为 1 次" in shown.text


def pick_several(shown: Shown, title: str, *values: str) -> None:
    next(one for one in shown.app.multiselect if one.label == title).set_value(list(values))


def garbage(session: Session) -> int:
    """How many cases are counted as garbage that fell due, of every area and week."""
    query = text("SELECT coalesce(sum(value), 0) FROM area_week_count WHERE name = 'garbage_due'")
    return int(session.execute(query).scalar_one())


def test_the_classes_of_garbage_are_changed_counted_anew_and_taken_back(office: Office) -> None:
    shown = office.open(DISPATCHER, "counts", param="garbage_due")
    assert "保存时把全部事件读一遍，重新数这一项" in shown.text
    click(shown.app, "保存并重新统计")
    assert "“垃圾应清运”的类别和来源没有改动" in shown.text
    pick_several(shown, "只数这些类别", "02")
    click(shown.app, "保存并重新统计")
    assert "指标项“垃圾应清运”已保存，各周已重新统计" in shown.text
    assert "指标项“垃圾应清运”：类别 0102、0103、0606、0907 改为 类别 02" in shown.text
    with read_session(office.engine) as session:
        assert named_counts(session=session)["garbage_due"].classes == ("02",)
        roads = garbage(session)
    undo_last(shown)
    with read_session(office.engine) as session:
        assert named_counts(session=session)["garbage_due"].classes == ("0102", "0103", "0606", "0907")
        assert 0 < roads != garbage(session) > 0


def test_a_count_that_the_district_defines_stands_in_the_formula_of_its_own_indicator(
    office: Office, opener: Opener
) -> None:
    assert any("set=counts" in link for link in opener("performance", own="new").links)
    shown = office.open(DISPATCHER, "counts", param="new")
    click(shown.app, "保存并重新统计")
    assert "名称没有填写" in shown.text
    fill(shown, 名称="热线上报")
    pick_several(shown, "只数这些来源", "12345")
    click(shown.app, "保存并重新统计")
    assert "指标项“热线上报”已新增并统计" in shown.text
    assert shown.param("param") == ""

    own = opener("performance", own="new")
    fill(own, 名称="热线占比", 公式="热线上报 ÷ 上报")
    own.app.run()
    assert "data-preview=" in own.html
    click(own.app, "保存，从本周起生效")
    assert "热线占比" in office.open(DISPATCHER, "counts").text, "who uses a count stands beside it"
    assert "没有“own_x”这个指标项" in office.open(DISPATCHER, "counts", param="own_x").text


def test_who_may_not_change_counts_is_told_the_rule(office: Office) -> None:
    shown = office.open(SECRETARY, "counts", param="hazard_due")
    pick_several(shown, "只数这些类别", "02")
    click(shown.app, "保存并重新统计")
    assert shown.text.count("规则“只管自己的区域”") == 2


@pytest.mark.parametrize("value", [0.0, 1001.0, 1e300])
def test_a_number_beyond_its_bounds_is_refused_with_them_and_not_called_unchanged(
    office: Office, value: float
) -> None:
    shown = office.open(DISPATCHER, "numbers", param="duplicate_distance_m")
    fill(shown, 现值=value, 理由="试行")
    click(shown.app, "保存")

    assert "应在 1 到 1,000 之间" in shown.text
    assert "本来就是" not in shown.text
    assert "还没有人改过" in office.open(DISPATCHER, "numbers").text


@pytest.mark.parametrize(
    ("person", "said"),
    [(None, "还没有选择办理人"), (WORKER, "规则“按角色办理”"), (SECRETARY, "规则“只管自己的区域”")],
)
def test_who_may_not_change_a_number_reads_the_rule_before_and_after(
    office: Office, person: Person | None, said: str
) -> None:
    shown = office.open(person, "numbers", param="whistle_days")
    assert said in shown.text
    fill(shown, 现值=5, 理由="试行")
    click(shown.app, "保存")

    assert "没有保存" in shown.text
    assert shown.text.count(said) == 2
    assert 'data-number="whistle_days" data-value="1"' in shown.html


def new_receiver(office: Office, address: str, person: Person = DISPATCHER) -> Shown:
    shown = office.open(person, "notices", item="new")
    fill(shown, 名称="值班群", 方式="webhook", 地址=address, 免打扰从="22:00", 免打扰到="07:30")
    click(shown.app, "新增")
    return shown


def test_a_receiver_is_added_and_its_address_is_never_shown_again(office: Office) -> None:
    shown = new_receiver(office, "http://127.0.0.1:9/robot/send?access_token=TOPSECRET")

    assert "已新增接收方“值班群”" in shown.text
    assert "22:00–07:30" in shown.text
    assert shown.param("item") == ""
    one = office.open(DISPATCHER, "notices", item="1")
    assert "http://127.0.0.1:9/robot/…" in one.text
    assert "TOPSECRET" not in one.html + str(one.app.text_input) + str(shown.app.text_input)


def test_a_receiver_is_changed_switched_off_and_on_and_taken_back(office: Office) -> None:
    new_receiver(office, "http://127.0.0.1:9/hook")
    shown = office.open(DISPATCHER, "notices", item="1")
    fill(shown, 每天汇总="08:30")
    click(shown.app, "保存通知时间和范围")
    assert "每天 08:30" in shown.text
    fill(shown, 免打扰从="25:00")
    click(shown.app, "保存通知时间和范围")
    assert "时间 25:00 不对，应像 22:00" in shown.text
    click(shown.app, "停用")
    assert "‖ 停用" in shown.text
    undo_last(shown)
    undo_last(shown)

    with read_session(office.engine) as session:
        (row,) = list_receivers(session)
    assert (row.enabled, row.digest_at) == (True, None)


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("smtp://yujing@127.0.0.1:9", True), ("smtp://127.0.0.1:9", False), ("", False),
        ("smtps://yujing@127.0.0.1:9", False), ("smtp+starttls://yujing@127.0.0.1:9", False),
    ],
)  # fmt: skip
def test_a_mail_server_that_gets_the_password_unencrypted_is_warned_of_where_mail_is_set_up(
    office: Office, monkeypatch: pytest.MonkeyPatch, url: str, warned: bool
) -> None:
    monkeypatch.setenv("ONEMAP_SMTP_URL", url)
    monkeypatch.setenv("ONEMAP_SMTP_FROM", "yujing@example.org")
    new_receiver(office, "http://127.0.0.1:9/hook")
    shown = office.open(DISPATCHER, "notices", item="new")
    fill(shown, 名称="书记", 方式="email", 地址="shuji@example.org")
    click(shown.app, "新增")
    assert "已新增接收方“书记”" in shown.text

    for item, told in {"": warned, "new": warned, "1": False, "2": warned}.items():
        text = office.open(DISPATCHER, "notices", item=item).text
        assert (UNENCRYPTED_LOGIN in text) is told, item
    assert all(way in UNENCRYPTED_LOGIN for way in ("不加密", "smtps://", "STARTTLS"))


def test_what_cannot_be_a_receiver_is_refused_and_nothing_is_kept(office: Office) -> None:
    shown = new_receiver(office, "值班电话")
    assert "网络地址 值班电话 不对" in shown.text
    assert "规则“按角色办理”：管理通知接收方由" in new_receiver(office, "http://127.0.0.1:9", WORKER).text
    with read_session(office.engine) as session:
        assert list_receivers(session) == []


def work_alive(office: Office) -> None:
    at = datetime(2099, 1, 1, tzinfo=UTC)
    with write_session(office.engine) as session:
        session.merge(WorkerLease(name=NAME, owner="w", acquired_at=at, heartbeat_at=at, expires_at=at))


def test_a_test_is_queued_sent_by_the_worker_and_its_outcome_shown(office: Office) -> None:
    with web_server() as web:
        new_receiver(office, web.url)
        shown = office.open(DISPATCHER, "notices", item="1")
        click(shown.app, "发一条测试")
        assert "已排入发送队列" in shown.text
        assert 'data-state="waiting"' in shown.html
        assert "后台任务没有在运行，排队的通知要等它启动后才会发出" in shown.text
        work_alive(office)
        assert "后台任务没有在运行" not in office.open(DISPATCHER, "notices").text

        worker = Delivery(office.engine, worker="w", outbound=Outbound(environ={}))
        worker()
        worker.wait(20)
        web.answers = [(503, b"")]
        assert 'data-state="sent"' in office.open(DISPATCHER, "notices").html
        again = office.open(DISPATCHER, "notices", item="1")
        click(again.app, "发一条测试")
        worker()
        worker.wait(20)

    assert [body["title"] for body in web.bodies] == ["【测试】预警通知"] * 2
    last = office.open(DISPATCHER, "notices")
    assert re.findall(r'data-state="(\w+)"', last.html) == ["failed", "sent"]
    assert "对方答复 503" in last.text


def test_a_plan_is_edited_and_taken_back(office: Office) -> None:
    shown = office.open(DISPATCHER, "plans", risk="red")
    fill(shown, 响应措施="示例：领导到现场", 时限=48.0, 演练间隔=60, 修改理由="新办法")
    click(shown.app, "保存")
    assert "红色风险预案已保存" in shown.text
    assert "每 60 天演练" in shown.text
    with read_session(office.engine) as session:
        assert response_plans(session=session)[0].within_hours == 48
    undo_last(shown)
    assert "每 90 天演练" in shown.text


def test_a_plan_is_refused_without_measures_and_to_a_street(office: Office) -> None:
    shown = office.open(DISPATCHER, "plans", risk="red")
    fill(shown, 响应措施=" ", 修改理由="新办法")
    click(shown.app, "保存")
    assert "响应措施应为 1 到 512 个字" in shown.text
    other = office.open(SECRETARY, "plans", risk="red")
    fill(other, 时限=1.0, 修改理由="新办法")
    click(other.app, "保存")
    assert other.text.count("规则“只管自己的区域”") == 3, "before the form, before the drill, and the refusal"


def test_a_drill_is_started_from_the_plans_in_ones_own_area(office: Office) -> None:
    shown = office.open(SECRETARY, "plans")
    fill(shown, 演练内容="舆情应对")
    click(shown.app, "开始演练")
    assert "不能为全区组织演练" in shown.text
    mine = office.open(SECRETARY, "plans", area=STREET)
    fill(mine, 演练内容="舆情应对")
    click(mine.app, "开始演练")
    assert "演练已开始" in mine.text
    assert "下次不晚于" in mine.text


def test_readings_of_an_area_and_week_are_entered_and_taken_back(office: Office) -> None:
    shown = office.open(NEIGHBOURHOOD, "readings", area=COMMUNITY, week="2026-11-17")
    assert 'data-week="2026-11-16"' in shown.html
    fill(shown, 已探访=8.0, 应探访=10.0, 来源="示例台账")
    click(shown.app, "填报")
    assert "已填报 2 格" in shown.text
    assert f"{NEIGHBOURHOOD.name} 11-21 10:00 填报，来源：示例台账" in shown.text

    fill(shown, 已探访=12.0)
    click(shown.app, "填报")
    assert "已探访 12 大于应探访 10" in shown.text
    undo_last(shown)
    with read_session(office.engine) as session:
        assert entered(session=session, code=COMMUNITY, day=NOW.date()) == {}


def test_the_page_of_readings_names_those_who_may_enter_them_and_nobody_else(office: Office) -> None:
    shown = office.open(ROADMAN, "readings", area=COMMUNITY)
    (names,) = re.findall(r"由([^，]+)按周填报", shown.text)
    assert ROADMAN.role not in RIGHTS[Duty.READINGS].roles
    assert names == "社区、街道和指挥中心"


def test_a_reading_that_is_too_large_is_written_out_with_the_largest_that_fits(office: Office) -> None:
    shown = office.open(NEIGHBOURHOOD, "readings", area=COMMUNITY, week="2026-11-17")
    fill(shown, 已探访=123456789012.0)
    click(shown.app, "填报")

    assert "已探访的值 123,456,789,012 不对：不能大于 1,000,000,000" in shown.text


def test_the_week_of_readings_is_never_one_still_to_come(office: Office) -> None:
    assert 'data-week="2026-11-16"' in office.open(NEIGHBOURHOOD, "readings", week="2099-12-31").html
    assert 'data-week="2003-12-29"' in office.open(NEIGHBOURHOOD, "readings", week="2004-01-01").html


def test_who_empties_a_reading_and_sends_what_is_there_already_is_told_how_to_take_it_back(
    office: Office,
) -> None:
    shown = office.open(NEIGHBOURHOOD, "readings", area=COMMUNITY, week="2026-11-17")
    fill(shown, 已探访=8.0)
    click(shown.app, "填报")
    click(shown.app, "填报")  # a field that is emptied goes back to what it had

    assert "要清空已填的数，请用变更记录里的“撤销”" in shown.text


def test_readings_of_another_area_are_refused_and_without_an_area_one_is_asked_for(office: Office) -> None:
    assert "先在上面选择要填报的街道或社区" in office.open(NEIGHBOURHOOD, "readings").text
    shown = office.open(NEIGHBOURHOOD, "readings", area=f"{STREET}002")
    fill(shown, 已探访=8.0)
    click(shown.app, "填报")
    assert shown.text.count("规则“只管自己的区域”") == 2


def test_a_pasted_table_is_previewed_with_every_wrong_cell_and_entered_as_a_whole(office: Office) -> None:
    shown = office.open(DISPATCHER, "readings")
    text = f"区划\t周\t已探访\t应探访\n{COMMUNITY}\t2026-11-16\t九\t10\n"
    shown.app.text_area(key="om_readings_text").set_value(text).run()
    assert "1 处不对：改好后再粘贴，现在什么都不会写入" in shown.text
    assert re.findall(r'data-problem="([^"]+)"', shown.html) == ["2:已探访"]
    assert not [button for button in shown.app.button if button.label.startswith("填报 ")]

    shown.app.text_area(key="om_readings_text").set_value(text.replace("九", "9")).run()
    assert "读到 1 行 2 格，都可以填报" in shown.text
    click(shown.app, "填报 2 格")
    assert "已填报 2 格" in shown.text
    with read_session(office.engine) as session:
        found = entered(session=session, code=COMMUNITY, day=NOW.date())
    assert {name: one.value for name, one in found.items()} == {"visits_done": 9, "visits_due": 10}
    shown.app.text_area(key="om_readings_text").set_value("随便写写").run()
    assert "缺少“区划”一列" in shown.text


def test_a_count_to_enter_is_added_and_stands_in_the_form_and_in_rules(
    office: Office, opener: Opener
) -> None:
    shown = office.open(DISPATCHER, "counts")
    assert "填报和监测的数" in shown.text
    assert "NTU" in shown.text
    shown = office.open(DISPATCHER, "counts", param="new_reading")
    click(shown.app, "保存")
    assert "名称没有填写" in shown.text
    assert "单位没有填写" in shown.text
    fill(shown, 名称="噪声", 单位="分贝", 一周怎样取="max")
    click(shown.app, "保存")
    assert "指标项“噪声”已新增，填报、公式、预警规则和读数接口里可以用了。" in shown.text
    with read_session(office.engine) as session:
        name = next(one.name for one in named_counts(session=session).values() if one.label == "噪声")
    assert f'data-count="{name}"' in shown.html
    rules = opener("alerts", rule="new")
    rules.app.selectbox(key="om_rule_new_kind").set_value("sensor_limit").run()
    assert "噪声（分贝）" in next(one for one in rules.app.selectbox if one.label == "看哪个监测项").options

    one = office.open(DISPATCHER, "counts", param=name)
    fill(one, 一周怎样取="last")
    click(one.app, "保存")
    assert "指标项“噪声”已保存" in one.text
    undo_last(one)
    undo_last(office.open(DISPATCHER, "counts"))
    assert f'data-count="{name}"' not in office.open(DISPATCHER, "counts").html

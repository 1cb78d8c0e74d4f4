"""Profiles: the shipped ones are sound, own ones survive a round trip, faults are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.imports import (
    HeaderProblem,
    ProfileProblem,
    list_profiles,
    load_profile,
    profile_from_columns,
    save_profile,
    template,
)
from data.imports.fields import FIELDS
from data.settings import Settings
from data.vocabulary import BatchKind
from tests.data.imports.support import Street, event, write_csv

KINDS = tuple(FIELDS)


def test_there_is_a_profile_for_every_kind_and_for_the_two_usual_exports() -> None:
    names = {profile.name for profile in list_profiles()}
    assert names == {"workorder_12345", "city_mgmt_case", *(f"generic_{kind.value}" for kind in KINDS)}
    assert {profile.kind for profile in list_profiles()} == set(KINDS)


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_template_imports_as_it_is(street: Street, tmp_path: Path, kind: BatchKind, fmt: str) -> None:
    path = tmp_path / f"模板.{fmt}"
    path.write_bytes(template(kind, fmt))
    grids = tmp_path / "网格.csv"
    grids.write_bytes(template(BatchKind.DIVISIONS, "csv"))
    if kind is BatchKind.STAFF:
        street.load(grids, BatchKind.DIVISIONS)
    result = street.load(path, kind)
    assert result.total == 2
    expected = 1 if kind is BatchKind.DIVISIONS else 0
    assert result.rejected == expected, street.rejects(result.batch_id)


def test_a_template_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="docx"):
        template(BatchKind.EVENTS, "docx")


@pytest.mark.parametrize("name", ["workorder_12345", "city_mgmt_case"])
def test_every_state_of_a_shipped_profile_leads_to_one_of_ours(name: str) -> None:
    from data.labels import STATUS, URGENCY

    profile = load_profile(name)
    assert set(profile.values["status"].values()) <= set(STATUS)
    assert set(profile.values["urgency"].values()) <= set(URGENCY)


def test_a_12345_export_imports_with_its_profile(street: Street, tmp_path: Path) -> None:
    row = {
        "工单编号": "W1", "一级分类": "市容环境", "二级分类": "暴露垃圾", "工单标题": "垃圾没有清运",
        "诉求内容": "来电反映", "事发地址": "示例路1号", "经度": "103.8127", "纬度": "30.7075",
        "缓急程度": "加急", "工单状态": "已办结", "主办单位": "示例住建局", "受理时间": "2026-11-19 08:00:00",
        "办结时限": "2026-11-20 08:00:00", "办结时间": "2026-11-20 09:00:00",
    }  # fmt: skip
    path = write_csv(tmp_path / "12345.csv", [row], encoding="gb18030")
    profile = load_profile("workorder_12345")
    assert 300 < street.preview(path, BatchKind.EVENTS, profile).shift_m < 700
    assert street.events(path, profile).new == 1
    taken = street.event("W1")
    assert (taken.source, taken.class_code, taken.department_code) == ("12345", "0102", "D02")
    assert (taken.status, taken.urgency, taken.in_time) == ("closed", "urgent", False)


def test_a_city_management_export_imports_with_its_profile(street: Street, tmp_path: Path) -> None:
    row = {
        "任务号": "2026-001", "大类名称": "市容环境", "小类名称": "道路不洁", "问题描述": "路面不洁",
        "X坐标": "103.83",
        "Y坐标": "30.71", "案件阶段": "任务处理", "处置部门": "示例执法局", "上报时间": "20261119080000",
    }  # fmt: skip
    path = write_csv(tmp_path / "城管.csv", [row])
    assert street.events(path, load_profile("city_mgmt_case")).new == 1
    taken = street.event("2026-001")
    assert (taken.source, taken.status, taken.code) == ("city_mgmt", "handling", "510115001002")


def test_a_profile_made_by_picking_columns_is_saved_and_found_again(
    street: Street, settings: Settings, tmp_path: Path
) -> None:
    rows = [
        {"甲": row["案件编号"], "乙": row["事件类别"], "丙": "办理中", "丁": row["上报时间"]}
        for row in [event()]
    ]
    path = write_csv(tmp_path / "自定.csv", rows)
    with pytest.raises(HeaderProblem):
        street.events(path)
    made = profile_from_columns(
        name="我的表",
        title="我的“表”\\",
        base=load_profile("generic_events"),
        columns={"external_no": "甲", "class": "乙", "status": "丙", "reported_at": "丁", "title": ""},
        crs="gcj02",
        constants={"address": '第"一"行'},
    )
    save_profile(made, settings=settings)
    again = load_profile("我的表", settings=settings)
    assert again == made
    assert made in list_profiles(settings=settings, kind=BatchKind.EVENTS)
    assert street.events(path, again).new == 1
    assert street.event("SL001").status == "handling"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('kind = "events"\nfarbe = "rot"', "不认识的项 farbe"),
        ('kind = "wetter"', "kind = “wetter” 不能接入"),
        ('kind = "demo"', "不能接入"),
        ('kind = "events"\n[columns]\nexternal_no = ["a"]', "没有指明 状态、上报时间 是哪一列"),
        ('kind = "departments"\n[columns]\ncode = ["a"]\nname = ["b"]\nmood = ["c"]', "不认识的字段 mood"),
        ('kind = "departments"\ncrs = "mars"\n[columns]\ncode = ["a"]\nname = ["b"]', "不认识的坐标系“mars”"),
        (
            'kind = "departments"\ntimezone = "Mars/Base"\n[columns]\ncode = ["a"]\nname = ["b"]',
            "时区“Mars/Base”不存在",
        ),
        (
            'kind = "departments"\nencoding = "klingon"\n[columns]\ncode = ["a"]\nname = ["b"]',
            "不认识的编码“klingon”",
        ),
        (
            'kind = "departments"\nswapped = "perhaps"\n[columns]\ncode = ["a"]\nname = ["b"]',
            "只能写 reject 或 mend",
        ),
        ('title = "a"\nkind = = 3', "不是正确的 TOML（第 2 行）"),
    ],
)
def test_what_is_wrong_with_a_profile_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "坏.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileProblem) as caught:
        load_profile(path)
    assert says in str(caught.value)
    assert "坏" in str(caught.value)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileProblem, match="workorder_12345"):
        load_profile("没有")


def test_a_profile_of_another_kind_is_refused(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [event()])
    with pytest.raises(ProfileProblem, match="用于接入站点，不能用来接入事件"):
        street.events(path, load_profile("generic_stations"))


@pytest.mark.parametrize("name", ["../x", "", "a/b", "x" * 65])
def test_a_profile_name_that_is_no_file_name_is_refused(name: str) -> None:
    base = load_profile("generic_departments")
    with pytest.raises(ProfileProblem, match="不能用作文件名"):
        profile_from_columns(name=name, title="", base=base, columns={"code": "a", "name": "b"})


def test_a_fallback_that_is_not_known_is_refused(street: Street, tmp_path: Path) -> None:
    profile = load_profile("generic_events").changed(fallback={"class": "没有的类"})
    before = street.digest()
    with pytest.raises(ProfileProblem, match="没有的类"):
        street.events(write_csv(tmp_path / "表.csv", [event()]), profile)
    assert street.digest() == before

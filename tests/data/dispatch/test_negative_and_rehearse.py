"""The negative list refuses with its line, and a rehearsal says every step that a case would take."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from data.database import read_session
from data.dispatch import CaseDraft, NegativeLine, decide, department_level, refusal, what_would_happen
from data.vocabulary import Level
from tests.data.dispatch.town import COMMUNITY, DISTRICT, NEIGHBOUR, STREET, TODAY, negative, put, rule
from tests.sql_recorder import recorded


def refused(engine: Engine, department: str, class_code: str = "0102", code: str = COMMUNITY) -> str:
    with read_session(engine) as session:
        line = refusal(session, class_code=class_code, code=code, department_code=department)
        return line.number if line else ""


def steps(engine: Engine, class_code: str, code: str, department: str = "") -> dict[str, str]:
    draft = CaseDraft(class_code=class_code, code=code, on=TODAY, department_code=department)
    with read_session(engine) as session:
        return {step.title: step.text for step in what_would_happen(session, draft)}


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("区级部门", Level.DISTRICT), ("", Level.DISTRICT), ("街道内设机构", Level.STREET),
        ("镇政府", Level.STREET), ("社区", Level.COMMUNITY), ("村委会", Level.COMMUNITY),
    ],
)  # fmt: skip
def test_the_level_of_a_department_follows_from_its_kind(kind: str, level: Level) -> None:
    assert department_level(kind) is level


def test_what_is_on_the_negative_list_may_not_go_to_a_street_or_a_community(town: Engine) -> None:
    put(town, negative("FM-3", "01"))

    assert refused(town, "S01") == "FM-3"
    assert refused(town, "C01") == "FM-3"
    assert refused(town, "D01") == ""
    assert refused(town, "S01", class_code="0601") == ""
    assert refused(town, "X99") == ""


def test_a_line_for_communities_lets_the_street_have_it(town: Engine) -> None:
    put(town, negative("FM-1", "0102", level=Level.COMMUNITY.value))

    assert refused(town, "C01") == "FM-1"
    assert refused(town, "S01") == ""


def test_a_line_for_one_area_does_not_hold_elsewhere(town: Engine) -> None:
    put(town, negative("FM-1", "0102", COMMUNITY))

    assert refused(town, "S01", code=COMMUNITY) == "FM-1"
    assert refused(town, "S01", code=NEIGHBOUR) == ""


def test_the_most_particular_line_speaks(town: Engine) -> None:
    put(town, negative("FM-1", ""), negative("FM-2", "01", DISTRICT), negative("FM-3", "01"))

    assert refused(town, "S01") == "FM-2"


def test_a_line_under_review_or_removed_forbids_nothing(town: Engine) -> None:
    put(town, negative("FM-1", "01", status="reviewing"), negative("FM-2", "01", status="removed"))

    assert refused(town, "S01") == ""


def test_a_decision_names_the_department_and_the_line_that_refuses_it(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "S01"), negative("FM-3", "0102"))
    with read_session(town) as session:
        found = decide(session, class_code="0102", code=COMMUNITY, on=TODAY)

    assert found.department_code == "S01"
    assert found.refused_by == NegativeLine(number="FM-3", text="示例禁止事项FM-3")
    assert found.refused_by.says("示例街道城管办") == (
        "负面清单第 FM-3 条“示例禁止事项FM-3”：不得下派给示例街道城管办"
    )


def test_a_rehearsal_tells_class_place_rules_department_list_and_limit(town: Engine) -> None:
    put(
        town,
        rule(1, "0102", STREET, "D02", limit_hours=2.0, clock_type="working_hours", respond_hours=0.5),
        rule(2, "01", "", "D01"),
    )

    assert steps(town, "0102", COMMUNITY) == {
        "类别": "0102 市容环境/暴露垃圾，一般",
        "地点": "公平街道·惠民社区（510115001001）",
        "派遣规则": "适用 2 条，用最具体的规则 1（暴露垃圾，公平街道）；"
        "没有用规则 2（市容环境，全部区域），因为范围更大",
        "责任部门": "派遣规则 1（第 1 版）指定由示例住建局办理，时限按规则",
        "负面清单": "示例住建局属区级，不在负面清单所禁之列",
        "时限": "处置 2 工作时，其中响应 30 分钟（工作时）",
    }


def test_a_rehearsal_says_until_when_on_the_working_calendar_of_the_place(town: Engine) -> None:
    sunday = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    draft = CaseDraft(class_code="0102", code=COMMUNITY, on=TODAY, reported_at=sunday)
    urgent = CaseDraft(class_code="0601", code=COMMUNITY, on=TODAY, reported_at=sunday)
    with read_session(town) as session:
        texts = [what_would_happen(session, one)[-1].text for one in (draft, urgent)]

    assert texts[0].startswith("处置 4 工作时；此刻上报，应在 2026-11-23 ")
    assert texts[1] == "处置 2 紧急工作时；此刻上报，应在 2026-11-22 12:00 前办结"


def test_a_rehearsal_stops_where_the_negative_list_refuses(town: Engine) -> None:
    put(town, negative("FM-3", "0102"))
    found = steps(town, "0102", COMMUNITY, department="S01")

    assert found["责任部门"] == "人工指定示例街道城管办，规则给出的是示例执法局"
    assert found["负面清单"].startswith("拒绝派遣。负面清单第 FM-3 条“示例禁止事项FM-3”")
    assert "时限" not in found


def test_a_rehearsal_stops_where_nobody_is_named(town: Engine) -> None:
    assert list(steps(town, "0804", "")) == ["类别", "地点", "派遣规则", "责任部门"]
    assert "未落格" in steps(town, "0804", "")["地点"]
    assert steps(town, "0102", COMMUNITY, department="X9")["责任部门"] == "指定的部门 X9 不存在"
    assert steps(town, "9999", COMMUNITY)["类别"] == "2026-11-22 没有代码为 9999 的类别"


def test_a_rehearsal_of_a_contradiction_names_the_rules(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D01"), rule(2, "0102", STREET, "D02"))

    assert "派遣规则 1、2" in steps(town, "0102", COMMUNITY)["派遣规则"]


def test_days_are_told_in_days_and_no_limit_as_such(town: Engine) -> None:
    put(town, rule(1, "0804", "", "D01"), rule(2, "0601", "", "D02", limit_hours=48.0,
        clock_type="working_days"))  # fmt: skip

    assert steps(town, "0804", COMMUNITY)["时限"] == "处置 无时限"
    assert steps(town, "0601", COMMUNITY)["时限"] == "处置 2 工作日"


def test_a_rehearsal_reads_no_event(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "S01"), negative("FM-3", "0102"))
    with recorded(town) as statements:
        steps(town, "0102", COMMUNITY)

    assert statements
    assert not [one.sql for one in statements if " event " in one.sql or "event_log" in one.sql]


def test_a_rehearsal_into_a_year_without_published_days_says_so_on_working_clocks(
    town: Engine,
) -> None:
    """Reported on the evening of 31 December: four working hours lie in 2027, and so do two plain ones."""
    last = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    told = []
    with read_session(town) as session:
        for class_code in ("0102", "0601"):
            draft = CaseDraft(class_code=class_code, code=COMMUNITY, on=TODAY, reported_at=last)
            told.append(what_would_happen(session, draft)[-1].text)

    assert "应在 2027-01-01 14:00 前办结（2027 年的放假和调休安排尚未公布或录入" in told[0]
    assert told[1] == "处置 2 紧急工作时；此刻上报，应在 2027-01-01 01:00 前办结"

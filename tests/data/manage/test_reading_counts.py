"""Counts that are entered or measured: added with name, unit and way of a week, used, taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import write_session
from data.indicators.counts import named_counts
from data.indicators.store import drafted
from data.indicators.table import indicator_table
from data.manage.changes import Subject, history, newest, undo_change
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo, StaleSetting
from data.manage.indicators import save_indicator
from data.manage.reading_counts import add_reading_count, change_reading_count, list_reading_counts
from data.manage.reading_sheet import sheet_template
from data.manage.readings import Reading, enter, reading_forms
from data.manage.rules import RuleDraft, preview, save
from data.readings.read import Cells, Rows
from data.readings.take import take_rows
from data.vocabulary import RuleKind
from tests.data.indicators.test_table import LAST_WEEK, NOW, WEST
from tests.data.loop.world import DISPATCHER, STREET_CLERK, WORKER


def add(session: Session, **fields: Any) -> str:
    wanted = {"label": "噪声", "unit": "分贝", "weekly": "max", "person": DISPATCHER, **fields}
    return add_reading_count(session, at=NOW, **wanted)


def last_change(session: Session) -> int:
    return history(session=session)[0].number


def send(engine: Engine, **cells: str) -> list[str]:
    at = (NOW - timedelta(minutes=10)).isoformat()
    row = {"sensor": "ZS-01", "count": "噪声", "value": "71.5", "code": WEST, "at": at, **cells}
    found = take_rows(engine, Rows(good=[Cells(line=1, cells=row)], refused=[]), source="sensor", now=NOW)
    return [one.reason for one in found.refused]


def test_a_new_count_is_offered_in_forms_formulas_rules_and_the_intake(district: Engine) -> None:
    assert send(district) == ["没有“噪声”这个监测项"]
    with write_session(district) as session:
        name = add(session)
        assert (named_counts(session=session)[name].unit, named_counts(session=session)[name].weekly) == (
            "分贝", "max",
        )  # fmt: skip
        assert "噪声" in [count.label for form in reading_forms(session=session) for count in form.counts]
        assert "噪声" in sheet_template(session=session, code=WEST, day=LAST_WEEK).decode()
        enter(
            session, [Reading(name=name, code=WEST, day=LAST_WEEK, value=66)], source="示例",
            person=DISPATCHER, at=NOW,
        )  # fmt: skip
        own = drafted(session=session, name="噪声", formula="噪声", unit="分贝", minimum_sample=0)
        save_indicator(session, own, person=DISPATCHER, at=NOW)
        table = indicator_table(session=session, parent=WEST, as_of=NOW, week=LAST_WEEK)
        assert next(cell for cell in table.total.cells if cell.measure.key == own.key).now.value == 66
    assert send(district) == []
    assert send(district, unit="米", sensor="ZS-02") == ["单位“米”与噪声的单位 分贝 不同"]
    with write_session(district) as session:
        draft = RuleDraft(
            kind=RuleKind.SENSOR_LIMIT, name="噪声过高", parameters={"count": name, "above": 70},
            color="yellow", owner="community",
        )  # fmt: skip
        assert preview(session, draft, as_of=NOW).total == 1


def test_it_is_taken_back_as_long_as_nothing_uses_it(district: Engine) -> None:
    with write_session(district) as session:
        name = add(session)
        added = last_change(session)
        own = drafted(session=session, name="噪声平均", formula="噪声", unit="分贝")
        save_indicator(session, own, person=DISPATCHER, at=NOW)
        with pytest.raises(NothingToUndo, match="指标“噪声平均”的公式用到了“噪声”"):
            undo_change(session, number=added, person=DISPATCHER, at=NOW)
        undo_change(session, number=last_change(session), person=DISPATCHER, at=NOW)
        draft = RuleDraft(
            kind=RuleKind.SENSOR_LIMIT, name="噪声过高", parameters={"count": name, "above": 70},
            color="yellow", owner="community",
        )  # fmt: skip
        save(session, draft, person=DISPATCHER, at=NOW, reason="")
        assert json.loads(draft.text)["count"] == name
        with pytest.raises(NothingToUndo, match="规则“噪声过高”看着“噪声”"):
            undo_change(session, number=added, person=DISPATCHER, at=NOW)
        undo_change(session, number=last_change(session), person=DISPATCHER, at=NOW)
        undo_change(session, number=added, person=DISPATCHER, at=NOW)
        assert name not in named_counts(session=session)
        add(session)
        again = last_change(session)
    assert send(district) == []
    with write_session(district) as session, pytest.raises(NothingToUndo, match="“噪声”已有填报或接入的读数"):
        undo_change(session, number=again, person=DISPATCHER, at=NOW)


def test_how_a_week_is_made_can_be_changed_and_taken_back(district: Engine) -> None:
    def change(session: Session, weekly: str, **more: Any) -> None:
        seen = newest(session, Subject.COUNT, "water_turbidity")
        given = {"seen": seen, "person": DISPATCHER, **more}
        change_reading_count(session, name="water_turbidity", weekly=weekly, at=NOW, **given)

    with write_session(district) as session:
        change(session, "max")
        assert named_counts(session=session)["water_turbidity"].weekly == "max"
        assert history(session=session)[0].what == "指标项“水体浊度”：一周取平均 改为 取最高"
        for weekly, said in (("max", "没有改动"), ("median", "没有改动"), ("sum", "不能互改")):
            with pytest.raises(BadSetting, match=said):
                change(session, weekly)
        with pytest.raises(StaleSetting, match="刚被别人改过"):
            change(session, "last", seen=0)
        undo_change(session, number=last_change(session), person=DISPATCHER, at=NOW)
        assert named_counts(session=session)["water_turbidity"].weekly == "mean"
        assert {"water_level", "visits_due"} <= {one.name for one in list_reading_counts(session=session)}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": "噪 声"}, "不能用在公式里"),
        ({"label": "水体浊度"}, "已有名为“水体浊度”"),
        ({"unit": " "}, "单位没有填写：应为 1 到 8 个字"),
        ({"unit": "长" * 9}, "应为 1 到 8 个字"),
        ({"weekly": "median"}, "请选择一周怎样取"),
    ],
)
def test_a_count_that_makes_no_sense_is_refused(district: Engine, fields: dict[str, Any], said: str) -> None:
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        add(session, **fields)


def test_only_who_answers_for_the_district_adds_one(district: Engine) -> None:
    with write_session(district) as session:
        for person in (None, WORKER, STREET_CLERK):
            with pytest.raises(NotAllowed):
                add(session, person=person)

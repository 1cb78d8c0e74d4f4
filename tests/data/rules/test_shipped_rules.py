"""What an upgrade does to the rules that are there: only what nobody has edited, and it is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from data.chain import verify_chains
from data.database import read_session, write_session
from data.event_log import append
from data.manage.changes import Subject, history
from data.migrate import _config, migrate
from data.rules.parameters import RepeatRule, SurgeRule
from data.rules.store import list_rules
from data.vocabulary import RuleKind
from tests.data.core.events import first

COMPLAINTS = {"12345", "12349", "mailbox", "resident"}


def upgraded(engine: Engine, *, since: str, before: str) -> None:
    """Takes the database back to ``since``, runs the statement ``before`` there and upgrades again."""
    with write_session(engine) as session:
        append(session, [first(1)])
    with engine.begin() as connection:
        command.downgrade(_config(connection), since)
        connection.execute(text(before))
    migrate(engine)


def rules(engine: Engine) -> dict[str, Any]:
    with read_session(engine) as session:
        return {rule.kind.value: rule for rule in list_rules(session=session)}


def said(engine: Engine) -> list[str]:
    with read_session(engine) as session:
        return [one.what for one in history(session=session, subjects=(Subject.RULE.value,))]


AS_IT_WAS = """UPDATE rule SET version = 1, changed_by = '', parameters =
'{"level": "community", "minimum": 5, "sources": [], "times": 3, "weeks": 8}' WHERE kind = 'surge'"""


def test_a_new_street_begins_with_a_surge_rule_that_counts_complaints(small_district: Engine) -> None:
    surge = rules(small_district)[RuleKind.SURGE]

    assert isinstance(surge.parameters, SurgeRule)
    assert set(surge.parameters.sources) == COMPLAINTS
    assert surge.version == 1
    assert said(small_district) == []


def test_an_untouched_surge_rule_is_narrowed_to_complaints_and_its_history_says_so(
    small_district: Engine,
) -> None:
    upgraded(small_district, since="0015", before=AS_IT_WAS)

    surge = rules(small_district)[RuleKind.SURGE]
    assert set(surge.parameters.sources) == COMPLAINTS
    assert (surge.parameters.times, surge.parameters.minimum, surge.version) == (3, 5, 2)
    (what,) = said(small_district)
    assert what == "修改规则“诉求激增”：只数投诉来源（12345、12349、民情意见箱、居民扫码）"


@pytest.mark.parametrize("edited", ["version = 2", "changed_by = '派遣员·示例01'"])
def test_a_surge_rule_that_somebody_edited_stays_as_it_is(small_district: Engine, edited: str) -> None:
    changed = AS_IT_WAS.replace("version = 1", edited).replace(", changed_by = '', p", ", p")
    upgraded(small_district, since="0015", before=changed)

    surge = rules(small_district)[RuleKind.SURGE]
    assert surge.parameters.sources == ()
    assert json.loads(surge.parameters_text)["sources"] == []
    assert said(small_district) == []


def test_rules_that_named_nobody_answer_to_the_owner_they_were_shipped_with(
    small_district: Engine,
) -> None:
    before = rules(small_district)
    whole = "UPDATE rule SET owner = '', version = 3, changed_by = '演示甲' WHERE kind IN ("
    upgraded(small_district, since="0015", before=whole + "'sensor_limit', 'whistle_ladder', 'surge')")

    after = rules(small_district)
    assert {kind: rule.owner for kind, rule in after.items()} == {
        kind: rule.owner for kind, rule in before.items()
    }
    assert [after[kind].version for kind in ("sensor_limit", "overdue_ladder")] == [4, 1]
    assert len(said(small_district)) == 3
    assert all("默认负责人" in what for what in said(small_district))


def test_numbers_that_a_district_had_set_for_the_overview_go_over_to_the_rules(
    small_district: Engine,
) -> None:
    """Of the surge rule only what nobody has set otherwise there."""
    numbers = {"surge_weeks": 2, "surge_minimum": 10, "surge_deviations": 2.5, "repeat_days": 7}
    with write_session(small_district) as session:
        append(session, [first(1)])
    with small_district.begin() as connection:
        command.downgrade(_config(connection), "0019")
        connection.execute(text("UPDATE rule SET parameters = '{\"minimum\": 6}' WHERE kind = 'surge'"))
        insert = text(
            "INSERT INTO loop_rule (key, value, changed_at, actor) VALUES (:key, :value, :at, '演示甲')"
        )
        at = "2026-11-01 00:00:00.000000"
        connection.execute(insert, [{"key": key, "value": numbers[key], "at": at} for key in numbers])
    migrate(small_district)

    found = rules(small_district)
    assert found[RuleKind.SURGE].parameters == SurgeRule(minimum=6, weeks=3, deviations=2.5)
    assert found[RuleKind.REPEAT].parameters == RepeatRule(minimum=3, days=7)
    assert (found[RuleKind.SURGE].version, found[RuleKind.REPEAT].version) == (2, 1)
    assert [what.partition("：")[0] for what in said(small_district)] == [
        "修改规则“诉求激增”", "修改规则“同一处反复”",
    ]  # fmt: skip
    with small_district.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM loop_rule")).scalar_one() == 0
    with read_session(small_district) as session:
        assert list(verify_chains(session)) == []

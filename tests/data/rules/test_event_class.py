"""发生即预警: an open event of a named class rings at once and ends with the event."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Engine, text

from data.database import read_session, write_session
from data.event_log import append
from data.filter import parse_filter
from data.labels import RULE_KIND
from data.migrate import _config, migrate
from data.notices.compose import read_lines
from data.notices.words import About
from data.rules.errors import RuleError
from data.rules.listing import AlertCard, alert_card
from data.rules.parameters import EventClass, read_parameters
from data.rules.store import RuleSpec, list_rules
from data.vocabulary import AlertState, RiskColor, RuleKind
from tests.data.core.events import first
from tests.data.rules.test_alerts import COMMUNITY, closing, only, run


def incident(number: int = 1, **changes: object):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return first(number, **({"class_code": "0409", "title": "示例聚集", "code": COMMUNITY} | changes))


def shipped(engine: Engine) -> RuleSpec:
    with read_session(engine) as session:
        (rule,) = [one for one in list_rules(session=session) if one.kind is RuleKind.EVENT_CLASS]
    return rule


def card_of(engine: Engine, alert_id: int) -> AlertCard:
    with read_session(engine) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    return card


def parameters(engine: Engine, said: str) -> None:
    with write_session(engine) as session:
        set_it = text("UPDATE rule SET parameters = :said WHERE kind = 'event_class'")
        session.execute(set_it, {"said": said})


def test_a_mass_incident_rings_red_at_once_and_ends_when_it_is_closed(small_district: Engine) -> None:
    only(small_district, "event_class")
    with write_session(small_district) as session:
        append(session, [incident(1), first(2)])

    (alert_id,) = run(small_district).raised
    card = card_of(small_district, alert_id)
    assert (card.row.color, card.row.owner, card.row.code) == (RiskColor.RED, "leader", COMMUNITY)
    assert card.row.title == "公平街道·惠民社区 0409：示例聚集"
    assert card.row.detail == "YS-0001 0409，来源 网格巡查，尚未办结"
    assert card.evidence["event_id"] == 1
    assert parse_filter(dict([part.split("=") for part in card.evidence["query"].split("&")])).classes == (
        "0409",
    )
    assert not run(small_district).any

    with write_session(small_district) as session:
        append(session, [closing(1)])
    assert run(small_district).resolved == [alert_id]
    row = card_of(small_district, alert_id).row
    assert row.state is AlertState.RESOLVED
    assert row.resolution == "自动解除：事件已办结、作废，或不再属于这些类别"
    assert not run(small_district).any


@pytest.mark.parametrize(
    ("said", "rung"),
    [
        ('{"classes": ["04"]}', 2),
        ('{"classes": ["0409"]}', 2),
        ('{"classes": ["0409"], "urgency": "urgent"}', 1),
        ('{"classes": ["0409"], "sources": ["12345"]}', 1),
        ('{"classes": ["0410"]}', 0),
    ],
)
def test_only_the_named_classes_sources_and_urgency_ring(
    small_district: Engine, said: str, rung: int
) -> None:
    only(small_district, "event_class")
    parameters(small_district, said)
    with write_session(small_district) as session:
        append(session, [incident(1), incident(2, urgency="normal", source="12345"), first(3)])

    assert len(run(small_district).raised) == rung


def test_the_notice_of_an_incident_says_no_word_that_somebody_typed(small_district: Engine) -> None:
    only(small_district, "event_class")
    with write_session(small_district) as session:
        append(session, [incident(1)])
    raised = run(small_district).raised

    with read_session(small_district) as session:
        (line,) = read_lines(session, told=[(one, About.RUNG) for one in raised], public_url="")

    assert "示例聚集" not in line.text
    assert line.text.startswith("公平街道·惠民社区 重大舆情和群体事件：YS-0001")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{}", "请至少选一个事件类别"),
        ('{"classes": ["4"]}', "“4”不对"),
        ('{"classes": ["0409"], "urgency": "soon"}', "“紧急程度”不能是“soon”，可用的是 urgent"),
    ],
)
def test_parameters_that_make_no_sense_are_named(said: str, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        read_parameters(RuleKind.EVENT_CLASS, said)


@pytest.mark.parametrize(
    ("classes", "enabled", "wanted"),
    [
        ({}, True, ("0409", "0410")),
        ({"0409": "群发性事件", "0201": "井盖缺失"}, True, ("0409",)),
        ({"2101": "群体性事件", "2102": "涉稳舆情", "0409": "店外经营"}, True, ("2101", "2102")),
        ({"0409": "店外经营"}, False, ("0409", "0410")),
        ({"2101": "特殊群体帮扶", "2102": "短信群发", "2103": "群体上访"}, True, ("2103",)),
    ],
)
def test_the_shipped_rule_takes_the_classes_of_the_street_by_their_names(
    engine: Engine, classes: dict[str, str], enabled: bool, wanted: tuple[str, ...]
) -> None:
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0020")
        for code, name in classes.items():
            connection.execute(
                text(
                    "INSERT INTO event_class (code, valid_from, major, minor, department_code, urgency,"
                    " clock_type, closing_condition) VALUES (:code, '2026-01-01', '示例', :name, '',"
                    " 'normal', 'working_days', '')"
                ),
                {"code": code, "name": name},
            )
    migrate(engine)

    rule = shipped(engine)
    assert rule.parameters == EventClass(classes=wanted)
    assert (rule.enabled, rule.color, rule.owner, rule.version) == (enabled, RiskColor.RED, "leader", 1)


def test_the_older_program_gets_its_database_back_without_the_kind(small_district: Engine) -> None:
    only(small_district, "event_class")
    with write_session(small_district) as session:
        append(session, [incident(1)])
    assert run(small_district).raised
    with small_district.begin() as connection:
        command.downgrade(_config(connection), "0020")
        left = "SELECT count(rule_id), (SELECT count(*) FROM rule WHERE kind = 'event_class') FROM alert"
        assert tuple(connection.execute(text(left)).one()) == (0, 0)
        assert connection.execute(text("SELECT count(*) FROM alert_log")).scalar_one() == 1
    migrate(small_district)


def test_every_kind_of_rule_has_a_name() -> None:
    assert set(RULE_KIND) == set(RuleKind)

"""On 200,000 events, nothing that people write reads the events or their log from end to end.

Files that are brought in and taken back go through the page; the buttons of the other pages do what is done
here, in one write session each.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from sqlmodel import Session, col, select

from dashboard import context
from dashboard.acting import Acting
from data import dispatch, lists
from data.calendar.edit import DayEntry
from data.database import read_session, write_session
from data.evaluation import judge
from data.evaluation import take_back as take_judgement_back
from data.imports import template
from data.indicators.store import drafted
from data.lifecycle import MOVES, Person, bulk_moves, make_move, preview_moves
from data.manage import alerts, calendar, changes, indicators, numbers, plans, readings, receivers, rules
from data.models import Alert, Division, Event, EventLog, ImportBatch
from data.reckon import reckon, rehearse
from data.rules.parameters import Order
from data.rules.run import evaluate_rules
from data.vocabulary import BatchKind, EvaluationSource, Move, RiskColor
from data.whistle import Deed, WhistleDraft, blow, take
from data.whistle_vocabulary import WhistleAct
from tests.dashboard.small_world import NOW
from tests.data.loop.world import (
    CHECKER,
    COMMUNITY,
    DISPATCHER,
    DISTRICT,
    GARDENER,
    GRID,
    NEIGHBOURHOOD,
    PARKS,
    ROADMAN,
    ROADS,
    STREET,
    STREET_CLERK,
    WORKER,
    report,
)
from tests.pages.test_import_page import Uploaded, click
from tests.sql_recorder import Statement
from tests.whole.screens import Product
from tests.whole.watching import EVENTS, watched, watched_lightly

pytestmark = pytest.mark.slow

Work = Callable[[Session], Any]
TODAY = date(2026, 11, 21)


def written(large: Product, work: Work) -> list[Statement]:
    """Does it in a write session of its own, as a page does, and watches: what it wrote and asked."""

    def do() -> None:
        with write_session(context.engine()) as session:
            work(session)

    return watched_lightly(large, do)


def brought_in(kind: BatchKind) -> bytes:
    """A file of which every row is new or changed."""
    if kind is BatchKind.DIVISIONS:
        return two_grids_that_change_places()
    known = {"市容环境/暴露垃圾": "0102", "市容环境,510115001": "01,510115001"}
    new = {"D01,示例": "Z01,示例", "D02,示例": "Z02,示例"}
    text = template(kind, "csv").decode()
    for word, other in (known | new).items():
        text = text.replace(word, other)
    return text.encode()


def two_grids_that_change_places() -> bytes:
    """Boundaries by which the open cases of two grids lie in the other one."""
    with read_session(context.engine()) as session:
        wanted = select(Division).where(col(Division.code).in_((GRID, f"{GRID[:-1]}2"))).order_by("code")
        grids = session.exec(wanted.where(col(Division.valid_to).is_(None))).all()
    shapes = [shapely.to_wkt(shapely.from_wkb(one.geometry), rounding_precision=-1) for one in grids]
    text = io.StringIO(newline="")
    rows = [(one.code, one.name, shape) for one, shape in zip(grids, reversed(shapes), strict=True)]
    csv.writer(text).writerows([("区划代码", "名称", "边界WKT"), *rows])
    return text.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("kind", [kind for kind in BatchKind if kind is not BatchKind.DEMO])
def test_importing_a_file_and_taking_it_back_scans_nothing(
    large: Product, kind: BatchKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Uploaded(f"{kind}.csv", brought_in(kind))
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: file)
    monkeypatch.setattr("dashboard.acting.acting_of", lambda *_args, **_options: Acting(person=DISPATCHER))

    def bring_in_and_take_back() -> None:
        shown = large.page("import_data", step=kind.value)
        click(shown.app, "接入")
        assert "已接入，批次" in shown.text
        click(shown.app, "撤销这个批次")
        click(shown.app, "确认撤销")
        assert "已撤销批次" in shown.text
        assert not shown.app.exception

    assert watched_lightly(large, bring_in_and_take_back)
    with read_session(context.engine()) as session:
        batch = session.exec(select(ImportBatch).order_by(col(ImportBatch.id).desc())).first()
        assert batch is not None
        logged = session.exec(select(EventLog.id).where(col(EventLog.batch_id) == batch.id)).all()
    assert (batch.rows_new + batch.rows_changed, batch.rows_rejected) == (2, 0)
    assert bool(logged) is (kind in (BatchKind.EVENTS, BatchKind.DIVISIONS))


Step = tuple[Move, Person, dict[str, Any]]
UNTIL = NOW + timedelta(days=9)
CASE: tuple[Step, ...] = (
    (Move.VERIFY, NEIGHBOURHOOD, {"route_color": "red"}),
    (Move.FILE, STREET_CLERK, {}),
    (Move.DISPATCH, DISPATCHER, {}),
    (Move.REASSIGN, DISPATCHER, {"department_code": PARKS, "reason": "示例"}),
    (Move.RETURN, GARDENER, {"reason": "示例"}),
    (Move.DISPATCH, DISPATCHER, {"department_code": ROADS}),
    (Move.ACCEPT, ROADMAN, {}),
    (Move.ASK_EXTENSION, ROADMAN, {"reason": "示例"}),
    (Move.REFUSE_EXTENSION, STREET_CLERK, {"reason": "示例"}),
    (Move.HANDLE, ROADMAN, {}),
    (Move.ASK_EXTENSION, ROADMAN, {"reason": "示例"}),
    (Move.GRANT_EXTENSION, STREET_CLERK, {}),
    (Move.GRANT_EXTENSION, DISPATCHER, {}),
    (Move.SUPERVISE, DISPATCHER, {"reason": "示例"}),
    (Move.END_SUPERVISE, DISPATCHER, {"reason": "示例"}),
    (Move.SUSPEND, DISPATCHER, {"suspended_until": UNTIL, "reason": "示例"}),
    (Move.RESUME, DISPATCHER, {}),
    (Move.HAND_OVER, ROADMAN, {"handler": "市政·示例03"}),
    (Move.FEEDBACK, ROADMAN, {"reason": "示例"}),
    (Move.CHECK, CHECKER, {}),
    (Move.REWORK, CHECKER, {"reason": "示例"}),
    (Move.HANDLE, ROADMAN, {}),
    (Move.FEEDBACK, ROADMAN, {"reason": "示例"}),
    (Move.CHECK, CHECKER, {}),
    (Move.CLOSE, CHECKER, {}),
    (Move.APPEAL, WORKER, {"reason": "示例"}),
    (Move.HANDLE, ROADMAN, {}),
    (Move.FEEDBACK, ROADMAN, {"reason": "示例"}),
    (Move.CHECK, CHECKER, {}),
    (Move.CLOSE, CHECKER, {}),
    (Move.EVALUATE, WORKER, {"solved": True, "satisfied": True}),
)
"""A case that everything happens to but the end of the next one."""
TWIN: tuple[Step, ...] = (
    (Move.MERGE, DISPATCHER, {}),
    (Move.UNMERGE, DISPATCHER, {"reason": "示例"}),
    (Move.VOID, DISPATCHER, {"reason": "示例"}),
)


@pytest.mark.parametrize("steps", [CASE, TWIN], ids=["case", "twin"])
def test_no_move_of_the_loop_scans(large: Product, steps: tuple[Step, ...]) -> None:
    with write_session(context.engine()) as session:
        known = report(session, 1 + len(steps), reported_at=NOW)
        number = report(session, 101 + len(steps), reported_at=NOW)

    for minutes, (move, person, given) in enumerate(steps, start=1):
        fields = {**given, "merged_into": known} if move is Move.MERGE else given

        def do(session: Session) -> None:
            event = session.get_one(Event, number)
            make_move(
                session, event_id=number, seen_seq=event.seq, move=move, person=person,  # noqa: B023
                at=NOW + timedelta(minutes=minutes), fields=fields,  # noqa: B023  # done at once
            )  # fmt: skip

        assert written(large, do)


def test_every_move_of_the_loop_is_among_those_that_were_made() -> None:
    assert {move for move, _, _ in (*CASE, *TWIN)} == set(MOVES)


def open_cases(session: Session) -> list[tuple[int, int]]:
    """Number and seen entry of two hundred open cases."""
    wanted = select(Event).where(col(Event.id) > EVENTS - 300, col(Event.id) <= EVENTS - 100)
    return [(event.id or 0, event.seq) for event in session.exec(wanted)]


def supervise_many(session: Session) -> None:
    cases = open_cases(session)
    told: dict[str, Any] = {"move": Move.SUPERVISE, "person": DISPATCHER, "fields": {"reason": "示例"}}
    assert preview_moves(session, cases=cases, at=NOW, **told).gone
    assert len(bulk_moves(session, cases=cases, at=NOW, **told).gone) > 100


def blow_a_whistle(session: Session) -> None:
    draft = WhistleDraft(
        kind="joint", code=COMMUNITY, subject="示例", lead="D01", joining=("D02",), events=(EVENTS,)
    )
    number = blow(session, draft, person=STREET_CLERK, at=NOW).id or 0
    deeds: tuple[tuple[WhistleAct, Person, dict[str, Any]], ...] = (
        (WhistleAct.ARRIVE, ROADMAN, {"department": ROADS}),
        (WhistleAct.RETURN, GARDENER, {"department": PARKS, "reason": "示例"}),
        (WhistleAct.FINISH, ROADMAN, {"department": ROADS, "reason": "示例"}),
        (WhistleAct.UNDO, ROADMAN, {}),
    )
    for act, person, deed in deeds:
        take(session, Deed(act=act, whistle_id=number, **deed), person=person, at=NOW)


def answer_alerts(session: Session) -> None:
    rung = col(Alert.code).startswith(DISTRICT), col(Alert.state) == "new", col(Alert.is_drill).is_(False)
    first, second = session.exec(select(Alert).where(*rung).limit(2)).all()
    by: dict[str, Any] = {"person": DISPATCHER, "at": NOW}
    for one in (first, second):
        alerts.acknowledge(session, alert_id=one.id or 0, seen_state="new", **by)
    what = Order(class_code="0102", limit_hours=24)
    known: dict[str, Any] = {"seen_state": "acknowledged", "reason": "示例"}
    alerts.order(session, alert_id=first.id or 0, what=what, **known, **by)
    alerts.resolve(session, alert_id=second.id or 0, **known, **by)
    alerts.take_back(session, alert_id=second.id or 0, **by)


def change_settings(session: Session) -> None:
    by: dict[str, Any] = {"person": DISPATCHER, "at": NOW}
    numbers.change_number(session, key="extensions", value=1, seen=0, reason="示例", **by)
    plan = plans.PlanDraft(meaning="示例", actions="示例", within_hours=48, drill_days=60, owner="dispatcher")
    plans.change_plan(session, plan, color=RiskColor.RED, seen=0, reason="示例", **by)
    plans.begin_drill(session, color=RiskColor.RED, code=STREET, title="示例", **by)
    hook = receivers.ReceiverDraft(name="示例群", kind="webhook", address="http://127.0.0.1:9/hook")
    receivers.add(session, hook, receivers.Wishes(), **by)
    done = readings.Reading(name="visits_done", code=COMMUNITY, day=date(2026, 11, 16), value=8)
    readings.enter(session, [done], source="台账", **by)
    own = drafted(session=session, name="示例占比", formula="逾期 ÷ 应结", area=STREET, level="community")
    indicators.save_indicator(session, own, **by)
    for line in changes.history(session=session, limit=10):
        if line.can_be_undone:
            changes.undo_change(session, number=line.number, **by)


def change_alert_rules(session: Session) -> None:
    by: dict[str, Any] = {"person": DISPATCHER, "at": NOW, "reason": "示例"}
    draft = rules.RuleDraft(
        kind="overdue_ladder", name="示例", color="yellow", owner="street",
        parameters={"rungs": [{"hours": 24, "color": "red", "owner": "leader"}]},
    )  # fmt: skip
    assert rules.preview(session, draft, as_of=NOW).total > 10
    number = rules.save(session, draft, accept_many=True, **by)
    rules.remove(session, rule_id=number, seen=rules.seen_of(session=session, rule_id=number), **by)


def change_dispatch_rules(session: Session) -> None:
    by: dict[str, Any] = {"today": TODAY, "actor": "演示甲"}
    draft = dispatch.RuleDraft(class_prefix="0105", area_prefix=STREET, department_code="D02")
    number = dispatch.add_rule(session, draft, valid_from=TODAY, **by).number
    other = dispatch.RuleDraft(class_prefix="0105", area_prefix=STREET, department_code="D03")
    dispatch.change_rule(session, other, number=number, seen_version=1, valid_from=TODAY, **by)
    dispatch.withdraw_rule(session, number=number, seen_version=2, valid_from=TODAY, **by)
    dispatch.undo_rule(session, number=number, seen_version=3, **by)
    dispatch.check(session, TODAY)


def change_lists(session: Session) -> None:
    draft = lists.ItemDraft(external_no="FM-1", list_type="negative", text="示例", class_prefix="01")
    by: dict[str, Any] = {"actor": "演示甲", "reason": "示例"}
    item = lists.add_item(session, draft, **by)
    lists.move_item(session, item_id=item.id or 0, stage=lists.STAGES[1].value, seen_seq=1, **by)
    lists.remove_item(session, item_id=item.id or 0, seen_seq=2, **by)
    lists.undo_last(session, subject=lists.LIST_ITEM, subject_id=item.id or 0, seen_seq=3, actor="演示甲")
    lists.rename_list(session, list_type="negative", title="示例清单")
    service = lists.add_service(session, lists.ServiceDraft(external_no="BL-1", name="示例"), actor="演示甲")
    lists.remove_service(session, item_id=service.id or 0, seen_seq=1, **by)


def judge_a_department(session: Session) -> None:
    by: dict[str, Any] = {"person": ROADMAN, "at": NOW}
    number = judge(
        session, source=EvaluationSource.SELF, period="2026-11", score=90, department_code=ROADS,
        reason="示例", **by,
    )  # fmt: skip
    take_judgement_back(session, evaluation_id=number, **by)


@pytest.mark.parametrize(
    "work",
    [
        supervise_many, blow_a_whistle, change_settings, change_alert_rules, change_dispatch_rules,
        change_lists, judge_a_department,
    ],
    ids=lambda work: work.__name__,
)  # fmt: skip
def test_no_button_of_a_page_scans(large: Product, work: Work) -> None:
    assert written(large, work)


def test_ringing_and_answering_alerts_scans_nothing(large: Product) -> None:
    # Surges compare weeks of reports: much work, and none of it for what is older.
    assert watched(large, lambda: evaluate_rules(context.engine(), as_of=NOW))
    assert written(large, answer_alerts)


def test_a_day_of_the_calendar_is_saved_and_taken_back_without_a_scan(large: Product) -> None:
    """What the page does: how many cases it concerns, the edit, and then the deadlines of open cases."""
    with write_session(context.engine()) as session:
        number = report(session, 201, reported_at=NOW)
        for move, person, fields in CASE[:3]:
            seen = session.get_one(Event, number, populate_existing=True).seq
            make_move(
                session, event_id=number, seen_seq=seen, move=move, person=person, at=NOW, fields=fields
            )
    entry = DayEntry(day=date(2026, 11, 23), is_working=False, name="示例")
    saved = []

    def edit(session: Session) -> Any:
        saved.append(calendar.set_day(session, entry, area_prefix=GRID, seen_id=None, person=DISPATCHER))
        return saved[-1]

    def take_back(session: Session) -> None:
        calendar.undo_change(session, change_id=saved[-1].id or 0, person=DISPATCHER)

    moved = []
    assert watched_lightly(large, lambda: moved.append(rehearse(context.engine(), edit, as_of=NOW).moved))
    for work in (edit, take_back):
        assert written(large, work)
        assert watched_lightly(large, lambda: moved.append(reckon(context.engine()).moved))
    assert moved[0] >= 1
    assert moved == moved[:1] * 3

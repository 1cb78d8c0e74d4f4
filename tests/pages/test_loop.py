"""工单: who acts, what waits for them, every move by its form, what is refused and why, many at once."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlmodel import select

from data.database import open_engine, read_session, write_session
from data.event_verify import verify
from data.imports import template
from data.labels import MOVE
from data.lifecycle import Move, Person, make_move
from data.models import EventAttachment, ImportBatch, ResidentContact, Staff
from data.reporting import reveal_contact
from data.vocabulary import BatchKind, Status
from tests.dashboard.small_world import NOW, World
from tests.data.loop.world import (
    CHECKER,
    COMMUNITY,
    DISPATCHER,
    GARDENER,
    NEIGHBOURHOOD,
    PARKS,
    ROADMAN,
    ROADMAN_2,
    ROADS,
    SECRETARY,
    STREET_CLERK,
    WORKER,
    furnish,
)
from tests.pages.conftest import Opener
from tests.pages.loop_desk import TO_HANDLING, Desk, moves_offered, ticking, widget
from tests.pages.test_import_page import Uploaded, click

Step = tuple[Move, Person, dict[str, Any]]


@pytest.fixture
def desk(opener: Opener, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The small district with staff, departments and classes, and nobody chosen yet."""
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    found, clock = Desk(opener, engine), ticking()
    monkeypatch.setattr("dashboard.acting.read_token", lambda: found.token)
    monkeypatch.setattr("dashboard.acting.now", lambda: next(clock))
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: found.files)
    return found


def play(desk: Desk, event_id: int, steps: tuple[Step, ...]) -> None:
    """One form after the other, each pressed by its person, each said to be done."""
    for move, person, fields in steps:
        shown = desk.do(person, event_id, move, **fields)
        assert "现在是“" in shown.text, (move, shown.text[:2000])
        last = desk.last(event_id)
        assert (last.action, last.actor) == (move, person.name)


WHOLE_WAY: tuple[Step, ...] = (
    *TO_HANDLING,
    (Move.FEEDBACK, ROADMAN, {"reason": "井盖已更换"}),
    (Move.CHECK, CHECKER, {}),
    (Move.CLOSE, CHECKER, {"reason": "现场已复原"}),
    (Move.EVALUATE, DISPATCHER, {"solved": True, "satisfied": True}),
)
DETOURS: tuple[Step, ...] = (
    *TO_HANDLING[:3],
    (Move.REASSIGN, DISPATCHER, {"department_code": PARKS, "reason": "树池边的井盖"}),
    (Move.RETURN, GARDENER, {"reason": "不属于园林"}),
    (Move.DISPATCH, DISPATCHER, {"department_code": ROADS}),
    *TO_HANDLING[3:],
    (Move.HAND_OVER, ROADMAN, {"handler": str(ROADMAN_2.staff_id)}),
    (Move.ASK_EXTENSION, ROADMAN, {"reason": "等配件"}),
    (Move.REFUSE_EXTENSION, STREET_CLERK, {"reason": "库里有配件"}),
    (Move.ASK_EXTENSION, ROADMAN, {"reason": "配件型号不符"}),
    (Move.GRANT_EXTENSION, STREET_CLERK, {}),
    (Move.GRANT_EXTENSION, DISPATCHER, {}),
    (Move.SUPERVISE, SECRETARY, {"reason": "群众反映强烈"}),
    (Move.END_SUPERVISE, DISPATCHER, {"reason": "已有安排"}),
    (Move.SUSPEND, DISPATCHER, {"suspended_until": 10, "reason": "等施工窗口"}),
    (Move.RESUME, DISPATCHER, {}),
    (Move.FEEDBACK, ROADMAN, {"reason": "已更换"}),
    (Move.CHECK, CHECKER, {}),
    (Move.REWORK, CHECKER, {"reason": "四周没有回填"}),
    (Move.HANDLE, ROADMAN, {}),
    (Move.FEEDBACK, ROADMAN, {"reason": "已回填"}),
    (Move.CHECK, CHECKER, {}),
    (Move.CLOSE, CHECKER, {}),
    (Move.APPEAL, DISPATCHER, {"reason": "来电反映又松动"}),
)


def test_a_case_goes_from_report_to_evaluation_by_the_forms_of_nine_moves(desk: Desk) -> None:
    event_id = desk.report(1)
    play(desk, event_id, WHOLE_WAY)

    event = desk.event(event_id)
    assert (event.status, event.solved, event.satisfied) == (Status.EVALUATED, True, True)
    assert event.handler == ROADMAN.name
    with read_session(desk.engine) as session:
        assert verify(session, event_ids=[event_id]) == []


def test_every_other_move_has_its_form_too(desk: Desk) -> None:
    event_id, merged, voided = desk.report(1), desk.report(2, lon=103.8101), desk.report(3, lon=103.9)
    play(desk, event_id, DETOURS)
    other = desk.report(4)
    tied: tuple[Step, ...] = (
        (Move.MERGE, NEIGHBOURHOOD, {"merged_into": str(other)}),
        (Move.UNMERGE, STREET_CLERK, {"reason": "不是同一处"}),
    )
    play(desk, merged, tied)
    play(desk, voided, ((Move.VOID, STREET_CLERK, {"reason": "现场没有发现"}),))

    assert desk.event(event_id).status == Status.REWORKING
    assert desk.event(event_id).appealed
    assert desk.event(merged).status == Status.REPORTED
    assert desk.event(voided).status == Status.VOIDED
    used = {move for move, *_ in (*WHOLE_WAY, *DETOURS, *tied)} | {Move.VOID}
    assert used == set(Move)


@pytest.mark.parametrize("days", [400, 10**9, 0, -(10**9)])
def test_days_of_a_suspension_that_cannot_be_are_refused_and_not_replaced_by_others(
    desk: Desk, days: int
) -> None:
    event_id = desk.report(1)
    play(desk, event_id, TO_HANDLING)
    shown = desk.do(DISPATCHER, event_id, Move.SUSPEND, suspended_until=days, reason="等施工窗口")

    assert "截止时间应晚于现在" in shown.text or "累计挂账不超过 365 天" in shown.text
    assert desk.event(event_id).status == Status.HANDLING


def test_without_a_person_everything_is_seen_and_nothing_can_be_done(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.open(None, sel=f"event:{event_id}", move="verify")

    assert "尚未选择办理人" in shown.text
    assert "井盖缺失" in shown.text
    assert moves_offered(shown) == []
    assert shown.app.button == []


def test_the_header_names_who_acts_on_every_page(desk: Desk) -> None:
    desk.sit(DISPATCHER)
    for page in ("overview", "events", "quality"):
        assert f"{DISPATCHER.name} · 派遣员" in re.sub(r"\s+", " ", desk.opener(page).text).replace("  ", " ")


def test_the_address_never_carries_the_person(desk: Desk) -> None:
    desk.report(1)
    shown = desk.open(DISPATCHER)

    assert not any("person" in href or desk.token in href for href in shown.links)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("nonsense", "认不出来"),
        ("999-00000000", "没有编号为 999 的人员"),
        ("5-00000000", "已经换人"),
    ],
)
def test_a_person_who_is_gone_is_said_in_words_and_nobody_acts_in_their_name(
    desk: Desk, token: str, said: str
) -> None:
    desk.sit(None)
    desk.token = token
    shown = desk.opener("loop")

    assert said in shown.text
    assert "尚未选择办理人" in shown.text


def test_an_import_is_signed_by_whoever_acts(desk: Desk) -> None:
    desk.sit(DISPATCHER)
    desk.files = Uploaded("部门.csv", template(BatchKind.DEPARTMENTS, "csv"))  # type: ignore[assignment]
    click(desk.opener("import_data", step="departments").app, "接入")

    with read_session(desk.engine) as session:
        assert [batch.actor for batch in session.exec(select(ImportBatch))] == [DISPATCHER.name]


def test_nobody_takes_a_file_in_or_a_batch_back_unsigned_once_there_are_people(desk: Desk) -> None:
    desk.files = Uploaded("部门.csv", template(BatchKind.DEPARTMENTS, "csv"))  # type: ignore[assignment]
    desk.sit(None)
    shown = desk.opener("import_data", step="departments")
    assert "还没有选择办理人，不能接入：请先在右上角选择" in shown.text
    assert [one.disabled for one in shown.app.button if one.label.startswith("接入")] == [True]

    desk.sit(DISPATCHER)
    click(desk.opener("import_data", step="departments").app, "接入")
    desk.sit(None)
    shown = desk.opener("quality", batch="1")
    assert "还没有选择办理人，不能撤销批次" in shown.text
    assert "撤销这个批次" not in [one.label for one in shown.app.button]


def test_a_post_without_a_role_is_refused_with_what_a_post_has_to_say(desk: Desk) -> None:
    with write_session(desk.engine) as session:
        session.add(Staff(source="demo", external_no="厨", name="厨师·示例12", post="厨师"))
    from dashboard.acting import token_of
    from data.vocabulary import Role

    desk.token = token_of(Person(name="厨师·示例12", role=Role.SYSTEM, staff_id=11))

    assert "在闭环里没有角色" in desk.opener("loop").text


def test_moves_that_may_be_made_are_buttons_and_the_others_stand_folded_with_the_rule(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.open(WORKER, sel=f"event:{event_id}")

    assert moves_offered(shown) == ["merge"]
    assert "“立案”由街道报单、派遣员（指挥中心）、街道书记（督办）办理" in shown.text
    refused = re.findall(r'data-refused="(\w+)"', shown.html)
    assert refused == ["verify", "file", "supervise", "end_supervise", "void"]


def test_a_form_whose_move_is_not_allowed_says_the_rule_instead_of_asking(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.form(WORKER, event_id, Move.VOID)

    assert "现在不能作废" in shown.text
    assert shown.app.button == []


def test_what_is_missing_is_named_and_what_was_typed_stays(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.form(STREET_CLERK, event_id, Move.VERIFY)
    desk.fill(shown, STREET_CLERK, event_id, Move.VERIFY, reason="已到现场")

    assert "“核实”需要填写处置颜色" in shown.text
    key = f"om_move_{event_id}_verify_{STREET_CLERK.staff_id}_reason"
    assert widget(shown, key).value == "已到现场"
    assert desk.event(event_id).seq == 1


def test_a_stale_form_says_who_was_quicker_keeps_what_was_typed_and_may_then_be_sent(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.form(STREET_CLERK, event_id, Move.VERIFY)
    with write_session(desk.engine) as session:
        make_move(
            session, event_id=event_id, seen_seq=1, move=Move.SUPERVISE, person=DISPATCHER, at=NOW,
            fields={"reason": "领导关注"},
        )  # fmt: skip
    desk.fill(shown, STREET_CLERK, event_id, Move.VERIFY, route_color="red", reason="已到现场")

    assert f"{DISPATCHER.name} 于" in shown.text
    assert "您填写的内容还在" in shown.text
    key = f"om_move_{event_id}_verify_{STREET_CLERK.staff_id}"
    assert widget(shown, f"{key}_reason").value == "已到现场"
    assert desk.event(event_id).seq == 2

    shown.app.button(key=f"{key}_send").click()
    shown.app.run()
    assert "已核实" in shown.text
    assert desk.last(event_id).reason == "已到现场"


def test_a_stale_form_whose_move_is_no_longer_possible_says_so(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.form(STREET_CLERK, event_id, Move.VOID)
    with write_session(desk.engine) as session:
        make_move(
            session, event_id=event_id, seen_seq=1, move=Move.FILE, person=DISPATCHER, at=NOW,
            fields={"route_color": "red"},
        )  # fmt: skip
        make_move(session, event_id=event_id, seen_seq=2, move=Move.DISPATCH, person=DISPATCHER, at=NOW)
    desk.fill(shown, STREET_CLERK, event_id, Move.VOID, reason="重复")

    assert "这件现在是“已派遣”，不能作废" in shown.text
    assert desk.event(event_id).status == Status.DISPATCHED


def test_a_second_click_on_the_same_form_does_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second run begins before the first could leave the form: its address still has the move."""
    event_id = desk.report(1)
    shown = desk.form(DISPATCHER, event_id, Move.SUPERVISE)
    with monkeypatch.context() as patch:
        patch.setattr("dashboard.panels.loop_form.plain", lambda screen: screen)
        desk.fill(shown, DISPATCHER, event_id, Move.SUPERVISE, reason="领导关注")
    shown.app.session_state["_om_move_opened"] = (f"om_move_{event_id}_supervise_{DISPATCHER.staff_id}", 1)
    shown.app.run()
    desk.fill(shown, DISPATCHER, event_id, Move.SUPERVISE)

    assert desk.event(event_id).seq == 2
    assert "已督办" in shown.text
    assert "没有督办" not in shown.text


def test_success_is_said_once_with_what_comes_next(desk: Desk) -> None:
    event_id = desk.report(1)
    shown = desk.do(STREET_CLERK, event_id, Move.VERIFY, route_color="red")

    assert "YS-0001 已核实，现在是“已上报”，接下来由街道立案。" in shown.text
    assert shown.param("move") == ""
    shown.app.run()
    assert "接下来由街道立案" not in shown.text


def test_what_comes_next_names_the_community_or_the_street_that_a_case_stays_with(desk: Desk) -> None:
    blue, yellow = desk.report(1), desk.report(2)
    shown = desk.do(NEIGHBOURHOOD, blue, Move.VERIFY, route_color="blue")
    assert "现在是“已上报”，接下来由社区或街道立案。" in shown.text
    shown = desk.do(STREET_CLERK, yellow, Move.VERIFY, route_color="yellow")
    assert "现在是“已上报”，接下来由街道立案。" in shown.text
    for move in (Move.FILE, Move.DISPATCH, Move.ACCEPT, Move.HANDLE):
        desk.do(STREET_CLERK, yellow, move)
    shown = desk.do(STREET_CLERK, yellow, Move.FEEDBACK, reason="已协调")
    assert "现在是“已反馈”，接下来由街道或核查员核查。" in shown.text


def test_success_stays_while_the_change_itself_draws_the_page_anew(desk: Desk) -> None:
    shown = desk.do(STREET_CLERK, desk.report(1), Move.VERIFY, route_color="red")
    desk.report(2)
    shown.app.run()
    assert "接下来由街道立案" in shown.text
    shown.app.run()
    assert "接下来由街道立案" not in shown.text


def photo(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(buffer, format=kind)
    return buffer.getvalue()


def test_photos_come_with_the_move_and_stand_small_on_the_card(desk: Desk) -> None:
    event_id = desk.report(1)
    desk.files = [Uploaded("现场.png", photo())]
    shown = desk.do(NEIGHBOURHOOD, event_id, Move.VERIFY, route_color="red")

    with read_session(desk.engine) as session:
        kept = session.exec(select(EventAttachment).where(EventAttachment.event_id == event_id)).one()
    assert kept.log_seq == 2
    assert f"./onemap/attachments/{kept.sha256}.jpg?small=1" in shown.html


def test_a_resident_s_telephone_is_shown_masked_and_to_who_acts_only(desk: Desk) -> None:
    event_id = desk.report(1, source="resident")
    with write_session(desk.engine) as session:
        session.add(ResidentContact(event_id=event_id, contact="13800001234", created_at=NOW))

    acting = desk.open(NEIGHBOURHOOD, sel=f"event:{event_id}")
    assert "居民留有联系电话 138****1234" in acting.text
    assert "13800001234" not in acting.html
    assert "138****1234" not in desk.open(None, sel=f"event:{event_id}").text


def test_a_number_that_was_seen_is_on_no_page_and_leaders_read_who_saw_it_and_why(desk: Desk) -> None:
    event_id = desk.report(1, source="resident")
    phone = "13800001234"
    with write_session(desk.engine) as session:
        session.add(ResidentContact(event_id=event_id, contact=phone, created_at=NOW))
    asking = desk.open(DISPATCHER, sel=f"event:{event_id}")
    assert "data-contact" in asking.html
    assert "data-contact" not in desk.open(WORKER, sel=f"event:{event_id}").html
    with write_session(desk.engine) as session:
        reveal_contact(session, event_id=event_id, person=DISPATCHER, reason="回访是否解决", at=NOW)

    told = f"{DISPATCHER.name}（派遣员（指挥中心））：回访是否解决"
    assert told in desk.open(SECRETARY, sel=f"event:{event_id}").text
    seen = [desk.open(person, sel=f"event:{event_id}") for person in (DISPATCHER, SECRETARY, None)]
    for page in ("events", "overview", "quality", "community"):
        for person in (DISPATCHER, SECRETARY):
            desk.sit(person)
            seen.append(desk.opener(page, **({} if page == "quality" else {"sel": f"event:{event_id}"})))
    assert all(phone not in shown.html for shown in seen)
    assert not any(told in shown.text for shown in (seen[0], seen[2]))
    desk.sit(SECRETARY)
    quality = desk.opener("quality").text
    assert "联系电话查看记录" in quality
    assert "回访是否解决" in quality


def test_a_file_that_is_no_photo_stops_the_move(desk: Desk) -> None:
    event_id = desk.report(1)
    desk.files = [Uploaded("照片.jpg", b"<script>alert(1)</script>")]
    shown = desk.do(NEIGHBOURHOOD, event_id, Move.VERIFY, route_color="red")

    assert "这不是可用的照片" in shown.text
    assert desk.event(event_id).seq == 1


def test_likely_duplicates_are_suggested_with_the_way_to_merge(desk: Desk) -> None:
    event_id, twin = desk.report(1), desk.report(2, lon=103.8101)
    shown = desk.open(NEIGHBOURHOOD, sel=f"event:{event_id}")

    assert "疑似重复 1 件" in shown.text
    href = next(link for link in shown.links if f"into={twin}" in link)
    assert "move=merge" in href


def test_a_local_case_is_sent_without_asking_for_a_department(desk: Desk) -> None:
    event_id = desk.report(1)
    play(desk, event_id, ((Move.VERIFY, NEIGHBOURHOOD, {"route_color": "blue"}),))
    play(desk, event_id, ((Move.FILE, NEIGHBOURHOOD, {}), (Move.DISPATCH, NEIGHBOURHOOD, {})))
    play(desk, event_id, ((Move.ACCEPT, WORKER, {}),))

    assert desk.event(event_id).department_code == ""
    assert desk.event(event_id).handler == WORKER.name


QUEUES: list[tuple[Person, dict[str, int]]] = [
    (NEIGHBOURHOOD, {"verify": 1}),
    (STREET_CLERK, {"verify": 1, "file": 1}),
    (DISPATCHER, {"verify": 1, "file": 1, "dispatch": 1}),
    (ROADMAN, {"accept": 1}),
    (GARDENER, {}),
]


@pytest.mark.parametrize(("person", "waits"), QUEUES, ids=lambda value: getattr(value, "post", ""))
def test_the_queue_is_what_this_person_may_carry_on(
    desk: Desk, person: Person, waits: dict[str, int]
) -> None:
    cases = [desk.report(number, lon=103.7 + number / 50) for number in range(1, 5)]
    for case, steps in zip(cases, range(4), strict=True):
        play(desk, case, TO_HANDLING[:steps])
    shown = desk.open(person)

    found = shown.counts("data-wait")
    # The department of the small district's other cases is that of the roads: they are being handled.
    found.pop("feedback", None)
    assert {key: count for key, count in found.items() if key != "all"} == waits


def test_the_queue_s_chips_add_up_and_each_leads_to_its_rows(desk: Desk) -> None:
    for number in range(1, 4):
        desk.report(number, lon=103.7 + number / 50)
    play(desk, desk.report(9), TO_HANDLING[:2])
    shown = desk.open(DISPATCHER)
    counts = shown.counts("data-wait")

    assert counts.pop("all") == sum(counts.values()) == len(shown.listed())
    assert len(desk.open(DISPATCHER, wait="verify").listed()) == counts["verify"] == 3


@pytest.mark.parametrize("params", [{}, {"area": "510115001"}, {"color": "overdue"}, {"status": "handling"}])
def test_the_first_six_stages_add_up_to_what_is_open_under_the_filter(
    desk: Desk, params: dict[str, str]
) -> None:
    play(desk, desk.report(1), WHOLE_WAY[:3])
    shown = desk.open(None, **params)
    stages = shown.counts("data-stage")

    assert list(stages) == ["collect", "file", "dispatch", "handle", "feedback", "check", "rate"]
    assert sum(count for stage, count in stages.items() if stage != "rate") == shown.total
    for stage, count in stages.items():
        found = re.search(r'data-listed="(\d+)"', desk.open(None, lane=stage, **params).html)
        assert found is not None
        assert int(found[1]) == count


def test_what_is_closed_this_month_and_not_rated_stands_beside_what_is_open(desk: Desk) -> None:
    play(desk, desk.report(1), WHOLE_WAY[:-1])
    play(desk, desk.report(2), WHOLE_WAY)

    assert desk.open(None).counts("data-stage")["rate"] == 1


def bulk(desk: Desk, person: Person, cases: list[int], move: Move, **fields: Any) -> Any:
    """Tick, choose the move, fill in, press 预览."""
    shown = desk.open(person, pick=",".join(map(str, cases)))
    select = next(one for one in shown.app.selectbox if one.key == f"om_bulk_{person.staff_id}")
    select.set_value(move)
    shown.app.run()
    for name, value in fields.items():
        next(one for one in shown.app.text_area if str(one.key).endswith(f"_{name}")).set_value(value)
    next(one for one in shown.app.button if one.label == "预览").click()
    shown.app.run()
    assert not shown.app.exception
    return shown


def test_a_move_for_many_is_previewed_with_the_sentences_and_then_confirmed(desk: Desk) -> None:
    cases = [desk.report(number, lon=103.7 + number / 50) for number in range(1, 4)]
    for case in cases[:2]:
        play(desk, case, TO_HANDLING[:2])
    shown = bulk(desk, DISPATCHER, cases, Move.DISPATCH)

    assert 'data-go="2"' in shown.html
    assert "这件现在是“已上报”，不能派遣" in shown.text
    assert "1 件：YS-0003" in shown.text
    assert [desk.event(case).status for case in cases] == [Status.FILED, Status.FILED, Status.REPORTED]

    next(one for one in shown.app.button if one.label == "确认派遣 2 件").click()
    shown.app.run()
    assert "已派遣 2 件。" in shown.text
    assert [desk.event(case).department_code for case in cases] == [ROADS, ROADS, ""]
    assert shown.param("pick") == ""


def test_between_preview_and_confirmation_somebody_else_is_not_overruled(desk: Desk) -> None:
    cases = [desk.report(number, lon=103.7 + number / 50) for number in range(1, 3)]
    shown = bulk(desk, STREET_CLERK, cases, Move.VOID, reason="演练")
    with write_session(desk.engine) as session:
        make_move(
            session, event_id=cases[0], seen_seq=1, move=Move.SUPERVISE, person=DISPATCHER, at=NOW,
            fields={"reason": "领导关注"},
        )  # fmt: skip
    next(one for one in shown.app.button if one.label == "确认作废 2 件").click()
    shown.app.run()

    assert "已作废 1 件。1 件没有办：YS-0001" in shown.text
    assert DISPATCHER.name in shown.text
    assert [desk.event(case).status for case in cases] == [Status.REPORTED, Status.VOIDED]


def test_all_rows_of_a_stage_can_be_picked_at_once(desk: Desk) -> None:
    for number in range(1, 4):
        desk.report(number, lon=103.7 + number / 50)
    shown = desk.open(STREET_CLERK, lane="collect", pick="all")

    assert any(box.label == "对所选 3 件" for box in shown.app.selectbox)


@pytest.mark.parametrize(
    ("name", "value"), [("pick", "1,x"), ("pick", ",".join("1" * 201)), ("lane", "x"), ("into", "0")]
)
def test_parameters_of_the_page_that_make_no_sense_are_named(desk: Desk, name: str, value: str) -> None:
    assert f"网址参数 {name}=" in desk.open(None, **{name: value}).text


def test_a_case_typed_by_its_number_shows_its_card_and_is_chosen_already(desk: Desk) -> None:
    kept, gone = desk.report(1, code=COMMUNITY, lon=None, lat=None), desk.report(2)
    asked = {"sel": f"event:{gone}", "move": Move.MERGE.value}
    shown = desk.open(NEIGHBOURHOOD, **asked, no=" ys-0001 ")

    assert f'data-target="{kept}"' in shown.html
    assert "✓ 可以并入这件" in shown.text
    key = f"om_move_{gone}_merge_{NEIGHBOURHOOD.staff_id}"
    assert widget(shown, f"{key}_merged_into").value == str(kept)
    shown.app.button(key=f"{key}_send").click()
    shown.app.run()
    assert (desk.event(gone).status, desk.event(gone).merged_into) == (Status.MERGED, kept)


def test_a_number_of_no_case_or_of_one_that_a_rule_refuses_is_told_before_anything_is_done(
    desk: Desk,
) -> None:
    desk.report(1, class_code="0106")
    gone = desk.report(2)
    asked = {"sel": f"event:{gone}", "move": Move.MERGE.value}
    refused, unknown = (
        desk.open(NEIGHBOURHOOD, **asked, no="YS-0001"),
        desk.open(NEIGHBOURHOOD, **asked, no="X"),
    )

    assert "不能合并：YS-0001 是“演示0106”，这件是“演示0201”：类别相同的件才能合并" in refused.text
    assert "没有案件号为“X”的件" in unknown.text
    assert desk.event(gone).status == Status.REPORTED


def test_closed_cases_wait_for_the_command_centre_s_rating_and_are_rated_many_at_once(desk: Desk) -> None:
    closed = [desk.report(number, lon=103.8 + number / 100) for number in (1, 2)]
    for event_id in closed:
        play(desk, event_id, WHOLE_WAY[:-1])
    shown = desk.open(DISPATCHER, wait=Move.EVALUATE.value, pick="all")
    assert 'data-wait="evaluate" data-count="2"' in shown.html
    keys = [one.key or "" for one in shown.app.radio]
    key = next(one for one in keys if one.endswith("_solved")).removesuffix("_solved")
    for name in ("solved", "satisfied"):
        widget(shown, f"{key}_{name}").set_value(True)
    click(shown.app, "预览")
    click(shown.app, f"确认{MOVE[Move.EVALUATE]} 2 件")

    assert {desk.event(event_id).status for event_id in closed} == {Status.EVALUATED}
    assert 'data-listed="0"' in desk.open(DISPATCHER).html

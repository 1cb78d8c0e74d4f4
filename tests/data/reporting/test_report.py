"""A report becomes one case: numbered, located, merged where it is the same, counted against a flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from data.database import read_session, write_session
from data.event_log import verify
from data.lifecycle import Person, change_rule, resident
from data.models import Event, EventLink
from data.queries.links import linked_cases
from data.reporting import (
    BadReport,
    Reported,
    ReportForm,
    TooManyReports,
    class_tiles,
    draft,
    masked_contact,
    new_form,
    report,
)
from data.reporting.report import without_personal
from tests.data.core.events import REPORTED_AT
from tests.data.loop.world import DISPATCHER, GRID, ROADS, STAFF_PERSONS, WORKER, at
from tests.data.loop.world import report as put

SECRET = b"0123456789abcdef0123456789abcdef"
INSIDE = (103.805, 30.71)
OTHER_SIDE = (103.83, 30.71)


def sent(session: Session, *, person: Person = WORKER, hours: float = 0.0, **changes: Any) -> Reported:
    """A form filled in at ``INSIDE`` with the class 0201."""
    fields: dict[str, Any] = {
        "token": new_form(SECRET, scope="test", at=at(hours)), "class_code": "0201",
        "lon": INSIDE[0], "lat": INSIDE[1], **changes,
    }  # fmt: skip
    address = "203.0.113.7" if person.staff_id is None else ""
    return report(
        session, form=ReportForm(**fields), person=person, secret=SECRET, at=at(hours), address=address
    )


def test_numbers_count_up_by_source_and_local_day(town: Engine) -> None:
    # Friday 09:00 in Shanghai; 15 hours later it is Saturday there.
    with write_session(town) as session:
        worker = [sent(session).external_no for _ in range(2)]
        by_resident = sent(session, person=resident(), grid=GRID).external_no
        next_day = sent(session, hours=15).external_no
    assert worker == ["XC20261120-0001", "XC20261120-0002"]
    assert (by_resident, next_day) == ("JM20261120-0001", "XC20261121-0001")


@pytest.mark.parametrize(
    ("person", "source", "letters"),
    [(one, "patrol", "XC") for one in STAFF_PERSONS if one is not DISPATCHER]
    + [(DISPATCHER, "superior", "SJ"), (resident(), "resident", "JM")],
)
def test_what_staff_find_on_the_spot_is_patrol_and_what_the_command_centre_passes_on_is_from_above(
    town: Engine, person: Person, source: str, letters: str
) -> None:
    with write_session(town) as session:
        done = sent(session, person=person, grid=GRID if person.staff_id is None else "")
        assert session.get_one(Event, done.event_id).source == source
    assert done.external_no == f"{letters}20261120-0001"


def test_a_number_that_an_import_brought_is_passed_over(town: Engine) -> None:
    with write_session(town) as session:
        put(session, external_no="XC20261120-0001")
        put(session, external_no="XC20261120-0002")
        assert [sent(session).external_no, sent(session).external_no] == [
            "XC20261120-0003", "XC20261120-0004",
        ]  # fmt: skip


def test_what_is_given_up_takes_no_number(town: Engine) -> None:
    def one_good_one_bad() -> None:
        with write_session(town) as session:
            sent(session)
            sent(session, class_code="9999")

    with pytest.raises(BadReport):
        one_good_one_bad()
    with write_session(town) as session:
        assert sent(session).external_no == "XC20261120-0001"


def test_a_form_sent_twice_is_one_case_with_one_receipt(town: Engine) -> None:
    token = new_form(SECRET, scope="test", at=REPORTED_AT)
    with write_session(town) as session:
        first = sent(session, token=token, person=resident(), grid=GRID)
    with write_session(town) as session:
        again = sent(session, token=token, person=resident(), grid=GRID, words="又点了一次")
        assert session.connection().execute(text("SELECT count(*) FROM event")).scalar_one() == 1
    assert (again.event_id, again.external_no, again.receipt) == (
        first.event_id, first.external_no, first.receipt,
    )  # fmt: skip
    assert (first.repeated, again.repeated) == (False, True)


def test_a_case_lies_in_the_grid_that_holds_its_position(town: Engine) -> None:
    with write_session(town) as session:
        codes = [
            session.get_one(Event, sent(session, lon=lon, lat=lat).event_id).code
            for lon, lat in (INSIDE, (103.815, 30.71), OTHER_SIDE)
        ]
        assert verify(session) == []
    assert codes == [GRID, "510115001001", "510115001002"]


def test_outside_the_district_it_is_reported_all_the_same_and_says_so(town: Engine) -> None:
    with write_session(town) as session:
        done = sent(session, lon=104.5, lat=30.71)
        event = session.get_one(Event, done.event_id)
    assert (event.code, event.lon) == ("", 104.5)
    assert "未落格队列" in done.notes[0]


def test_a_qr_code_s_report_stays_near_its_grid(town: Engine) -> None:
    # One hundredth of a degree of longitude is 957 m here: 103.811 is 96 m outside, 103.815 479 m.
    with write_session(town) as session:
        near = sent(session, person=resident(), grid=GRID, lon=103.811)
        assert session.get_one(Event, near.event_id).code == "510115001001"
        with pytest.raises(BadReport, match=r"以外约 47\d 米"):
            sent(session, person=resident(), grid=GRID, lon=103.815)


def test_without_a_position_the_qr_code_says_where(town: Engine) -> None:
    with write_session(town) as session:
        event = session.get_one(
            Event, sent(session, person=resident(), grid=GRID, lon=None, lat=None).event_id
        )
        assert (event.code, event.lon) == (GRID, None)
        with pytest.raises(BadReport, match="还没有位置"):
            sent(session, lon=None, lat=None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class_code": ""}, "请先选择类别"),
        ({"class_code": "9999"}, "没有代码为“9999”的类别"),
        ({"words": "字" * 501}, "文字有 501 字，最多 500 字"),
        ({"contact": "王先生"}, "联系电话只能是数字"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(town: Engine, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadReport, match=said), write_session(town) as session:
        sent(session, **changes)


def test_the_draft_says_grid_duplicates_department_and_limit(town: Engine) -> None:
    with write_session(town) as session:
        known = sent(session)
    with read_session(town) as session:
        found = draft(session, lon=INSIDE[0], lat=INSIDE[1], class_code="0201", as_of=at(1))
        place = draft(session, lon=INSIDE[0], lat=INSIDE[1], class_code="", as_of=at(1))
        nowhere = draft(session, lon=104.5, lat=30.71, class_code="0201", as_of=at(1))
    assert (found.code, found.place, found.outside) == (GRID, "公平街道·惠民社区·01网格", "")
    assert [one.event_id for one in found.duplicates] == [known.event_id]
    assert found.decision is not None
    assert found.decision.department_code == ROADS
    assert (found.department, found.limit, found.due_at) == ("演示市政", "4 紧急工作时", at(5))
    assert (place.code, place.decision, place.duplicates) == (GRID, None, ())
    assert (nowhere.code, nowhere.place, nowhere.duplicates) == ("", "未落格", ())
    assert "未落格队列" in nowhere.outside


def test_a_draft_whose_deadline_lies_in_a_year_without_published_days_says_so(town: Engine) -> None:
    """A working day from 31 December ends on 1 January, as long as nobody knows that it is a holiday."""
    last = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
    with read_session(town) as session:
        found, always = (
            draft(session, lon=INSIDE[0], lat=INSIDE[1], class_code=code, as_of=last)
            for code in ("0106", "0201")
        )

    assert found.due_at == datetime(2027, 1, 1, 10, 0, tzinfo=UTC)
    assert found.notice.startswith("2027 年的放假和调休安排尚未公布或录入")
    assert always.notice == ""


@pytest.mark.parametrize("person", [WORKER, resident()])
def test_who_says_it_is_the_same_has_it_merged(town: Engine, person: Person) -> None:
    grid = "" if person is WORKER else GRID
    with write_session(town) as session:
        first = sent(session)
        second = sent(session, hours=1, same_as=first.event_id, person=person, grid=grid)
        event = session.get_one(Event, second.event_id)
        assert verify(session) == []
    assert (event.status, event.merged_into) == ("merged", first.event_id)
    assert second.notes == ("已与此处正在办理的同类件合并办理",)


def test_into_a_case_that_was_not_suggested_nothing_is_merged(town: Engine) -> None:
    with write_session(town) as session:
        far = sent(session, lon=OTHER_SIDE[0])
        event_id = sent(session, hours=1, same_as=far.event_id, person=resident(), grid=GRID)
        assert session.get_one(Event, event_id.event_id).status == "reported"
    assert "作为新的一件" in event_id.notes[0]


@pytest.mark.parametrize("person", [WORKER, resident()])
def test_a_report_where_another_source_told_of_it_before_is_linked_on_both_cards(
    town: Engine, person: Person
) -> None:
    """A case of the same source and one of another class are no repeats."""
    with write_session(town) as session:
        from_call = put(session, source="12345", lon=INSIDE[0], lat=INSIDE[1])
        own = "patrol" if person is WORKER else "resident"
        put(session, 2, source=own, lon=INSIDE[0], lat=INSIDE[1])
        put(session, 3, source="12345", class_code="0106", lon=INSIDE[0], lat=INSIDE[1])
        done = sent(session, person=person, grid=GRID if person is not WORKER else "", hours=1)
    with read_session(town) as session:
        (link,) = session.exec(select(EventLink)).all()
        mine, theirs = (linked_cases(session=session, event_id=each) for each in (done.event_id, from_call))
    assert (link.event_id, link.other_id, link.made_at) == (done.event_id, from_call, at(1))
    assert [one.event_id for one in mine] == [from_call]
    assert [one.event_id for one in theirs] == [done.event_id]


def test_a_report_that_was_merged_suggests_nothing_more(town: Engine) -> None:
    with write_session(town) as session:
        from_call = put(session, source="12345", lon=INSIDE[0], lat=INSIDE[1])
        sent(session, same_as=from_call, hours=1)
        assert session.exec(select(EventLink)).all() == []


def test_a_worker_away_from_home_reports_but_does_not_merge(town: Engine) -> None:
    with write_session(town) as session:
        first = sent(session, lon=OTHER_SIDE[0])
        second = sent(session, lon=OTHER_SIDE[0], hours=1, same_as=first.event_id)
        assert session.get_one(Event, second.event_id).status == "reported"
    assert "没有并案" in second.notes[0]
    assert "不在网格员·示例01的责任区" in second.notes[0]


def test_a_flood_from_one_address_is_stopped_for_the_hour(town: Engine) -> None:
    with write_session(town) as session:
        change_rule(session, key="address_reports_an_hour", value=2, at=at(0), actor="演示甲")
        for _ in range(2):
            sent(session, person=resident(), grid=GRID)
    flood = pytest.raises(TooManyReports, match=r"您所在的网络这一小时内已收到 2 件.*60 分钟后")
    with flood as caught, write_session(town) as session:
        sent(session, person=resident(), grid=GRID)
    assert caught.value.retry_seconds == 3601
    with write_session(town) as session:
        sent(session, person=resident(), grid=GRID, hours=1)  # the next hour
        sent(session)  # who signs for it is not counted
        rows = session.connection().execute(text("SELECT key FROM report_rate")).scalars().all()
    assert not [key for key in rows if "203.0.113" in key]


def test_a_flood_at_one_grid_is_stopped_and_old_counts_are_forgotten(town: Engine) -> None:
    with write_session(town) as session:
        change_rule(session, key="grid_reports_an_hour", value=1, at=at(0), actor="演示甲")
        sent(session, person=resident(), grid=GRID)
        with pytest.raises(TooManyReports, match="本网格这一小时内已收到 1 件"):
            sent(session, person=resident(), grid=GRID)
        sent(session, person=resident(), grid=GRID, hours=26)
        hours = session.connection().execute(text("SELECT count(DISTINCT hour) FROM report_rate"))
        assert hours.scalar_one() == 1


def test_personal_numbers_do_not_reach_the_case_and_a_contact_stays_apart(town: Engine) -> None:
    with write_session(town) as session:
        done = sent(
            session, person=resident(), grid=GRID, contact="13800001234",
            words="请打13900005678，身份证51011519900101123X，井盖编号 20261120",
        )  # fmt: skip
        event = session.get_one(Event, done.event_id)
        assert event.description == "请打139****5678，身份证（身份证号已隐去），井盖编号 20261120"
        assert masked_contact(session, event_id=done.event_id) == "138****1234"
        log = session.connection().execute(text("SELECT actor, changes FROM event_log")).one()
    assert log.actor == "居民"
    assert not [number for number in ("13800001234", "13900005678", "199001") if number in log.changes]


def test_longer_numbers_are_no_telephones() -> None:
    assert without_personal("设备 113800001234，单号 138000012345") == "设备 113800001234，单号 138000012345"


def test_the_most_reported_classes_come_first(town: Engine) -> None:
    with write_session(town) as session:
        before = [tile.code for major in class_tiles(session, as_of=at(0)) for tile in major.minors]
        for _ in range(3):
            sent(session, class_code="0201")
        put(session, 9, class_code="0106", reported_at=REPORTED_AT - timedelta(days=40))
        majors = class_tiles(session, as_of=at(1))
    assert before == ["0106", "0201"]
    assert [(tile.code, tile.reports) for tile in majors[0].minors] == [("0201", 3), ("0106", 0)]
    assert (majors[0].name, majors[0].reports) == ("演示大类", 3)

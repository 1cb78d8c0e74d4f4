"""Cases that come by file and by HTTP, in any order, any number of times, end in the same state."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database import open_engine, write_session
from data.intake.take import Delivery, take_in
from data.intake.tokens import create_token, find_token
from data.models import Event, EventLink
from tests.data.databases import copy_of
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv

HEADERS = {
    "external_no": "案件编号", "class": "事件类别", "title": "标题", "address": "地址", "lon": "经度",
    "lat": "纬度", "status": "状态", "department": "责任部门", "reported_at": "上报时间",
    "ended_at": "结案时间",
}  # fmt: skip
ROWS = [
    event(no="A1"),
    event(no="A2", lon="103.83", status="已结案", ended="2026-11-20 10:00"),
    event(no="A3", kind="0104", lon="", lat=""),
    event(no="A4", status="不知道"),
    event(no="A5", lon="103.811", title="＝示例，“引号”"),
    event(no="A6", lon="3400000", lat="500000"),
]
"""Two of them no one takes."""
PARTS = st.lists(st.integers(0, len(ROWS) - 1), min_size=1, max_size=len(ROWS))
STEPS = st.lists(st.tuples(st.sampled_from(["file", "json", "csv"]), PARTS), min_size=1, max_size=5)


def outcome(street: Street) -> tuple[object, object]:
    found: list[Event] = street.rows(Event)
    state = sorted(
        (one.external_no, one.source, one.title, one.status, one.code, one.lon, one.due_at, one.ended_at)
        for one in found
    )
    number = {one.id: one.external_no for one in found}
    links = {frozenset((number[one.event_id], number[one.other_id])) for one in street.rows(EventLink)}
    return repr(state), links


def bring(street: Street, way: str, part: list[int], folder: Path) -> None:
    """The chosen rows by one of the ways; both are of the source ``patrol``."""
    rows = [ROWS[number] for number in part]
    path = write_csv(folder / "甲.csv", rows)
    if way == "file":
        street.events(path)
        return
    names = {header: name for name, header in HEADERS.items()}
    body = json.dumps([{names[header]: cell for header, cell in row.items()} for row in rows]).encode()
    with write_session(street.engine) as session:
        token = find_token(session, token=(folder / "token").read_text())
    assert token is not None
    sent = Delivery(token=token, body=body if way == "json" else path.read_bytes(), is_json=way == "json")
    answer = take_in(street.engine, delivery=sent, settings=street.settings)
    assert answer["total"] == len(rows) == sum(answer[name] for name in ("new", "changed", "same", "refused"))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_any_order_and_any_repeat_by_file_or_http_ends_in_the_same_state(
    street: Street, tmp_path: Path, steps: list[tuple[str, list[int]]]
) -> None:
    street.engine.dispose()  # so that its database is whole and can be copied
    ends = []
    for ways in (steps, [("json", sorted({number for _, part in steps for number in part}))]):
        with copy_of(street.settings.database_url, tmp_path / "one.db") as url:
            engine = open_engine(url)
            one = Street(engine=engine, settings=replace(street.settings, database_url=url))
            with write_session(engine) as session:
                token = create_token(session, name="甲", source="patrol", settings=one.settings)
            (tmp_path / "token").write_text(token)
            for way, part in ways:
                # By file rows in metres stop the whole file where they are most: files bring the others.
                kept = [number for number in part if way == "json" or number != 5]
                if kept:
                    bring(one, way, kept, tmp_path)
            assert_log_is_sound(one)
            ends.append(outcome(one))
            engine.dispose()
    assert ends[0] == ends[1]

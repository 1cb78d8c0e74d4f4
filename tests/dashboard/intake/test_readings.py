"""Readings that sensors send to a real server: each kept once, each refusal in words, none half-written."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.intake.openapi import document
from dashboard.intake.readings_document import READINGS_PATH, reading_schema
from data.database import current_moment, read_session, write_session
from data.intake.tokens import create_token
from data.models import Event, ImportBatch, Reading, Sensor
from data.readings.fields import FIELDS
from data.readings.weeks import from_readings, kept_weeks
from data.vocabulary import TokenScope
from tests.dashboard.intake.conftest import TokenOf
from tests.dashboard.intake.test_intake import CASE, post, served
from tests.dashboard.intake.test_intake import send as send_case
from tests.dashboard.intake.test_openapi import OF_TYPE, valid
from tests.data.imports.support import Street

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
READING: dict[str, Any] = {
    "sensor": "SW-01", "count": "水体浊度", "value": 6.5, "unit": "NTU", "at": AT.isoformat(),
    "code": "510115001001", "name": "示例浊度计",
}  # fmt: skip


def reading(minutes: float = 0, **changes: Any) -> dict[str, Any]:
    found = {**READING, "at": (AT + timedelta(minutes=minutes)).isoformat(), **changes}
    return {name: value for name, value in found.items() if value != "(none)"}


@pytest.fixture
def token(street: Street) -> str:
    with write_session(street.engine) as session:
        return create_token(
            session, name="示例河道", source="sensor", settings=street.settings, requests_a_minute=6_000,
            scope=TokenScope.READINGS,
        )  # fmt: skip


def send(client: TestClient, token: str, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(READINGS_PATH, content=content, headers={**head, **given})


def results(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["result"] for row in answer.json()["rows"]]


def kept(street: Street) -> list[tuple[str, float]]:
    return [(one.number, one.value) for one in street.rows(Reading)]


def test_a_delivery_that_comes_again_changes_nothing_and_makes_no_batch(
    client: TestClient, street: Street, token: str
) -> None:
    body = [reading(), reading(1, value=7), reading(2, value="8.25", sensor=7)]
    assert results(send(client, token, body)) == ["new"] * 3
    before = street.digest()
    assert results(send(client, token, body)) == ["same"] * 3
    assert results(send(client, token, [*body, body[0], reading(3)])) == [*["same"] * 4, "new"]
    assert before != street.digest()
    assert kept(street) == [("SW-01", 6.5), ("SW-01", 7.0), ("7", 8.25), ("SW-01", 6.5)]
    assert street.rows(ImportBatch) == []


def test_each_row_is_told_what_is_wrong_and_the_others_are_taken(
    client: TestClient, street: Street, token: str
) -> None:
    soon = datetime.now(UTC)
    bad = {
        "单位“mg/L”与水体浊度的单位 NTU 不同": reading(10, unit="mg/L"),
        "比现在晚 5 分钟以上": reading(at=(soon + timedelta(minutes=6)).isoformat()),
        "早于读数的保留期": reading(at="2020-01-01T00:00:00+08:00"),
        "没有写时区": reading(at=soon.replace(tzinfo=None).isoformat()),
        "读不出来": reading(at="昨天"),
        "不是数": reading(11, value="NaN"),
        "值“inf”不是数": reading(12, value=float("1e308") * 10),
        "值“1_000”不是数": reading(13, value="1_000"),
        "太大": reading(14, value=2e9),
        "没有代码为 510199 的区划": reading(15, code="510199"),
        "没有“噪声”这个监测项": reading(16, count="噪声"),
        "“上报”由事件统计得出": reading(17, count="上报"),
        "已有读数 6.5，保留先到的": reading(0, value=9),
        "不知道它在哪里": reading(18, sensor="SW-99", code="(none)"),
        "不在任何区划内": reading(19, code=None, lon=1, lat=1),
        "只写了经度和纬度中的一个": reading(20, code=None, lon=103.81),
        "没有填写数值": reading(21, value=None),
        "没有“colour”这个字段": reading(22, colour="红"),
        "应为数字或文字": reading(23, value=True),
        "应是一个 JSON 对象": "一句话",
        "有看不见的字符": reading(24, sensor="a\nb"),
        "最多 64 个": reading(25, sensor="长" * 65),
        "不成字的编码": reading(26, sensor="\ud800"),
    }
    content = json.dumps([READING, *bad.values(), reading(1)]).replace("Infinity", '"inf"').encode()
    answer = send(client, token, content)
    assert results(answer) == ["new", *["refused"] * len(bad), "new"]
    for said, row in zip(bad, answer.json()["rows"][1:-1], strict=True):
        assert said in row["reason"], row
        assert row["field"], row
        assert row["advice"], row
    assert answer.json()["rows"][1]["field"] == "单位"
    assert answer.json()["rows"][1]["value"] == "mg/L"
    assert kept(street) == [("SW-01", 6.5)] * 2


def test_not_a_number_as_sensors_write_it_refuses_its_own_row_only(client: TestClient, token: str) -> None:
    content = json.dumps([reading(), reading(1, value=float("nan")), reading(2)]).encode()
    assert b"NaN" in content
    assert results(send(client, token, content)) == ["new", "refused", "new"]


def test_a_number_of_the_source_stands_for_one_reading(client: TestClient, token: str) -> None:
    first = reading(external_no="R1")
    assert results(send(client, token, first)) == ["new"]
    answer = send(client, token, [first, reading(1, external_no="R1"), reading(1, external_no="R2")])
    assert results(answer) == ["same", "refused", "new"]
    assert "读数编号已用于另一条读数" in answer.json()["rows"][1]["reason"]


def test_a_sensor_is_known_from_its_first_reading_on_and_a_late_one_does_not_move_it(
    client: TestClient, street: Street, token: str
) -> None:
    assert results(send(client, token, reading(code=None, lon=103.83, lat=30.71))) == ["new"]
    send(client, token, reading(5, code="(none)", name=None, value=9))
    send(client, token, reading(-30, value=1, code="510115001001", name="旧名"))
    (sensor,) = street.rows(Sensor)
    assert (sensor.code, sensor.lon, sensor.label) == ("510115001002", 103.83, "示例浊度计")
    assert (sensor.newest_value, sensor.newest_at) == (9.0, AT + timedelta(minutes=5))
    codes = [one.code for one in street.rows(Reading)]
    assert codes == ["510115001002", "510115001002", "510115001001"]


def test_a_table_is_read_by_names_and_by_chinese_labels(
    client: TestClient, street: Street, token: str
) -> None:
    moment = AT.isoformat()
    for head, number in (("sensor,count,value,at,code", "A"), ("传感器,监测项,数值,时间,区划,行号", "B")):
        more = ",3" if "行号" in head else ""
        text = f"{head}\n{number},水体浊度,-1.5,{moment},510115001001{more}\n{number},水体浊度,2\n\n"
        answer = send(client, token, text.encode("utf-8-sig"), Content_Type="text/csv")
        assert results(answer) == ["new", "refused"]
        assert [row["row"] for row in answer.json()["rows"]] == [2, 3]
    assert kept(street) == [("A", -1.5), ("B", -1.5)]
    wrong = (("传感器,颜色\n", "没有“颜色”"), ("传感器,监测项\n", "缺少 数值、时间"), ('a"b\n"', ""))
    for text, said in wrong:
        answer = send(client, token, text.encode(), Content_Type="text/csv")
        assert answer.status_code == 400
        assert said in answer.json()["problems"][0]


def test_a_token_sends_what_it_is_for_and_nothing_else(
    client: TestClient, street: Street, token: str, token_of: TokenOf
) -> None:
    wrong = send(client, token_of(), READING)
    assert wrong.status_code == 403
    assert "这个令牌只能送案件，不能送读数" in wrong.json()["problems"][0]
    assert send_case(client, token, CASE).status_code == 403
    assert send(client, "onemap_" + "A" * 43, READING).status_code == 401
    assert send(client, token, [READING] * 1001).status_code == 413
    assert send(client, token, b"x" * (5 * 1024 * 1024 + 1)).status_code == 413
    assert (street.rows(Event), street.rows(Reading)) == ([], [])


def test_many_posts_at_once_to_a_real_server_keep_each_reading_once(
    client: TestClient, street: Street, token: str
) -> None:
    bodies = [[reading(step, sensor=f"S{step % 3}", value=step) for step in range(at, at + 8)]
              for at in range(0, 40, 4)]  # fmt: skip
    with read_session(street.engine) as session:
        revision = current_moment(session).revision
    with served(client) as url, ThreadPoolExecutor(8) as pool:
        to = url.replace("/onemap/intake/events", READINGS_PATH)
        answers = list(pool.map(lambda body: post(to, token, body), bodies * 2))
    assert {status for status, _ in answers} == {200}
    assert sum(told["new"] for _, told in answers) == 44
    assert sum(told["same"] for _, told in answers) == 160 - 44
    assert len(street.rows(Reading)) == 44
    with read_session(street.engine) as session:
        assert kept_weeks(session) == from_readings(session)
        assert current_moment(session).revision == revision, "a stream does not wake every open page"


def test_the_document_describes_readings_and_every_example_is_accepted(
    client: TestClient, token: str
) -> None:
    described = document()["paths"][READINGS_PATH]["post"]
    answer_schema = document()["components"]["schemas"]["ReadingsAnswer"]
    for kind, content in described["requestBody"]["content"].items():
        for example in content["examples"].values():
            value = example["value"]
            body = value.encode() if isinstance(value, str) else value
            answer = send(client, token, body, Content_Type=kind)
            assert set(results(answer)) <= {"new", "same"}, answer.text
            assert valid(answer_schema, answer.json())
            for one in value if isinstance(value, list) else [value]:
                assert isinstance(one, str) or valid(reading_schema(), one)
    assert str(send(client, token, b"{").status_code) in described["responses"]


@pytest.mark.parametrize("name", FIELDS)
def test_a_type_that_the_document_does_not_allow_is_refused(
    client: TestClient, token: str, name: str
) -> None:
    field = reading_schema()["properties"][name]
    for kind, value in OF_TYPE.items():
        row = send(client, token, reading(**{name: value})).json()["rows"][0]
        by_type = row["result"] == "refused" and "：应为" in row["reason"]
        assert by_type is not valid(field, value), (kind, row)


def test_the_page_shows_how_to_send_a_reading(client: TestClient) -> None:
    text = client.get("/onemap/api").text
    curl = f"curl http://testserver{READINGS_PATH}"
    for words in (curl, "--for readings", "水体浊度", "同一时刻另有一个值"):
        assert words in text

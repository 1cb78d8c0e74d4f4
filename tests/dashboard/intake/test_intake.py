"""Cases that other systems send: judged by the rules of files, told row by row, never doubled."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import uvicorn
from starlette.testclient import TestClient

from dashboard.intake.rate import RateLimit
from dashboard.routes.intake import BAD_TOKENS_A_MINUTE, MOST_BYTES
from data.database import read_session, write_session
from data.imports import undo_batch
from data.intake.tokens import list_tokens, revoke_token
from data.models import Event, EventLink, ImportBatch
from tests.dashboard.intake.conftest import TokenOf, app
from tests.data.imports.support import EVENT, Street, assert_log_is_sound

CASE: dict[str, Any] = {
    "external_no": "RX001",
    "class": "0102",
    "title": "示例路口有垃圾",
    "lon": 103.81,
    "lat": 30.71,
    "status": "处置中",
    "reported_at": "2026-11-20 08:30",
}


def case(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**CASE, **changes}.items() if value != "(none)"}


def send(client: TestClient, token: str, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return client.post(
        "/onemap/intake/events", content=content,
        headers={**head, **{name.replace("_", "-"): value for name, value in headers.items()}},
    )  # fmt: skip


def results(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["result"] for row in answer.json()["rows"]]


def test_a_case_is_new_then_the_same_then_changed(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    token = token_of()
    assert results(send(client, token, CASE)) == ["new"]
    assert results(send(client, token, [CASE])) == ["same"]
    assert results(send(client, token, case(title="另一路口"))) == ["changed"]
    found = street.event("RX001")
    assert (found.source, found.title, found.code) == ("12345", "另一路口", "510115001001")
    assert [entry.actor for entry in street.log("RX001")] == ["接口·12345", "接口·12345"]
    assert len(street.rows(ImportBatch)) == 3
    assert_log_is_sound(street)


def test_each_row_is_told_what_is_wrong_and_the_others_are_taken(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    bad = [
        case(external_no="B1", status="不知道"),
        case(external_no="B2", lon=True),
        case(external_no="B3", lon=float(10**300), lat=1),
        case(external_no="B4", colour="红"),
        case(external_no="B5", status="(none)"),
        "一句话",
        case(external_no={"a": 1}),
        case(external_no=1.5),
        case(external_no="B9", lon=10**80),
        case(external_no="B10", title="\ud800"),
        case(external_no=None),
        case(external_no="B12", **{"class": "(none)"}),
    ]
    answer = send(client, token_of(), [CASE, *bad])
    assert results(answer) == ["new"] + ["refused"] * len(bad)
    told = answer.json()
    assert (told["total"], told["new"], told["refused"]) == (len(bad) + 1, 1, len(bad))
    for row in told["rows"][1:]:
        assert row["reason"], row
        assert row["advice"], row
    assert told["rows"][1]["value"] == "不知道"
    assert "状态“不知道”不认识" in told["rows"][1]["reason"]
    assert "应为数字或文字" in told["rows"][2]["reason"]
    assert "没有“colour”这个字段" in told["rows"][4]["reason"]
    assert "没有填写" in told["rows"][5]["reason"]
    assert [one.external_no for one in street.rows(Event)] == ["RX001"]
    assert len(street.rejects(told["batch"])) == len(bad)


def test_a_field_that_a_case_does_not_name_stays_as_it_is(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    token = token_of()
    send(client, token, case(description="垃圾桶外", address="示例路1号"))
    answer = send(
        client, token, [case(external_no="RX002", description="另一件"), case(address=None, status="核查")]
    )
    assert results(answer) == ["new", "changed"]
    found = street.event("RX001")
    assert (found.status, found.description, found.address) == ("checking", "垃圾桶外", "")


def test_one_number_twice_with_different_content_is_refused_and_equal_repeats_count_as_same(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    twice = [case(external_no="A", title="一"), case(external_no="A", title="二")]
    shapes = [case(external_no="B"), case(external_no="B", address="示例路")]
    answer = send(client, token_of(), [CASE, CASE, *twice, *shapes])
    assert results(answer) == ["new", "same", "refused", "refused", "refused", "refused"]
    assert [one.external_no for one in street.rows(Event)] == ["RX001"]


def test_rows_in_metres_do_not_take_their_neighbours_with_them(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    metres = [case(external_no=f"M{number}", lon=3_400_000.5, lat=500_000) for number in range(3)]
    assert results(send(client, token_of(), [CASE, *metres])) == ["new", *["refused"] * 3]
    assert len(street.rows(Event)) == 1


def test_a_csv_body_is_read_like_a_file(client: TestClient, street: Street, token_of: TokenOf) -> None:
    token = token_of()
    text = ",".join(EVENT) + "\n" + ",".join(EVENT.values()) + "\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        answer = send(client, token, text.encode(encoding), Content_Type="text/csv")
        assert answer.status_code == 200, answer.text
        assert answer.json()["rows"][0]["row"] == 2
    assert [one.title for one in street.rows(Event)] == ["示例路口有垃圾"]
    assert street.event("SL001").source == "12345", "whose it is, the token says"
    ragged = text + "多,出,来\n"
    assert results(send(client, token, ragged.encode(), Content_Type="text/csv")) == ["same", "refused"]


def test_a_sensor_is_a_source_like_any_other(client: TestClient, street: Street, token_of: TokenOf) -> None:
    assert results(send(client, token_of(source="物联感知"), case(external_no=77))) == ["new"]
    assert (street.event("77").source, street.event("77").external_no) == ("sensor", "77")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "不是正确的 JSON"),
        (b"[]", 400, "没有案件"),
        (b"12", 400, "没有案件"),
        (b"{", 400, "不是正确的 JSON"),
        ("{\"title\": \"甲\"}".encode("gbk"), 400, "不是 UTF-8"),
        (b'{"lon": NaN}', 400, "不能有 NaN"),
        (b'{"lon": -Infinity}', 400, "不能有 -Infinity"),
        (b'{"lon": 1, "lon": 2}', 400, "写了两次"),
        (b'{"lon": ' + b"9" * 5000 + b"}", 400, "太长"),
        (b"[" * 100_000, 400, "嵌套太深"),
        (b"[" + b"1," * 1000 + b"1]", 413, "最多 1000 件"),
        (b" " * (MOST_BYTES + 1), 413, "超过 5 MB"),
    ],
)  # fmt: skip
def test_a_body_that_is_nonsense_is_refused_as_a_whole(
    client: TestClient, street: Street, token_of: TokenOf, body: bytes, status: int, words: str
) -> None:
    answer = send(client, token_of(), body)
    assert answer.status_code == status
    assert words in answer.json()["problems"][0]
    assert street.rows(ImportBatch) == []


def test_a_body_without_a_length_is_cut_off_at_the_limit(client: TestClient, token_of: TokenOf) -> None:
    answer = client.post(
        "/onemap/intake/events",
        content=(b" " * 1_000_000 for _ in range(6)),
        headers={"Authorization": f"Bearer {token_of()}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 413


def test_other_kinds_of_content_are_refused(client: TestClient, token_of: TokenOf) -> None:
    token = token_of()
    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert send(client, token, CASE, Content_Type=kind).status_code == 415
    assert send(client, token, CASE, Content_Encoding="gzip").status_code == 415
    assert send(client, token, b"PK\x03\x04", Content_Type="text/csv").status_code == 400
    assert send(client, token, b"\xff\xfe\xfd", Content_Type="text/csv").status_code == 400


def test_without_a_good_token_nothing_is_told(client: TestClient, street: Street, token_of: TokenOf) -> None:
    token = token_of()
    for wrong in ("", "x", token[:-1], token + "A", token.swapcase(), "onemap_" + "A" * 43, "é"):
        answer = client.post(
            "/onemap/intake/events",
            content=b"{}",
            headers={b"Authorization": f"Bearer {wrong}".encode(), b"Content-Type": b"application/json"},
        )
        assert (answer.status_code, answer.json()) == (401, {"problems": ["令牌无效"]})
    assert client.post("/onemap/intake/events", content=b"{}").status_code == 401
    with write_session(street.engine) as session:
        revoke_token(session, name="12345")
    assert send(client, token, CASE).status_code == 403
    with read_session(street.engine) as session:
        assert token not in repr([vars(one) for one in list_tokens(session)])
    assert street.rows(Event) == []


def test_guessing_tokens_is_slowed_down_and_good_tokens_still_pass(
    client: TestClient, token_of: TokenOf
) -> None:
    token = token_of()
    statuses = [send(client, "x", CASE).status_code for _ in range(BAD_TOKENS_A_MINUTE + 2)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert results(send(client, token, CASE)) == ["new"]


def test_a_token_has_its_requests_a_minute(client: TestClient, token_of: TokenOf) -> None:
    token = token_of(requests_a_minute=2)
    answers = [send(client, token, CASE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 30


def test_a_bucket_fills_up_again_evenly() -> None:
    now = [0.0]
    limit = RateLimit(clock=lambda: now[0])
    assert [limit.wait_seconds("a", a_minute=2) for _ in range(3)] == [0, 0, 30]
    assert limit.wait_seconds("b", a_minute=2) == 0, "others have their own"
    now[0] = 29.0
    assert limit.wait_seconds("a", a_minute=2) == 1
    now[0] = 30.0
    assert limit.wait_seconds("a", a_minute=2) == 0


def test_the_same_key_is_told_the_same_and_another_body_under_it_is_refused(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    token, other = token_of(), token_of(source="12349")
    first = send(client, token, CASE, Idempotency_Key="k1")
    again = send(client, token, CASE, Idempotency_Key="k1")
    assert first.json() == again.json()
    assert results(again) == ["new"]
    assert len(street.rows(ImportBatch)) == 1
    assert send(client, token, case(title="别的"), Idempotency_Key="k1").status_code == 422
    assert results(send(client, other, case(title="别的"), Idempotency_Key="k1")) == ["new"]
    assert send(client, token, CASE, Idempotency_Key="k" * 129).status_code == 400
    undo_batch(street.engine, batch_id=first.json()["batch"], actor="测试", settings=street.settings)
    assert results(send(client, token, CASE, Idempotency_Key="k1")) == ["changed"], (
        "what was undone may come again"
    )


def test_a_repeat_from_another_source_is_linked_once(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    hotline, sensor = token_of(), token_of(source="sensor")
    send(client, hotline, CASE)
    near = case(external_no="S1", lon=103.8101)
    send(
        client,
        sensor,
        [near, case(external_no="S2", lon=103.83), case(external_no="S3", **{"class": "0104"})],
    )
    send(client, sensor, near)
    send(client, hotline, case(external_no="RX009"))
    links = {(one.event_id, one.other_id) for one in street.rows(EventLink)}
    number = {one.id: one.external_no for one in street.rows(Event)}
    named = {(number[new], number[old]) for new, old in links}
    assert named == {("S1", "RX001"), ("RX009", "S1")}, "never within a source, a class or out of reach"


@contextmanager
def served(client: TestClient) -> Iterator[str]:
    """A real server on a free port; ``client`` has set the environment."""
    assert client
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app(), host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}/onemap/intake/events"
    finally:
        server.should_exit = True
        thread.join()


def post(url: str, token: str, body: Any, **headers: str) -> tuple[int, Any]:
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
    try:
        with urlopen(Request(url, json.dumps(body).encode(), head)) as answer:  # noqa: S310  our own server
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_many_posts_at_once_to_a_real_server_take_each_case_once(
    client: TestClient, street: Street, token_of: TokenOf
) -> None:
    token = token_of()
    bodies = [
        [case(external_no=f"N{number}") for number in range(start, start + 5)] for start in range(0, 20, 2)
    ]
    with served(client) as url, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: post(url, token, body), bodies * 2))
        same = list(
            pool.map(lambda _: post(url, token, case(external_no="K"), **{"Idempotency-Key": "k"}), range(6))
        )
    assert {status for status, _ in answers} == {200}
    assert sum(told["new"] for _, told in answers) == 23
    assert len({json.dumps(answer) for answer in same}) == 1, "two at once under one key are told the same"
    assert same[0][1]["new"] == 1
    assert len(street.rows(Event)) == 24
    assert_log_is_sound(street)


def test_a_body_that_never_ends_is_given_up_and_others_are_served_meanwhile(
    client: TestClient, street: Street, token_of: TokenOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.routes.intake.BODY_SECONDS", 1.0)
    token = token_of()
    with served(client) as url:
        port = int(url.split(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(
                b"POST /onemap/intake/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + f"Authorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n".encode()
                + b'[{"external_no"'
            )
            assert post(url, token, CASE)[0] == 200
            answer = b""
            while b"problems" not in answer:
                piece = slow.recv(65_536)
                assert piece
                answer += piece
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "内容在 1 秒内没有收完，没有写入任何数据" in answer.decode()
    assert [one.external_no for one in street.rows(Event)] == ["RX001"]

"""The document says exactly what the server takes: it is valid, and every example in it is accepted."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from dashboard.intake.openapi import PATH, case_schema, document
from data.imports.fields import specs
from data.intake.json_cases import CASE_FIELDS, json_types
from data.vocabulary import BatchKind
from tests.dashboard.intake.conftest import TokenOf
from tests.dashboard.intake.test_intake import case, send

OF_TYPE: dict[str, Any] = {
    "string": "示例", "integer": 7, "number": 1.5, "boolean": True, "object": {}, "array": [],
}  # fmt: skip


def valid(schema: dict[str, Any], value: Any) -> bool:
    return bool(OAS31Validator(schema).is_valid(value))


def test_the_document_is_valid_openapi(client: TestClient) -> None:
    served = client.get("/onemap/openapi.json").json()
    assert served == document()
    assert list(OpenAPIV31SpecValidator(served).iter_errors()) == []
    assert served["openapi"] == "3.1.0"


def test_every_example_is_accepted(client: TestClient, token_of: TokenOf) -> None:
    token = token_of()
    content = document()["paths"][PATH]["post"]["requestBody"]["content"]
    answer_schema = document()["components"]["schemas"]["Answer"]
    for kind, described in content.items():
        for name, example in described["examples"].items():
            value = example["value"]
            body = value.encode() if isinstance(value, str) else value
            answer = send(client, token, body, Content_Type=kind)
            assert answer.status_code == 200, (name, answer.text)
            assert {row["result"] for row in answer.json()["rows"]} <= {"new", "changed", "same"}, answer.text
            assert valid(answer_schema, answer.json())
            for one in value if isinstance(value, list) else [value]:
                assert isinstance(one, str) or valid(case_schema(), one)


def test_the_fields_are_those_of_the_import_but_for_the_source() -> None:
    assert set(case_schema()["properties"]) == set(specs(BatchKind.EVENTS)) - {"source"}


@pytest.mark.parametrize("name", sorted(CASE_FIELDS))
def test_a_type_that_the_document_does_not_allow_is_refused_and_no_other(
    client: TestClient, token_of: TokenOf, name: str
) -> None:
    token = token_of()
    field = case_schema()["properties"][name]
    for kind, value in OF_TYPE.items():
        row = send(client, token, case(**{name: value})).json()["rows"][0]
        refused_by_type = row["result"] == "refused" and "：应为" in row["reason"]
        assert refused_by_type is not valid(field, value), (kind, row)
        assert (kind in json_types(CASE_FIELDS[name])) or refused_by_type or kind == "integer"


def test_what_is_required_is_required(client: TestClient, token_of: TokenOf) -> None:
    token = token_of()
    for name in (*case_schema()["required"], "class"):
        without = case(**{name: "(none)"})
        assert not valid(case_schema(), without)
        assert send(client, token, without).json()["refused"] == 1, name


def test_refusals_look_as_described(client: TestClient, token_of: TokenOf) -> None:
    problems = document()["components"]["schemas"]["Problems"]
    described = set(document()["paths"][PATH]["post"]["responses"])
    token = token_of()
    for answer in (
        send(client, "x", {}), send(client, token, b"{"), send(client, token, {}, Content_Type="text/html"),
        send(client, token, [1] * 1001),
    ):  # fmt: skip
        assert str(answer.status_code) in described
        assert valid(problems, answer.json())


def test_the_page_explains_in_chinese_and_asks_nobody_else(client: TestClient) -> None:
    answer = client.get("/onemap/api")
    text = unescape(answer.text)
    assert answer.status_code == 200
    assert "curl http://testserver/onemap/intake/events" in text
    for words in ("intake-token create", "Idempotency-Key", "案件编号", "429", "openapi.json"):
        assert words in text
    assert set(re.findall(r"https?://[^/\s\"'<]+", text)) == {"http://testserver"}
    assert "default-src 'none'" in answer.headers["content-security-policy"]

"""Addresses that people guess from a page's name lead to the page's own address."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.shell import shell_routes
from dashboard.state import PATHS


@pytest.mark.parametrize(
    ("guessed", "leads_to"),
    [
        ("/overview", "./"),
        ("/overview?area=510115001", "./?area=510115001"),
        ("/import_data?step=events", "./import?step=events"),
    ],
)
def test_the_name_of_a_page_leads_to_its_address_with_the_same_query(guessed: str, leads_to: str) -> None:
    client = TestClient(Starlette(routes=shell_routes()), follow_redirects=False)
    answer = client.get(guessed)
    assert (answer.status_code, answer.headers["Location"]) == (307, leads_to)


@pytest.mark.parametrize("path", PATHS.values())
def test_every_page_answers_at_its_address(path: str) -> None:
    client = TestClient(Starlette(routes=shell_routes()), follow_redirects=False)
    assert "<title>一图统览</title>" in client.get(path.removeprefix(".")).text

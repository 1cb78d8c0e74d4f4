"""The list as a file: the rows that the map and the list count, under a name that a person understands."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

import openpyxl
from starlette.testclient import TestClient

from tests.dashboard.small_world import NOW, World

AT = {"at": NOW.isoformat()}


def test_the_csv_has_one_row_for_every_event_of_the_filter(client: TestClient, world: World) -> None:
    response = client.get("/onemap/export.csv", params={**AT, "area": "510115001"})
    assert response.status_code == 200
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) - 1 == sum(row["code"].startswith("510115001") for row in world.events)
    disposition = unquote(response.headers["Content-Disposition"])
    assert disposition.startswith('attachment; filename="events.csv"')
    assert "事件清单_在办_20261121-1000.csv" in disposition


def test_the_workbook_has_the_same_rows(client: TestClient, world: World) -> None:
    response = client.get("/onemap/export.xlsx", params=AT)
    assert response.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(response.content), read_only=True).worksheets[0]
    numbers = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}
    assert {row["external_no"] for row in world.events} <= numbers
    assert ".xlsx" in response.headers["Content-Disposition"]


def test_a_senseless_filter_exports_nothing(client: TestClient) -> None:
    response = client.get("/onemap/export.csv", params={"color": "pink"})
    assert response.status_code == 400
    assert "color=pink" in response.json()["problems"][0]

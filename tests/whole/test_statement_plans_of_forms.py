"""On 200,000 events, no form of a grid worker or a resident reads the events or their log from end to end.

``test_statement_plans`` compares ``FORMS`` with the routes that the app serves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import col, select

from dashboard import context
from dashboard.acting import COOKIE, token_of
from data.database import read_session, write_session
from data.lifecycle import Person
from data.models import Event
from data.vocabulary import Role, Status
from tests.dashboard.reporting.conftest import HOST
from tests.dashboard.reporting.forms import PAGE, advance, qr, send, token_in
from tests.data.loop.world import DISTRICT, GRID, WORKER
from tests.whole.screens import Product
from tests.whole.watching import watched_lightly

pytestmark = pytest.mark.slow

INSIDE: dict[str, Any] = {"lon": "103.708", "lat": "30.606"}
"""A point in the grid whose code residents scan."""
DISPATCHER = Person(name="派遣员·示例02", role=Role.DISPATCHER, division_code=DISTRICT, staff_id=2)
CONTACT = "13800001234"
DRAFT = {**INSIDE, "class": "0201"}


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Where forms are handed in: a browser, and a case that a resident reported and that is closed."""

    product: Product
    receipt: str
    event_id: int

    def sit(self, person: Person | None) -> None:
        self.product.client.cookies.clear()
        if person is not None:
            self.product.client.cookies.set(COOKIE, token_of(person))

    def get(self, path: str, *, person: Person | None = None, **params: str) -> Response:
        self.sit(person)
        return self.product.client.get(path, params=params)

    def send(self, page: str, *, person: Person | None = None, **fields: Any) -> Response:
        self.sit(person)
        return send(self.product.client, page, **(INSIDE | fields))

    def post(self, path: str, *, person: Person | None = None, **fields: str) -> Response:
        self.sit(person)
        return self.product.client.post(path, data=fields, headers={"Origin": HOST})

    def judge(self, how: str, **fields: Any) -> Response:
        token = token_in(self.get(self.receipt))
        return self.post(f"{self.receipt}/{how}", token=token, **fields)


def newest() -> Event:
    """The case that came in last."""
    with read_session(context.engine()) as session:
        return session.exec(select(Event).order_by(col(Event.id).desc()).limit(1)).one()


@pytest.fixture
def counter(large: Product) -> Counter:
    """A case of its own for each form; as if nobody else had reported within the hour."""
    empty = Counter(product=large, receipt="", event_id=0)
    with write_session(context.engine()) as session:
        session.connection().exec_driver_sql("DELETE FROM report_rate")
    answer = empty.send(qr(), words="灯杆旁", contact=CONTACT)
    assert answer.status_code == 200, answer.text[:500]
    case = newest()
    with write_session(context.engine()) as session:
        advance(session, case.id or 0, Status.CLOSED)
    return Counter(product=large, receipt=answer.url.path, event_id=case.id or 0)


Form = Callable[[Counter], Response]
FORMS: dict[tuple[str, str], Form] = {
    ("GET", "/onemap/qr-sheet"): lambda at: at.get("/onemap/qr-sheet", area=DISTRICT),
    ("POST", "/onemap/contact"): lambda at: at.post(
        "/onemap/contact", person=DISPATCHER, event=str(at.event_id), reason="回访是否解决"
    ),
    ("GET", "/report"): lambda at: at.get(PAGE, person=WORKER),
    ("POST", "/report"): lambda at: at.send(PAGE, person=WORKER, words="灯杆旁"),
    ("GET", "/report/draft"): lambda at: at.get("/report/draft", person=WORKER, **DRAFT),
    ("GET", "/report/done/{event_id:int}"): lambda at: at.get(f"/report/done/{at.event_id}", person=WORKER),
    ("GET", "/r/case"): lambda at: at.get("/r/case", receipt=at.receipt.rpartition("/")[2]),
    ("GET", "/r/case/{receipt}"): lambda at: at.get(at.receipt),
    ("POST", "/r/case/{receipt}/rate"): lambda at: at.judge("rate", solved="yes", satisfied="yes"),
    ("POST", "/r/case/{receipt}/appeal"): lambda at: at.judge("appeal", reason="还在晃"),
    ("GET", "/r/{token}"): lambda at: at.get(qr()),
    ("POST", "/r/{token}"): lambda at: at.send(qr(), contact=CONTACT),
    ("GET", "/r/{token}/draft"): lambda at: at.get(f"{qr()}/draft", **DRAFT),
}
"""Every route of the forms: method and path, and how a browser asks it. A redirect is followed."""


@pytest.mark.parametrize(("method", "path"), FORMS)
def test_a_form_scans_nothing(counter: Counter, method: str, path: str) -> None:
    answers = []
    assert watched_lightly(counter.product, lambda: answers.append(FORMS[method, path](counter)))
    assert [answer.status_code for answer in answers] == [200], answers[0].text[:500]


def test_a_report_that_is_the_same_as_one_before_is_merged_without_a_scan(counter: Counter) -> None:
    first = counter.send(PAGE, person=WORKER)
    known = newest()
    assert first.status_code == 200

    assert watched_lightly(counter.product, lambda: counter.send(PAGE, person=WORKER, same_as=str(known.id)))
    assert (newest().status, newest().merged_into, newest().code) == ("merged", known.id, GRID)

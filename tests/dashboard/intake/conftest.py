"""A client of the intake routes over a small street, with a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import context
from dashboard.intake.rate import RateLimit
from dashboard.routes import intake
from dashboard.routes.intake_page import intake_page, openapi_document
from data.database import write_session
from data.intake.tokens import create_token
from tests.data.conftest import (
    database_path,
    database_url,
    empty_database,
    engine,
    settings,
    small_district,
)
from tests.data.imports.conftest import street
from tests.data.imports.support import Street

__all__ = [
    "database_path",
    "database_url",
    "empty_database",
    "engine",
    "settings",
    "small_district",
    "street",
]

TokenOf = Callable[..., str]


@pytest.fixture
def token_of(street: Street) -> TokenOf:
    """Makes a token: ``token_of(source="sensor")``; its name is its source unless given."""

    def make(*, source: str = "12345", name: str = "", requests_a_minute: int = 6_000) -> str:
        with write_session(street.engine) as session:
            return create_token(
                session,
                name=name or source,
                source=source,
                settings=street.settings,
                requests_a_minute=requests_a_minute,
            )

    return make


def app() -> Starlette:
    return Starlette(
        routes=[
            Route("/onemap/intake/events", intake.intake_events, methods=["POST"]),
            Route("/onemap/api/readings", intake.intake_readings, methods=["POST"]),
            Route("/onemap/openapi.json", openapi_document),
            Route("/onemap/api", intake_page),
        ]
    )


@pytest.fixture
def client(street: Street, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(street.settings.var_dir))
    monkeypatch.delenv("ONEMAP_DATABASE_URL", raising=False)
    monkeypatch.setattr(intake, "_limit", RateLimit())
    monkeypatch.setattr(intake, "_threads", None)
    context.reset()
    with TestClient(app()) as found:
        yield found
    context.reset()

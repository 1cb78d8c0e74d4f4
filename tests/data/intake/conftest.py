"""A small street, and what is dropped or sent to it."""

from __future__ import annotations

import pytest

from tests.data.imports.conftest import street
from tests.data.imports.support import Street

__all__ = ["inbox_street", "street"]


@pytest.fixture
def inbox_street(street: Street) -> Street:
    """The street with an inbox for the generic events."""
    (street.settings.inbox / "generic_events").mkdir(parents=True)
    return street

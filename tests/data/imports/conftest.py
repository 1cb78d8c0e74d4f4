"""A small street to import into: four divisions, two departments, two classes."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from data.database import write_session
from data.models import Department, EventClass
from data.settings import Settings
from data.vocabulary import ClockType, Urgency
from tests.data.imports.support import Street


@pytest.fixture
def street(small_district: Engine, settings: Settings) -> Street:
    """The district of ``SQUARES`` with two departments and two classes of events."""
    with write_session(small_district) as session:
        session.add_all(
            [Department(code="D01", name="示例执法局"), Department(code="D02", name="示例住建局")]
        )
        for code, minor, limit_hours in (("0102", "暴露垃圾", 4.0), ("0104", "道路不洁", None)):
            session.add(
                EventClass(
                    code=code,
                    valid_from=date(2026, 1, 1),
                    major="市容环境",
                    minor=minor,
                    department_code="D01",
                    urgency=Urgency.NORMAL.value,
                    limit_hours=limit_hours,
                    clock_type=ClockType.WORKING_HOURS.value,
                )
            )
    return Street(engine=small_district, settings=settings)

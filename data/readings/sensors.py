"""What is known of the sensors."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table, func, select
from sqlmodel import Session

from data.models import Sensor

_SENSOR: Final[Table] = Sensor.__table__  # type: ignore[attr-defined]


def sensors_by_count(*, session: Session) -> dict[str, int]:
    """How many sensors have sent readings of each count."""
    query = select(_SENSOR.c.name, func.count().label("sensors")).group_by(_SENSOR.c.name)
    return {row.name: row.sensors for row in session.execute(query)}

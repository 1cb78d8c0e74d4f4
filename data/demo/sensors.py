"""What the sensors of the demo measure: turbidity and level of its rivers, once an hour.

All of it is invented, is called so, and follows from the seed and the hour alone.

On each day one river is muddy, another one each day: at any moment exactly one sensor is beyond its limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Table, delete, select
from sqlmodel import Session

from data.demo.world import World
from data.models import Division, Reading, ReadingWeek, Sensor
from data.vocabulary import Level

if TYPE_CHECKING:
    from data.readings.judge import Judged

SOURCE: Final = "sensor"
EVERY_HOURS: Final = 1
_EVERY: Final = 24
"""A river runs through each so many-th community, beginning with ``_FIRST``."""
_FIRST: Final = 6
_AT_ONCE: Final = 2_000
_TABLES: Final[tuple[Table, ...]] = (
    Reading.__table__,  # type: ignore[attr-defined]
    ReadingWeek.__table__,  # type: ignore[attr-defined]
    Sensor.__table__,  # type: ignore[attr-defined]
)
_DIVISION: Final[Table] = Division.__table__  # type: ignore[attr-defined]


def write_sensors(
    session: Session, world: World, *, since: datetime, until: datetime, zone: ZoneInfo
) -> None:
    """Writes what was measured after ``since`` up to ``until``, in the caller's write session.

    Imported here, since readings know the imports, these the dispatch table, and that the demo's batch.
    """
    from data.readings.keep import keep

    found = list(_measured(world, since, until, zone))
    for start in range(0, len(found), _AT_ONCE):
        keep(session, found[start : start + _AT_ONCE], source=SOURCE, now=until)


def remove_sensors(session: Session, *, batch_id: int | None) -> None:
    """Deletes the readings of the demo's places, those that were sent for practice too."""
    places = select(_DIVISION.c.code).where(_DIVISION.c.batch_id == batch_id)
    for table in _TABLES:
        session.connection().execute(delete(table).where(table.c.code.in_(places)))


def _measured(world: World, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Judged]:
    """The readings of each whole hour, the oldest first."""
    rivers = [code for code, _ in world.residents_of(Level.COMMUNITY)][_FIRST::_EVERY]
    at = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while (at := at + timedelta(hours=EVERY_HOURS)) <= until:
        rng = np.random.default_rng([world.seed, 53, int(at.timestamp()) // 3600])
        day = at.astimezone(zone).toordinal()
        for place, code in enumerate(rivers):
            muddy = place == day % len(rivers)
            turbidity = rng.uniform(*((11.0, 15.0) if muddy else (2.0, 8.0)))
            level = 1.2 + 0.2 * place + (0.6 if muddy else 0.0) + rng.uniform(0.0, 0.3)
            yield _reading(f"YSZD{place + 1:02}", f"演示浊度计{place + 1:02}", "water_turbidity", code, at,
                           round(turbidity, 1))  # fmt: skip
            yield _reading(f"YSSW{place + 1:02}", f"演示水位计{place + 1:02}", "water_level", code, at,
                           round(level, 2))  # fmt: skip


def _reading(number: str, label: str, name: str, code: str, at: datetime, value: float) -> Judged:
    from data.readings.judge import Judged

    return Judged(
        line=0, number=number, name=name, at=at, value=value, code=code, label=label, lon=None, lat=None,
        external_no=None, cells={},
    )  # fmt: skip

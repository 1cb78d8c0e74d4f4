"""哪个网格人少事多: the events of a Filter by grid, for each grid worker and for 1,000 residents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.lifecycle import role_of
from data.queries.areas import narrowed
from data.queries.conditions import under_areas, where_clauses
from data.queries.names import in_force, place_names
from data.queries.tables import DIVISION, EVENT, STAFF
from data.vocabulary import CODE_LENGTH, Level, Role

_GRID: Final = CODE_LENGTH[Level.GRID]


class WorkloadOrder(StrEnum):
    """``worker``: most events for each grid worker first, grids with events and nobody before all others.
    ``residents``: most for 1,000 residents first; grids whose residents are unknown last.
    """

    WORKER = "worker"
    RESIDENTS = "residents"


@dataclass(frozen=True, kw_only=True)
class GridLoad:
    """One grid: ``events`` of the Filter, grid workers and residents. ``where`` holds exactly its events."""

    code: str
    place_name: str
    events: int
    workers: int
    residents: int | None
    where: Filter

    @property
    def per_worker(self) -> float | None:
        """None where nobody is registered for the grid."""
        return self.events / self.workers if self.workers else None

    @property
    def per_1000(self) -> float | None:
        """None where the residents are unknown or none."""
        return 1000.0 * self.events / self.residents if self.residents else None


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The first rows of ``grids`` grids under the areas of the Filter.

    The sums are over all of these grids: ``events`` leaves out what lies in no grid.
    """

    rows: tuple[GridLoad, ...]
    grids: int
    events: int
    workers: int
    residents: int | None


def workload(
    *,
    session: Session,
    where: Filter,
    as_of: datetime,
    parent: str = "",
    order: WorkloadOrder = WorkloadOrder.WORKER,
    limit: int = 50,
) -> Workload:
    """Grids under ``parent`` and the Filter's areas, the heaviest first; ties by events, then by code."""
    inner = narrowed(where, parent)
    if inner is None:
        return Workload(rows=(), grids=0, events=0, workers=0, residents=None)
    residents = _residents(session, inner.areas)
    events = _events(session, inner, as_of)
    workers = _workers(session, inner.areas)
    loads = [
        GridLoad(
            code=code, place_name="", events=events.get(code, 0), workers=workers.get(code, 0),
            residents=known, where=where.changed(areas=(code,)),
        )
        for code, known in residents.items()
    ]  # fmt: skip
    key = _by_worker if order is WorkloadOrder.WORKER else _by_residents
    first = sorted(loads, key=key)[:limit]
    names = place_names(session, {load.code for load in first})
    known_residents = [load.residents for load in loads if load.residents is not None]
    return Workload(
        rows=tuple(replace(load, place_name=names[load.code]) for load in first),
        grids=len(loads),
        events=sum(load.events for load in loads),
        workers=sum(load.workers for load in loads),
        residents=sum(known_residents) if known_residents else None,
    )


def _by_worker(load: GridLoad) -> tuple[int, float, int, str]:
    """Events that nobody is there for come first; an idle grid without anybody is no burden."""
    if load.per_worker is None:
        return (0 if load.events else 2), 0.0, -load.events, load.code
    return 1, -load.per_worker, -load.events, load.code


def _by_residents(load: GridLoad) -> tuple[int, float, int, str]:
    return int(load.per_1000 is None), -(load.per_1000 or 0.0), -load.events, load.code


def _residents(session: Session, areas: tuple[str, ...]) -> dict[str, int | None]:
    """The grids in force under the areas, with their residents."""
    columns = select(DIVISION.c.code, DIVISION.c.residents).where(
        DIVISION.c.level == Level.GRID.value, in_force(), *under_areas(areas, DIVISION.c.code)
    )
    return {row.code: row.residents for row in session.execute(columns)}


def _events(session: Session, where: Filter, as_of: datetime) -> dict[str, int]:
    grid = func.substr(EVENT.c.code, 1, _GRID).label("grid")
    columns = (
        select(grid, func.count().label("events"))
        .where(*where_clauses(session, where, as_of))
        .group_by("grid")
    )
    return {row.grid: row.events for row in session.execute(columns)}


def _workers(session: Session, areas: tuple[str, ...]) -> dict[str, int]:
    """People whose post makes them a grid worker, by the grid for which they answer."""
    grid = func.substr(STAFF.c.division_code, 1, _GRID).label("grid")
    columns = select(grid, STAFF.c.post, func.count()).where(
        func.length(STAFF.c.division_code) >= _GRID, *under_areas(areas, STAFF.c.division_code)
    )
    found = Counter[str]()
    for code, post, people in session.execute(columns.group_by("grid", STAFF.c.post)):
        found[code] += people if role_of(post) is Role.GRID_WORKER else 0
    return found

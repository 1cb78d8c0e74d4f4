"""What follows a change of boundaries: new tiles, and open events moved to the division they lie in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.engine import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.event_log import Action, Advance, Entry, append
from data.models import DataState, Division, Event
from data.models.base import column
from data.settings import Settings
from data.vocabulary import Level
from geo.crs import STORAGE_EPSG
from geo.locate import Locator
from geo.tiles import bake_pmtiles, remove_stale

TILES_NAME: Final = "divisions"
_ZOOMS: Final = {
    Level.DISTRICT.value: (4, 14),
    Level.STREET.value: (6, 14),
    Level.COMMUNITY.value: (8, 14),
    Level.GRID.value: (9, 14),
}
"""Zooms baked for each level; every level can be pinned, so grids begin where a whole district fits."""
_DIVISION: Final[Table] = Division.__table__  # type: ignore[attr-defined]
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_STATE: Final[Table] = DataState.__table__  # type: ignore[attr-defined]
_IN_FORCE: Final = column(Division.valid_to).is_(None)


def settle_boundaries(engine: Engine, settings: Settings, *, actor: str, batch_id: int | None = None) -> int:
    """Everything that has to follow a change of boundaries. Returns how many open events were moved.

    Numbers come before pictures: the events are moved even where the tiles then cannot be written.
    """
    moved = recode_open_events(engine, actor=actor, batch_id=batch_id)
    bake_division_tiles(engine, settings)
    return moved


def bake_division_tiles(engine: Engine, settings: Settings) -> str:
    """Bakes the divisions in force into ``settings.tiles_dir`` and puts the archive in force.

    Numbers the drawn divisions of each level in ascending code order (``tile_index``), as the tiles do.
    Returns the archive's file name; '' where no division has a boundary.

    Raises:
        BakeError: boundaries that cannot be turned into tiles.
        DatabaseProblem: the database does not answer as it should.
    """
    with read_session(engine) as session:
        layers = _layers(session)
    path = _bake(layers, settings.tiles_dir) if layers else None
    with write_session(engine) as session:
        connection = session.connection()
        connection.execute(
            update(_DIVISION).where(_DIVISION.c.tile_index.is_not(None)).values(tile_index=None)
        )
        numbers = [
            {"the_code": code, "number": number}
            for layer in layers.values()
            for number, code in enumerate(layer["code"])
        ]
        if numbers:
            is_this = (_DIVISION.c.code == bindparam("the_code")) & _IN_FORCE
            connection.execute(
                update(_DIVISION).where(is_this).values(tile_index=bindparam("number")), numbers
            )
        name = path.name if path else ""
        revision = _STATE.c.tiles_revision + 1
        connection.execute(update(_STATE).where(_STATE.c.id == 1).values(tiles=name, tiles_revision=revision))
    if path is not None:
        remove_stale(settings.tiles_dir, name=TILES_NAME, keep=path)
    return name


def _bake(layers: dict[str, gpd.GeoDataFrame], folder: Path) -> Path:
    zooms = {level: _ZOOMS[level] for level in layers}
    low, high = min(z for z, _ in zooms.values()), max(z for _, z in zooms.values())
    baked = bake_pmtiles(layers, directory=folder, name=TILES_NAME, min_zoom=low, max_zoom=high, zooms=zooms)
    return baked.path


def _layers(session: Session) -> dict[str, gpd.GeoDataFrame]:
    """Drawn divisions in force by level, in ascending code order."""
    found: dict[str, gpd.GeoDataFrame] = {}
    for level in Level:
        wanted = (
            select(_DIVISION.c.code, _DIVISION.c.short_name, _DIVISION.c.geometry)
            .where(_DIVISION.c.level == level.value, _IN_FORCE, _DIVISION.c.geometry.is_not(None))
            .order_by(_DIVISION.c.code)
        )
        rows = session.connection().execute(wanted).all()
        if rows:
            codes, names, shapes = zip(*rows, strict=True)
            found[level.value] = gpd.GeoDataFrame(
                {"code": list(codes), "name": list(names)},
                geometry=shapely.from_wkb(list(shapes)),
                crs=STORAGE_EPSG,
            )
    return found


def read_locator(session: Session) -> Locator:
    """Finds the deepest division in force that holds a point."""
    wanted = select(_DIVISION.c.code, _DIVISION.c.geometry).where(
        _IN_FORCE, _DIVISION.c.geometry.is_not(None)
    )
    rows = session.connection().execute(wanted).all()
    return Locator([row.code for row in rows], list(shapely.from_wkb([row.geometry for row in rows])))


def recode_open_events(
    engine: Engine, *, actor: str, batch_id: int | None = None, now: datetime | None = None
) -> int:
    """Gives open events with a position the code of the division that now contains them, by their logs.

    Events without position keep the code that they declared; ``code_at_report`` never changes. Returns how
    many events were moved.
    """
    at = now or datetime.now(UTC)
    with write_session(engine) as session:
        wanted = select(_EVENT.c.id, _EVENT.c.code, _EVENT.c.lon, _EVENT.c.lat).where(
            _EVENT.c.ended_at.is_(None),
            _EVENT.c.code >= "",
            _EVENT.c.lon.is_not(None),
            _EVENT.c.lat.is_not(None),
        )
        rows = session.connection().execute(wanted).all()
        codes = read_locator(session).locate(
            np.array([row.lon for row in rows], dtype=np.float64),
            np.array([row.lat for row in rows], dtype=np.float64),
        )
        moved = {row.id: str(code) for row, code in zip(rows, codes, strict=True) if row.code != code}
        append(session, _recodings(session, moved, at=at, actor=actor, batch_id=batch_id))
    return len(moved)


def _recodings(
    session: Session, moved: dict[int, str], *, at: datetime, actor: str, batch_id: int | None
) -> list[Advance]:
    """One entry for each event, on top of what this write session sees."""
    seen: dict[int, int] = {}
    ids = list(moved)
    for start in range(0, len(ids), 500):
        chunk = select(_EVENT.c.id, _EVENT.c.seq).where(_EVENT.c.id.in_(ids[start : start + 500]))
        seen |= {row.id: row.seq for row in session.connection().execute(chunk)}
    return [
        Advance(
            event_id=event_id,
            seen_seq=seen[event_id],
            entries=[
                Entry(
                    action=Action.RECODE, at=at, actor=actor, reason="区划边界更新，按位置重新落格",
                    changes={"code": code}, batch_id=batch_id,
                )
            ],
        )
        for event_id, code in moved.items()
    ]  # fmt: skip

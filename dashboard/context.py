"""What one process holds: its settings and its engine. Nothing that a request or a session could change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pmtiles.reader import MmapSource, Reader
from sqlalchemy.engine import Engine

from data.database import open_engine
from data.settings import Settings, read_settings


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings()


@cache
def engine() -> Engine:
    """The one engine of this process, with its pool of connections.

    Raises:
        DatabaseUnusable: the database cannot be opened.
    """
    return open_engine(settings().database_url)


def reset() -> None:
    """Forget settings and engine, so that the next use reads the environment again."""
    if engine.cache_info().currsize:
        engine().dispose()
    for held in (settings, engine, basemap):
        held.cache_clear()


def basemap_path() -> Path | None:
    """The local base map's archive, or None where none is configured or the file is not there."""
    chosen = settings()
    if chosen.basemap != "pmtiles" or not chosen.basemap_url:
        return None
    path = Path(chosen.basemap_url).expanduser().resolve()
    return path if path.is_file() else None


@dataclass(frozen=True)
class Basemap:
    """What is in the local base map: its vector layers, and the finest zoom that it holds."""

    layers: tuple[str, ...] = ()
    max_zoom: int = 15


@cache
def basemap() -> Basemap:
    """The local base map's content, read from its archive, so that one of any scheme can be drawn."""
    path = basemap_path()
    if path is None:
        return Basemap()
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        layers = tuple(str(layer["id"]) for layer in reader.metadata().get("vector_layers", []))
        return Basemap(layers=layers, max_zoom=int(reader.header()["max_zoom"]))

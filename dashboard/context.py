"""What one process holds: its settings and its engine. Nothing that a request or a session could change."""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
    for held in (settings, engine, basemap_layers):
        held.cache_clear()


def basemap_path() -> Path | None:
    """The local base map's archive, or None where none is configured or the file is not there."""
    chosen = settings()
    if chosen.basemap != "pmtiles" or not chosen.basemap_url:
        return None
    path = Path(chosen.basemap_url).expanduser().resolve()
    return path if path.is_file() else None


@cache
def basemap_layers() -> tuple[str, ...]:
    """Names of the vector layers in the local base map, so that an archive of any scheme can be drawn."""
    path = basemap_path()
    return () if path is None else read_header_layers(path)


def read_header_layers(path: Path) -> tuple[str, ...]:
    """Vector layers that a PMTiles archive declares in its metadata."""
    from pmtiles.reader import MmapSource, Reader

    with path.open("rb") as file:
        metadata = Reader(MmapSource(file)).metadata()
    return tuple(str(layer["id"]) for layer in metadata.get("vector_layers", []))

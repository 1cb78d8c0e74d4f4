"""Bake boundary layers into one PMTiles archive for the map, named by the hash of its content.

GDAL (through pyogrio) cuts each layer into vector tiles; the layers' tiles are then joined, since a
vector tile of several layers is the concatenation of the tiles of each. Nothing is simplified: GDAL
rounds coordinates to the tile's grid, which moves a shared vertex alike in both neighbours, so that
no gap opens between areas at any zoom.

What a tile holds: layer ``<layer>`` (polygons, property ``i``), and layer ``<layer>_label`` (one point
inside each area, properties ``i`` and ``name``) where the areas have names. ``i`` is the area's row in
ascending code order, from 0: the small integer by which the browser asks for values.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.crs import CoordinateSystem, from_cgcs2000, require_cgcs2000
from geo.errors import BakeError

LABEL_SUFFIX: Final = "_label"
_SUFFIX: Final = ".pmtiles"
_HASH_DIGITS: Final = 12
_GZIP_LEVEL: Final = 6

# GDAL drops features, or coarsens a tile, beyond these limits: set so high that it never does.
_NO_LIMITS: Final = {"MAX_SIZE": "200000000", "MAX_FEATURES": "2000000"}


@dataclass(frozen=True, slots=True)
class BakedTiles:
    """A finished archive: where it is, the SHA-256 of its content, its size, and how long it took."""

    path: Path
    sha256: str
    bytes: int
    seconds: float


def bake_pmtiles(
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    directory: Path,
    name: str,
    min_zoom: int,
    max_zoom: int,
    zooms: Mapping[str, tuple[int, int]] | None = None,
) -> BakedTiles:
    """Write layers of areas to ``<directory>/<name>-<first 12 digits of the hash>.pmtiles``.

    Args:
        layers: layer name → areas in CGCS2000 degrees (EPSG:4490) with the columns ``code``, unique, and
            optionally ``name`` (then a label layer is added).
        directory: made if missing; the archive appears in it complete or not at all.
        name: start of the file name.
        min_zoom, max_zoom: zooms baked, both included; the map stretches the last one further.
        zooms: layer or label layer → its own (min_zoom, max_zoom), where it differs. Every feature costs time
            at every zoom: labels of small areas are worth it only at zooms where there is room for them.

    Raises:
        MissingCrs, WrongCrs: a layer is not in CGCS2000 degrees.
        BakeError: a layer is empty, has no or repeated codes, or geometries that are not polygons.
    """
    started = time.perf_counter()
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".bake-") as folder:
        tiles: dict[int, list[bytes]] = {}
        described = []
        for layer, areas in layers.items():
            own = (zooms or {}).get(layer, (min_zoom, max_zoom))
            for part, features in _parts(layer, areas).items():
                low, high = (zooms or {}).get(part, own)
                source = Path(folder) / f"{part}{_SUFFIX}"
                _write_layer(features, source, layer=part, min_zoom=low, max_zoom=high)
                _collect(source, tiles)
                described.append(_describe(part, features, low, high))
        if not tiles:
            raise BakeError("没有可以制作底图的图层：请至少给出一层区划")
        bounds = np.array([layer.total_bounds for layer in layers.values()])
        whole = Path(folder) / f"whole{_SUFFIX}"
        _join(tiles, whole, described, bounds=(*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)))
        digest = _sha256(whole)
        path = directory / f"{name}-{digest[:_HASH_DIGITS]}{_SUFFIX}"
        whole.replace(path)
    return BakedTiles(path, digest, path.stat().st_size, time.perf_counter() - started)


def remove_stale(directory: Path, *, name: str, keep: Path) -> list[Path]:
    """Delete the other archives of this name (and no other file); returns what was deleted."""
    hash_pattern = "[0-9a-f]" * _HASH_DIGITS
    found = sorted(directory.glob(f"{name}-{hash_pattern}{_SUFFIX}"))
    stale = [path for path in found if path.name != keep.name]
    for path in stale:
        path.unlink(missing_ok=True)
    return stale


def _parts(layer: str, areas: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The layer, and its label layer if it has names, in Web Mercator, with the properties tiles carry."""
    _check(layer, areas)
    ordered = areas.sort_values("code", kind="stable")
    index = np.arange(len(ordered), dtype=np.int32)
    shapes = ordered.geometry.to_numpy()
    found = {layer: gpd.GeoDataFrame({"i": index}, geometry=_to_mercator(shapes), crs=3857)}
    if "name" in ordered.columns:
        points = _to_mercator(shapely.point_on_surface(shapes))
        names = ordered["name"].fillna("").astype(str).to_numpy()
        found[layer + LABEL_SUFFIX] = gpd.GeoDataFrame({"i": index, "name": names}, geometry=points, crs=3857)
    return found


def _check(layer: str, areas: gpd.GeoDataFrame) -> None:
    require_cgcs2000(areas, name=layer)
    if "code" not in areas.columns or areas.empty:
        raise BakeError(f"图层“{layer}”没有数据或没有代码列（code）：请先导入区划")
    repeated = areas["code"][areas["code"].duplicated()]
    if len(repeated):
        raise BakeError(f"图层“{layer}”里代码 {repeated.iloc[0]} 重复出现：每个区划只能有一个图形，请先合并")
    kinds = set(areas.geometry.geom_type.dropna().unique())
    missing = areas.geometry.isna() | areas.geometry.is_empty
    if missing.any() or not kinds <= {"Polygon", "MultiPolygon"}:
        raise BakeError(f"图层“{layer}”里有空图形或不是面的图形：请先用边界修复处理")


def _to_mercator(shapes: Any) -> Any:
    return shapely.transform(
        shapes,
        lambda p: np.column_stack(from_cgcs2000(p[:, 0], p[:, 1], system=CoordinateSystem.WEB_MERCATOR)),
    )


def _write_layer(features: gpd.GeoDataFrame, path: Path, *, layer: str, min_zoom: int, max_zoom: int) -> None:
    options = {"MINZOOM": str(min_zoom), "MAXZOOM": str(max_zoom), **_NO_LIMITS}
    pyogrio.write_dataframe(features, path, layer=layer, driver="PMTiles", dataset_options=options)


def _collect(path: Path, tiles: dict[int, list[bytes]]) -> None:
    with path.open("rb") as file:
        for (z, x, y), data in all_tiles(MmapSource(file)):
            tiles.setdefault(zxy_to_tileid(z, x, y), []).append(gzip.decompress(data))


def _describe(layer: str, features: gpd.GeoDataFrame, min_zoom: int, max_zoom: int) -> dict[str, Any]:
    fields = {"i": "Number"} | ({"name": "String"} if "name" in features.columns else {})
    return {"id": layer, "minzoom": min_zoom, "maxzoom": max_zoom, "fields": fields}


def _join(
    tiles: dict[int, list[bytes]],
    path: Path,
    described: list[dict[str, Any]],
    *,
    bounds: tuple[float, float, float, float],
) -> None:
    west, south, east, north = (round(float(value) * 1e7) for value in bounds)
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": min(layer["minzoom"] for layer in described),
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
    with path.open("wb") as file:
        writer = Writer(file)
        for tile_id in sorted(tiles):
            # A fixed time stamp keeps the archive, and so its name, the same for the same boundaries.
            writer.write_tile(
                tile_id, gzip.compress(b"".join(tiles[tile_id]), compresslevel=_GZIP_LEVEL, mtime=0)
            )
        writer.finalize(header, {"vector_layers": described})
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

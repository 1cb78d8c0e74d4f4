"""Baking boundaries: complete at every zoom, without gaps, named by content."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from shapely.geometry.base import BaseGeometry

from geo.cells import tile_of
from geo.errors import BakeError, MissingCrs
from geo.subdivide import subdivide
from geo.tiles import BakedTiles, bake_pmtiles, remove_stale

WHOLE = shapely.box(103.80, 30.60, 103.95, 30.75)
ZOOMS = range(8, 15)


def areas(shapes: list[BaseGeometry], *, named: bool = False) -> gpd.GeoDataFrame:
    codes = [f"{k:012d}" for k in range(len(shapes))]
    names = {"name": [f"演示网格{k}" for k in range(len(shapes))]} if named else {}
    return gpd.GeoDataFrame({"code": codes, **names}, geometry=shapes, crs=4490)


@pytest.fixture(scope="module")
def grids() -> gpd.GeoDataFrame:
    return areas([*subdivide(WHOLE, parts=300, seed=1)], named=True)


@pytest.fixture(scope="module")
def baked(grids: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory) -> BakedTiles:
    layers = {"district": areas([WHOLE]), "grid": grids}
    return bake_pmtiles(
        layers, directory=tmp_path_factory.mktemp("tiles"), name="demo", min_zoom=ZOOMS[0], max_zoom=ZOOMS[-1]
    )


def read(baked: BakedTiles, layer: str, zoom: int) -> gpd.GeoDataFrame:
    # GDAL's reader, cutting pieces back to their tile, loses parts that reach in twice: read them whole.
    return pyogrio.read_dataframe(baked.path, layer=layer, ZOOM_LEVEL=str(zoom), CLIP="NO")


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("layer", ["grid", "grid_label"])
def test_no_area_and_no_label_is_missing_at_any_zoom(baked: BakedTiles, layer: str, zoom: int) -> None:
    assert sorted(set(read(baked, layer, zoom)["i"])) == list(range(300))


@pytest.mark.parametrize("zoom", ZOOMS)
def test_the_areas_leave_no_gap_at_any_zoom(baked: BakedTiles, zoom: int) -> None:
    pieces = read(baked, "grid", zoom).geometry.to_numpy()
    rounding_m = 40_075_017 / 2**zoom / 4096
    # Closing by a hair joins what meets exactly; a gap of one rounding step would stay open.
    filled = shapely.union_all(shapely.make_valid(pieces)).buffer(rounding_m / 100, join_style="mitre")
    whole = gpd.GeoSeries([WHOLE], crs=4490).to_crs(3857)[0].buffer(-2 * rounding_m, join_style="mitre")
    assert shapely.difference(whole, filled).area < 1e-6 * whole.area


def test_labels_lie_inside_their_areas_and_carry_the_names(
    baked: BakedTiles, grids: gpd.GeoDataFrame
) -> None:
    labels = read(baked, "grid_label", 14).drop_duplicates("i").set_index("i").sort_index()
    assert labels["name"].tolist() == grids["name"].tolist()
    shapes = grids.geometry.to_crs(3857).to_numpy()
    assert shapely.contains(shapes, labels.geometry.to_numpy()).all()


def test_layers_without_names_have_no_labels_and_areas_carry_only_their_index(baked: BakedTiles) -> None:
    assert [name for name, _ in pyogrio.list_layers(baked.path)] == ["district", "grid", "grid_label"]
    assert read(baked, "grid", 10).columns.drop(["geometry", "mvt_id"]).tolist() == ["i"]


def test_the_index_is_the_row_in_ascending_code_order(tmp_path: Path) -> None:
    shapes = [shapely.box(103.8, 30.6, 103.85, 30.65), shapely.box(103.9, 30.7, 103.95, 30.75)]
    layer = areas(shapes).assign(code=["510115002", "510115001"])
    found = bake_pmtiles({"street": layer}, directory=tmp_path, name="x", min_zoom=12, max_zoom=12)
    first = read(found, "street", 12).query("i == 0").geometry.union_all()
    assert gpd.GeoSeries([first], crs=3857).to_crs(4326)[0].centroid.x == pytest.approx(103.925, abs=1e-3)


def test_a_tile_is_stored_where_the_map_asks_for_it(baked: BakedTiles) -> None:
    with baked.path.open("rb") as file:
        stored = {zxy: gzip.decompress(data) for zxy, data in all_tiles(MmapSource(file))}
    assert {z for z, _, _ in stored} == set(ZOOMS)
    for zoom in ZOOMS:
        centre = tile_of(103.875, 30.675, z=zoom)
        assert b"grid" in stored[(zoom, *centre)]


def test_the_header_tells_zooms_and_bounds(baked: BakedTiles) -> None:
    with baked.path.open("rb") as file:
        header = Reader(MmapSource(file)).header()
    assert (header["min_zoom"], header["max_zoom"]) == (8, 14)
    bounds = [header[key] / 1e7 for key in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")]
    assert bounds == pytest.approx(WHOLE.bounds)


def test_the_name_holds_the_hash_of_the_content(baked: BakedTiles) -> None:
    content = baked.path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == baked.sha256
    assert baked.path.name == f"demo-{baked.sha256[:12]}.pmtiles"
    assert len(content) == baked.bytes


def test_the_same_boundaries_give_the_same_file_in_any_order_of_rows(tmp_path: Path) -> None:
    layer = areas([*subdivide(WHOLE, parts=12, seed=1)], named=True)
    first = bake_pmtiles({"grid": layer}, directory=tmp_path / "a", name="x", min_zoom=10, max_zoom=12)
    again = bake_pmtiles(
        {"grid": layer.iloc[::-1]}, directory=tmp_path / "b", name="x", min_zoom=10, max_zoom=12
    )
    assert first.sha256 == again.sha256


def test_nothing_but_the_archive_is_left_behind(baked: BakedTiles) -> None:
    assert list(baked.path.parent.iterdir()) == [baked.path]


def test_a_layer_and_its_labels_may_have_their_own_zooms(tmp_path: Path) -> None:
    layers = {"street": areas([WHOLE]), "grid": areas([*subdivide(WHOLE, parts=5, seed=1)], named=True)}
    zooms = {"grid": (11, 12), "grid_label": (12, 12)}
    found = bake_pmtiles(
        layers, directory=tmp_path, name="x", min_zoom=9, max_zoom=10, zooms=zooms
    )  # fmt: skip
    seen: dict[int, set[str]] = {zoom: set() for zoom in range(9, 13)}
    with found.path.open("rb") as file:
        for (z, _, _), data in all_tiles(MmapSource(file)):
            content = gzip.decompress(data)
            seen[z] |= {name for name in ("street", "grid", "grid_label") if name.encode() in content}
    assert seen == {9: {"street"}, 10: {"street"}, 11: {"grid"}, 12: {"grid", "grid_label"}}


def test_stale_archives_of_the_same_name_are_removed_and_no_others(tmp_path: Path) -> None:
    names = [
        "demo-0123456789ab.pmtiles",
        "demo-ffffffffffff.pmtiles",
        "demo-other-0123456789ab.pmtiles",
        "notes.txt",
    ]
    for name in names:
        (tmp_path / name).touch()
    removed = remove_stale(tmp_path, name="demo", keep=tmp_path / names[1])
    assert [path.name for path in removed] == names[:1]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (areas([]), "没有数据"),
        (areas([WHOLE]).drop(columns="code"), "没有代码列"),
        (areas([WHOLE, WHOLE]).assign(code="510115"), "代码 510115 重复"),
        (areas([shapely.Point(104, 30)]), "不是面"),
        (areas([shapely.Polygon()]), "空图形"),
    ],
)
def test_a_layer_that_cannot_be_baked_is_refused_and_leaves_nothing(
    layer: gpd.GeoDataFrame, words: str, tmp_path: Path
) -> None:
    with pytest.raises(BakeError, match=words):
        bake_pmtiles({"grid": layer}, directory=tmp_path, name="x", min_zoom=10, max_zoom=11)
    assert list(tmp_path.iterdir()) == []


def test_no_layers_or_a_layer_without_a_system_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BakeError, match="没有可以制作底图的图层"):
        bake_pmtiles({}, directory=tmp_path, name="x", min_zoom=10, max_zoom=11)
    bare = gpd.GeoDataFrame({"code": ["1"]}, geometry=[WHOLE])
    with pytest.raises(MissingCrs, match="grid"):
        bake_pmtiles({"grid": bare}, directory=tmp_path, name="x", min_zoom=10, max_zoom=11)


def test_many_small_areas_in_one_tile_are_all_kept(tmp_path: Path) -> None:
    # 10,000 areas of about 140 m in one tile of zoom 9: beyond GDAL's usual limit of size for a tile.
    side = np.linspace(0.0, 1.0, 101)
    west, south = (g.ravel() for g in np.meshgrid(side[:-1], side[:-1]))
    boxes = shapely.box(
        103.8 + 0.15 * west, 30.6 + 0.15 * south, 103.8 + 0.15 * (west + 0.01), 30.6 + 0.15 * (south + 0.01)
    )
    found = bake_pmtiles({"grid": areas([*boxes])}, directory=tmp_path, name="x", min_zoom=9, max_zoom=10)
    for zoom in (9, 10):
        assert read(found, "grid", zoom)["i"].nunique() == 10_000

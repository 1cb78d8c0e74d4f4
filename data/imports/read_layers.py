"""GeoJSON, Shapefile (zipped or not) and GeoPackage through GDAL: attributes as text, geometry beside
them.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from data.imports.decode import AUTO, decode, normal_name
from data.imports.errors import FileProblem
from data.imports.guard import Form
from data.imports.profile import Profile
from data.imports.source_table import SourceTable, cell_text, text_frame

_COMPANIONS: Final = (".shx", ".dbf")
_SHAPE_PARTS: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


def read_layer(path: Path, form: Form, profile: Profile) -> SourceTable:
    """The features of the layer that the profile names, else the first.

    Raises:
        FileProblem: damaged, a companion file of a Shapefile missing, no such layer, or a wrong encoding.
    """
    if form is not Form.SHAPEFILE:
        return _read(path, path.name, profile, encoding=None)
    with tempfile.TemporaryDirectory(prefix="onemap-") as folder:
        shape = _unpacked(path, Path(folder)) if path.suffix.lower() == ".zip" else path
        _check_companions(shape, path.name)
        return _read(shape, path.name, profile, encoding=_dbf_encoding(shape, path.name, profile))


def _read(path: Path, name: str, profile: Profile, *, encoding: str | None) -> SourceTable:
    if path.suffix.lower() in (".geojson", ".json"):
        _check_json(path)
    try:
        meta, _, geometry, fields = pyogrio.raw.read(
            path, layer=_layer(path, name, profile), encoding=encoding, datetime_as_string=True
        )
    except (DataSourceError, DataLayerError, ValueError, UnicodeDecodeError) as error:
        raise FileProblem(f"图层文件“{name}”打不开：文件可能已损坏，请从 GIS 软件重新导出。") from error
    headers = [str(field) for field in meta["fields"]]
    columns = [_texts(values) for values in fields]
    count = len(geometry) if geometry is not None else len(columns[0]) if columns else 0
    rows = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(count)]
    shapes = shapely.from_wkb(geometry, on_invalid="ignore") if geometry is not None else None
    return SourceTable(
        file_name=name,
        cells=text_frame(rows, headers),
        lines=np.arange(1, count + 1, dtype=np.int64),
        geometry=shapes,
        declared_crs=_declared(meta["crs"]),
    )


def _layer(path: Path, name: str, profile: Profile) -> str | None:
    layers = [str(row[0]) for row in pyogrio.list_layers(path)]
    if not layers:
        raise FileProblem(f"文件“{name}”里没有图层：请从 GIS 软件重新导出。")
    if profile.sheet and profile.sheet not in layers and path.suffix.lower() == ".gpkg":
        raise FileProblem(
            f"文件“{name}”里没有名为“{profile.sheet}”的图层：现有 {'、'.join(layers)}。请改接入方案。"
        )
    return profile.sheet if profile.sheet in layers else layers[0]


def _texts(values: Any) -> list[str]:
    """A column of typed attributes as text. Whole numbers that GDAL gave as floats lose their ``.0``."""
    return [cell_text(value) for value in np.asarray(values, dtype=object)]


def _declared(crs: str | None) -> str:
    """The system that the file names by its EPSG number; GDAL says 4326 for every GeoJSON."""
    return crs if crs and crs.startswith("EPSG:") else ""


def _check_json(path: Path) -> None:
    """GDAL's own messages about broken JSON name no line."""
    text = decode(path.read_bytes(), name=path.name, encoding="utf-8")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileProblem(
            f"文件“{path.name}”第 {error.lineno} 行第 {error.colno} 列不是正确的 JSON：文件可能没有传完，"
            "请重新导出。"
        ) from error
    except ValueError as error:  # such as a whole number of thousands of digits
        raise FileProblem(f"文件“{path.name}”里有过长的数字，未打开：请从 GIS 软件重新导出。") from error
    except RecursionError as error:
        raise FileProblem(f"文件“{path.name}”的 JSON 嵌套过深，未打开：请重新导出。") from error
    if not isinstance(data, dict) or data.get("type") not in ("FeatureCollection", "Feature"):
        raise FileProblem(
            f"文件“{path.name}”不是 GeoJSON 要素集（FeatureCollection）：请从 GIS 软件重新导出。"
        )
    if data["type"] == "FeatureCollection" and not data.get("features"):
        raise FileProblem(f"文件“{path.name}”里没有要素：请检查导出的范围。")


def _unpacked(path: Path, folder: Path) -> Path:
    """The parts of the one Shapefile in a zip, under plain names, so that no path in the zip leads
    elsewhere.
    """
    with zipfile.ZipFile(path) as archive:
        members = [
            info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename
        ]
        shapes = [info for info in members if info.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise FileProblem(
                f"压缩包“{path.name}”里有 {len(shapes)} 个 .shp：应正好一个，连同 .shx、.dbf、.prj 一起打包。"
            )
        stem = shapes[0].filename.rsplit(".", 1)[0]
        for info in members:
            base, _, suffix = info.filename.rpartition(".")
            if base == stem and f".{suffix.lower()}" in _SHAPE_PARTS:
                (folder / f"layer.{suffix.lower()}").write_bytes(archive.read(info))
    return folder / "layer.shp"


def _check_companions(shape: Path, name: str) -> None:
    missing = [suffix for suffix in _COMPANIONS if _companion(shape, suffix) is None]
    if missing:
        raise FileProblem(
            f"Shapefile“{name}”缺少 {'、'.join(missing)}：请把 .shp、.shx、.dbf、.prj 放进一个 .zip 后上传。"
        )


def _companion(shape: Path, suffix: str) -> Path | None:
    found = [shape.with_suffix(variant) for variant in (suffix, suffix.upper())]
    return next((path for path in found if path.is_file()), None)


def _dbf_encoding(shape: Path, name: str, profile: Profile) -> str:
    """Encoding of the attribute file: as the profile says, as the .cpg says, else found from the bytes.

    Without a .cpg GDAL takes Latin-1 and Chinese turns into nonsense without an error.
    """
    dbf, cpg = _companion(shape, ".dbf"), _companion(shape, ".cpg")
    raw = dbf.read_bytes() if dbf else b""
    records = raw[int.from_bytes(raw[8:10], "little") :]
    declared = profile.encoding
    if normal_name(declared) == AUTO and cpg is not None:
        declared = cpg.read_text(encoding="ascii", errors="ignore").strip() or AUTO
    known = normal_name(declared)
    if known == AUTO:
        known = "gb18030" if _is_gbk(records) else "utf-8"
    decode(records.replace(b"\x00", b" "), name=f"{name} 的属性表（.dbf）", encoding=known)
    return "UTF-8" if known.startswith("utf-8") or known == "utf8" else known.upper()


def _is_gbk(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False

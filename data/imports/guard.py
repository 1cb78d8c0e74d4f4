"""Looks at a file before anything opens it: size, kind by its first bytes, and what a zip would become."""

from __future__ import annotations

import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from data.imports.errors import FileProblem

MAX_BYTES: Final = 200 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 1024 * 1024 * 1024
MAX_RATIO: Final = 100
"""A spreadsheet packs 5 to 30 times; a bomb 1,000 times."""
RATIO_FREE_BYTES: Final = 50 * 1024 * 1024
"""Up to this unpacked size any ratio is harmless."""
MAX_MEMBERS: Final = 5000
MAX_CELLS: Final = 20_000_000
"""Of one sheet, empty ones counted: readers lay out the whole rectangle, and one far cell makes it huge."""
_PIECE: Final = 1 << 20
_REFERENCE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,8})([0-9]{1,12})["']""")
_LONGEST_REFERENCE: Final = 64


class Form(StrEnum):
    """How a file is read."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    SHAPEFILE = "shp"
    GEOPACKAGE = "gpkg"


SUFFIXES: Final[dict[str, Form]] = {
    ".csv": Form.CSV,
    ".txt": Form.CSV,
    ".tsv": Form.CSV,
    ".gz": Form.CSV,
    ".xlsx": Form.XLSX,
    ".xlsm": Form.XLSX,
    ".geojson": Form.GEOJSON,
    ".json": Form.GEOJSON,
    ".shp": Form.SHAPEFILE,
    ".zip": Form.SHAPEFILE,
    ".gpkg": Form.GEOPACKAGE,
}
_FOREIGN: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xd0\xcf\x11\xe0", "旧版 Excel（.xls）或加了密码的 Excel 文件"),
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
)
_WANTED: Final = "CSV、XLSX、GeoJSON、Shapefile（.zip）或 GeoPackage"


def form_of(path: Path) -> Form:
    """The form of a file that is safe to open.

    Raises:
        FileProblem: missing, empty, too big, of another kind, damaged, or a zip bomb.
    """
    name = path.name
    try:
        if path.is_dir():
            raise FileProblem(f"“{name}”是文件夹，不是文件：请给出其中的一个文件。")
        if not path.is_file():
            raise FileProblem(f"找不到文件“{name}”：请检查路径，或重新上传。")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise FileProblem(f"文件“{name}”读不了（{error.strerror}）：请检查路径和读取权限。") from error
    if size == 0:
        raise FileProblem(f"文件“{name}”是空的（0 字节）：请重新导出后再上传。")
    if size > MAX_BYTES:
        raise FileProblem(
            f"文件“{name}”有 {size / 1024 / 1024:.0f} MB，超过上限 {MAX_BYTES // 1024 // 1024} MB："
            "请按月份或街道拆成几个文件，分次接入。"
        )
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise FileProblem(f"文件“{name}”的类型“{path.suffix or '无扩展名'}”不能接入：请提供 {_WANTED} 文件。")
    _check_magic(path, form)
    if form is Form.XLSX or path.suffix.lower() == ".zip":
        check_zip(path)
    return form


def _check_magic(path: Path, form: Form) -> None:
    with path.open("rb") as file:
        head = file.read(512)
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise FileProblem(f"文件“{path.name}”其实是{what}，不是表格：请另存为 {_WANTED} 后再上传。")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise FileProblem(
            f"文件“{path.name}”其实是网页（有些系统这样“导出 Excel”）：请用 Excel 打开，"
            "另存为 .xlsx 后再上传。"
        )
    expected = {
        Form.XLSX: head.startswith(b"PK"),
        Form.GEOPACKAGE: head.startswith(b"SQLite format 3\x00"),
        Form.GEOJSON: start.startswith((b"{", b"[")),
        Form.SHAPEFILE: head.startswith((b"PK", b"\x00\x00\x27\x0a")),
        Form.CSV: not head.startswith((b"PK\x03\x04", b"SQLite format 3\x00")),
    }
    if not expected[form]:
        raise FileProblem(
            f"文件“{path.name}”的内容不是 {path.suffix} 格式："
            f"文件可能已损坏或改过扩展名，请重新导出为 {_WANTED}。"
        )


def check_zip(path: Path) -> None:
    """Refuse a zip that is damaged, lies about its sizes, or unpacks to something huge.

    Sizes in the directory are judged first; then the members are unpacked once into nothing, never
    further than declared, so that a directory that lies is found by its check sums.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_declared(path, members)
            for member in members:
                with archive.open(member) as stream:
                    _check_extent(path, stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FileProblem(
            f"文件“{path.name}”已损坏或加了密码，打不开：请重新导出，不加密码再上传。"
        ) from error


def _check_extent(path: Path, stream: IO[bytes]) -> None:
    """Reads a member to its end. Laying out a sheet that no memory holds would end the whole program."""
    rows, columns, tail = 0, 0, b""
    while piece := stream.read(_PIECE):
        found = _REFERENCE.findall(tail + piece)
        rows = max([rows, *(int(row) for _, row in found)])
        columns = max([columns, *map(_column_number, {letters for letters, _ in found})])
        if rows * columns > MAX_CELLS:
            raise FileProblem(
                f"文件“{path.name}”的一张工作表用到第 {rows} 行、第 {columns} 列，"
                f"共 {rows * columns:,} 个单元格，超过上限 {MAX_CELLS:,}，未打开："
                "请删去远处的空白行列后重新保存，或拆成几个文件。"
            )
        tail = piece[-_LONGEST_REFERENCE:]


def _column_number(letters: bytes) -> int:
    """1 for A, 27 for AA; 0 for a row without a letter."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_declared(path: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(1, path.stat().st_size)
    if (
        unpacked > MAX_UNPACKED_BYTES
        or len(members) > MAX_MEMBERS
        or (unpacked > RATIO_FREE_BYTES and ratio > MAX_RATIO)
    ):
        raise FileProblem(
            f"文件“{path.name}”解压后有 {unpacked / 1024 / 1024:.0f} MB（压缩 {ratio:.0f} 倍、"
            f"{len(members)} 个成员），"
            "超出正常表格，疑似压缩炸弹，未打开：请删去空白行列后重新导出，或拆成几个文件。"
        )

"""Bytes to text: the encodings that exports really have, and an error that names the first bad line."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path
from typing import Final

from data.imports.errors import FileProblem
from data.imports.guard import MAX_UNPACKED_BYTES

AUTO: Final = "auto"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN: Final = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030（GBK）"}
_GBK: Final = frozenset({"gbk", "gb2312", "cp936", "936", "gb18030"})


def read_text(path: Path, *, encoding: str = AUTO) -> str:
    """The text of a CSV file, which may be packed with gzip.

    Raises:
        FileProblem: a byte that the encoding does not have, with its line.
    """
    raw = _unpack(path) if path.suffix.lower() == ".gz" else path.read_bytes()
    return decode(raw, name=path.name, encoding=encoding)


def decode(raw: bytes, *, name: str, encoding: str = AUTO) -> str:
    """Text of bytes: by the byte order mark, else as declared, else UTF-8, else GB18030."""
    for mark, codec in _BOMS:
        if raw.startswith(mark):
            return _strict(raw, codec, name)
    if b"\x00" in raw[:4096]:
        raise FileProblem(f"文件“{name}”不是文本表格（含有空字节）：请在 Excel 中另存为“CSV UTF-8”或 .xlsx。")
    declared = normal_name(encoding)
    if declared != AUTO:
        return _strict(raw, declared, name)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if _mostly_utf8(raw):
            raise _bad_line(raw, error, name, "utf-8") from error
        return _strict(raw, "gb18030", name)


def normal_name(encoding: str) -> str:
    """``auto``, ``utf-8`` or ``gb18030`` for the usual spellings; others as Python knows them."""
    plain = encoding.strip().lower()
    if plain in ("", AUTO):
        return AUTO
    if plain in _GBK:
        return "gb18030"
    try:
        b"00".decode(plain)  # codecs that are no text, such as hex, say so only here
    except UnicodeError:
        pass
    except LookupError as error:
        raise FileProblem(f"不认识的编码“{encoding}”：可写 auto、utf-8 或 gb18030。") from error
    try:
        return codecs.lookup(plain).name
    except LookupError as error:
        raise FileProblem(f"不认识的编码“{encoding}”：可写 auto、utf-8 或 gb18030。") from error


def _strict(raw: bytes, codec: str, name: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        raise _bad_line(raw, error, name, codec) from error


def _bad_line(raw: bytes, error: UnicodeDecodeError, name: str, codec: str) -> FileProblem:
    line = raw.count(b"\n", 0, error.start) + 1
    return FileProblem(
        f"文件“{name}”第 {line} 行有不属于 {_SHOWN.get(codec, codec)} 编码的内容："
        "请在 Excel 中另存为“CSV UTF-8（逗号分隔）”，或在接入方案中写明实际编码（UTF-8 或 GBK）后再接入。"
    )


def _mostly_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8 with a few damaged places, and not another encoding.

    In GBK text almost no pair of bytes happens to be UTF-8; in damaged UTF-8 almost every character is.
    """
    text = raw.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    good = sum(1 for char in text if ord(char) > 0x7F) - damaged
    return good > 4 * damaged


def _unpack(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            raw = stream.read(MAX_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FileProblem(
            f"文件“{path.name}”不是完好的 gzip 压缩文件：请重新导出，或解压后上传 CSV。"
        ) from error
    if len(raw) > MAX_UNPACKED_BYTES:
        raise FileProblem(
            f"文件“{path.name}”解压后超过 {MAX_UNPACKED_BYTES // 1024 // 1024} MB：请拆成几个文件。"
        )
    return raw

"""The report beside a file that was taken in or refused, and the move that puts the file away."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from data.imports.profile import Profile
from data.labels import BATCH_KIND, label
from data.models import ImportBatch
from data.readings.take import Taken

REPORT: Final = "接入结果.txt"
REJECTS: Final = "未接入的行.csv"
_LONGEST_NAME: Final = 200
"""Bytes of a file's own name that are kept: with what is put around it, it still fits every file system."""


def done_report(batch: ImportBatch, profile: Profile) -> str:
    """What a batch did, for the person who dropped the file."""
    head = f"文件“{batch.file_name}”已接入，批次 {batch.id}。"
    return "\n".join([head, "", *_facts(batch, profile)]) + "\n"


def readings_report(path: Path, taken: Taken) -> str:
    """What became of a file of readings."""
    lines = [
        f"文件“{path.name}”的读数已接入。",
        "",
        f"共 {taken.total} 条：新增 {len(taken.new)}，已有 {len(taken.same)}，未接入 {len(taken.refused)}。",
    ]
    if taken.refused:
        lines.append(f"未接入的行和原因在旁边的“{REJECTS}”里，改好后可直接放回接入文件夹。")
    return "\n".join(lines) + "\n"


def repeated_report(batch: ImportBatch, profile: Profile) -> str:
    """The same file has been taken in before."""
    head = (
        f"这个文件的内容与批次 {batch.id}（文件“{batch.file_name}”）完全相同，已经接入过，没有再次接入。"
        "要重新接入，请先在“数据质量”页撤销该批次。"
    )
    return "\n".join([head, "", "当时的结果：", *_facts(batch, profile)]) + "\n"


def failed_report(path: Path, reason: str) -> str:
    """Nothing of the file was taken in, and why."""
    return (
        f"文件“{path.name}”没有接入，库中没有任何改动。\n\n原因：{reason}\n\n改好后请重新放入接入文件夹。\n"
    )


def _facts(batch: ImportBatch, profile: Profile) -> list[str]:
    lines = [
        f"接入方案：{profile.title}（{profile.name}），接入的是{label(BATCH_KIND, batch.kind)}",
        f"共 {batch.rows_total} 行：新增 {batch.rows_new}，更新 {batch.rows_changed}，"
        f"无变化 {batch.rows_same}，未接入 {batch.rows_rejected}。",
        f"其中未落格 {batch.rows_unplaced}，无坐标 {batch.rows_unlocated}，有疑点 {batch.rows_marked}。",
    ]
    if batch.rows_rejected:
        lines.append(f"未接入的行和原因在旁边的“{REJECTS}”里，改好后可直接放回接入文件夹。")
    lines += [f"注意：{line}" for line in batch.note.splitlines()]
    return lines


def put_away(path: Path, folder_name: str, mark: str, *, report: str, rejects: bytes = b"") -> Path:
    """Writes the report (and the rejected rows), then moves the file; returns where it lies now.

    ``mark`` goes before the name. The move comes last: killed before it, the whole is done again.
    """
    folder = path.parent / folder_name
    folder.mkdir(exist_ok=True)
    target = _free(put_away_name(path, folder_name, mark))
    _write(target.with_name(f"{target.name}.{REPORT}"), report.encode("utf-8-sig"))
    if rejects:
        _write(target.with_name(f"{target.name}.{REJECTS}"), rejects)
    if path.suffix.lower() == ".shp":
        for side in path.parent.glob(f"{_escaped(path.stem)}.*"):
            if side != path and side.is_file():
                side.replace(folder / f"{target.stem}{side.suffix}")
    return path.replace(target)


def readable(name: str) -> str:
    """A name as text that can be written down: bytes that are no UTF-8 are GBK, as Windows packs them."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="replace")
    return name


def renamed(path: Path) -> Path:
    """The file under its readable name, which it is given where it has another."""
    name = readable(path.name)
    return path if name == path.name else path.rename(_free(path.with_name(name)))


def put_away_name(path: Path, folder_name: str, mark: str) -> Path:
    """Where a file goes when nothing of the name lies there yet."""
    return path.parent / folder_name / f"{mark}-{_cut(path.name)}"


def _free(wanted: Path) -> Path:
    """A name that nothing in the folder has: the same file may be dropped many times."""
    path, number = wanted, 2
    while path.exists():
        path, number = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}"), number + 1
    return path


def _cut(name: str) -> str:
    """The end of a long name, with its suffix."""
    return name.encode()[-_LONGEST_NAME:].decode(errors="ignore")


def _escaped(stem: str) -> str:
    return "".join(f"[{char}]" if char in "[]*?" else char for char in stem)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{datetime.now(UTC):%H%M%S%f}.tmp")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

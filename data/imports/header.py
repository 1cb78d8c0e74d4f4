"""Finds the header among the first rows of a sheet, by the columns that the profile knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from data.imports.errors import HeaderProblem
from data.imports.fields import labels, specs
from data.imports.profile import Profile, plain_header
from data.imports.rejects import SHAPE_COLUMN, is_reject_header

SEARCHED_ROWS: Final = 10


def find_header(rows: Sequence[Sequence[str]], profile: Profile) -> int | None:
    """Position of the row with the most known columns, from 0; None where no row has any.

    Of rows that tie the first counts, unless the rows after it repeat it, as merged header cells do once
    filled. In a file of rejects the header is known by what we added, whatever row the profile names.
    """
    ours = next((place for place, row in enumerate(rows[:SEARCHED_ROWS]) if is_reject_header(row)), None)
    if ours is not None:
        return ours
    if profile.header_row:
        return profile.header_row - 1 if profile.header_row <= len(rows) else None
    scores = [len(match_columns(row, profile)) for row in rows[:SEARCHED_ROWS]]
    best = max(scores, default=0)
    if best == 0:
        return None
    row = scores.index(best)
    while row + 1 < len(scores) and scores[row + 1] == best:
        row += 1
    return row


def match_columns(headers: Sequence[str], profile: Profile) -> dict[str, str]:
    """Field → header of this file, for every field of the profile that the file has.

    The shape of a rejected row is read under every profile, and before any column that the profile names.
    """
    known = {plain_header(header): header for header in reversed(headers) if header}
    found: dict[str, str] = {}
    for name, accepted in profile.columns.items():
        for candidate in accepted:
            if plain_header(candidate) in known:
                found[name] = known[plain_header(candidate)]
                break
    if plain_header(SHAPE_COLUMN) in known and "wkt" in specs(profile.kind):
        found["wkt"] = known[plain_header(SHAPE_COLUMN)]
    return found


def require_columns(
    headers: Sequence[str], profile: Profile, *, file_name: str, has_geometry: bool
) -> Mapping[str, str]:
    """The columns that were found.

    Raises:
        HeaderProblem: needed ones are missing; names them, the accepted headers, and what the file has.
    """
    found = match_columns(headers, profile)
    given = {*found, *profile.constants, *profile.fallback}
    missing = [spec.name for spec in specs(profile.kind).values() if spec.required and spec.name not in given]
    if profile.kind == "events" and not given & {"class", "class_major", "class_minor"}:
        missing.append("class")
    if profile.kind == "divisions" and not has_geometry and "wkt" not in given:
        missing.append("wkt")
    if not missing:
        return found
    accepted = "；".join(
        f"{labels(profile.kind, [name])}：{'、'.join(profile.columns.get(name, ()) or ['（方案中没有）'])}"
        for name in missing
    )
    raise HeaderProblem(
        f"文件“{file_name}”缺少列 {labels(profile.kind, missing)}。接入方案“{profile.title}”"
        f"接受的表头是 {accepted}。"
        f"文件里有的列是 {'、'.join(str(header) for header in headers if header) or '（没有）'}。请改表头、"
        "换一个方案，或在页面上逐列选定。"
    )


def no_header(file_name: str, profile: Profile, first_row: Sequence[str]) -> HeaderProblem:
    """The error for a sheet in which no row looks like a header."""
    shown = "、".join(cell for cell in first_row[:8] if cell) or "空行"
    return HeaderProblem(
        f"文件“{file_name}”的前 {SEARCHED_ROWS} 行里找不到表头（第 1 行是 {shown}）："
        f"接入方案“{profile.title}”认得的列有 "
        f"{'、'.join(headers[0] for headers in profile.columns.values() if headers)}。请检查文件，"
        "或换一个方案。"
    )

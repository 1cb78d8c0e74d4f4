"""Cases as CSV: read exactly as a file of the profile is."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from data.imports.profile import Profile
from data.imports.readers import read_source
from data.intake.errors import TooManyRows
from data.intake.json_body import MOST_ROWS
from data.intake.json_cases import TABLE_NAME, Cases


def read_csv_cases(body: bytes, *, profile: Profile) -> Cases:
    """The rows of a CSV body; rows of another width are refused later, with those that break a rule.

    Raises:
        FileProblem, HeaderProblem: no CSV, an encoding that cannot be read, columns that are missing.
        TooManyRows: more than one request may bring.
    """
    with TemporaryDirectory(prefix="onemap-intake-") as folder:
        path = Path(folder) / f"{TABLE_NAME}.csv"
        path.write_bytes(body)
        table = read_source(path, profile)
    if table.rows_total > MOST_ROWS:
        raise TooManyRows(
            f"一次请求有 {table.rows_total} 行，最多 {MOST_ROWS} 行：请分几次发送，或把文件放进接入文件夹。"
        )
    return Cases(total=table.rows_total, tables=(table,), refused=(), numbers={})

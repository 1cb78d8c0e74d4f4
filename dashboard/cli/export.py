"""``export``: events under one Filter, as CSV (UTF-8 with BOM) or XLSX."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import CommandError, open_database

if TYPE_CHECKING:
    from data.filter import Filter


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "export", help="导出事件", description="按筛选条件导出事件；文件扩展名 .csv 或 .xlsx 决定格式。"
    )
    parser.add_argument("file", type=Path, metavar="文件", help="例如 在办.xlsx")
    parser.add_argument(
        "--filter", default="", metavar="条件", help="页面网址，或其中问号后面的部分；不给则为全区在办"
    )
    parser.add_argument("--overwrite", action="store_true", help="文件已存在时覆盖")
    parser.set_defaults(run=run)


def read_filter(text: str) -> Filter:
    """The Filter in a page's URL or in its query alone. Raises FilterError."""
    from data.filter import parse_filter

    query = urlsplit(text).query if "?" in text else text
    return parse_filter(dict(parse_qsl(query)))


def run(args: argparse.Namespace) -> int:
    """Write beside the target first, so that a failure leaves no half file."""
    from data.database import current_moment, read_session
    from data.export import export_csv, export_xlsx

    path: Path = args.file
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise CommandError(f"不支持导出为 {path.name}，请用 .csv 或 .xlsx 结尾的文件名。")
    if path.exists() and not args.overwrite:
        raise CommandError(f"文件 {path} 已存在。请换一个名字，或加 --overwrite 覆盖。")
    if path.is_dir() or not path.parent.is_dir():
        raise CommandError(f"不能写入 {path}：它是目录，或所在目录不存在。请换一个文件名。")
    where = read_filter(args.filter)
    engine, _settings = open_database()
    partial = path.with_name(f".{path.name}.part")
    try:
        with read_session(engine) as session:
            moment = current_moment(session)
            if kind == ".csv":
                with partial.open("wb") as target:
                    target.writelines(export_csv(session, where=where, moment=moment))
            else:
                export_xlsx(session, where=where, moment=moment, path=partial)
        partial.replace(path)
    except OSError as error:
        raise CommandError(
            f"不能写入 {path}（{error.strerror}）。请检查目录是否存在、是否有权限。"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    print(f"已导出到 {path}")
    return 0

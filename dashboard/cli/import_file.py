"""``import``: bring one file in as one batch, or only show how it would be understood."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import ACTOR, CommandError, open_database, plain_console, progress_bar
from data.labels import BATCH_KIND
from data.vocabulary import BatchKind

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from data.imports.profile import Profile
    from data.imports.result import Counts
    from data.settings import Settings

PREVIEW_ROWS = 10
WIDEST = 10_000
"""Columns of a terminal on which every table would fit: what a table would like to have."""
KINDS = {kind.value: BATCH_KIND[kind] for kind in BatchKind if kind is not BatchKind.DEMO}


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "import",
        help="接入一个文件",
        description="接入 CSV、XLSX、GeoJSON、Shapefile、GeoPackage 文件。整批成功或整批不变，可反复接入。",
    )
    parser.add_argument("file", type=Path, metavar="文件")
    kinds = "、".join(f"{key} {label}" for key, label in KINDS.items())
    parser.add_argument("--kind", choices=list(KINDS), metavar="类型", help=f"{kinds}；给出方案时可省")
    parser.add_argument(
        "--profile", metavar="方案", help="方案名（见 profiles）或 TOML 文件；不给则用该类型的通用方案"
    )
    parser.add_argument("--preview", action="store_true", help="只看会怎样理解这个文件，不写入")
    parser.add_argument("--rejects", type=Path, metavar="文件", help="把未接入的行和原因写入这个 CSV 文件")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import or preview."""
    if not args.file.exists():
        raise CommandError(f"找不到文件 {args.file}。请检查路径和文件名。")
    if not args.kind and not args.profile:
        raise CommandError("没有说明接入的是什么。请加 --kind（例如 --kind events）或 --profile。")
    if args.rejects:
        check_target(args.rejects)
    from data.database import read_session
    from data.imports.profile import load_profile
    from data.imports.publish import run_import
    from data.imports.rejects import export_rejects

    engine, settings = open_database()
    profile = load_profile(args.profile or f"generic_{args.kind}", settings=settings)
    kind = BatchKind(args.kind or profile.kind)
    if args.preview:
        return _preview(engine, settings, path=args.file, kind=kind, profile=profile)
    with progress_bar() as progress:
        result = run_import(
            engine,
            path=args.file,
            kind=kind,
            profile=profile,
            settings=settings,
            actor=ACTOR,
            progress=progress,
        )
    print(f"批次 {result.batch_id}：{_numbers(result)}。")
    for warning in result.warnings:
        print(f"注意：{warning}")
    if args.rejects and result.rejected:
        with read_session(engine) as session:
            args.rejects.write_bytes(export_rejects(session, batch_id=result.batch_id))
        print(f"未接入的行和原因已写入 {args.rejects}，改好后可再次接入。")
    return 0


def check_target(path: Path) -> None:
    """Raise CommandError before anything is imported, when the rejected rows could not be written."""
    if path.is_dir() or not path.parent.is_dir():
        raise CommandError(
            f"不能写入 {path}：它是目录，或所在目录不存在。请换一个文件名；还没有接入任何数据。"
        )


def _preview(engine: Engine, settings: Settings, *, path: Path, kind: BatchKind, profile: Profile) -> int:
    from data.database import read_session
    from data.imports.preview import preview_import

    with read_session(engine) as session, progress_bar() as progress:
        preview = preview_import(
            session, path=path, kind=kind, profile=profile, settings=settings, progress=progress
        )
    if preview.rows:
        _print_rows(plain_console(), preview.rows[:PREVIEW_ROWS])
    print(f"预览（没有写入任何数据）：{_numbers(preview.counts)}。")
    if preview.points:
        print(f"坐标系 {preview.system}，换算使点位移动约 {preview.shift_m:,.0f} 米。")
    for warning in preview.warnings:
        print(f"注意：{warning}")
    for reject in preview.rejects[:PREVIEW_ROWS]:
        print(f"第 {reject.line} 行未接入：{reject.reason}（读到“{reject.value}”）。{reject.advice}")
    return 0


def _print_rows(console: Console, rows: Sequence[dict[str, str]]) -> None:
    """As a table where it fits the terminal; else row by row, what is empty left out."""
    table = Table(*rows[0], box=None)
    for row in rows:
        table.add_row(*row.values())
    unbounded = console.options.update_width(WIDEST)
    if console.measure(table, options=unbounded).maximum <= console.width:
        console.print(table)
        return
    for row in rows:
        console.print("；".join(f"{name}：{value}" for name, value in row.items() if value), soft_wrap=False)


def _numbers(counts: Counts) -> str:
    return (
        f"共 {counts.total} 行，新增 {counts.new}，更新 {counts.changed}，无变化 {counts.same}，"
        f"未接入 {counts.rejected}；"
        f"其中未落格 {counts.unplaced}，无坐标 {counts.unlocated}，有疑点 {counts.marked}"
    )

"""``import``: bring one file in as one batch, or only show how it would be understood."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import ACTOR, CommandError, open_database, progress_bar

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from data.imports.profile import Profile
    from data.settings import Settings

KINDS = {
    "divisions": "区划（街道、社区、网格的边界）",
    "stations": "站点",
    "events": "事件",
    "departments": "部门",
    "event_classes": "事件类别",
    "staff": "人员",
}


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "import",
        help="接入一个文件",
        description="接入 CSV、XLSX、GeoJSON、Shapefile、GeoPackage 文件。整批成功或整批不变，可反复接入。",
    )
    parser.add_argument("file", type=Path, metavar="文件")
    kinds = "、".join(f"{key} {label}" for key, label in KINDS.items())
    parser.add_argument("--kind", required=True, choices=list(KINDS), metavar="类型", help=kinds)
    parser.add_argument(
        "--profile", default="generic", metavar="方案", help="方案名（见 profiles）或 TOML 文件；默认 generic"
    )
    parser.add_argument("--preview", action="store_true", help="只看会怎样理解这个文件，不写入")
    parser.add_argument("--rejects", type=Path, metavar="文件", help="把未接入的行和原因写入这个 CSV 文件")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import or preview."""
    if not args.file.exists():
        raise CommandError(f"找不到文件 {args.file}。请检查路径和文件名。")
    from data.database import read_session
    from data.imports.profile import load_profile
    from data.imports.publish import run_import
    from data.imports.rejects import export_rejects

    engine, settings = open_database()
    profile = load_profile(args.profile)
    if args.preview:
        return _preview(engine, settings, args=args, profile=profile)
    with progress_bar() as progress:
        result = run_import(
            engine,
            path=args.file,
            kind=args.kind,
            profile=profile,
            settings=settings,
            actor=ACTOR,
            progress=progress,
        )
    print(
        f"批次 {result.batch_id}：共 {result.total} 行，新增 {result.new}，更新 {result.changed}，"
        f"无变化 {result.same}，未接入 {result.rejected}；"
        f"其中未落格 {result.unplaced}，无坐标 {result.unlocated}，有疑点 {result.marked}。"
    )
    if args.rejects and result.rejected:
        with read_session(engine) as session:
            args.rejects.write_bytes(export_rejects(session, batch_id=result.batch_id))
        print(f"未接入的行和原因已写入 {args.rejects}，改好后可再次接入。")
    return 0


def _preview(engine: Engine, settings: Settings, *, args: argparse.Namespace, profile: Profile) -> int:
    from data.database import read_session
    from data.imports.preview import preview_import

    with read_session(engine) as session:
        preview = preview_import(session, path=args.file, kind=args.kind, profile=profile, settings=settings)
    print(f"预览完成，没有写入任何数据：{preview}")
    return 0

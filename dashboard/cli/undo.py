"""``undo``: take back one import batch."""

from __future__ import annotations

import argparse

from dashboard.cli.parser import Commands, batch_number
from dashboard.cli.terminal import ACTOR, open_database, progress_bar


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "undo",
        help="撤销一个接入批次",
        description="撤销一个批次：新增的作废，改动的恢复；日志保留，不删除。",
    )
    parser.add_argument(
        "batch", type=batch_number, metavar="批次号", help="import 完成时显示，也见“数据质量”页"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Undo the batch."""
    from data.imports.undo import undo_batch

    engine, settings = open_database()
    with progress_bar() as progress:
        result = undo_batch(engine, batch_id=args.batch, actor=ACTOR, settings=settings, progress=progress)
    print(result.text)
    for warning in result.warnings:
        print(f"注意：{warning}")
    return 0

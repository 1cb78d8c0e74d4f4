"""``profiles``: the mapping profiles that ``import --profile`` knows by name."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from dashboard.cli.parser import Commands
from data.labels import BATCH_KIND


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "profiles", help="列出接入方案", description="列出可用的接入方案（字段对照）。"
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Print one line a profile."""
    from data.imports.profile import list_profiles
    from data.settings import read_settings

    table = Table("名称", "类型", "说明", box=None)
    for profile in list_profiles(settings=read_settings()):
        table.add_row(profile.name, BATCH_KIND[profile.kind], profile.title)
    Console().print(table)
    return 0

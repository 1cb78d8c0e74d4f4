"""``profiles``: the mapping profiles that ``import --profile`` knows by name."""

from __future__ import annotations

import argparse

from rich.table import Table

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import plain_console
from data.labels import BATCH_KIND


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "profiles", help="列出接入方案", description="列出可用的接入方案（字段对照）。"
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Print one line a profile."""
    from data.imports.profile import list_profiles, unusable_profiles
    from data.settings import read_settings

    table = Table("名称", "类型", "说明", box=None)
    settings = read_settings()
    for profile in list_profiles(settings=settings):
        table.add_row(profile.name, BATCH_KIND[profile.kind], profile.title)
    plain_console().print(table)
    for problem in unusable_profiles(settings):
        print(f"注意：{problem}")
    return 0

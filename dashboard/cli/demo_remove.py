"""``demo-remove``: take the demo district out, leaving an empty product."""

from __future__ import annotations

import argparse

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database, progress_bar


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "demo-remove", help="移除演示数据", description="整体移除演示数据，不影响已接入的数据。"
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Remove the demo batch. Raises DemoMissing where there is none."""
    from data.demo import remove_demo

    engine, settings = open_database()
    with progress_bar() as progress:
        remove_demo(engine, settings, progress=progress)
    print("演示数据已移除。")
    return 0

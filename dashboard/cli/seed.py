"""``seed``: fill the database with the demo district."""

from __future__ import annotations

import argparse

from dashboard.cli.parser import Commands, seed_number
from dashboard.cli.terminal import progress_bar


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "seed", help="生成演示数据", description="在空数据库里生成演示区的数据（一个可整体移除的批次）。"
    )
    parser.add_argument("--seed", type=seed_number, metavar="整数", help="同一个整数总是生成同样的数据")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Raises DemoRefused where there is a demo already, or data of one's own, with which it never mixes."""
    from data.database import open_engine
    from data.demo import DEFAULT_SEED, seed_demo
    from data.migrate import migrate
    from data.settings import read_settings

    settings = read_settings()
    engine = open_engine(settings.database_url)
    migrate(engine, timezone=settings.timezone.key)
    seed = DEFAULT_SEED if args.seed is None else args.seed
    with progress_bar() as progress:
        seed_demo(engine, settings, seed=seed, progress=progress)
    print("演示数据已生成。")
    return 0

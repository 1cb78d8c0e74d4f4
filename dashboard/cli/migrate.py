"""``migrate``: bring the database to the version of this program."""

from __future__ import annotations

import argparse

from dashboard.cli.parser import Commands


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "migrate", help="升级数据库", description="把数据库升级到本程序的版本；已是最新时什么也不做。"
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Migrate; a second time changes nothing."""
    from data.database import open_engine
    from data.migrate import head_revision, migrate
    from data.settings import read_settings

    settings = read_settings()
    migrate(open_engine(settings.database_url), timezone=settings.timezone.key)
    print(f"数据库已是最新版本（{head_revision()}）。")
    return 0

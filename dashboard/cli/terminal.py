"""What the commands share: the progress bar, errors for people, and the open database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from data.progress import Progress as ProgressCall

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from data.settings import Settings

ACTOR = "命令行"


class CommandError(Exception):
    """A command cannot do its work. The message is for people (Chinese) and says the way out."""


def expected_errors() -> tuple[type[Exception], ...]:
    """Errors that carry a message for people; anything else is a fault of the program."""
    from dashboard.assets import AssetMissing
    from data.database import DatabaseProblem
    from data.demo import DemoError
    from data.filter import FilterError
    from data.imports.errors import ImportProblem
    from data.settings import SettingsError

    return (
        CommandError, AssetMissing, DatabaseProblem, DemoError, FilterError, ImportProblem, SettingsError
    )  # fmt: skip


def plain_console() -> Console:
    """A console that shows what files and profiles say as it is: ``[bold]`` in a cell is no command."""
    return Console(markup=False, emoji=False, highlight=False)


@contextmanager
def progress_bar() -> Iterator[ProgressCall]:
    """A bar on the terminal for each stage, fed by ``progress(stage, done, total)``."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        tasks: dict[str, TaskID] = {}

        def finish(task: TaskID) -> None:
            bar.update(task, total=1, completed=1)
            bar.stop_task(task)

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    finish(earlier)
                tasks[stage] = bar.add_task(stage, total=None)
            bar.update(tasks[stage], total=float(total) if total else None, completed=done)

        yield report
        for task in tasks.values():
            finish(task)


def open_database() -> tuple[Engine, Settings]:
    """The configured database, checked to be of this program's version and of the configured time zone.

    Raises DatabaseProblem (locked, read-only, older, newer), CommandError (another time zone).
    """
    from data.database import check_version, open_engine
    from data.settings import read_settings

    settings = read_settings()
    engine = open_engine(settings.database_url)
    check_version(engine)
    check_timezone(engine, settings)
    return engine, settings


def check_timezone(engine: Engine, settings: Settings) -> None:
    """Raise CommandError where the database keeps the days of another zone, as it does for good."""
    from data.database import read_session
    from data.queries.days import zone_of

    with read_session(engine) as session:
        own = zone_of(session).key
    if own != settings.timezone.key:
        raise CommandError(
            f"数据库按时区 {own} 记录日期，设置的却是 {settings.timezone.key}，两者并用会数错日期。"
            f"请把 ONEMAP_TIMEZONE 设为 {own}，或换一个新的数据库。"
        )

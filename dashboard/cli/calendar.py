"""``calendar``: show a year of the working calendar, or enter a year's days from a file."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import ACTOR, CommandError, open_database, progress_bar

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from data.calendar import WorkCalendar
    from data.models import CalendarChange


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "calendar",
        help="查看工作日历，或导入一年的放假安排",
        description="列出一年里的放假和调休；用 --import 从 CSV 文件（日期、安排、名称、说明）导入。",
    )
    parser.add_argument("--year", type=int, metavar="年份", help="默认今年；导入后为文件里的年份")
    parser.add_argument("--import", dest="file", type=Path, metavar="文件", help="放假安排的 CSV 文件")
    parser.add_argument("--area", default="", metavar="区划代码", help="只适用于这个区划，默认全部区划")
    parser.add_argument("--local", action="store_true", help="导入的是本地安排，不是国家公布的通知")
    parser.add_argument("--preview", action="store_true", help="只看导入会影响多少在办件，不写入")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import the file if there is one, then list the year."""
    from data.calendar import CalendarError, read_calendar
    from data.calendar.edit import FIRST_YEAR, LAST_YEAR
    from data.database import read_session

    if args.year is not None and not FIRST_YEAR <= args.year <= LAST_YEAR:
        raise CommandError(f"年份 {args.year} 不在 {FIRST_YEAR}–{LAST_YEAR} 年之间。")
    engine, settings = open_database()
    year = args.year or datetime.now(UTC).astimezone(settings.timezone).year
    if args.file is not None:
        try:
            first = _take_in(engine, args)
        except CalendarError as error:
            problems = getattr(error, "problems", ())
            raise CommandError("\n".join(map(str, (error, *problems)))) from error
        year = args.year or first.year
    with read_session(engine) as session:
        _show(read_calendar(session, area_code=args.area), year)
    return 0


def _take_in(engine: Engine, args: argparse.Namespace) -> date:
    """Says what the file does to open cases, and does it unless only that was asked. Gives its first day."""
    from data.calendar.day_file import import_days, read_days
    from data.database import write_session
    from data.reckon import reckon, rehearse

    data, name, official = args.file.read_bytes(), args.file.name, not args.local
    entries = read_days(data, name=name, is_official=official)

    def edit(session: Session) -> CalendarChange:
        return import_days(
            session, data, name=name, area_prefix=args.area, is_official=official, actor=ACTOR
        )[0]

    with progress_bar() as progress:
        effect = rehearse(engine, edit, as_of=datetime.now(UTC), progress=progress)
    print(
        f"影响 {effect.moved} 件在办件，{effect.becomes_overdue} 件将变为超期，"
        f"{effect.no_longer_overdue} 件不再超期。"
    )
    if args.preview:
        print("没有写入。")
        return entries[0].day
    with write_session(engine) as session:
        number = edit(session).id
    with progress_bar() as progress:
        done = reckon(engine, progress=progress)
    print(f"已写入，改动 {number}：{len(entries)} 天；重算 {done.moved} 件的时限。要撤销，请到“工作日历”页。")
    return entries[0].day


def _show(calendar: WorkCalendar, year: int) -> None:
    from data.calendar import spell_spans

    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    days = [day for day in days if day.year == year]
    for day in days:
        found = calendar.days.get(day)
        if found is not None:
            print(
                f"{day} 周{'一二三四五六日'[day.weekday()]} {'班' if found.is_working else '休'} {found.name}"
            )
    worked = sum(calendar.day(day).is_working for day in days)
    print(f"{year} 年上班 {worked} 天，休息 {len(days) - worked} 天。")
    print(f"年末的工作时间：{spell_spans(calendar.hours_on(days[-1]).spans)}")
    if notice := calendar.notice(year):
        print(f"注意：{notice}")

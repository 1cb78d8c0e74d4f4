"""``recount``: count the weekly figures of all areas anew from the log, and compare with what is kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database, progress_bar

if TYPE_CHECKING:
    from data.readings.weeks import WrongWeek
    from data.recount import Difference

SHOWN = 20
EXIT_DIFFERS = 1


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "recount",
        help="由日志重算指标的计数",
        description="把各社区每周的计数由事件日志从头重算一遍，与随办随记的计数逐项核对：效能、预警和趋势都由它们算出。"
        "有不同时逐项列出，返回 1；加 --write 改为日志算出的数。",
    )
    parser.add_argument("--write", action="store_true", help="有不同时，以日志为准改写")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the differences; exit code 1 when there is any that stays."""
    from data.database import read_session, write_session
    from data.indicators.counts import named_counts
    from data.readings.weeks import from_readings, replace_weeks, wrong_weeks
    from data.recount import differences, from_log
    from data.roll_up import replace

    engine, _ = open_database()
    with (write_session if args.write else read_session)(engine) as session, progress_bar() as tell:
        anew = from_log(session, tell)
        found = differences(session, anew)
        labels = {name: count.label for name, count in named_counts(session=session).items()}
        measured = from_readings(session)
        weeks = list(wrong_weeks(session, measured))
        if found and args.write:
            replace(session, anew)
        if weeks and args.write:
            replace_weeks(session, measured)
    if weeks:
        tell_weeks(weeks, labels)
    if not found:
        print("各区域每周的计数与日志一致。")
        if weeks and args.write:
            print(f"已按读数改写 {len(weeks)} 项，打开的页面随即更新。")
        return 0 if args.write or not weeks else EXIT_DIFFERS
    tell_differences(found, labels)
    if args.write:
        print(f"已按日志改写 {len(found)} 项，打开的页面随即更新。")
        return 0
    print("先用 verify-log 核对日志；日志完整的，用 recount --write 以日志为准改写。", file=sys.stderr)
    return EXIT_DIFFERS


def tell_weeks(found: Sequence[WrongWeek], labels: Mapping[str, str]) -> None:
    """Each week that is not what the readings of sensors come to."""
    for (code, week, name), kept, measured in found[:SHOWN]:
        now, anew = (
            f"{one.readings} 条合计 {one.total / 1e6:g}" if one else "没有" for one in (kept, measured)
        )
        place = f"{code}，{week} 一周，{labels.get(name, name)}"
        print(f"{place}：现有 {now}，读数为 {anew}", file=sys.stderr)
    print(f"共 {len(found)} 项与传感器读数不同，显示前 {min(SHOWN, len(found))} 项。", file=sys.stderr)


def tell_differences(found: Sequence[Difference], labels: Mapping[str, str]) -> None:
    """Each with its place, at most ``SHOWN`` of them."""
    for each in found[:SHOWN]:
        print(
            f"{each.code or '未落格'}，{each.week} 一周，{labels.get(each.name, each.name)}："
            f"现有 {each.kept}，日志为 {each.logged}",
            file=sys.stderr,
        )
    print(f"共 {len(found)} 项与日志不同，显示前 {min(SHOWN, len(found))} 项。", file=sys.stderr)

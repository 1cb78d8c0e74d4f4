"""``verify-log``: check the hash chains of the logs of events, whistles and revealed contacts, that every row
is the fold of its log, and that the whole log of events is still what the daily anchors say.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database

if TYPE_CHECKING:
    from data.event_verify import Fault

SHOWN = 20
EXIT_FAULTS = 1


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "verify-log",
        help="核对事件日志",
        description="核对每一件的日志链是否完整、是否与现状一致，以及全部日志是否与每日锚点一致。"
        "有差错时返回 1。",
    )
    parser.add_argument("--expect", default="", metavar="指纹", help="以前记下的锚点指纹：它必须仍在锚点之中")
    parser.add_argument("--anchor", action="store_true", help="核对无误后，为今天写下锚点")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the faults; exit code 1 when there is any."""
    from data.database import read_session
    from data.event_anchor import anchor_day, newest_anchor, verify_anchors
    from data.event_log import verify
    from data.reporting import verify_reveals
    from data.reporting.contacts import reveals_head
    from data.whistle import verify_whistles

    engine, settings = open_database()
    with read_session(engine) as session:
        faults = verify_anchors(session, expected=args.expect) + verify(session)
        found = [_said(fault) for fault in faults] + verify_whistles(session) + verify_reveals(session)
    for said in found[:SHOWN]:
        print(said, file=sys.stderr)
    if found:
        print(f"共发现 {len(found)} 处差错，显示前 {min(SHOWN, len(found))} 处。", file=sys.stderr)
        return EXIT_FAULTS
    if args.anchor:
        anchor_day(engine, day=datetime.now(settings.timezone).date())
    with read_session(engine) as session:
        newest = newest_anchor(session)
        reveals, head = reveals_head(session)
    print("事件日志完整，与现状一致；吹哨记录、联系电话查看记录也是。")
    if reveals:
        print(f"联系电话查看记录 {reveals} 条，指纹 {head}")
    if newest is None:
        print("还没有锚点：启动服务时，或加 --anchor 时写下。")
    else:
        print(f"最近的锚点 {newest.day}，共 {newest.entries} 条记录，指纹 {newest.fingerprint}")
    return 0


def _said(fault: Fault) -> str:
    place = f"事件 {fault.event_id} 第 {fault.seq} 条：" if fault.event_id else ""
    return f"{place}{fault.detail}"

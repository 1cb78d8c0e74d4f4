"""``verify-log``: check the hash chains of the event log and that every event is the fold of its log."""

from __future__ import annotations

import argparse
import sys

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database

SHOWN = 20
EXIT_FAULTS = 1


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "verify-log",
        help="核对事件日志",
        description="核对每一件的日志链是否完整、是否与现状一致。有差错时返回 1。",
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Print the faults; exit code 1 when there is any."""
    from data.database import read_session
    from data.event_log import verify

    engine, _settings = open_database()
    with read_session(engine) as session:
        faults = verify(session)
    if not faults:
        print("事件日志完整，与现状一致。")
        return 0
    for fault in faults[:SHOWN]:
        print(f"事件 {fault.event_id} 第 {fault.seq} 条：{fault.detail}", file=sys.stderr)
    print(f"共发现 {len(faults)} 处差错，显示前 {min(SHOWN, len(faults))} 处。", file=sys.stderr)
    return EXIT_FAULTS

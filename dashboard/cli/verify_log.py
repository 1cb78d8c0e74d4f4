"""``verify-log``: check the hash chains of the event log, that every event is the fold of its log, that the
whole log is still what the daily anchors say, the photos on disk, and the other logs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database

if TYPE_CHECKING:
    from data.event_verify import Fault

SHOWN = 20
EXIT_FAULTS = 1
WAYS_OUT = {
    "日志被改动或缺失": "停止写入，留下现在的数据库文件备查；用改动以前的备份恢复，再核对一次。",
    "事件与日志不符": "日志是完整的：留下现在的数据库文件备查，用备份恢复这些事件，再核对一次。",
    "照片": "从备份把照片文件放回附件文件夹（文件名就是校验值）；没有备份的，在案卷里补传并写明原因。",
    "其他记录": "留下现在的数据库文件备查，与备份对照，由管理员补办或恢复。",
}
"""Kind of fault → what to do."""


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "verify-log",
        help="核对事件日志",
        description="核对每一件的日志链是否完整、是否与现状一致，全部日志是否与每日锚点一致，照片文件是否都在、"
        "是否被改过，以及预警、吹哨、清单、设置、派遣规则、日历的记录有没有被改、被删、被插入。"
        "有差错时返回 1。",
    )
    parser.add_argument("--expect", default="", metavar="指纹", help="以前记下的锚点指纹：它必须仍在锚点之中")
    parser.add_argument("--anchor", action="store_true", help="核对无误后，为今天写下锚点")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the faults; exit code 1 when there is any."""
    from data.chain import chains_head
    from data.database import read_session
    from data.event_anchor import anchor_day, newest_anchor, verify_anchors
    from data.event_log import verify
    from data.lifecycle.attachment_check import orphans, verify_files
    from data.other_logs import verify_other_logs
    from data.reporting.contacts import reveals_head

    engine, settings = open_database()
    with read_session(engine) as session:
        faults = verify_anchors(session, expected=args.expect) + verify(session)
        faults += verify_files(session, folder=settings.attachment_dir) + verify_other_logs(session)
        stray = len(orphans(session, folder=settings.attachment_dir))
    if stray:
        print(f"附件文件夹里有 {stray} 个没有案卷引用的文件（上传中断留下的），后台任务会清理。")
    if faults:
        tell(faults)
        return EXIT_FAULTS
    if args.anchor:
        anchor_day(engine, day=datetime.now(settings.timezone).date())
    with read_session(engine) as session:
        newest = newest_anchor(session)
        reveals, head = reveals_head(session)
        chains = chains_head(session)
    print("事件日志完整，与现状一致；吹哨等其他记录和照片也没有差错。")
    if reveals:
        print(f"联系电话查看记录 {reveals} 条，指纹 {head}")
    if chains.entries:
        print(f"改动记录（预警、清单、设置、派遣规则、日历）{chains.entries} 条，指纹 {chains.fingerprint}")
    for words, up_to, at in chains.sealed:
        print(
            f"其中{words}编号 {up_to} 及以前的，是 {at.astimezone(settings.timezone):%Y-%m-%d} 补入校验链的。"
        )
    if newest is None:
        print("还没有锚点：启动服务时，或加 --anchor 时写下。")
    else:
        print(f"最近的锚点 {newest.day}，共 {newest.entries} 条记录，指纹 {newest.fingerprint}")
    return 0


def tell(faults: Sequence[Fault]) -> None:
    """Each fault with its place, at most ``SHOWN`` of them, and what to do about every kind that there is."""
    for fault in faults[:SHOWN]:
        place = f"事件 {fault.event_id} 第 {fault.seq} 条：" if fault.event_id else ""
        print(f"{place}{fault.detail}", file=sys.stderr)
    print(f"共发现 {len(faults)} 处差错，显示前 {min(SHOWN, len(faults))} 处。", file=sys.stderr)
    found = {_kind(fault) for fault in faults}
    for kind, way_out in WAYS_OUT.items():
        if kind in found:
            print(f"{kind}：{way_out}", file=sys.stderr)


def _kind(fault: Fault) -> str:
    from data.event_verify import FaultKind

    if fault.kind in {FaultKind.ROW_DIFFERS, FaultKind.ROW_MISSING, FaultKind.UNFOLDED}:
        return "事件与日志不符"
    if fault.kind is FaultKind.FILE:
        return "照片"
    return "其他记录" if fault.kind is FaultKind.OTHER_LOG else "日志被改动或缺失"

"""``receiver``: who is told of alerts, and how."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import ACTOR, CommandError, open_database, plain_console

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from data.settings import Settings

EXIT_NOT_SENT = 1


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "receiver",
        help="预警通知的接收方",
        description="列出、添加、停用预警通知的接收方。一个都没有时，系统不向外发送任何内容。",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--add", metavar="名称", help="添加接收方，同时要写 --kind 和 --to")
    what.add_argument("--off", metavar="名称", help="停用")
    what.add_argument("--on", metavar="名称", help="重新启用")
    what.add_argument("--test", metavar="名称", help="现在发一条测试消息")
    parser.add_argument("--kind", default="", metavar="类型", help="dingtalk、wecom、feishu、webhook、email")
    parser.add_argument("--to", default="", metavar="地址", help="网络地址，或邮箱地址")
    parser.add_argument(
        "--secret", default="", metavar="密钥名称", help="环境变量 ONEMAP_NOTICE_SECRET_名称 的名称"
    )
    parser.add_argument("--color", default="", metavar="颜色", help="red,yellow,blue 中的几种；默认全部")
    parser.add_argument("--area", default="", metavar="区划代码", help="可用逗号写几个；默认全区")
    parser.add_argument("--quiet", default="", metavar="起-止", help="免打扰，如 22:00-07:30；红色预警不受限")
    parser.add_argument("--digest", default="", metavar="时刻", help="每天此时汇总，如 08:30；红色预警即时发")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """One change, or the list."""
    from data.notices.receivers import ReceiverError

    engine, settings = open_database()
    try:
        if args.test:
            return _test(engine, settings, args.test)
        _change(engine, args)
    except ReceiverError as error:
        raise CommandError(str(error)) from error
    _list(engine)
    return 0


def _change(engine: Engine, args: argparse.Namespace) -> None:
    from data.database import write_session
    from data.notices.receivers import add_receiver, switch_receiver

    if args.off or args.on:
        with write_session(engine, announce=False) as session:
            switch_receiver(session, name=args.off or args.on, enabled=bool(args.on))
    elif args.add is not None:
        start, _, end = args.quiet.partition("-")
        quiet = (start, end) if args.quiet else None
        with write_session(engine, announce=False) as session:
            add_receiver(
                session, name=args.add, kind=args.kind, address=args.to, secret_name=args.secret,
                colors=_parts(args.color), areas=_parts(args.area), quiet=quiet,
                digest_at=args.digest, actor=ACTOR, at=datetime.now(UTC),
            )  # fmt: skip


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _list(engine: Engine) -> None:
    from rich.table import Table

    from data.database import read_session
    from data.notices.outbound import read_outbound
    from data.notices.receivers import last_problem, list_receivers, notice_counts
    from data.notices.words import KIND_LABEL, STATE_LABEL, NoticeState, ReceiverKind

    with read_session(engine) as session:
        receivers = list_receivers(session)
        counts = notice_counts(session)
        problems = {each.id: last_problem(session, receiver_id=each.id) for each in receivers}
    if not receivers:
        print("还没有接收方，系统不向外发送任何内容。")
        return
    table = Table("名称", "方式", "地址", "状态", "通知", "最近的问题")
    for each in receivers:
        mine = counts.get(each.id, {})
        table.add_row(
            each.name, KIND_LABEL[each.kind], each.shown_address, "启用" if each.enabled else "停用",
            "、".join(f"{STATE_LABEL[state]} {mine[state]}" for state in NoticeState if state in mine),
            problems[each.id],
        )  # fmt: skip
    plain_console().print(table)
    has_mail = any(each.kind == ReceiverKind.EMAIL for each in receivers)
    if has_mail and (warning := read_outbound().mail_warning()):
        print(f"注意：{warning}")


def _test(engine: Engine, settings: Settings, name: str) -> int:
    from data.database import read_session
    from data.notices.compose import test_message
    from data.notices.outbound import read_outbound
    from data.notices.receivers import ReceiverError, list_receivers
    from data.notices.send import Outcome, send

    with read_session(engine) as session:
        found = [each for each in list_receivers(session) if each.name == name]
    if not found:
        raise ReceiverError(f"没有名为“{name}”的接收方")
    at = datetime.now(settings.timezone)
    message = test_message(key=f"test-{at:%Y%m%d%H%M%S}", at=at)
    result = send(found[0], message, outbound=read_outbound())
    if result.outcome is Outcome.SENT:
        print("对方已收下。")
        return 0
    print(f"没有送到：{result.reason}", file=sys.stderr)
    return EXIT_NOT_SENT

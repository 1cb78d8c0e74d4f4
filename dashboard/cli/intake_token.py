"""``intake-token``: make, list and revoke the tokens with which other systems send cases or readings."""

from __future__ import annotations

import argparse

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import CommandError, open_database


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "intake-token",
        help="管理接口令牌",
        description="其他系统凭令牌向接口发送案件或传感器读数；说明见 /onemap/api。",
    )
    acts = parser.add_subparsers(title="操作", metavar="操作", dest="act", required=True)
    create = acts.add_parser("create", help="新建令牌，只显示这一次")
    create.add_argument("--name", required=True, metavar="名称", help="谁在用，例如 热线平台")
    create.add_argument(
        "--source", required=True, metavar="来源", help="这个令牌送来的案件或读数的来源，例如 12345、sensor"
    )
    create.add_argument("--profile", default="", metavar="方案", help="按哪个接入方案理解，默认通用事件表")
    create.add_argument(
        "--for", dest="scope", choices=("cases", "readings"), default="cases",
        help="送什么：cases 案件（默认），readings 传感器读数",
    )  # fmt: skip
    create.add_argument("--per-minute", type=int, metavar="次数", help="每分钟最多几次请求，默认 60")
    revoke = acts.add_parser("revoke", help="停用令牌")
    revoke.add_argument("--name", required=True, metavar="名称")
    acts.add_parser("list", help="列出令牌")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make, revoke or list."""
    from data.intake.errors import TokenProblem

    try:
        return {"create": _create, "revoke": _revoke, "list": _list}[args.act](args)
    except TokenProblem as problem:
        raise CommandError(str(problem)) from problem


def _create(args: argparse.Namespace) -> int:
    from data.database import write_session
    from data.intake.tokens import DEFAULT_PROFILE, DEFAULT_REQUESTS_A_MINUTE, create_token
    from data.vocabulary import TokenScope

    engine, settings = open_database()
    with write_session(engine) as session:
        token = create_token(
            session,
            name=args.name,
            source=args.source,
            settings=settings,
            profile=args.profile or DEFAULT_PROFILE,
            scope=TokenScope(args.scope),
            requests_a_minute=DEFAULT_REQUESTS_A_MINUTE if args.per_minute is None else args.per_minute,
        )
    print(f"令牌（只显示这一次，库中不存原文，请妥善保存）：\n{token}")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    from data.database import write_session
    from data.intake.tokens import revoke_token

    engine, _ = open_database()
    with write_session(engine) as session:
        revoke_token(session, name=args.name)
    print(f"令牌“{args.name}”已停用。")
    return 0


def _list(_args: argparse.Namespace) -> int:
    from data.database import read_session
    from data.intake.tokens import list_tokens
    from data.labels import SOURCE, TOKEN_SCOPE, label

    engine, settings = open_database()
    with read_session(engine) as session:
        found = list_tokens(session)
    for one in found:
        since = one.created_at.astimezone(settings.timezone).strftime("%Y-%m-%d %H:%M")
        state = "已停用" if one.revoked_at else f"每分钟 {one.requests_a_minute} 次"
        sends = f"方案 {one.profile}" if one.profile else f"送{label(TOKEN_SCOPE, one.scope)}"
        print(f"{one.name}：来源 {label(SOURCE, one.source)}，{sends}，{since} 建，{state}")
    if not found:
        print("还没有令牌。新建：intake-token create --name 名称 --source 来源")
    return 0

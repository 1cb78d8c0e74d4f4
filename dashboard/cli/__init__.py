"""The command line. Each command is a module with ``add_to(commands)``, which names its ``run(args) -> int``.

What a command works with is loaded when it runs, so that the list of commands appears at once. An error that
a person can act on becomes one Chinese line on the error stream and exit code 2, never a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dashboard.cli import (
    calendar,
    demo_remove,
    export,
    import_file,
    intake,
    intake_token,
    migrate,
    profiles,
    receiver,
    recount,
    seed,
    serve,
    undo,
    verify_log,
    worker,
)
from dashboard.cli.parser import ChineseParser
from dashboard.cli.terminal import expected_errors

COMMANDS = (
    serve,
    seed,
    import_file,
    undo,
    export,
    demo_remove,
    migrate,
    verify_log,
    recount,
    profiles,
    calendar,
    intake,
    intake_token,
    worker,
    receiver,
)
EXIT_PROBLEM = 2
EXIT_INTERRUPTED = 130


def build_parser() -> ChineseParser:
    """The whole command line, ready to parse."""
    parser = ChineseParser(prog="python -m dashboard", description="一图统览：启动服务、接入和导出数据。")
    commands = parser.add_subparsers(title="命令", metavar="命令", dest="command", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code is 0 when it did its work."""
    args = build_parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except KeyboardInterrupt:
        print("\n已中断。", file=sys.stderr)
        return EXIT_INTERRUPTED
    except expected_errors() as error:
        print(f"错误：{error}", file=sys.stderr)
        return EXIT_PROBLEM
    except OSError as error:
        print(
            f"错误：{error.filename or '文件'} 不能读写（{error.strerror or error}）。"
            "请检查路径、权限和磁盘空间。",
            file=sys.stderr,
        )
        return EXIT_PROBLEM
    return code

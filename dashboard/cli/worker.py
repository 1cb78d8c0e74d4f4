"""``worker``: the background worker as a process of its own, and what it did last."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database, plain_console

if TYPE_CHECKING:
    from sqlalchemy import Engine

EXIT_NO_WORKER = 1
NICENESS = 10
"""Pages go first where the processor is short."""
_TAKES_OVER_FROM_LAUNCHER = "--until-input-ends"


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "worker",
        help="后台任务",
        description="运行后台任务：恢复到期挂账、评估预警规则、发送预警通知、写每日锚点、更新演示数据。"
        "启动服务时会一并启动；也可单独运行，同时运行几个时只有一个工作，其余等候接替。",
    )
    parser.add_argument(
        "--status", action="store_true", help="显示各项任务最近一次的情况；没有在运行时返回 1"
    )
    parser.add_argument(_TAKES_OVER_FROM_LAUNCHER, action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Work until stopped, or show the status."""
    engine, settings = open_database()
    if args.status:
        return _show_status(engine, settings.timezone)
    from data.notices.outbound import read_outbound
    from data.worker.jobs import standard_jobs
    from data.worker.lease import Lease, new_owner
    from data.worker.run import Worker

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with suppress(AttributeError, OSError):  # no such thing on Windows
        os.nice(NICENESS)
    owner = new_owner()
    jobs = standard_jobs(engine, settings, owner=owner, outbound=read_outbound())
    worker = Worker(engine, lease=Lease(engine, owner=owner), jobs=jobs)
    if not args.until_input_ends:
        print("后台任务已启动，按 Ctrl+C 停止", flush=True)
    worker.run(_stop_signal(with_launcher=args.until_input_ends))
    engine.dispose()
    return 0


def _stop_signal(*, with_launcher: bool) -> threading.Event:
    """Set by Ctrl+C or SIGTERM; with a launcher also when it is gone, however it ended."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    # A terminal sends Ctrl+C to the server as well, and the server ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN if with_launcher else lambda *_: stop.set())
    if with_launcher:

        def watch() -> None:
            while os.read(0, 1024):
                pass
            stop.set()

        threading.Thread(target=watch, name="onemap-launcher", daemon=True).start()
    return stop


def _show_status(engine: Engine, zone: ZoneInfo) -> int:
    from rich.table import Table

    from data.database import read_session
    from data.worker.record import worker_status

    with read_session(engine) as session:
        status = worker_status(session, as_of=datetime.now(UTC))
    table = Table("任务", "最近一次", "用时", "结果", "出错")
    for job in status.jobs:
        table.add_row(
            job.label,
            job.started_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            f"{job.duration_seconds:.2f} 秒",
            job.result,
            f"连续 {job.failures} 次：{job.error}" if job.error else "",
        )
    plain_console().print(table)
    if not status.alive:
        print("后台任务没有在运行。请启动服务，或运行 python -m dashboard worker", file=sys.stderr)
        return EXIT_NO_WORKER
    print(f"后台任务正在运行（{status.owner.rpartition(':')[0]}）。")
    return 0

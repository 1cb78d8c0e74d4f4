"""``serve``: everything that must be right before the first page opens, then the server."""

from __future__ import annotations

import argparse
import errno
import http.client
import os
import socket
import sys
import threading
import time
from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.assets import check_assets
from dashboard.cli.parser import Commands, port_number
from dashboard.cli.terminal import CommandError, check_timezone, progress_bar
from dashboard.worker_process import worker_beside

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from data.settings import Settings

HOST = "127.0.0.1"
DEFAULT_PORT = 8501
READY_WITHIN_SECONDS = 60


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "serve", help="启动服务", description="检查、准备数据库并启动服务，只在本机可访问。"
    )
    parser.add_argument(
        "--port", type=port_number, default=DEFAULT_PORT, metavar="端口", help=f"默认 {DEFAULT_PORT}"
    )
    parser.add_argument("--no-demo", action="store_true", help="数据库为空时不生成演示数据")
    parser.add_argument("--no-worker", action="store_true", help="不一并启动后台任务（另行运行 worker 时用）")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prepare, then serve until stopped."""
    from data.database import open_engine
    from data.settings import read_settings

    settings = read_settings()
    check_assets()
    check_port(args.port)
    check_writable(settings.var_dir)
    engine = open_engine(settings.database_url)
    prepare_data(engine, settings, with_demo=not args.no_demo)
    anchor_log(engine, settings)
    engine.dispose()
    with nullcontext() if args.no_worker else worker_beside():
        serve_forever(port=args.port)
    return 0


def check_port(port: int) -> None:
    """Raise CommandError when the port cannot be listened on, with the way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if port < 65535 else port - 1
            if error.errno in {errno.EACCES, errno.EPERM}:
                raise CommandError(
                    f"没有权限使用端口 {port}。请换一个 1024 以上的端口：make run PORT={DEFAULT_PORT}\n"
                    f"No permission to use port {port}: choose one above 1024."
                ) from error
            raise CommandError(
                f"端口 {port} 已被占用（也许本程序已在运行，先打开 http://{HOST}:{port} 看看）。"
                f"请停掉占用它的程序，或换一个端口：make run PORT={other}\n"
                f"Port {port} is in use: stop what uses it, or run on another: make run PORT={other}"
            ) from error


def check_writable(folder: Path) -> None:
    """Raise CommandError unless files can be made in ``folder``, which is made when missing."""
    probe = folder / ".write-test"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CommandError(
            f"数据目录 {folder} 不能写入（{error.strerror}）。"
            "请换用有权限的账号，或用环境变量 ONEMAP_VAR_DIR 指定另一个目录；磁盘已满时先清理空间。\n"
            f"Cannot write to {folder} ({error.strerror}): change its permissions or set ONEMAP_VAR_DIR."
        ) from error


def prepare_data(engine: Engine, settings: Settings, *, with_demo: bool) -> None:
    """Bring the database to this version; fill a new one with the demo, or catch the demo up to now."""
    from data.database import read_session
    from data.demo import catch_up_demo, demo_state, seed_demo
    from data.migrate import migrate

    migrate(engine, timezone=settings.timezone.key)
    check_timezone(engine, settings)
    with read_session(engine) as session:
        state = demo_state(session)
    with progress_bar() as progress:
        if state.present:
            catch_up_demo(engine, settings, progress=progress)
        elif with_demo and state.database_empty and not state.removed:
            seed_demo(engine, settings, progress=progress)


def anchor_log(engine: Engine, settings: Settings) -> None:
    """Write today's anchor of the event log, unless it is there. Where nothing can be written now, the next
    start does it.
    """
    from data.database import DatabaseLocked, DatabaseReadOnly
    from data.event_anchor import anchor_day

    with suppress(DatabaseLocked, DatabaseReadOnly):
        anchor_day(engine, day=datetime.now(settings.timezone).date())


def serve_forever(*, port: int) -> None:
    """Run the ASGI application in this process. Streamlit is told never to ask another machine."""
    from data.settings import PROJECT_ROOT

    os.chdir(PROJECT_ROOT)  # Streamlit looks for .streamlit/config.toml here
    from dashboard.app import app

    threading.Thread(target=_announce_when_ready, args=(port,), daemon=True).start()
    app.run(
        config={
            "server.port": port,
            "server.address": HOST,
            "browser.serverAddress": HOST,
            "browser.gatherUsageStats": False,
            "server.headless": True,
            "server.fileWatcherType": "none",
        }
    )


def _announce_when_ready(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if _healthy(port):
            print(f"\n  一图统览已启动：http://{HOST}:{port}    按 Ctrl+C 停止\n", flush=True)
            return
        time.sleep(0.1)
    print(f"服务在 {READY_WITHIN_SECONDS} 秒内没有就绪，请查看上面的信息。", file=sys.stderr)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()

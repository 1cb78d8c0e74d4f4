"""``intake``: take in what lies in the watched folder, once or from now on."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Final

from dashboard.cli.parser import Commands
from dashboard.cli.terminal import open_database

if TYPE_CHECKING:
    from data.intake.folder import Taken

EVERY_SECONDS: Final = 5.0
MOST_WAIT_SECONDS: Final = 60.0
"""``--once`` waits so long for files that are still being written."""


def add_to(commands: Commands) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "intake",
        help="接入文件夹里的文件",
        description="把文件放进“接入文件夹/方案名/”，一个文件接入为一个批次（传感器读数放进 readings），"
        "随后移到旁边的 done 或 failed，附上结果。",
    )
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--once", action="store_true", help="接入现有的文件后退出")
    way.add_argument("--watch", action="store_true", help="一直看着文件夹，按 Ctrl+C 结束")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Take in; 1 where a file could not be taken in, or is left waiting."""
    from data.intake.folder import prepare_inbox, take_in_folder

    engine, settings = open_database()
    print(f"接入文件夹：{prepare_inbox(settings)}", flush=True)
    if args.watch:
        told: set[Taken] = set()
        while True:
            found = take_in_folder(engine, settings)
            for one in found:
                if one not in told:
                    _tell(one)
            told = {one for one in found if one.outcome == "waiting"}
            time.sleep(EVERY_SECONDS)
    found = take_in_folder(engine, settings)
    last = time.monotonic() + MOST_WAIT_SECONDS
    while any(one.is_changing for one in found) and time.monotonic() < last:
        time.sleep(1)
        found = [one for one in found if one.outcome != "waiting"] + take_in_folder(engine, settings)
    for one in found:
        _tell(one)
    if not found:
        print("没有要接入的文件。")
    return int(any(one.outcome in ("failed", "waiting") for one in found))


def _tell(one: Taken) -> None:
    words = {
        "done": f"已接入，批次 {one.batch_id}" if one.batch_id else "读数已接入",
        "repeated": f"与批次 {one.batch_id} 相同，不再接入",
        "failed": f"没有接入：{one.reason}",
        "waiting": f"暂未接入：{one.reason}",
    }
    print(f"{one.profile}/{one.file}：{words[one.outcome]}", flush=True)

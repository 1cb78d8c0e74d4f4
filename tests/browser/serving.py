"""The product as a person starts it: ``python -m dashboard serve`` over a folder."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_WITHIN_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A running ``python -m dashboard serve``: its address, its folder, what it printed, how long it took."""

    base: str
    var_dir: Path
    log: Path
    ready_seconds: float

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serve_product(var_dir: Path, *arguments: str) -> Iterator[Served]:
    """The product started by its own command line over ``var_dir``, stopped at the end."""
    port, log = free_port(), var_dir.parent / f"{var_dir.name}-serve.log"
    var_dir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port), *arguments]
    environment = {**os.environ, "ONEMAP_VAR_DIR": str(var_dir), "PYTHONIOENCODING": "utf-8"}
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait_until_ready(process, port, log)
            yield Served(f"http://{HOST}:{port}", var_dir, log, time.monotonic() - started)
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for_first_rules(served: Served) -> None:
    """Until the worker has looked at the rules once: its orders are cases and would come between counts."""
    end = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < end:
        with closing(sqlite3.connect(served.var_dir / "onemap.db")) as connection:
            done = "SELECT count(*) FROM worker_job WHERE name = 'rules' AND result <> ''"
            if connection.execute(done).fetchone()[0]:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the worker did not look at the rules: {served.printed[-2000:]}")


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/onemap/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")

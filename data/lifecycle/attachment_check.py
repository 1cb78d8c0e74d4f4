"""Whether every photo of a case is where it should be, and the photos that no case ever got.

A photo is written before the entry that names it, so that no entry names one that is not there. A process
that dies in between leaves a file that nobody names: after a day it is removed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.event_verify import Fault, FaultKind
from data.lifecycle.attachments import path_of
from data.models import EventAttachment, EventLog

_FILE: Final[Table] = EventAttachment.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
ORPHAN_SECONDS: Final = 24 * 60 * 60
"""How long a file may wait for its entry: far longer than any form or request takes."""
_PUT_ASIDE: Final = ".going"


def verify_files(session: Session, *, folder: Path) -> list[Fault]:
    """Everything by which the photos in ``folder`` differ from the logs; an empty list: all is well.

    Reads every photo and every entry that names one.
    """
    rows = session.connection().execute(select(_FILE.c.event_id, _FILE.c.log_seq, _FILE.c.sha256)).all()
    listed = {(row.event_id, row.log_seq, row.sha256) for row in rows}
    named = set(_named(session))
    faults = [
        _fault(event_id, seq, f"记录里有照片 {digest[:12]}…，附件表里却没有")
        for event_id, seq, digest in named - listed
    ]
    faults += [
        _fault(event_id, seq, f"附件表里的照片 {digest[:12]}… 不在这条记录里")
        for event_id, seq, digest in listed - named
    ]
    wrong: dict[str, str] = {}
    for digest in {digest for _, _, digest in listed}:
        problem = _problem(path_of(folder, digest), digest)
        if problem:
            wrong[digest] = problem
    faults += [_fault(event_id, seq, wrong[digest]) for event_id, seq, digest in listed if digest in wrong]
    return sorted(faults, key=lambda fault: (fault.event_id, fault.seq, fault.detail))


def orphans(session: Session, *, folder: Path, older_than_seconds: float = ORPHAN_SECONDS) -> list[Path]:
    """Files that no case names and that nobody has touched for so long: photos and halves of photos."""
    known = set(session.connection().execute(select(_FILE.c.sha256).distinct()).scalars())
    before = time.time() - older_than_seconds
    return [path for path in _files(folder) if path.stem not in known and _touched(path) < before]


def remove_orphans(session: Session, *, folder: Path, older_than_seconds: float = ORPHAN_SECONDS) -> int:
    """Removes what ``orphans`` finds; returns how many. Somebody may take the same photo up again meanwhile:
    a file is put aside first, and put back where it was touched since.
    """
    removed = 0
    for path in orphans(session, folder=folder, older_than_seconds=older_than_seconds):
        aside = path.with_name(path.name + _PUT_ASIDE)
        with suppress(OSError):
            path.rename(aside)
            if _touched(aside) < time.time() - older_than_seconds:
                aside.unlink()
                removed += 1
            else:
                aside.rename(path)
    return removed


def _files(folder: Path) -> Iterator[Path]:
    for aside in folder.glob(f"??/*{_PUT_ASIDE}"):  # left by a process that died in between
        aside.rename(aside.with_suffix(""))
    yield from (path for path in sorted(folder.glob("??/*")) if path.is_file())


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _named(session: Session) -> Iterator[tuple[int, int, str]]:
    wanted = select(_LOG.c.event_id, _LOG.c.seq, _LOG.c.changes).where(_LOG.c.changes.like('%"files":%'))
    for row in session.connection().execute(wanted):
        for digest in json.loads(row.changes).get("files", ()):
            yield row.event_id, row.seq, digest


def _problem(path: Path, digest: str) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return f"照片文件 {path} 不在了"
    except OSError as error:
        return f"照片文件 {path} 读不出来（{error.strerror}）"
    return (
        "" if sha256(content).hexdigest() == digest else f"照片文件 {path} 的内容与记录的校验值不符，被改过"
    )


def _fault(event_id: int, seq: int, text: str) -> Fault:
    return Fault(event_id, seq, FaultKind.FILE, text)

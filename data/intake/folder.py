"""The watched folder: what is dropped into ``inbox/<profile>/`` is taken in, one file one batch; what is
dropped into ``inbox/readings/`` are readings.

A file is moved to ``done/`` or ``failed/`` beside it, with a report, only after the database has it or has
refused it. Killed in between, the next look recognises the file by its SHA-256 and goes on with the move: the
database alone says what is done, so nothing is half-written and nothing doubled.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select
from sqlmodel import Session

from data.database import DatabaseProblem, read_session
from data.event_links import link_batch
from data.imports import DemoPresent, ImportProblem, export_rejects, list_profiles, load_profile, run_import
from data.imports.guard import MAX_BYTES
from data.imports.profile import Profile
from data.intake.errors import IntakeProblem
from data.intake.reports import (
    done_report,
    failed_report,
    put_away,
    put_away_name,
    readable,
    readings_report,
    renamed,
    repeated_report,
)
from data.models import ImportBatch
from data.models.base import column
from data.readings.files import refused_csv, take_file
from data.settings import Settings
from data.vocabulary import BatchStatus

DONE: Final = "done"
FAILED: Final = "failed"
STEADY_SECONDS: Final = 5.0
ACTOR: Final = "接入文件夹"
_PASSING: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart")
_SIDE_FILES: Final = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj")
_CHANGING: Final = "文件还在变化，等它写完"
_UNFORESEEN: Final = "程序处理这个文件时出错，已记入日志。请把文件和日志交给维护人员。"
_GONE: Final = "文件已不在原处"
_CHANGED: Final = "接入时文件又有变化，等它写完再接入一次"
READINGS: Final = "readings"
"""The folder of readings; every other one is named by a profile."""
READINGS_SOURCE: Final = "sensor"
_LOG = logging.getLogger("onemap.intake")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one file. ``outcome``: done, repeated (taken in before), failed, or waiting: then it
    stays where it is, for what ``reason`` says.
    """

    file: str
    profile: str
    outcome: str
    batch_id: int | None = None
    reason: str = ""

    @property
    def is_changing(self) -> bool:
        """Whether it only waits for whoever writes it."""
        return self.outcome == "waiting" and self.reason == _CHANGING

    @property
    def is_stuck(self) -> bool:
        """Whether it waits for something that people may have to mend."""
        return self.outcome == "waiting" and self.reason not in (_CHANGING, _CHANGED, _GONE)

    @property
    def waits_for_demo(self) -> bool:
        """Whether it waits for the demo to be removed: nothing is broken."""
        return self.outcome == "waiting" and self.reason == str(DemoPresent())


def prepare_inbox(settings: Settings) -> Path:
    """Makes the folder of every profile and that of readings, so that a person sees where files go; returns
    the inbox.
    """
    for name in (READINGS, *(profile.name for profile in list_profiles(settings=settings))):
        (settings.inbox / name).mkdir(parents=True, exist_ok=True)
    return settings.inbox


def take_in_folder(
    engine: Engine, settings: Settings, *, steady_seconds: float = STEADY_SECONDS
) -> list[Taken]:
    """Takes in all files that lie ready, the oldest first; what the worker calls every few seconds.

    Another process that is at it already is left to it: then nothing is done. Nothing that is wrong with a
    file is raised: its report says it.

    Raises:
        OSError: the inbox itself cannot be read or written.
    """
    if not settings.inbox.is_dir():
        return []
    with _alone(settings.inbox) as is_alone:
        if not is_alone:
            return []
        return [
            _take(engine, settings, path, steady_seconds=steady_seconds) for path in _files(settings.inbox)
        ]


@contextmanager
def _alone(inbox: Path) -> Iterator[bool]:
    """Whether this is the only process at the inbox; the system gives the lock back when a process dies."""
    with (inbox / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _files(inbox: Path) -> list[Path]:
    """What people and programs dropped, the oldest first."""
    found = []
    for folder in sorted(inbox.iterdir()):
        if not folder.is_dir() or folder.name.startswith(".") or folder.name in (DONE, FAILED):
            continue
        for path in folder.iterdir():
            name = path.name.lower()
            is_hidden = name.startswith((".", "~$"))
            if is_hidden or name.endswith(_PASSING) or not path.is_file():
                continue
            with suppress(FileNotFoundError):  # moved away or renamed meanwhile
                given = renamed(path)
                if not name.endswith(_SIDE_FILES):
                    found.append((given.stat().st_mtime_ns, given))
    return [path for _, path in sorted(found)]


def _take(engine: Engine, settings: Settings, path: Path, *, steady_seconds: float) -> Taken:
    try:
        if not _is_steady(path, steady_seconds):
            return _told(path, "waiting", reason=_CHANGING)
        return _take_steady(engine, settings, path)
    except FileNotFoundError:
        return _told(path, "waiting", reason=_GONE)
    except (DatabaseProblem, DemoPresent, OSError) as error:
        # Not the file's fault: it stays, and is tried again at the next look.
        _LOG.warning("%s is left for later: %s", path.name, error)
        reason = str(error)
        if isinstance(error, OSError):
            reason = f"不能读写（{error.strerror or error}），请检查文件的权限和磁盘"
        return _told(path, "waiting", reason=reason)
    except Exception:
        # Whatever it is, the other files do not wait for it.
        _LOG.exception("%r could not be put away", path.name)
        return _told(path, "waiting", reason=_UNFORESEEN)


def _take_steady(engine: Engine, settings: Settings, path: Path) -> Taken:
    before = path.stat()
    try:
        if path.parent.name == READINGS:
            return _take_readings(engine, path, before)
        profile = load_profile(path.parent.name, settings=settings)
        with read_session(engine) as session:
            earlier = _published(session, sha256=_sha256(path), profile=profile.name)
        if earlier is not None:
            return _finish_repeat(engine, path, earlier, profile)
        result = run_import(
            engine, path=path, kind=profile.kind, profile=profile, settings=settings, actor=ACTOR
        )
    except DemoPresent:
        raise
    except (ImportProblem, IntakeProblem) as problem:
        return _fail(path, str(problem))
    except DatabaseProblem:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, a lock, a right: not what the file holds
        _LOG.exception("%s could not be taken in", path.name)
        return _fail(path, _UNFORESEEN)
    if _changed(path, before):
        return _told(path, "waiting", reason=_CHANGED)
    with read_session(engine) as session:
        batch = session.get_one(ImportBatch, result.batch_id)
        rejects = export_rejects(session, batch_id=result.batch_id) if result.rejected else b""
    put_away(path, DONE, f"批次{batch.id}", report=done_report(batch, profile), rejects=rejects)
    return _told(path, "done", batch_id=batch.id)


def _take_readings(engine: Engine, path: Path, before: os.stat_result) -> Taken:
    """A file of readings is no batch: killed halfway it is taken in again, and what was there stays."""
    taken = take_file(engine, path, source=READINGS_SOURCE)
    if _changed(path, before):
        return _told(path, "waiting", reason=_CHANGED)
    mark = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    put_away(path, DONE, mark, report=readings_report(path, taken), rejects=refused_csv(taken))
    return _told(path, "done")


def _changed(path: Path, before: os.stat_result) -> bool:
    return (path.stat().st_size, path.stat().st_mtime_ns) != (before.st_size, before.st_mtime_ns)


def _finish_repeat(engine: Engine, path: Path, earlier: ImportBatch, profile: Profile) -> Taken:
    """Taken in before: by an intake that was killed before it could move the file, or simply sent again."""
    interrupted = (
        earlier.actor == ACTOR
        and earlier.file_name == path.name
        and not put_away_name(path, DONE, f"批次{earlier.id}").exists()
    )
    if earlier.links_due and earlier.id is not None:
        link_batch(engine, batch_id=earlier.id)
    rejects = b""
    if earlier.rows_rejected and earlier.id is not None:
        with read_session(engine) as session:
            rejects = export_rejects(session, batch_id=earlier.id)
    report = done_report(earlier, profile) if interrupted else repeated_report(earlier, profile)
    put_away(path, DONE, f"批次{earlier.id}", report=report, rejects=rejects)
    return _told(path, "done" if interrupted else "repeated", batch_id=earlier.id)


def _fail(path: Path, reason: str) -> Taken:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    put_away(path, FAILED, stamp, report=failed_report(path, reason))
    return _told(path, "failed", reason=reason)


def _told(path: Path, outcome: str, *, batch_id: int | None = None, reason: str = "") -> Taken:
    return Taken(
        file=readable(path.name), profile=readable(path.parent.name), outcome=outcome, batch_id=batch_id,
        reason=reason,
    )  # fmt: skip


def _is_steady(path: Path, steady_seconds: float) -> bool:
    """Nobody has written to a file, renamed it or set its times for a while.

    The time of the last change of its record (ctime) is this machine's clock and cannot be set, unlike the
    time of modification, which copying programs carry over. A clock that was set back does not hold a file
    up for ever: a moment in the future counts as long ago once a minute away.
    """
    age = time.time() - path.stat().st_ctime
    return age >= steady_seconds or age < -60


def _published(session: Session, *, sha256: str, profile: str) -> ImportBatch | None:
    """The batch, in force, that brought exactly this file in with this profile; None where none did."""
    query = (
        select(ImportBatch)
        .where(
            column(ImportBatch.file_sha256) == sha256,
            column(ImportBatch.profile) == profile,
            column(ImportBatch.status) == BatchStatus.PUBLISHED.value,
        )
        .order_by(column(ImportBatch.id).desc())
    )
    return session.execute(query).scalars().first()


def _sha256(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        return ""  # the import refuses it by its size
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Engines, sessions and the errors of a database that does not answer as it should.

A read session sees one snapshot from its first statement to its last. A write session takes the write
lock before it reads anything, so that read-then-append cannot race: ``BEGIN IMMEDIATE`` on SQLite, the
row of ``data_state`` locked on PostgreSQL. Nothing else in the project begins or commits.

DatabaseProblem
├── DatabaseLocked      another process writes for longer than we wait
├── DatabaseReadOnly    the file, folder or server refuses writing
├── DatabaseTooNew      made by a newer version of the program
├── DatabaseTooOld      has to be migrated first
└── DatabaseUnusable    not a database, damaged, disk full, server not reachable
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, bindparam, create_engine, event, select, update
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from data.models import DataState
from data.models.base import column

BUSY_TIMEOUT_MS: Final = 5_000
CACHE_KIB: Final = 65_536
PAGE_BYTES: Final = 8_192
"""Of a new database. Twice the default: imports write wide indexes, and were a seventh faster."""
_MODE: Final = "onemap_mode"
_IS_STATE: Final = column(DataState.id) == 1
# Made once: every move of a case needs them.
_LOCK_STATE: Final = select(column(DataState.timezone)).where(_IS_STATE).with_for_update()
_REVISION: Final = select(column(DataState.revision)).where(_IS_STATE)
_ANNOUNCE: Final = (
    update(DataState)
    .where(_IS_STATE)
    .values(revision=column(DataState.revision) + 1, changed_at=bindparam("now"))
)


class DatabaseProblem(RuntimeError):
    """Root of the errors of a database. The text is for people: what is wrong, where, and the way out."""


class DatabaseLocked(DatabaseProblem):
    """Another process has been writing for longer than we wait."""


class DatabaseReadOnly(DatabaseProblem):
    """The database can be read but not written."""


class DatabaseTooNew(DatabaseProblem):
    """A newer version of the program made this database."""


class DatabaseTooOld(DatabaseProblem):
    """The tables are of an older version, or not there yet."""


class DatabaseUnusable(DatabaseProblem):
    """The database cannot be opened or is damaged."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant that a screen shows: colours are judged at ``as_of`` (UTC, whole seconds)."""

    as_of: datetime
    revision: int


def open_engine(url: str) -> Engine:
    """The engine of a database URL. On SQLite the folder is made when missing; nothing is opened yet.

    Raises:
        DatabaseUnusable: the URL makes no sense, its driver is missing, or the folder cannot be made.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            return _open_sqlite(address)
        engine = create_engine(address, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _prepare_server)
        return engine
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError, TypeError, OSError) as error:
        raise DatabaseUnusable(
            f"数据库地址 {_shown(url)} 不能使用（{error}）。"
            "请检查 ONEMAP_DATABASE_URL 或 ONEMAP_VAR_DIR 的设置"
        ) from error


def _open_sqlite(address: URL) -> Engine:
    if address.database in (None, "", ":memory:"):
        raise ValueError("不支持内存数据库，应指定文件")
    if not address.query.get("uri"):
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address, connect_args={"check_same_thread": False}, pool_size=10, max_overflow=20,
        hide_parameters=True,
    )  # fmt: skip
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver starts no transaction before the first write, and then a deferred one: we do it ourselves.
    connection.isolation_level = None
    for pragma in (
        f"page_size = {PAGE_BYTES}",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KIB}",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_server(connection: Any, _record: Any) -> None:
    # PostgreSQL waits for a lock for ever by default; people get the same answer after the same time.
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_MODE)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if mode == 'read' else 'OFF'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")


def read_options(engine: Engine) -> Engine:
    """The engine whose transactions read one snapshot and refuse to write."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_MODE: "read"})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def write_options(engine: Engine) -> Engine:
    """The engine whose transactions take the write lock when they begin (SQLite)."""
    return engine.execution_options(**{_MODE: "write"})


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """A session on one consistent snapshot, which the first statement takes. Never writes.

    Raises:
        DatabaseProblem: whatever is wrong with the database, by name.
    """
    with named_problems(engine), Session(read_options(engine), expire_on_commit=False) as session:
        yield session


@contextmanager
def write_session(engine: Engine, *, announce: bool = True) -> Iterator[Session]:
    """A session that holds the write lock from its first moment; commits at the end, or nothing at all.

    The commit adds one to ``DataState.revision``, which every open page follows. ``announce`` False: not, for
    what no page shows by itself (a lease that is renewed, a notice that was sent). The caller never commits.

    Raises:
        DatabaseProblem: whatever is wrong with the database, by name.
    """
    with named_problems(engine), Session(write_options(engine), expire_on_commit=False) as session:
        state = session.connection().execute(_LOCK_STATE).one_or_none()
        if state is None:
            raise _without_state(engine)
        session.info.update(writes=True, timezone_key=state.timezone)
        yield session
        session.flush()
        if announce:
            session.connection().execute(_ANNOUNCE, {"now": datetime.now(UTC)})
        session.commit()


def current_moment(session: Session, *, now: datetime | None = None) -> Moment:
    """The moment that a screen shows: the revision that this session sees, judged at ``now``."""
    number = session.connection().execute(_REVISION).scalar_one_or_none()
    if number is None:
        raise _without_state(session.get_bind().engine)
    return Moment((now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0), number)


def _without_state(engine: Engine) -> DatabaseUnusable:
    return DatabaseUnusable(f"数据库 {name_of(engine)} 缺少版本号一行，已损坏。请用备份恢复")


def check_version(engine: Engine) -> None:
    """Passes when the tables are of exactly the version that this program knows.

    Raises:
        DatabaseTooNew: an unknown, so newer, revision.
        DatabaseTooOld: an older revision, or an empty database.
        DatabaseUnusable: a database of something else.
    """
    from data.migrate import version_problem

    problem = version_problem(engine)
    if problem is not None:
        raise problem


@contextmanager
def named_problems(engine: Engine) -> Iterator[None]:
    """Turns the driver's errors about the database itself into ours. Errors in statements pass through."""
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseLocked(f"数据库 {name_of(engine)} 正忙：连接已用完。请稍后再试") from error
    except DBAPIError as error:
        problem = _problem(name_of(engine), str(error.orig))
        if problem is None:
            raise
        raise problem from error


_SAYS: Final[tuple[tuple[str, type[DatabaseProblem], str], ...]] = (
    ("database is locked", DatabaseLocked,
     f"正被另一个程序写入，等了 {BUSY_TIMEOUT_MS // 1000} 秒仍未空出。请稍后再试，或关闭占用它的程序"),
    ("lock timeout", DatabaseLocked,
     f"正被另一个程序写入，等了 {BUSY_TIMEOUT_MS // 1000} 秒仍未空出。请稍后再试，或关闭占用它的程序"),
    ("deadlock detected", DatabaseLocked, "正被另一个程序占用。请稍后再试"),
    ("database table is locked", DatabaseLocked, "正被另一个程序占用。请稍后再试"),
    ("readonly database", DatabaseReadOnly, "只能读、不能写。请检查文件和所在文件夹的写权限"),
    ("read-only transaction", DatabaseReadOnly, "正以只读方式打开，不能写入"),
    ("unable to open", DatabaseUnusable, "打不开。请检查路径是否存在、是否有读写权限"),
    ("not a database", DatabaseUnusable, "不是数据库文件。请换一个路径，或把该文件移走后重新启动"),
    ("malformed", DatabaseUnusable, "已损坏。请用备份恢复"),
    ("no such table", DatabaseUnusable, "缺少表，已损坏或被别的程序改动。请用备份恢复"),
    ("disk is full", DatabaseUnusable, "所在磁盘已满。请腾出空间后再试"),
    ("No space left on device", DatabaseUnusable, "所在磁盘已满。请腾出空间后再试"),
    ("disk I/O error", DatabaseUnusable, "读写磁盘出错。请检查磁盘和文件夹权限"),
    ("NUL (0x00)", DatabaseUnusable, "不能保存空字符（NUL）。请删去文字里看不见的字符后再试"),
    ("connection", DatabaseUnusable, "连接不上。请检查服务是否启动、地址和口令是否正确"),
)  # fmt: skip


def _problem(place: str, said: str) -> DatabaseProblem | None:
    for sign, kind, text in _SAYS:
        if sign in said:
            return kind(f"数据库 {place} {text}（{said}）")
    return None


def name_of(engine: Engine) -> str:
    """The database as a person may see it: its file, or its address without the password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.render_as_string(hide_password=True)


def _shown(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.split('//')[0]}//…@{tail}" if at else url

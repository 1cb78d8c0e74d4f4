"""Brings a database's tables to the version that this program knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import Engine

from data.database import (
    DatabaseProblem,
    DatabaseReadOnly,
    DatabaseTooNew,
    DatabaseTooOld,
    DatabaseUnusable,
    name_of,
    named_problems,
    read_options,
    write_options,
)

_MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"
_POSTGRESQL_LOCK: Final = 7_030_301
"""Any constant: processes that start together migrate one after the other."""


_WAIT_MS: Final = 60_000
"""How long a process waits for another one's upgrade of a file, which is longer than for a write."""


def migrate(engine: Engine, *, timezone: str | None = None) -> None:
    """Makes or upgrades the tables in one transaction; several processes may call it at once.

    ``timezone`` (default Asia/Shanghai) is written into a new database and says whose days its day columns
    are; a database that exists keeps its own.

    Raises:
        DatabaseTooNew: the database is ahead of this program, and is left alone.
        DatabaseTooOld: it is behind, and must not be written here.
        DatabaseUnusable: it is PostgreSQL's and orders texts in another way than SQLite.
        DatabaseProblem: it cannot be opened, is locked or is something else's.
    """
    problem = version_problem(engine)
    if problem is None:
        return
    if not isinstance(problem, DatabaseTooOld):
        raise problem
    try:
        with named_problems(engine), _alone(engine) as connection:
            is_new = MigrationContext.configure(connection).get_current_revision() is None
            if is_new and connection.dialect.name == "postgresql":
                _check_order(connection)
            command.upgrade(_config(connection), "head")
            if is_new and timezone:
                connection.execute(
                    text("UPDATE data_state SET timezone = :zone"), {"zone": ZoneInfo(timezone).key}
                )
    except DatabaseReadOnly as error:
        raise DatabaseTooOld(f"{problem}；但这里没有写权限，不能升级。请用有写权限的账户启动一次") from error


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that begins when nobody else migrates or writes, however long an upgrade takes."""
    with write_options(engine).connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.detach()  # what is set here is closed with it
            raw: Any = connection.connection.dbapi_connection
            raw.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
            yield connection


def _check_order(connection: Connection) -> None:
    """Lists come in the same order on both databases: by the bytes of UTF-8."""
    if connection.execute(text("SELECT 'B' < 'a' AND current_setting('server_encoding') = 'UTF8'")).scalar():
        return
    name = connection.engine.url.database
    raise DatabaseUnusable(
        f"数据库 {name_of(connection.engine)} 的字符集或排序规则不合用。请删去后重建："
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    )


def head_revision() -> str:
    """The newest revision that this program knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def version_problem(engine: Engine) -> DatabaseProblem | None:
    """What is wrong with a database's version, or None. Raises what is wrong with the database itself."""
    with named_problems(engine), read_options(engine).connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        tables = set(inspect(connection).get_table_names())
    head, place = head_revision(), name_of(engine)
    if found == head:
        return None
    if found is None:
        if tables:
            return DatabaseUnusable(
                f"数据库 {place} 里已有别的表（{min(tables)} 等），不是本系统的。请换一个数据库"
            )
        return DatabaseTooOld(f"数据库 {place} 还是空的，需要先建表：请运行 python -m dashboard migrate")
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found in known:
        return DatabaseTooOld(
            f"数据库 {place} 的版本是 {found}，早于本程序的 {head}，需要先升级："
            "请运行 python -m dashboard migrate"
        )
    return DatabaseTooNew(
        f"数据库 {place} 的版本是 {found}，本程序只认识到 {head}：它由更新的程序建立。"
        "请升级程序，数据未作任何改动"
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

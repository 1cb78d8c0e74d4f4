"""Databases of the tests: files of SQLite, or databases on a PostgreSQL server where one is given.

``ONEMAP_TEST_POSTGRES_URL`` names a server on which databases may be made and dropped, with the driver that
is installed beside the project (``docs/decisions/0018-tried-on-postgresql.md``).
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from data.database import open_engine
from data.migrate import migrate

POSTGRES: Final = os.environ.get("ONEMAP_TEST_POSTGRES_URL", "")


@contextmanager
def postgres_database(server: str, *, template: str = "template0") -> Iterator[str]:
    """A database of its own on that server, dropped afterwards; its URL."""
    name = f"onemap_test_{uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def new_url(path: Path) -> str:
    """URL of a database without tables: that file, or one on the server that is gone when the tests end."""
    return _until_the_end("template0") if POSTGRES else f"sqlite:///{path}"


def migrated_engine(path: Path) -> Engine:
    """A new migrated database, where :func:`new_url` puts it."""
    if POSTGRES:
        return open_engine(_until_the_end(migrated_template()))
    engine = open_engine(new_url(path))
    migrate(engine)
    return engine


@cache
def migrated_template() -> str:
    """Name of a migrated database on the server that nobody writes: copies are quicker than migrations."""
    url = _until_the_end("template0")
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    return str(engine.url.database)


def _until_the_end(template: str) -> str:
    at_end = ExitStack()
    atexit.register(at_end.close)
    return at_end.enter_context(postgres_database(POSTGRES, template=template))


@contextmanager
def copy_of(url: str, path: Path) -> Iterator[str]:
    """URL of a copy of a database that nobody has open: that file, or one on the server; gone afterwards."""
    database = make_url(url).database or ""
    if POSTGRES:
        with postgres_database(POSTGRES, template=database) as copied:
            yield copied
        return
    yield f"sqlite:///{shutil.copy(database, path)}"
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()

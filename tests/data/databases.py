"""Databases of the tests: files of SQLite, or databases on a PostgreSQL server where one is given.

``ONEMAP_TEST_POSTGRES_URL`` names a server on which databases may be made and dropped, with the driver that
is installed beside the project (``docs/decisions/0018-tried-on-postgresql.md``).
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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


def migrated_engine(path: Path) -> Engine:
    """A new migrated database: that file, or one on the server that is gone when the tests end."""
    url = f"sqlite:///{path}"
    if POSTGRES:
        at_end = ExitStack()
        url = at_end.enter_context(postgres_database(POSTGRES))
        atexit.register(at_end.close)
    engine = open_engine(url)
    migrate(engine)
    return engine

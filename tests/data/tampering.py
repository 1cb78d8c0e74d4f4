"""Changes made behind the log's back, as somebody with the database's password could make them."""

from __future__ import annotations

from sqlalchemy import Engine, text


def tamper(engine: Engine, *statements: str) -> None:
    """Runs statements without any foreign key, on a connection that nobody uses afterwards."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        connection.invalidate()

"""Inserts of many rows: what the table holds afterwards is what was given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from data.bulk import insert_columns

TABLE = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", String),
    Column("number", Integer),
    Column("share", Float),
    Column("is_so", Boolean),
    Column("note", String),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
pytestmark = pytest.mark.sqlite


def stored(columns: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        TABLE.create(connection)
        insert_columns(connection, TABLE, columns)
        rows = [tuple(row) for row in connection.execute(select(TABLE).order_by(TABLE.c.id))]
    engine.dispose()
    return rows


@given(
    text=st.one_of(
        TEXTS, st.sampled_from(["o'clock", "%s", ":name", "?", "a\nb", '"', "温江", "2026-11-21 08:30"])
    ),
    number=st.integers(-(2**63), 2**63 - 1),
    share=st.floats(allow_nan=False, allow_infinity=False),
    is_so=st.booleans(),
    count=st.integers(1, 4),
    differ=st.booleans(),
)
def test_a_column_of_one_value_is_stored_like_one_of_many(
    text: str, number: int, share: float, is_so: bool, count: int, differ: bool
) -> None:
    columns: dict[str, list[Any]] = {
        "id": list(range(count)),
        "text": [text] * count,
        "number": [number] * count,
        "share": [share] * count,
        "is_so": [is_so] * count,
        "note": [None] * count,
    }
    if differ:
        columns["text"][-1] = None
        columns["is_so"][-1] = not is_so
    assert stored(columns) == list(zip(*columns.values(), strict=True))

"""Many texts as one parameter of a statement."""

from __future__ import annotations

from sqlalchemy import Engine, select

from data.bulk import listed
from data.database import read_session, write_session
from data.models import Department
from data.models.base import column

CODES = ["D01", "二", '"引"', "it's", "a\\b", "100%", ":x"]


def test_texts_in_a_list_are_found_whatever_they_contain(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all(Department(code=code, name="演示部门") for code in [*CODES, "D02"])
    with read_session(engine) as session:
        code = column(Department.code)
        asked = listed(session.connection(), [*CODES, "没有"])
        found = session.execute(select(code).where(code.in_(asked))).scalars().all()
        nothing = session.execute(select(code).where(code.in_(listed(session.connection(), [])))).all()

    assert sorted(found) == sorted(CODES)
    assert nothing == []

"""A profile with a value of the wrong type is refused by name, before any row is read."""

from __future__ import annotations

from typing import Any

import pytest

from data.imports.errors import ProfileProblem
from data.imports.profile import profile_from_data

SOUND: dict[str, Any] = {
    "kind": "events",
    "columns": {"external_no": "编号", "status": ["状态"], "reported_at": "时间", "class": "类别"},
}


def test_a_sound_profile_passes() -> None:
    profile = profile_from_data("示例", {**SOUND, "date_formats": ["%d.%m.%Y %H:%M"], "header_row": 3})
    assert (profile.columns["status"], profile.header_row) == (("状态",), 3)


@pytest.mark.parametrize(
    ("item", "value", "named"),
    [
        ("kind", ["events"], "kind"),
        ("source", 12345, "source"),
        ("number_prefix", 3, "number_prefix"),
        ("sheet", 1, "sheet"),
        ("crs", 4326, "crs"),
        ("header_row", -3, "header_row"),
        ("header_row", "二", "header_row"),
        ("header_row", True, "header_row"),
        ("columns", 1, "columns"),
        ("columns", {"external_no": [1]}, "columns.external_no"),
        ("values", {"status": 3}, "values.status"),
        ("values", {"status": {"处置": 3}}, "values.status.处置"),
        ("constants", {"source": 5}, "constants.source"),
        ("fallback", {"class": ["0101"]}, "fallback.class"),
        ("date_formats", "%Y", "date_formats"),
        ("date_formats", [1], "date_formats"),
        ("date_formats", ["%"], "date_formats"),
        ("date_formats", ["%Q"], "date_formats"),
        ("date_formats", ["%Y-%m-%d %z"], "date_formats"),
    ],
)
def test_an_item_of_the_wrong_type_is_named_with_its_value(item: str, value: Any, named: str) -> None:
    with pytest.raises(ProfileProblem, match=f"接入方案“示例”的 {named} = .* 不对：应为"):
        profile_from_data("示例", {**SOUND, item: value})


@pytest.mark.parametrize("encoding", ["hex", "rot13", "base64", "没有"])
def test_an_encoding_that_is_no_text_is_refused(encoding: str) -> None:
    with pytest.raises(ProfileProblem, match="不认识的编码"):
        profile_from_data("示例", {**SOUND, "encoding": encoding})

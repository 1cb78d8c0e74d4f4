"""Whom a screen can act for: the header's menu asks while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dashboard.acting import token_of
from dashboard.routes.respond import Asked, BadRequest, data_route
from data.labels import ROLE
from data.queries.people import find_people

_LONGEST: Final = 50


def _people(asked: Asked) -> Mapping[str, Any]:
    text = asked.params.get("text", "").strip()
    if len(text) > _LONGEST:
        raise BadRequest(f"搜索文字有 {len(text)} 字，最多 {_LONGEST} 字")
    groups = find_people(session=asked.session, text=text)
    return {
        "groups": [
            {
                "role": ROLE[group.role],
                "total": group.total,
                "people": [
                    {
                        "token": token_of(one.person),
                        "name": one.person.name,
                        "post": one.person.post,
                        "serves": one.serves,
                    }
                    for one in group.listed
                ],
            }
            for group in groups
        ]
    }


people = data_route(_people, keep=False)

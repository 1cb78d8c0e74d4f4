"""The body of a request as JSON: what is no JSON, or says one thing twice, is refused as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from data.intake.errors import BadBody, TooManyRows

MOST_ROWS: Final = 1_000
"""Rows that one request may bring."""
WORDS: Final = {"string": "文字", "integer": "整数", "number": "数字", "boolean": "true 或 false"}
"""JSON types as people call them."""


def parsed(body: bytes, *, what: str, constant: Callable[[str], Any] | None = None) -> Any:
    """The JSON of a body. ``what`` one row is, in Chinese; ``constant`` says what NaN and Infinity become.

    Raises:
        BadBody: not UTF-8, not JSON (NaN and names twice in an object are none).
    """

    def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise BadBody(f"一{what}里字段“{plain(twice)}”写了两次：请只留一个。")
        return found

    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadBody(
            f"JSON 不是 UTF-8 编码（第 {error.start + 1} 个字节起读不了）：请以 UTF-8 发送。"
        ) from error
    try:
        return json.loads(text, parse_constant=constant or _no_constant, object_pairs_hook=named_once)
    except RecursionError as error:
        raise BadBody(f"JSON 嵌套太深：一{what}是一个对象，字段的值是文字或数字。") from error
    except json.JSONDecodeError as error:
        raise BadBody(
            f"不是正确的 JSON（第 {error.lineno} 行第 {error.colno} 个字符）：请检查引号、逗号和括号。"
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise BadBody("JSON 里有一个数字太长：请核对，或以文字发送。") from error


def items_of(found: Any, *, what: str, most: int = MOST_ROWS) -> list[Any]:
    """The rows of a body: one object, or a list of them. ``what`` begins with its measure word: 件案件.

    Raises:
        BadBody: neither, or an empty list.
        TooManyRows: more than ``most``.
    """
    items = found if isinstance(found, list) else [found]
    measure, noun = what[0], what[1:]
    if not isinstance(found, list | dict) or not items:
        raise BadBody(
            f"请求里没有{noun}：请发送一个 JSON 对象（一{measure}），或由对象组成的列表（多{measure}）。"
        )
    if len(items) > most:
        raise TooManyRows(f"一次请求有 {len(items)} {measure}，最多 {most} {measure}：请分几次发送。")
    return items


def type_of(value: Any) -> str:
    """The JSON type of a value that is not null."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", dict: "object", list: "array"}
    return names[type(value)]


def is_text(value: str) -> bool:
    """Whether a text can be stored."""
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def plain(value: Any) -> str:
    """Any value as a text that can be stored and shown."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()


def _no_constant(word: str) -> Any:
    raise BadBody(f"JSON 里不能有 {word}：没有数值请写 null，或不写这个字段。")

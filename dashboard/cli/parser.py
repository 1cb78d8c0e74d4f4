"""argparse that speaks Chinese: titles, help and the messages about wrong arguments."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[ChineseParser]"

_MOST_DIGITS = 18
"""Any number of so many digits fits a 64-bit column."""

# What argparse says → what we say. Messages of our own types are Chinese already and stay.
_MESSAGES = (
    (r"the following arguments are required: (.+)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.+)", r"不认识的参数：\1"),
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", r"\1 不能是 \2，可用的是：\3"),
    (r"argument (.+?): expected one argument", r"\1 后面缺少一个值"),
    (r"argument (.+?): invalid int value: (.+)", r"\1 应为整数，得到的是 \2"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 不能与 \2 同时使用"),
    (r"argument (.+?): (.+)", r"\1：\2"),
)


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        if isinstance(action, argparse._SubParsersAction):  # its own line repeats the title above it
            return text.split("\n", 1)[1]
        return text


class ChineseParser(argparse.ArgumentParser):
    """An argument parser whose every text is Chinese."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _Formatter)
        super().__init__(add_help=False, allow_abbrev=False, **options)
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def error(self, message: str) -> NoReturn:
        for pattern, chinese in _MESSAGES:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, chinese, message)
                break
        print(
            f"错误：{message}\n{self.format_usage().rstrip()}\n详细说明：{self.prog} --help", file=sys.stderr
        )
        raise SystemExit(2)


def port_number(text: str) -> int:
    """A TCP port that an ordinary program may listen on."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"端口应为 1 到 65535 的整数，得到的是 {text!r}")
    return int(text)


def batch_number(text: str) -> int:
    """The number of an import batch, as the quality page and ``import`` show it."""
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS or int(text) < 1:
        raise argparse.ArgumentTypeError(f"批次号应为不超过 {_MOST_DIGITS} 位的正整数，得到的是 {text!r}")
    return int(text)


def seed_number(text: str) -> int:
    """The seed of the demo: any whole number that a random generator takes."""
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"应为不超过 {_MOST_DIGITS} 位的非负整数，得到的是 {text!r}")
    return int(text)

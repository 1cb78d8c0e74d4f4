"""Formulas of indicators: + − × ÷, parentheses, numbers and the names of counts. Exact, and nothing else.

``按期结案 / 应结`` is parsed with Python's own grammar and a whitelist of its nodes, so that
nothing is evaluated but arithmetic. Values are fractions; dividing by zero gives no value.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

MAX_LENGTH: Final = 200
MAX_DEPTH: Final = 20
_MAX_DIGITS: Final = 12
_SPELLED: Final = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "＋": "+", "∕": "/", "⁄": "/"})
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_ALLOWED: Final = re.compile(r"[\w.+\-*/() ]*")
_TOKEN: Final = re.compile(r"[\w.]+")


class FormulaError(ValueError):
    """A formula that cannot be computed. The text is for people: what is wrong, where, the way out."""


@dataclass(frozen=True)
class Formula:
    """A parsed formula. ``names`` are the counts it uses, in their canonical names, in order.

    Two of the same text and names are equal, though each was parsed by itself.
    """

    text: str
    tree: ast.expr = field(compare=False)
    names: tuple[str, ...]

    @property
    def parts(self) -> tuple[ast.expr, ast.expr] | None:
        """Numerator and denominator, where the whole is one division."""
        if isinstance(self.tree, ast.BinOp) and isinstance(self.tree.op, ast.Div):
            return self.tree.left, self.tree.right
        return None

    @property
    def divisors(self) -> tuple[ast.expr, ...]:
        """Whatever the formula divides by, where counts stand in it."""
        divided = [
            one for one in ast.walk(self.tree) if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Div)
        ]
        return tuple(one.right for one in divided if names_in(one.right))

    @property
    def has_no_value(self) -> bool:
        """Whether it divides by zero whatever the counts are."""
        return all(self.value(counts) is None for counts in _trials(self.names))

    def value(self, counts: Mapping[str, Fraction | None]) -> Fraction | None:
        """The value for these counts; None where one of them is not known or something is divided by zero."""
        return evaluate(self.tree, counts)


def parse(text: str, known: Mapping[str, str]) -> Formula:
    """Reads a formula. ``known`` maps every name that it may use (identifier or label) to the canonical name.

    Raises:
        FormulaError: too long, not a formula, or a name that nobody knows.
    """
    spelled = unicodedata.normalize("NFKC", text.translate(_SPELLED)).translate(_SPELLED).strip()
    if not spelled:
        raise FormulaError("公式是空的。例如：按期结案 / 应结")
    if len(spelled) > MAX_LENGTH:
        raise FormulaError(f"公式有 {len(spelled)} 个字，最长 {MAX_LENGTH} 个字")
    if not _ALLOWED.fullmatch(spelled):
        wrong = next(char for char in spelled if not _ALLOWED.fullmatch(char))
        raise FormulaError(f"公式里不能有“{wrong}”：只能用 + − × ÷、括号、数字和指标项的名称")
    for token in _TOKEN.findall(spelled):
        _check_token(token)
    try:
        tree = ast.parse(spelled, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(
            f"公式“{spelled}”写得不完整：请检查括号和运算符是否成对、前后都有名称或数字"
        ) from error
    names: dict[str, None] = {}
    checked = _checked(tree, known, names, depth=0)
    return Formula(text=spelled, tree=checked, names=tuple(names))


def _trials(names: tuple[str, ...]) -> list[dict[str, Fraction | None]]:
    """Counts that have nothing to do with each other: a division by zero for all of them is no accident."""
    return [
        {name: Fraction(start + step * place) for place, name in enumerate(names)}
        for start, step in ((1009, 313), (3, 7919), (104729, 17))
    ]


def _check_token(token: str) -> None:
    if token[0].isdigit() or token[0] == ".":
        if not _NUMBER.fullmatch(token) or not token.isascii():
            raise FormulaError(f"“{token}”不是数字：数字写作 100 或 0.5，名称不能以数字开头")
        if len(token) > _MAX_DIGITS:
            raise FormulaError(f"数字 {token} 太长，最长 {_MAX_DIGITS} 位")
        if len(token.split(".", maxsplit=1)[0]) > 1 and token[0] == "0":
            raise FormulaError(f"数字 {token} 不能以 0 开头")


def _checked(node: ast.expr, known: Mapping[str, str], names: dict[str, None], *, depth: int) -> ast.expr:
    """The same tree with canonical names and literals that are exact; refuses every other node."""
    if depth > MAX_DEPTH:
        raise FormulaError(f"公式套了 {MAX_DEPTH} 层以上，请写得简单些，或另设一个指标项")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        left = _checked(node.left, known, names, depth=depth + 1)
        right = _checked(node.right, known, names, depth=depth + 1)
        return ast.BinOp(left=left, op=node.op, right=right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        return ast.UnaryOp(op=node.op, operand=_checked(node.operand, known, names, depth=depth + 1))
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return ast.Constant(value=str(node.value))
    if isinstance(node, ast.Name):
        if node.id not in known:
            listed = "、".join(name for name in known if not name.isascii()) or "、".join(known)
            raise FormulaError(f"公式里的“{node.id}”没有这一项。可用的有：{listed}")
        names[known[node.id]] = None
        return ast.Name(id=known[node.id])
    if isinstance(node, ast.Call):
        raise FormulaError("公式里两项之间少了运算符：括号前应有 + − × ÷ 之一")
    raise FormulaError("公式里只能用 + − × ÷、括号、数字和指标项的名称")


def evaluate(node: ast.expr, counts: Mapping[str, Fraction | None]) -> Fraction | None:
    """The value of a checked tree, or of a part of it."""
    if isinstance(node, ast.Constant):
        return Fraction(str(node.value))
    if isinstance(node, ast.Name):
        return counts.get(node.id)
    if isinstance(node, ast.UnaryOp):
        value = evaluate(node.operand, counts)
        return None if value is None else (-value if isinstance(node.op, ast.USub) else value)
    if not isinstance(node, ast.BinOp):
        raise FormulaError("公式没有经过检查")
    left, right = evaluate(node.left, counts), evaluate(node.right, counts)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return None if right == 0 else left / right


def names_in(node: ast.expr) -> tuple[str, ...]:
    """The counts that a part of a checked formula uses, each once, in order."""
    return tuple(dict.fromkeys(each.id for each in ast.walk(node) if isinstance(each, ast.Name)))

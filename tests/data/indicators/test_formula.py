"""A formula computes exactly what Python's fractions compute, and fails only with its own error."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.indicators.formula import MAX_LENGTH, FormulaError, evaluate, names_in, parse

KNOWN = {"按期结案": "due_in_time", "应结": "due_judged", "due_in_time": "due_in_time", "上报": "reported"}
NAMES = ("due_in_time", "due_judged", "reported")
counts = st.fixed_dictionaries({name: st.fractions(-1000, 1000, max_denominator=50) for name in NAMES})

SPELLED = {"due_in_time": "按期结案", "due_judged": "应结", "reported": "上报"}


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> tuple[str, Any]:
    """A formula's text and the same as a function of the counts, None where it divides by zero."""
    kind = draw(st.sampled_from(("name", "number", "operator", "sign") if depth else ("name", "number")))
    if kind == "name":
        name = draw(st.sampled_from(NAMES))
        return SPELLED[name], lambda values: values[name]
    if kind == "number":
        text = draw(st.sampled_from(("0", "1", "2.5", "100", "0.1", "12")))
        return text, lambda _values: Fraction(text)
    inner, value = draw(trees(depth - 1))
    if kind == "sign":
        return f"-({inner})", lambda values: None if value(values) is None else -value(values)
    other, second = draw(trees(depth - 1))
    sign = draw(st.sampled_from("+-*/×÷−"))
    return f"({inner}) {sign} ({other})", lambda values: _apply(sign, value(values), second(values))


def _apply(sign: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    if left is None or right is None:
        return None
    if sign in "+":
        return left + right
    if sign in "-−":
        return left - right
    if sign in "*×":
        return left * right
    return None if right == 0 else left / right


@given(tree=trees(), values=counts)
def test_a_formula_agrees_with_fractions(tree: tuple[str, Any], values: dict[str, Fraction]) -> None:
    text, expected = tree
    if len(text) > MAX_LENGTH:
        with pytest.raises(FormulaError, match="最长"):
            parse(text, KNOWN)
        return

    assert parse(text, KNOWN).value(values) == expected(values)


@given(text=st.text(max_size=60) | st.text("0123456789.+-*/()_ae应结上报 \n,'[]{}=:", max_size=40))
def test_whatever_is_typed_it_is_a_formula_or_a_sentence_in_chinese(text: str) -> None:
    said, found = "", None
    try:
        found = parse(text, KNOWN)
    except FormulaError as error:
        said = str(error)

    if found is None:
        assert any("一" <= char <= "鿿" for char in said)
        return
    assert set(found.names) <= set(NAMES)
    assert isinstance(found.value(dict.fromkeys(NAMES, Fraction(3))), Fraction | None)


def test_a_share_tells_its_numerator_and_denominator() -> None:
    formula = parse("按期结案 ÷（应结 − 上报）", KNOWN)
    values = {"due_in_time": Fraction(6), "due_judged": Fraction(10), "reported": Fraction(2)}

    assert formula.names == ("due_in_time", "due_judged", "reported")
    assert formula.parts is not None
    assert [evaluate(part, values) for part in formula.parts] == [6, 8]
    assert names_in(formula.parts[1]) == ("due_judged", "reported")
    assert formula.value(values) == Fraction(3, 4)


def test_dividing_by_zero_and_an_unknown_count_give_no_value() -> None:
    formula = parse("按期结案 / 应结", KNOWN)

    assert formula.value({"due_in_time": Fraction(1), "due_judged": Fraction(0)}) is None
    assert formula.value({"due_in_time": Fraction(1), "due_judged": None}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "空的"),
        ("办结量 / 应结", "“办结量”没有这一项。可用的有：按期结案、应结、上报"),
        ("按期结案 /", "写得不完整"),
        ("__import__('os')", "不能有“'”"),
        ("应结.real", "只能用"),
        ("应结 ** 9", "只能用"),
        ("应结(1)", "少了运算符"),
        ("1e9 * 应结", "不是数字"),
        ("1234567890123 * 应结", "太长"),
        ("应结 + " * 50 + "1", "最长 200 个字"),
        ("-" * 30 + "应结", "层"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said.replace("(", r"\(").replace("*", r"\*")):
        parse(text, KNOWN)

r"""Formulas: right in notation, well formed, and typeset by matplotlib."""

from __future__ import annotations

import random
import re
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import to_latex
from codegen.latex import symbol
from tests.examples_by_path import example
from tests.orders import literals_of
from tests.random_graphs import ROWS, random_graph


def lines_of(text: str) -> list[str]:
    """The lines of an align* block."""
    match = re.fullmatch(r"\\begin\{align\*\}\n(.*)\n\\end\{align\*\}\n", text, re.DOTALL)
    assert match is not None
    return match[1].split(" \\\\\n")


def assert_balanced(line: str) -> None:
    """Braces, \\left and \\right, and environments close in order; no double scripts."""
    opened: list[str] = []
    for token in re.findall(r"\\left\b|\\right\b|\\begin\{\w+\}|\\end\{\w+\}|(?<!\\)[{}]", line):
        if token in ("{", r"\left") or token.startswith(r"\begin"):
            opened.append(token)
            continue
        pair = {"}": "{", r"\right": r"\left"}.get(token, token.replace(r"\end", r"\begin"))
        assert opened.pop() == pair, line
    assert not opened, line
    assert not re.search(r"_\{[^{}]*\}_|\^\{[^{}]*\}\^", line), line
    assert not re.search(r"[+\-] -|\\, -|\\cdot -", line), line


def typeset(line: str) -> None:
    """matplotlib accepts the formula (it knows no cases)."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    if r"\begin{cases}" not in line:
        plain = line.replace("&=", "=").replace(r"\operatorname", r"\mathrm")
        plain = plain.replace(r"\bmod", r"\mathrm{mod}")
        mathtext.MathTextParser("path").parse(f"${plain}$")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_a_formula(row: ad.Primitive) -> None:
    """Value and gradient of each row, well formed and typeset."""
    literal = literals_of(row, 2.0)[0]

    def function(*x: Any) -> Any:
        operands = [literal if i in row.literal else v for i, v in enumerate(x)]
        return 1.0 * row(*operands)

    for line in lines_of(to_latex(function, *[1.0] * row.arity)):
        assert_balanced(line)
        typeset(line)


def test_random_formulas_are_well_formed() -> None:
    """Rows nested in one another get the parentheses they need."""
    source = random.Random(6)
    for _ in range(40):
        for line in lines_of(to_latex(random_graph(source, nodes=20))):
            assert_balanced(line)


def test_notation() -> None:
    """What a person would write."""

    def f(a: Any, sigma: Any) -> Any:
        return np.exp(-a) * (a - 2.0) / np.sqrt(sigma) - (-3.0) * a

    lines = lines_of(to_latex(f, 1.0, 1.0))
    assert r"v_{1} &= e^{-a}" in lines
    assert r"v_{4} &= \frac{v_{1} \, v_{2}}{v_{3}}" in lines
    assert r"f &= v_{4} - \left(-3 \, a\right)" in lines
    piecewise = to_latex(lambda x: np.where(x > 0.0, x, np.abs(x) ** 3), 1.0)
    assert r"\begin{cases} x & \text{if } x > 0 \\ " in piecewise


def test_the_users_names_are_kept() -> None:
    """Black-Scholes has d_1, sigma, and derivatives by each input."""
    text = to_latex(example("black_scholes").price)
    assert r"d_{1} &= \frac{" in text
    for name in ("S", "K", "T", "r", r"\sigma"):
        assert rf"\frac{{\partial f}}{{\partial {name}}} &= " in text
    for line in lines_of(text):
        assert_balanced(line)
        typeset(line)


def test_wrt_and_arrays() -> None:
    """One line per float of the chosen arguments, with its index below."""
    text = to_latex(lambda x, y: np.sum(x * x) * y, np.ones(3), 2.0, wrt="x")
    assert [line.split(" &=")[0] for line in lines_of(text)][-3:] == [
        rf"\frac{{\partial f}}{{\partial x_{{{i}}}}}" for i in range(3)
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [("x", "x"), ("alpha2", r"\alpha_{2}"), ("x_12", "x_{12}"), ("p.w[1,2]", r"\mathrm{p.w[1,2]}"),
     ("log_price", r"\mathrm{log\_price}"), ("d1_bar", r"\overline{d_{1}}"), ("x_dot", r"\dot{x}"),
     ("w[0][3]", "w_{0,3}"), ("x_bar", r"\bar{x}")],
)  # fmt: skip
def test_symbols(name: str, text: str) -> None:
    """Letters stay letters, words stand upright, indices go below."""
    assert symbol(name) == text

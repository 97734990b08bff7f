"""Graphs as SymPy expressions, and expressions as graphs."""

from __future__ import annotations

import math
import random
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import autodiff as ad
from autodiff.errors import ArgumentError, TraceError
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient
from tests.orders import literals_of
from tests.random_graphs import ROWS, random_graph
from verify import Verdict, from_sympy, to_sympy, verify_gradient
from verify.numbers.precise import Precise
from verify.program.program import program_of

x, y, z = sympy.symbols("x y z")


def number(expression: Any, point: dict[Any, float]) -> float:
    """Value of an expression of reals, nan where it has none."""
    # SymPy finds digits of erfinv alone.
    expression = expression.replace(sympy.erfcinv, lambda t: sympy.erfinv(1 - t))
    value = expression.subs({s: sympy.Float(v, 30) for s, v in point.items()}).evalf(25)
    if value.is_Boolean:
        return float(bool(value))
    real = value.is_extended_real and value.is_number
    return float(value) if real else math.nan


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_its_expression_and_comes_back(row: ad.Primitive) -> None:
    """to_sympy says what the row means; from_sympy gives a graph of the same values."""
    literal = literals_of(row, 2.0)[-1]

    def function(*operands: Any) -> Any:
        return row(*[literal if i in row.literal else v for i, v in enumerate(operands)])

    graph = ad.trace(function, *[1.0] * row.arity)
    expression = to_sympy(graph)
    symbols = [sympy.Symbol(name, real=True) for name in graph.input_names]
    again = from_sympy(expression, *symbols)
    source = random.Random(1)
    for _ in range(4):
        point = []
        for place in range(row.arity):
            low, high = row.interval(place)
            point.append(source.uniform(max(low, -1.3) + 0.01, min(high, 2.4) - 0.01))
        expected = ad.evaluate(graph, *point)
        meant = number(expression, dict(zip(symbols, point, strict=True)))
        assert meant == pytest.approx(expected, rel=1e-12, abs=1e-14)
        assert ad.evaluate(again, *point) == pytest.approx(expected, rel=1e-9, abs=1e-12)


_NAMES = "add sub mul div neg square exp sin tanh sqrt pow_literal where lt maximum abs"
SMOOTH = [REGISTRY[name] for name in _NAMES.split()]


def test_random_graphs_make_the_round_trip() -> None:
    """Graph, expression, graph: equal values with 60 digits wherever both are real."""
    source, compared = random.Random(4), 0
    for _ in range(60):
        graph = random_graph(source, rows=SMOOTH, nodes=6)
        if not all(math.isfinite(n.value) and 1e-3 < abs(n.value) < 1e3
                   for n in graph.nodes if n.value is not None):  # fmt: skip
            continue
        symbols = [sympy.Symbol(name, real=True) for name in graph.input_names]
        again = from_sympy(to_sympy(graph), *symbols)
        ad.check(again)
        for _ in range(3):
            point = [source.uniform(0.1, 2.0) for _ in symbols]
            values = []
            for one in (graph, again):
                precise, program = Precise(), program_of(one)
                run = precise.run(program, [precise.literal(v) for v in point])
                values.append(run[program.outputs[0]])
            if all(map(mpmath.isfinite, values)):
                compared += 1
                assert abs(values[0] - values[1]) <= 1e-12 * (1 + abs(values[0])), graph
    assert compared > 20


def test_shared_values_are_named_once() -> None:
    """A graph whose tree has 2**60 leaves is made in no time, and names its values."""

    def doubling(v: Any) -> Any:
        for _ in range(60):
            v = ad.sin(v) * v
        return v

    replacements, result = to_sympy(ad.trace(doubling, 1.0), shared=True)
    assert len(replacements) == 59
    names = {symbol for symbol, _ in replacements}
    assert result.free_symbols <= names
    plain = to_sympy(ad.trace(lambda a: ad.exp(a) * ad.exp(a) + ad.exp(a), 1.0), shared=True)
    assert str(plain) == "([(v1, exp(a))], v1**2 + v1)"


def test_results_keep_their_structure() -> None:
    """Tuples, dicts and arrays of expressions; numbers are the doubles."""
    graph = ad.trace(lambda p, q: {"a": (p, 0.1 * q), "b": np.array([p, q])}, 1.0, 1.0)
    result = to_sympy(graph)
    assert list(result) == ["a", "b"]
    assert float(result["a"][1].args[0]) == 0.1
    assert result["b"].shape == (2,)
    assert to_sympy(ad.trace(lambda p: 0.1 * p, 1.0), exact=True).args[0] == sympy.Rational(
        *(0.1).as_integer_ratio()
    )


# An expression, a point, and what it is there.
EXPRESSIONS: dict[str, tuple[Any, dict[Any, float]]] = {
    "a difference": (x - y / 3, {x: 1.5, y: 2.0}),
    "a quotient": (-2 * x * y / (3 * z**2), {x: 1.5, y: 2.0, z: 0.3}),
    "powers": (x ** sympy.Rational(1, 3) + x**-1.5 + x ** sympy.Rational(-1, 2), {x: 1.7}),
    "constants": (sympy.pi * x + sympy.E**y + sympy.EulerGamma + sympy.GoldenRatio, {x: 1, y: 2}),
    "a power of a power": (x**y + 2**x + (x + y) ** (x * y), {x: 1.2, y: 0.7}),
    "special functions": (
        sympy.erf(x) * sympy.gamma(y) + sympy.loggamma(y) + sympy.digamma(x) + sympy.erfc(x)
        + sympy.polygamma(2, x) + sympy.besseli(0, x) - sympy.besseli(1, y)
        + sympy.besseli(3, x) * sympy.jn(2, y), {x: 1.2, y: 2.7}),
    "branches": (
        sympy.Piecewise((x, x > 1), (y**2, (x < 0) | (y > 2)), (sympy.sin(x), True)),
        {x: 0.5, y: 2.5}),
    "extrema": (sympy.Max(x, y, 1) - sympy.Min(x, y) + sympy.Abs(x - y), {x: 0.5, y: 2.5}),
    "a derivative of them": (sympy.diff(sympy.Max(x, y * y) * x, y), {x: 0.5, y: 2.5}),
    "rounding": (sympy.floor(x) + sympy.ceiling(y) + sympy.Mod(x, y) + sympy.sign(x), {x: 5, y: 3}),
    "reciprocals": (
        sympy.sec(x) + sympy.cot(x) + sympy.csch(y) + sympy.acot(y) + sympy.sinc(x),
        {x: 0.5, y: 2.5}),
    "inverse": (
        sympy.asin(x) + sympy.acosh(y) + sympy.atan2(x, y) + sympy.log(y, 2), {x: 0.5, y: 2.5}),
    "a factorial": (sympy.factorial(x), {x: 3.5}),
    "a number": (sympy.sqrt(2) * 3, {}),
    "a sign": (-x - y, {x: 1.0, y: 2.0}),
}  # fmt: skip


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_expressions_become_graphs(case: str) -> None:
    """The graph computes what SymPy evaluates."""
    expression, point = EXPRESSIONS[case]
    symbols = sorted(point, key=str)
    graph = from_sympy(expression, *symbols)
    ad.check(graph)
    found = ad.evaluate(graph, *[float(point[s]) for s in symbols])
    assert found == pytest.approx(number(expression, point), rel=1e-13)


def test_a_graph_from_sympy_compiles_and_is_proven() -> None:
    """It is a function like a traced one."""
    expression = sympy.exp(-x * x) * sympy.sin(y) / (1 + x**2)
    df = compile_gradient(from_sympy(expression))
    value, (by_x, _) = df(0.4, 1.1)
    assert value == pytest.approx(number(expression, {x: 0.4, y: 1.1}))
    assert by_x == pytest.approx(number(sympy.diff(expression, x), {x: 0.4, y: 1.1}))
    assert verify_gradient(df, 0.4, 1.1).verdict is Verdict.PROVED


def test_structures_of_expressions() -> None:
    """Tuples stay tuples, matrices become arrays, symbols may be ordered."""
    graph = from_sympy((x * y, x + y), y, x, name="both")
    assert str(graph).startswith("graph both(y: float, x: float) -> (float, float)")
    jacobian = from_sympy(sympy.Matrix([x * y, y**2]).jacobian([x, y]))
    assert np.array_equal(ad.evaluate(jacobian, 2.0, 3.0), [[3.0, 2.0], [0.0, 6.0]])
    assert from_sympy(sympy.Symbol("x[0]") * 2).input_names == ("x_0",)


def test_each_subexpression_is_walked_once() -> None:
    """A tree of 2**30 leaves is a graph of 90 nodes; a deep one needs no recursion."""
    v = x
    for _ in range(30):
        v = sympy.sin(v, evaluate=False) + sympy.cos(v, evaluate=False)
    assert len(from_sympy(v)) <= 91


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "a text": ("x + 1", ArgumentError, "found the text 'x \\+ 1'"),
    "an unknown function": (sympy.Function("mystery")(x), TraceError, "found mystery, which"),
    "an unfinished integral": (sympy.Integral(sympy.sin(x * x), x), TraceError, "Call doit"),
    "a complex number": (sympy.I * x, TraceError, "Only real"),
    "no expression": (None, ArgumentError, "found NoneType"),
    "an order": (sympy.besseli(x, y), TraceError, "besseli of order x"),
    "a large integer": (10**400 * x, ArgumentError, "too large for a float"),
    "a large exponent": (x ** (10**400), ArgumentError, "too large for a float"),
    "Lambert": (sympy.LambertW(x), TraceError, "found LambertW"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_graph_is_refused(case: str) -> None:
    """The error names what was found."""
    expression, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        from_sympy(expression)


def test_a_missing_symbol_is_named() -> None:
    """Arguments that are given must be all."""
    with pytest.raises(ArgumentError, match="found the symbols y; expected"):
        from_sympy(x * y, x)


def test_custom_primitives_keep_their_name() -> None:
    """An opaque one is an unknown function to SymPy, and itself again on the way back."""

    @ad.custom(lambda g, out, v: g * ad.cos(v))
    def opaque_sine(v: float) -> float:
        return math.sin(v)

    expression = to_sympy(ad.trace(lambda v: opaque_sine(v) * 2.0, 1.0))
    assert str(expression) == "2*opaque_sine(v)"
    graph = from_sympy(expression)
    assert ad.evaluate(graph, 0.5) == 2.0 * math.sin(0.5)

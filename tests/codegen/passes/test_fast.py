"""The fast profile: fewer operations, the same real numbers."""

from __future__ import annotations

import math
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError
from autodiff.graph.graph import Builder, Graph
from autodiff.run.transform import value_and_gradient
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, to_c
from codegen.passes import before_emission, dce, passes_of, run_passes
from codegen.passes.balance import balance
from codegen.passes.powers import powers
from codegen.passes.products import products
from codegen.passes.reciprocals import reciprocals
from codegen.passes.shortcuts import shortcuts
from codegen.passes.sums import sums
from codegen.passes.zeros import zeros
from tests.random_graphs import random_graph
from verify import Verdict, verify_gradient
from verify.numbers.precise import Precise
from verify.program.program import program_of

FAST: tuple[Callable[[Graph], Graph], ...] = (zeros, powers, products, sums, reciprocals, balance)


def graph_of(body: str, inputs: str = "a: float, b: float, c: float, d: float") -> Graph:
    """A graph from lines separated by semicolons."""
    lines = "\n".join(f"    {line.strip()}" for line in body.split(";"))
    return ad.parse(f"graph f({inputs}) -> float:\n{lines}\n")


def operations(graph: Graph) -> list[str]:
    """What is computed, by name, in order."""
    return [row.name for _, row, _ in dce(graph).operations()]


# What is computed, and what it becomes.
REWRITES: dict[str, tuple[Callable[[Graph], Graph], Callable[..., Any], list[str]]] = {
    "a cube": (powers, lambda a, b, c, d: a**3, ["square", "mul"]),
    "a sixth power": (powers, lambda a, b, c, d: a**6, ["square", "square", "mul"]),
    "three halves": (powers, lambda a, b, c, d: a**1.5, ["sqrt", "mul"]),
    "minus two": (powers, lambda a, b, c, d: a**-2, ["square", "div"]),
    "a large power": (powers, lambda a, b, c, d: a**9, ["pow_literal"]),
    "a chain of quotients": (products, lambda a, b, c, d: a / b / c, ["mul", "div"]),
    "constants": (products, lambda a, b, c, d: 2.0 * (a * (4.0 * b)), ["mul", "mul"]),
    "inexact constants": (products, lambda a, b, c, d: 0.1 * (a * (0.3 * b)), ["mul"] * 3),
    "signs": (products, lambda a, b, c, d: -(a * -(b * c)), ["mul", "mul"]),
    "a quotient twice": (products, lambda a, b, c, d: a / (b / c), ["mul", "div"]),
    "a common factor": (sums, lambda a, b, c, d: a * c + b * c, ["add", "mul"]),
    "two groups": (
        sums, lambda a, b, c, d: a * c + a * d + b * c + c * c + 2.0 * d + 2.0 * b,
        ["mul", "add", "add", "mul", "add", "mul", "add", "add"]),
    "a difference": (sums, lambda a, b, c, d: a * c - b * c + d, ["sub", "mul", "add"]),
    "a square": (sums, lambda a, b, c, d: a * a + a * b, ["add", "mul"]),
    "added constants": (sums, lambda a, b, c, d: (a + 1.0) - 3.0, ["sub"]),
    "divisors": (
        reciprocals, lambda a, b, c, d: a / c + b / c, ["reciprocal", "mul", "mul", "add"]),
    "a product with zero": (zeros, lambda a, b, c, d: a * (b * 0.0) + c, []),
    "a sum with zero": (zeros, lambda a, b, c, d: (0.0 + a) * (b - 0.0), ["mul"]),
    "a difference from zero": (zeros, lambda a, b, c, d: (0.0 - a) + 0.0 / b, ["neg"]),
    "division by zero": (zeros, lambda a, b, c, d: a / 0.0, ["div"]),
    "a chain": (balance, lambda a, b, c, d: a + b + c + d, ["add", "add", "add"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REWRITES)
def test_rewrites(case: str) -> None:
    """Each pass makes of a function what its docstring says, and nothing where it gains nothing."""
    one, function, expected = REWRITES[case]
    graph = one(ad.trace(function, 1.0, 2.0, 3.0, 4.0))
    ad.check(graph)
    assert operations(graph) == expected


def test_a_balanced_sum_is_shallow() -> None:
    """A hundred terms are seven additions deep."""
    graph = balance(ad.trace(lambda x: np.sum(np.sin(x)), np.ones(100)))
    depth = [0] * len(graph)
    for index, row, operands in graph.operations():
        depth[index] = max(depth[i] for i in operands) + (row.name == "add")
    assert depth[graph.outputs[0]] == 7


def test_what_is_used_twice_is_not_taken_apart() -> None:
    """A product that something else needs stays a node."""
    graph = graph_of("%4 = mul a, b; %5 = mul %4, c; %6 = mul %4, d; %7 = div %5, %6; return %7")
    assert operations(products(graph)) == ["mul", "mul", "mul", "div"]


def test_matrices_of_zeros_cost_what_is_not_zero() -> None:
    """A rotation about an axis, written as a matrix, turns a plane vector in six operations."""

    def turned(angle: Any, x: Any, y: Any) -> Any:
        c, s = np.cos(angle), np.sin(angle)
        return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.array([x, y, 0.0])

    graph = ad.trace(turned, 0.5, 1.0, 2.0)
    fast = run_passes(graph, before_emission("fast", "c"))
    assert operations(fast) == ["cos", "sin", "mul", "mul", "sub", "mul", "mul", "add"]
    assert len(operations(run_passes(graph, before_emission("exact", "c")))) > 12


def test_fast_text_lets_compilers_see_the_library() -> None:
    """So that they compute sine and cosine of one angle at once; the exact text hides it."""
    fast = to_c(lambda x: np.sin(x) * np.cos(x), 1.0, profile="fast").source()
    assert "static double libm_cos(double x) { return cos(x); }" in fast
    assert "volatile" not in fast
    assert "volatile" in to_c(lambda x: np.sin(x) * np.cos(x), 1.0).source()


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_slopes_come_from_the_value(name: str) -> None:
    """No exp is left in the gradient; a change of the rule that hides it from us fails here."""
    graph = ad.trace(lambda x, y: REGISTRY[name](x * y) * y, 1.0, 1.0)
    short = run_passes(value_and_gradient(graph), before_emission("fast", "python"))
    assert "exp" not in operations(short)
    assert shortcuts(graph) == graph


_SMOOTH = [
    REGISTRY[name]
    for name in ("add", "sub", "mul", "div", "neg", "square", "reciprocal", "pow_literal", "exp",
                 "sqrt", "sin", "tanh", "sigmoid", "log1p", "mul", "div", "add", "sub")
]  # fmt: skip


def _values(graph: Graph, point: list[float]) -> list[Any]:
    precise = Precise()
    program = program_of(graph)
    values = precise.run(program, [precise.literal(x) for x in point])
    return [values[i] for i in program.outputs]


def _short_literals(graph: Graph) -> Graph:
    """Powers of interest, and literals whose products may be folded."""
    source, builder = random.Random(len(graph)), Builder(graph.input_count)
    new = list(range(graph.input_count))
    for row, operands, _, _ in graph.nodes[graph.input_count :]:
        if row is None:
            new.append(builder.literal(source.choice((2.0, 3.0, -1.0, 0.5, -2.0, 1.5, 0.0))))
        else:
            new.append(builder.add(row, tuple(new[i] for i in operands)))
    outputs = [new[i] for i in graph.outputs]
    return dce(builder.graph(graph.name, graph.parameters, outputs, graph.result))


@pytest.mark.parametrize(
    "pass_", [*FAST, shortcuts, "all"], ids=lambda p: getattr(p, "__name__", p)
)
def test_passes_keep_the_real_numbers(pass_: Any) -> None:
    """Value and gradient of random graphs with 60 digits, before and after."""
    source, compared = random.Random(7), 0
    for _ in range(120):
        graph = _short_literals(random_graph(source, rows=_SMOOTH, nodes=16))
        before = value_and_gradient(graph)
        passes = before_emission("fast", "native") if pass_ == "all" else (pass_,)
        after = run_passes(before, passes)
        ad.check(after)
        for _ in range(3):
            point = [source.uniform(0.1, 2.0) for _ in range(graph.input_count)]
            for x, y in zip(_values(before, point), _values(after, point), strict=True):
                if math.isfinite(float(x)) and abs(x) < 1e100:
                    compared += 1
                    assert abs(x - y) <= 1e-40 * (1 + abs(x)), (graph, point)
    assert compared > 400


def test_fast_gradients_are_proven() -> None:
    """The verifier reads the fast text like any other; the report names the profile."""
    source = random.Random(3)
    for _ in range(4):
        graph = _short_literals(random_graph(source, rows=_SMOOTH, nodes=8))
        report = verify_gradient(compile_gradient(graph, profile="fast"), time_limit=2.0)
        assert report.verdict is not Verdict.REFUTED, graph
    df = compile_gradient(lambda x, y: np.tanh(x / y) * x**3 / y, 0.3, 2.0, profile="fast")
    report = verify_gradient(df)
    assert report.verdict is Verdict.PROVED
    assert "fast profile" in str(report)


def test_the_text_says_that_bits_differ(tmp_path: Any) -> None:
    """The header of Python, NumPy and C text; a pickle keeps the profile."""

    def f(x: Any) -> Any:
        return np.tanh(x) * x**3

    df = compile_gradient(f, 1.0, profile="fast")
    assert "Fast profile: the same real numbers, rounded differently" in df.source
    assert pickle.loads(pickle.dumps(df)).source == df.source
    assert "not bit-preserving" in to_c(f, 1.0, profile="fast").header
    batch = compile_gradient(f, 1.0, target="numpy", batch=True, profile="fast")
    points = np.linspace(-2.0, 2.0, 9)
    exact = compile_gradient(f, 1.0, target="numpy", batch=True)(points)
    for found, expected in zip(pickle.loads(pickle.dumps(batch))(points), exact, strict=True):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert "Fast" not in compile_gradient(f, 1.0).source


def test_fast_takes_fewer_operations() -> None:
    """Measured on Rosenbrock and a small network; no function takes more."""

    def network(p: Any) -> Any:
        hidden = np.tanh(p[:12].reshape(4, 3) @ np.array([0.1, 0.2, 0.3]) + p[12:16])
        return np.sum(np.tanh(p[16:20] * hidden))

    def rosenbrock(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    for function, point, share in ((network, np.ones(20), 0.8), (rosenbrock, np.ones(50), 0.9)):
        graph = value_and_gradient(ad.trace(function, point))
        exact, fast = (len(operations(run_passes(graph, passes_of(p)))) for p in ("exact", "fast"))
        assert fast <= share * exact


def test_an_unknown_profile_is_refused() -> None:
    """The error lists the profiles."""
    with pytest.raises(ArgumentError, match="found 'quick'; expected exact, fast or stable"):
        compile_gradient(lambda x: x, 1.0, profile="quick")

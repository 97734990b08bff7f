"""Random graphs over the whole registry: every reader of a graph gives the same bits.

The interpreter (a sweep over numbers) and emitted Python (a gradient graph with guards, simplified
and printed) share the table and nothing else, so their agreement says much about both.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.interpret import run
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient, compile_graph
from codegen.call import derivative
from codegen.call.derivative import Derivative
from codegen.passes import passes_of
from codegen.text import chunks
from tests.meanings import FUNCTIONS, mp
from tests.random_graphs import ROWS, differences, graphs, numbers, same

WELL_CONDITIONED = [
    row
    for row in ROWS
    if row.name not in (
        "gamma", "lgamma", "digamma", "polygamma", "i0", "i1", "sinc", "erfc", "logaddexp",
    )
]  # fmt: skip
NESTED = [
    ad.primitive.REGISTRY[name]
    for name in (
        "where", "where", "where", "maximum", "minimum", "clip", "hypot", "xlogy", "pow", "lt",
        "logical_and", "logical_not", "at_least", "abs", "neg", "mul", "add", "sub", "div", "log",
        "sqrt",
    )
]  # fmt: skip


def points(data: Any, graph: Graph, count: int = 3) -> list[list[float]]:
    """Points to try a graph at."""
    return [[data.draw(numbers) for _ in range(graph.input_count)] for _ in range(count)]


def assert_same(found: Any, expected: Any, *shown: Any) -> None:
    """Two nested results have the same bits; if not, show the rest."""
    assert not differences(found, expected), "\n".join(map(str, shown))


def ties(graph: Graph, at: list[float]) -> bool:
    """True where switches tie: there halves, and functions in parts, follow the table alone."""
    flagged = Derivative(graph).flagged
    return flagged.limits is not None and bool(run(flagged, at)[flagged.outputs[-1]])


@settings(max_examples=75, deadline=None)
@given(graphs())
def test_graphs_are_well_formed(graph: Graph) -> None:
    """Random graphs and their gradients pass the checker and survive printing and parsing."""
    for one in (graph, value_and_gradient(graph), ad.vjp(graph), ad.jvp(graph)):
        ad.check(one)
        assert ad.parse(str(one)) == one


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_emitted_python_is_the_interpreter(graph: Graph, data: Any) -> None:
    """Fused, split and graph-wise, emitted Python gives the interpreter's bits at any input."""
    df, both = compile_gradient(graph), value_and_gradient(graph)
    for at in points(data, graph):
        expected = ad.backpropagate(graph, *at)
        assert_same(ad.evaluate(both, *at), expected, both, at)
        assert_same(df(*at), expected, df.source, at)
        value, residuals = df.forward(*at)
        if not ties(graph, at):
            assert_same((value, df.backward(residuals)), expected, df.source, at)


@settings(max_examples=50, deadline=None)
@given(graphs(rows=NESTED, nodes=30), st.data())
def test_nested_conditions(graph: Graph, data: Any) -> None:
    """Deeply nested and shared branches, ties and guards give the interpreter's bits."""
    df, both = compile_gradient(graph, check=False), value_and_gradient(graph)
    for at in points(data, graph, 4):
        expected = ad.backpropagate(graph, *at)
        assert_same(ad.evaluate(both, *at), expected, both, at)
        assert_same(df(*at), expected, df.source, at)


@settings(max_examples=30, deadline=None)
@given(graphs(nodes=5, inputs=2), st.data())
def test_second_derivatives(graph: Graph, data: Any) -> None:
    """Emitted Hessians, products and tangents give the bits of the interpreted graphs."""
    for transformed in (ad.hessian(graph), ad.hvp(graph), ad.jvp(graph)):
        compiled_graph = compile_graph(transformed)
        for at in points(data, transformed, 2):
            expected = ad.evaluate(transformed, *at)
            assert_same(compiled_graph(*at), expected, compiled_graph.source, at)


@settings(max_examples=50, deadline=None)
@given(graphs(outputs=2), st.data())
def test_passes_keep_every_bit(graph: Graph, data: Any) -> None:
    """Each pass leaves a valid graph with the same outputs, bit for bit."""
    for one in passes_of("exact"):
        new = one(graph)
        ad.check(new)
        assert ad.parse(str(new)) == new
        for at in points(data, graph):
            assert_same(ad.evaluate(new, *at), ad.evaluate(graph, *at), graph, new, at)
        graph = new


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every function is written in parts of three operations."""
    monkeypatch.setattr(derivative, "LIMIT", 0)
    monkeypatch.setattr(chunks, "PART", 3)


@pytest.mark.usefixtures("in_small_parts")
def test_functions_written_in_parts() -> None:
    """Split into many parts, the text gives the same bits, by value_and_gradient and by halves."""

    @settings(max_examples=50, deadline=None)
    @given(graphs(), st.data())
    def check(graph: Graph, data: Any) -> None:
        df, evaluate = compile_gradient(graph), compile_graph(graph)
        scope: dict[str, Any] = {}
        exec(df.source, scope)
        for at in points(data, graph):
            if ties(graph, at):
                continue
            expected = ad.backpropagate(graph, *at)
            assert_same(df(*at), expected, df.source, at)
            value, residuals = df.forward(*at)
            assert_same((value, df.backward(residuals)), expected, df.source, at)
            assert_same(evaluate(*at), expected[0], evaluate.source, at)
            try:  # the saved file, on its own; plain Python may raise where IEEE has a result
                alone = scope["value_and_gradient"](*at)
                halves = scope["forward"](*at)
                halves = (halves[0], scope["backward"](halves[1]))
            except (ArithmeticError, ValueError):
                continue
            assert_same([alone, halves], [expected, expected], df.source, at)

    check()


# --- against 60 digits -----------------------------------------------------------------------


class Precise:
    """A number of 60 digits and a bound on what rounding may have done to it in doubles.

    Each operation adds 4 ulp of its own and passes on what came in, by how much it moves the
    result: so the tolerance follows the conditioning of the graph.
    """

    def __init__(self, value: Any, error: Any = 0) -> None:
        self.value, self.error = mp.mpf(value), mp.mpf(error)


_SIGNED_ZEROS = ("atan2", "reciprocal", "div")


def precise_run(graph: Graph, inputs: list[float]) -> list[Precise | None]:
    """Every node in 60 digits; None where a step, a branch or a pole is too close to tell."""
    results: list[Precise | None] = [Precise(x) for x in inputs]
    for node in graph.nodes[len(inputs) :]:
        if node.primitive is None:
            results.append(Precise(node.value))
        else:
            results.append(_precise(node.primitive, [results[i] for i in node.operands]))
    return results


def _precise(row: ad.Primitive, operands: list[Precise | None]) -> Precise | None:
    if row.name == "where" and operands[0] is not None and not operands[0].error:
        return operands[1 if operands[0].value else 2]  # the other may be anything
    if None in operands:
        return None
    known = [x for x in operands if x is not None]
    xs = [x.value for x in known]
    if row.name in _SIGNED_ZEROS and 0 in xs:  # mpmath has one zero only
        return None
    if row.name in ("mod", "fmod") and abs(xs[0]) > abs(xs[1]) * mp.mpf(10) ** 40:
        return None
    value = mp.mpf(FUNCTIONS[row.name](*xs))
    if not mp.isfinite(value) or (value and not 1e-250 < abs(value) < 1e250):
        return None
    error = mp.mpf(0) if row.predicate else 4 * abs(value) * mp.mpf(2) ** -53
    for i, x in enumerate(known):
        for sign in (-1, 1) if x.error else ():
            moved = list(xs)
            moved[i] += sign * x.error
            there = mp.mpf(FUNCTIONS[row.name](*moved))
            if not mp.isfinite(there):
                return None
            change = abs(there - value)
            if (row.predicate and change) or change > abs(value) * 1e-3 + x.error * 1e6:
                return None
            error += change
    return Precise(value, error)


EVERYDAY = st.floats(0.1, 4.0) | st.floats(-4.0, -0.1)


def test_sixty_digits() -> None:
    """Value and gradient agree with 60-digit arithmetic within what rounding can do on the way."""
    compared = [0, 0]

    @settings(max_examples=75, deadline=None)
    @given(graphs(rows=WELL_CONDITIONED, nodes=8), st.data())
    def check(graph: Graph, data: Any) -> None:
        at = [data.draw(EVERYDAY) for _ in range(graph.input_count)]
        if ties(graph, at):  # there derivatives are settled, not computed
            return
        both = value_and_gradient(graph)
        exact, found = precise_run(both, at), run(both, at)
        emitted = _flat(compile_graph(both)(*at))
        for position, index in enumerate(both.outputs):
            value, wanted = emitted[position], exact[index]
            assert same(value, found[index])
            if wanted is not None and mp.isfinite(wanted.value):
                assert math.isfinite(value), (both, at)
                assert abs(value - wanted.value) <= 2 * wanted.error + 1e-250, (both, at)
                compared[position > 0] += value != 0.0

    check()
    assert min(compared) >= 10, "the test compared next to nothing"


def _flat(value: Any) -> list[float]:
    return [x for v in value for x in _flat(v)] if isinstance(value, tuple) else [value]

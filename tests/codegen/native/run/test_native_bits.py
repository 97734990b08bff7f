"""The native target has the interpreter's bits."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.graph.graph import Graph, same_bits
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph
from codegen.native.form.forms import Library
from codegen.native.write import instructions
from codegen.native.write import kernel as ir
from tests.codegen.native.native_cases import alone, native, rosenbrock
from tests.modules_by_path import module_at
from tests.orders import literals_of
from tests.random_graphs import ROWS, SPECIAL, differences, graphs, numbers

pytest.importorskip("llvmlite", reason="the native target needs llvmlite")


# What no C function and no compiled source gives the bits of; they are called in the interpreter.
INTERPRETED = {"hypot"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_primitives_have_the_interpreters_bits(row: ad.Primitive) -> None:
    """A primitive in machine code gives the interpreter's bits, at special and random points."""
    draw = random.Random(row.name)
    for literal in literals_of(row):
        graph, free = alone(row, literal)
        call = compile_graph(graph, "native")
        points = list(itertools.product(SPECIAL, repeat=min(len(free), 2)))
        points = [(*point, *draw.choices(SPECIAL, k=len(free) - len(point))) for point in points]
        points += [
            tuple(draw.uniform(-spread, spread) for _ in free)
            for spread in (1.0, 5.0, 200.0)
            for _ in range(150)
        ]
        for point in points:
            full = [literal if p in row.literal else point[free.index(p)] for p in range(row.arity)]
            expected = float(row.impl(*full))
            assert same_bits(call(*point), expected), (row.name, full, call(*point), expected)


def test_primitives_are_compiled_not_interpreted() -> None:
    """Only the functions with an algorithm of CPython's own are called in the interpreter."""
    library = Library()
    for row in ROWS:
        library.form(row)
    assert set(library.called) <= INTERPRETED


@settings(deadline=None, max_examples=30)
@given(graphs(), st.data())
def test_random_gradients_have_the_interpreters_bits(graph: Graph, data: st.DataObject) -> None:
    """Value and gradient of any graph are those of the interpreter, bit for bit."""
    df = compile_gradient(graph, target="native", check=False)
    for _ in range(3):
        point = [data.draw(numbers) for _ in range(graph.input_count)]
        found, expected = df(*point), ad.backpropagate(graph, *point)
        assert not differences(found, expected), (str(graph), point)


@settings(deadline=None, max_examples=12)
@given(graphs(), st.data())
def test_chunks_change_no_bit(graph: Graph, data: st.DataObject) -> None:
    """Cut into chunks of three operations, every graph gives the same bits."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"WHOLE": 2, "CHUNK": 3, "GROUP": 2, "_STACK": 5}.items():
            for module in (ir, instructions):
                if hasattr(module, name):
                    patch.setattr(module, name, value)
        df = compile_gradient(graph, target="native", check=False)
    point = [data.draw(numbers) for _ in range(graph.input_count)]
    assert not differences(df(*point), ad.backpropagate(graph, *point)), (str(graph), point)


def test_values_used_late_change_no_bit() -> None:
    """A value that is read again from memory, rather than kept in a register, is the same."""
    x = np.random.default_rng(0).normal(size=40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instructions, "FAR", 2)
        df = native(rosenbrock, x, check=False)
    value, gradient = compile_gradient(rosenbrock, x)(x)
    assert df(x)[0] == value
    assert np.array_equal(df(x)[1], gradient)


def test_long_lines_have_the_same_bits() -> None:
    """A line of 18 000 operations, in chunks, equals the interpreter."""
    x = np.random.default_rng(0).normal(size=1200)
    df = native(rosenbrock, x, check=False)
    value, gradient = ad.backpropagate(df.graph, x)
    found = df(x)
    assert found[0] == value
    assert np.array_equal(found[1], gradient)


def _register(function: Callable[..., float], name: str) -> ad.Primitive:
    """A primitive of the user's, whose text calls a function of the user's."""
    row = ad.Primitive(name, function, (None,), f"{name}({{0}})", "", "")
    PORTABLE[name] = function
    return row


def table(x: float) -> float:
    """A loop over pairs, nested branches, two results at once, chained comparisons."""
    low, high = 0.0, 1.0
    for a, b in ((0.5, 2.0), (0.25, -1.0)):
        if not low <= x < a or x == b:
            low, high = high, low + a * b
        elif x > 3.0 and low:
            return math.floor(x) % 2 - math.log(x)
    return (high if x > 0.0 else math.exp(low)) + math.pi * x


def loop(x: float) -> float:
    """Loops: nested, left early, never entered; a name that only a loop's body knows."""
    total, k = 0.0, 5.0
    while k > x and total < 50.0:
        step = k
        while step > 1.0:
            step = 0.5 * step
        if step < x:
            return total - step
        total = total + step * k
        k = k - 0.75
    return total


def beyond(x: float) -> float:
    """What the subset lacks: a logarithm to a base, a list."""
    return math.log(abs(x) + 1.0, 2.0) + sum([x, 1.0])


@pytest.mark.parametrize("function", [table, loop, beyond], ids=["table", "loop", "beyond"])
def test_functions_of_the_users_have_the_interpreters_bits(function: Callable[..., float]) -> None:
    """A user's portable function is compiled from its source, or called where that is beyond us."""
    name = f"users_{function.__name__}"
    row = _register(function, name)
    try:
        call = compile_graph(alone(row, 0.0)[0], "native")
        for x in (*np.linspace(-6.0, 6.0, 241).tolist(), 0.0, -0.0, 1e300):
            assert same_bits(call(x), function(x)), x
    finally:
        del REGISTRY[name], PORTABLE[name], ad.PUBLIC[name]


def test_source_that_changed_on_disk_is_not_compiled(tmp_path: Path) -> None:
    """Where a file was edited after its import, the imported function runs, not the file's."""
    file = tmp_path / "edited_module.py"
    file.write_text("def edited(x):\n    return x * 2.0\n")
    module = module_at(file)
    file.write_text("def edited(x):\n    return x * 3.0  # longer than before\n")
    row = _register(module.edited, "edited")
    try:
        assert compile_graph(alone(row, 0.0)[0], "native")(1.0) == 2.0
    finally:
        del REGISTRY["edited"], PORTABLE["edited"], ad.PUBLIC["edited"]


def test_many_arguments() -> None:
    """Hundreds of scalars and arrays, in and out."""
    count = 300
    examples = [np.full(2, float(k)) if k % 2 else float(k) for k in range(count)]

    def function(*args: Any) -> Any:
        return sum((a[0] * a[1] if k % 2 else a * a) for k, a in enumerate(args))

    found, expected = (
        compile_gradient(function, *examples, target=target)(*examples)
        for target in ("native", "python")
    )
    assert found[0] == expected[0]
    assert all(map(np.array_equal, found[1], expected[1]))


def test_fast_profile_is_close() -> None:
    """The fast profile may round differently, and only that."""
    x = np.random.default_rng(1).normal(size=20)
    exact, fast = native(rosenbrock, x), native(rosenbrock, x, profile="fast")
    np.testing.assert_allclose(fast(x)[1], exact(x)[1], rtol=1e-12)
    assert "contract" in fast.llvm
    assert "contract" not in exact.llvm

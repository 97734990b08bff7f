"""One function of the subset says the same in every language."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Builder, Graph, same_bits
from autodiff.graph.structure import SCALAR
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import REGISTRY, Primitive
from codegen import compile_graph
from codegen.c99 import to_c
from codegen.subset.read_python import SubsetError, function_of, row_of
from codegen.subset.shown import shown
from codegen.subset.to_numpy import flat_form
from tests.c_compiler import compiled, in_c, needs_compiler

POINTS = (*np.linspace(-6.0, 6.0, 97).tolist(), 0.0, -0.0, 1e300)


def chain(x: float) -> float:
    """Names that get one value together, which one of them has a part in."""
    x = y = x + 1.0
    low = high = y * x
    return low + high - 3.0 * y


def swapped(x: float) -> float:
    """Names that exchange their values."""
    low, high = x, 2.0
    if low > high:
        low, high = high, low
    for a, b in ((0.5, 2.0), (0.25, -1.0)):
        low = low + a * high
        high = high - b
    return high - 2.0 * low


def conditions(x: float) -> float:
    """Numbers as conditions, chains of comparisons, truth values as numbers."""
    inside = -1.0 <= x < 3.0 != x
    if (x and not inside) or x > 5.0:
        return -x
    if inside and x:
        x += 0.5
    return (1.0 if x or inside else 2.0) + (x > 0.0) * 1.0


def constants(x: float) -> float:
    """Every constant of math, and annotated names."""
    scale: float = math.pi * x + math.e / math.tau
    return scale if x < math.inf else math.nan


FUNCTIONS = [chain, swapped, conditions, constants]


@pytest.fixture(params=FUNCTIONS, ids=lambda function: function.__name__)
def row(request: pytest.FixtureRequest) -> Iterator[Primitive]:
    """A row that calls the function."""
    function = request.param
    name = f"users_{function.__name__}"
    PORTABLE[name] = function
    text = f"{name}({{0}})"
    yield Primitive(name, function, (None,), text, "", "")
    for table in (PORTABLE, REGISTRY, ad.PUBLIC):
        table.pop(name, None)


def alone(row: Primitive) -> Graph:
    """A graph of the row and its operand."""
    builder = Builder(1)
    return builder.graph(row.name, [("x", SCALAR)], [builder.add(row, (0,))], SCALAR)


def test_machine_code_has_the_bits(row: Primitive) -> None:
    """What is compiled from the source gives Python's bits, and is not called in Python."""
    pytest.importorskip("llvmlite")
    from codegen.native.form.forms import Library

    library = Library()
    library.form(row)
    call = compile_graph(alone(row), "native")
    assert [x for x in POINTS if not same_bits(call(x), float(row.impl(x)))] == []
    if row.impl is not conditions:  # a truth value times a number is beyond machine code
        assert not library.called


@needs_compiler
def test_c_has_the_bits(row: Primitive, tmp_path: Path) -> None:
    """C text of the source gives Python's bits."""
    graph = alone(row)
    library = compiled([to_c(graph, wrt=())], tmp_path)
    call = in_c(library, row.name, graph, 0)
    wrong = [x for x in POINTS if not same_bits(call([x])[0], float(row.impl(x)))]
    assert wrong == []


def test_arrays_have_the_numbers(row: Primitive) -> None:
    """The array form gives in every lane what the function gives."""
    with np.errstate(all="ignore"):
        found = flat_form(row.impl)(np.array(POINTS))
    assert found.tolist() == [float(row.impl(x)) for x in POINTS]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return x or 1.0", "x or 1.0"),
        ("return (x < 1.0 and x) or x > 2.0", "x or"),
        ("return [x][0]", r"\[x\]\[0\]"),
        ("return x ** 2 if x else max(x, key=abs)", "max"),
        ("y, z = x\n    return y", r"y, z = x"),
        ("(y,) = x\n    return y", "y, = x"),
        ("for k in (1.0, 2.0):\n        break\n    return x", "break"),
        ("while x:\n        x = x - 1.0\n    else:\n        x = 1.0\n    return x", "while x"),
        ("return math.gamma(*x)", r"\*x"),
        ("x.y = 1.0\n    return x", r"x\.y = 1\.0"),
        ("return x @ x", "x @ x"),
        ("return x is x", "x is x"),
    ],
)
def test_what_lies_beyond_is_said(body: str, found: str) -> None:
    """A text outside the subset is refused with the function, the line and what is expected."""
    namespace: dict[str, Callable[[float], float]] = {}
    source = f"def f(x):\n    {body}\n"
    exec(source, {"math": math}, namespace)  # type: ignore[arg-type]
    function = namespace["f"]
    function.__dict__["__source__"] = source
    with pytest.raises(SubsetError, match=f"f: found .*{found}.*; expected assignments, if"):
        function_of(function)


def test_a_source_that_is_not_the_function_s_is_refused() -> None:
    """A text that was edited since the function was made says nothing about it."""

    def f(x: float) -> float:
        return x * 2.0

    f.__dict__["__source__"] = inspect.getsource(f).replace("2.0", "3.0")
    with pytest.raises(SubsetError, match="another function's"):
        function_of(f)


@pytest.mark.parametrize(
    "text",
    [
        "x - (y - z) * -x / (y / z)",
        "(x if y else z) if (x or y) and not z else -(x + y)",
        "(x < y < z) != (x and y > z)",
        "(-x) ** y ** -z + (x ** y) ** z",
        "f(x, math.exp(y % z)) * math.pi",
    ],
)
def test_text_of_an_expression_reads_as_the_expression(text: str) -> None:
    """Printed and read again, an expression is itself."""
    holes = text.replace("x", "_hole0").replace("y", "_hole1").replace("z", "_hole2")
    read = row_of(holes.replace("e_hole0p", "exp"))
    assert row_of(shown(read)) == read

from __future__ import annotations

import ctypes
import math
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, EmitError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR, Array, Dict, Tuple
from autodiff.graph.tree.tree import tree_of
from autodiff.numbers.ieee import PORTABLE
from codegen.c99 import to_c
from codegen.subset.spelling_c import c_template
from codegen.subset.to_c import definitions
from tests.c_compiler import FLAGS, compiled, in_c, needs_compiler
from tests.orders import literals_of
from tests.random_graphs import (
    ROWS,
    SPECIAL,
    differences,
    random_graph,
    random_number,
)

# CPython sums these in its own way; C's are as accurate, with other last bits.
OTHER_BITS = frozenset({"hypot", "hypot_1"})


def flat_gradient(graph: Graph, point: Any) -> list[float]:
    """What the interpreter says, as C returns it."""
    value, gradient = ad.backpropagate(graph, *point)
    mirror = Tuple(tuple(s for _, s in graph.parameters))
    bars = gradient if len(graph.parameters) > 1 else (gradient,)
    return [value, *map(float, tree_of(mirror).leaves(bars))]


def of_row(row: ad.Primitive) -> Graph:
    """The row as a function of its operands, a literal one fixed."""
    fixed = literals_of(row)[0]
    free = [i for i in range(row.arity) if i not in row.literal]

    def function(*x: Any) -> Any:
        operands = [fixed if i in row.literal else x[free.index(i)] for i in range(row.arity)]
        return row(*operands) * 1.5

    function.__name__ = f"row_{row.name}"
    return ad.trace(function, *[1.0] * len(free))


def uses(graph: Graph) -> set[str]:
    """Primitives of the gradient."""
    return {row.name for _, row, _ in ad.gradient(graph).operations()} | {
        row.name for _, row, _ in graph.operations()
    }


@needs_compiler
def test_every_row_gives_the_interpreters_bits(tmp_path: Path) -> None:
    """Value and gradient of each row of the table, at special and at random points."""
    graphs = [of_row(row) for row in ROWS]
    library = compiled([to_c(graph) for graph in graphs], tmp_path, "-O1")  # which warns of more
    source = random.Random(1)
    for row, graph in zip(ROWS, graphs, strict=True):
        call = in_c(library, f"row_{row.name}", graph, graph.input_count)
        has_other_bits = bool(uses(graph) & OTHER_BITS)
        points = [[source.choice(SPECIAL) for _ in range(graph.input_count)] for _ in range(150)]
        points += [[random_number(source) for _ in range(graph.input_count)] for _ in range(150)]
        if graph.input_count == 1:
            points += [[x] for x in SPECIAL]
        for point in points:
            value, gradient = call(point)
            expected = flat_gradient(graph, point)
            if has_other_bits:
                assert [value, *gradient] == pytest.approx(expected, rel=1e-14, nan_ok=True), point
            else:
                assert not differences([value, *gradient], expected), (row, point)


COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
OPTIONS = [("-O3",), ("-O3", "-std=gnu11", "-march=native")]


@pytest.fixture(scope="module")
def grown() -> list[Graph]:
    """Random graphs of twenty operations."""
    source, graphs = random.Random(5), []
    while len(graphs) < 14:
        graph = random_graph(source, nodes=20)
        if not uses(graph) & OTHER_BITS:
            name = f"g{len(graphs)}"
            graphs.append(Graph(name, graph.parameters, graph.nodes, graph.outputs, graph.result))
    return graphs


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_random_graphs_give_the_interpreters_bits(
    compiler: str, options: tuple[str, ...], grown: list[Graph], tmp_path: Path
) -> None:
    """Nested rows keep their bits however hard the compiler optimises, and where it may fuse."""
    library = compiled([to_c(graph) for graph in grown], tmp_path, *options, compiler=compiler)
    source = random.Random(6)
    for graph in grown:
        call = in_c(library, graph.name, graph, graph.inputs.count)
        for _ in range(20):
            point = [random_number(source) for _ in range(graph.inputs.count)]
            value, gradient = call(point)
            assert not differences([value, *gradient], flat_gradient(graph, point)), graph


def of_constants(count: int) -> Graph:
    """The sum of x[i] times a function of one of two literals: derivatives a compiler may know."""
    draw, builder = random.Random(3), Builder(count)
    rows = (ad.sinh, ad.cosh, ad.tan, ad.cbrt, ad.tanh, ad.expm1, ad.erfc, ad.asinh, ad.log10)
    total = builder.literal(0.0)
    never = builder.add(ad.ops.lt, (0, 0))  # as every compiler knows
    for i in range(count):
        one, other = (builder.literal(draw.uniform(0.1, 4.0)) for _ in range(2))
        chosen = builder.add(ad.where, (never, one, other))
        value = builder.add(draw.choice(rows), (chosen,))
        total = builder.add(ad.add, (total, builder.add(ad.mul, (i, value))))
    return builder.graph("f", [("x", Array((count,)))], [total], SCALAR)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_constants_are_left_to_the_c_library(compiler: str, tmp_path: Path) -> None:
    """A function of a number that the compiler knows has the bits of the library at run time."""
    graph = of_constants(300)
    call = in_c(compiled([to_c(graph)], tmp_path, "-O3", compiler=compiler), "f", graph, 300)
    value, gradient = call([1.0] * 300)
    assert not differences([value, *gradient], flat_gradient(graph, (np.ones(300),)))


@needs_compiler
def test_variables_never_meet_the_text_s_own_names(tmp_path: Path) -> None:
    """Parameters called as pointers and copied functions are get another name."""
    names = ("libm_exp", "proofgrad_mod", "libm_pow")
    graph = ad.trace(lambda x, y, z: ad.exp(x) % y + ad.pow(y, z), 1.0, 1.0, 1.0)
    graph = replace(graph, parameters=tuple((name, SCALAR) for name in names))
    call = in_c(compiled([to_c(graph)], tmp_path), graph.name, graph, 3)
    value, gradient = call([1.0, 2.0, 3.0])
    assert not differences([value, *gradient], flat_gradient(graph, (1.0, 2.0, 3.0)))


@needs_compiler
def test_structured_arguments(tmp_path: Path) -> None:
    """Arrays come by pointer, row by row; names that C reserves get another one."""

    def f(p: Any, double: Any) -> Any:
        return np.sum(np.tanh(p["w"] @ p["b"])) * double["int"] + p["unused"][0] * 0.0

    example = (
        {"w": np.array([[0.1, 0.2], [0.3, 0.4]]), "b": np.array([1.0, -1.0]), "unused": np.ones(2)},
        {"int": 2.0},
    )
    graph = ad.trace(f, *example)
    assert isinstance(graph.parameters[0][1], Dict)
    call = in_c(compiled([to_c(graph)], tmp_path), "f", graph, graph.input_count)
    structure = Tuple(tuple(s for _, s in graph.parameters))
    value, gradient = call([float(x) for x in tree_of(structure).leaves(example)])
    assert not differences([value, *gradient], flat_gradient(graph, example))


@needs_compiler
def test_long_functions_are_written_in_parts(tmp_path: Path) -> None:
    """Several thousand operations compile as several functions, to the same bits."""

    def chain(i: Any, value: Any) -> Any:  # names that the lines around the parts use
        return value * np.sum(100.0 * (i[1:] - i[:-1] ** 2) ** 2 + (1.0 - i[:-1]) ** 2) + i[0]

    point = np.linspace(-1.0, 2.0, 700)
    graph = ad.trace(chain, point, 1.0)
    source = to_c(graph)
    assert "chain_value_and_gradient_2(double *w)" in source.body
    assert "allocate memory" in source.header
    value, gradient = in_c(compiled([source], tmp_path, "-O0"), "chain", graph, 701)([*point, 0.7])
    assert not differences([value, *gradient], flat_gradient(graph, (point, 0.7)))


@needs_compiler
def test_the_gradient_may_lie_over_an_argument(tmp_path: Path) -> None:
    """Every input is read before a result is written."""
    source = to_c(lambda x: x[1] * x[0], np.ones(2))
    library = compiled([source], tmp_path)
    function = library[f"{source.name}_value_and_gradient"]
    function.restype = ctypes.c_double
    x = (ctypes.c_double * 2)(3.0, 5.0)
    assert function(x, x) == 15.0
    assert list(x) == [5.0, 3.0]


@needs_compiler
def test_fast_math_is_refused(tmp_path: Path) -> None:
    """A compiler told to break IEEE 754 stops with our message."""
    to_c(lambda x: x * x, 1.0).save(tmp_path / "f.c")
    command = ["cc", *FLAGS, "-ffast-math", "-c", "f.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "compile without -ffast-math" in done.stderr


@pytest.mark.skipif(shutil.which("c++") is None, reason="there is no C++ compiler")
def test_the_header_is_cpp_too(tmp_path: Path) -> None:
    """A C++ program includes the header, twice, and links with the C object."""
    to_c(lambda x: x * x, 3.0).save(tmp_path / "f.c")
    (tmp_path / "main.cpp").write_text(
        '#include "f.h"\n#include "f.h"\n'
        "int main() { double g[F_GRADIENT_SIZE];"
        " return f_value_and_gradient(3.0, g) == 9.0 && g[0] == 6.0 ? 0 : 1; }\n"
    )
    for command in (["cc", *FLAGS, "-c", "f.c"], ["c++", "-Wall", "main.cpp", "f.o", "-lm"]):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run([str(tmp_path / "a.out")], check=False).returncode == 0


def test_wrt_chooses_what_the_gradient_holds() -> None:
    """The header says which number is the derivative by what."""
    header = to_c(lambda x, y: x * y, 1.0, 2.0, wrt="y").header
    assert "#define F_GRADIENT_SIZE 1" in header
    assert "gradient[0]: derivative by y" in header


def test_no_line_is_longer_than_88_columns() -> None:
    """Long expressions are broken, long signatures too."""
    source = random.Random(2)
    for _ in range(20):
        text = to_c(random_graph(source, nodes=60))
        own = text.body[text.body.index("double f_value(") :]
        assert max(map(len, own.splitlines())) <= 88
        assert max(map(len, text.header.splitlines())) <= 100


def test_factorials_are_rounded_once() -> None:
    """What the C helper computes, in Python: n! is within the double nearest to it."""
    for n in range(171):
        high, low = 1.0, 0.0
        for k in range(2, n + 1):
            product = high * k
            rest = float(int(high) * k - int(product)) + low * k
            high = product + rest
            low = rest - (high - product)
        assert high == float(math.factorial(n))


def test_every_portable_function_has_c_text() -> None:
    """Whatever a row may call can be written, each definition after what it calls."""
    texts = definitions(sorted(set(PORTABLE) - {"floor", "ceil", "trunc", "rint"}))
    assert len(texts) >= len(PORTABLE) - 4


def test_text_c_cannot_have_is_refused() -> None:
    """The error names what was found."""
    with pytest.raises(EmitError, match=r"found frexp\(_hole0\)"):
        c_template("frexp({0})", 1)


def test_a_source_is_not_saved_over_its_header(tmp_path: Path) -> None:
    """``f.h`` names the header."""
    with pytest.raises(ArgumentError, match="header"):
        to_c(lambda x: x, 1.0).save(tmp_path / "f.h")
    assert not list(tmp_path.iterdir())

"""Hundreds of parts by one table: the same numbers, in machine code of linear size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from codegen import compile_function, compile_gradient
from codegen.native.write.tables import MANY, copied


def chain(*x: Any) -> Any:
    """Each number with the next, arrays by their sums."""
    flat = [np.sum(v) for v in x]
    total: Any = 0.0
    for place in range(1, len(flat)):
        total = total + flat[place - 1] * flat[place] * (1.0 + place)
    return total


def numbers(count: int) -> list[Any]:
    """So many arguments; every 50th is an array."""
    return [np.array([0.1, 0.2 * k]) if k % 50 == 7 else 0.5 + 0.01 * k for k in range(count)]


@pytest.mark.parametrize("count", [MANY // 2 - 1, MANY // 2 + 1, 700])
def test_whatever_their_number_the_bits_are_the_text_s(count: int) -> None:
    """By parameters, by a table in one piece and in chunks: the same value and gradient."""
    args = numbers(count)
    text, native = (
        compile_gradient(chain, *args, target=t, expand=True) for t in ("python", "native")
    )
    value, gradient = text(*args)
    for _ in range(12):  # by Python, then by the walk
        found, derivatives = native(*args)
        assert found == value
        assert all(np.array_equal(a, b) for a, b in zip(derivatives, gradient, strict=True))
    out = tuple(np.empty(np.shape(x)) for x in args)
    bound = native.bind(*args, out=out)
    assert bound() == value
    assert all(np.array_equal(a, b) for a, b in zip(out, gradient, strict=True))


def test_functions_have_as_many_results() -> None:
    """A function without a value that comes first is bound and called alike."""
    args = numbers(300)
    native = compile_function(lambda *x: [v * 2.0 for v in x], *args, target="native")
    out = [np.empty(np.shape(x)) for x in args]
    assert native.bind(*args, out=out)() is out
    assert all(np.array_equal(a, 2.0 * np.asarray(x)) for a, x in zip(out, args, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(native(*args), out, strict=True))


def test_a_matrix_mostly_of_zeros_comes_second_out_of_chunks() -> None:
    """A long function's value and its Jacobian: the loop that places numbers has its own names."""

    def long(x: Any) -> Any:
        for _ in range(40):
            x = np.sin(x) * x
        return x

    x = np.linspace(0.5, 1.5, 6)
    text, native = (
        codegen.compile(long, x, what=("value", "jacobian"), target=t, expand=True)
        for t in ("python", "native")
    )
    assert all(map(np.array_equal, native(x), text(x)))


def test_the_program_grows_with_the_arguments_and_no_faster() -> None:
    """Ten times the scalars are ten times the text, and one parameter."""
    sizes = []
    for count in (300, 3000):
        graph = ad.trace(lambda *x: sum(x), *[1.0] * count)
        df = compile_gradient(graph, target="native", check=False)
        assert "@compute(ptr %table)" in df.llvm
        sizes.append(len(df.llvm))
    assert sizes[1] < 11 * sizes[0]


def test_rows_of_scalars_are_loops() -> None:
    """A copy of a thousand scalars is as long as one of ten."""
    short, long = (copied([1] * count + [5, 7], 3, 4, True, "start") for count in (10, 1000))
    assert len(short.splitlines()) == len(long.splitlines())

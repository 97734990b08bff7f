"""The native target takes every kind of argument, and nothing crashes it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.errors import ArgumentError
from autodiff.graph.tree.tree import leaves_of
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph
from codegen.native.write import kernel as ir
from tests.codegen.native.native_cases import alone, native, rosenbrock, smooth

pytest.importorskip("llvmlite", reason="the native target needs llvmlite")


def test_arguments_of_every_kind() -> None:
    """Floats, ints, NumPy scalars and strided, integer or nested arguments give the same result."""
    x = np.array([0.3, 0.7, 1.1])
    df = native(smooth, x, 1.0, 2.0)
    expected = compile_gradient(smooth, x, 1.0, 2.0)(x, 3.0, 2.0)
    wide = np.zeros(6)
    wide[::2] = x
    for array in (x, wide[::2], list(x), tuple(x), x.astype(">f8"), x[::-1][::-1]):
        for scale, shift in ((3, 2), (3.0, np.float64(2.0)), (np.int32(3), np.float32(2.0))):
            value, (bar, *rest) = df(array, scale, shift)
            assert (value, rest) == (expected[0], [*expected[1][1:]])
            assert np.array_equal(bar, expected[1][0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "found 0 arguments; expected 3"),
        ((1.0, 1.0, 1.0), "argument x"),
        ((np.zeros(2), 1.0, 1.0), "argument x"),
        ((np.zeros((3, 1)), 1.0, 1.0), "argument x"),
        ((np.zeros(3, complex), 1.0, 1.0), "argument x"),
        ((np.zeros(3), "a", 1.0), "argument scale"),
        ((np.zeros(3), 10**400, 1.0), "argument scale"),
        ((np.zeros(3), None, 1.0), "argument scale"),
    ],
)
def test_wrong_arguments_are_explained(arguments: tuple[Any, ...], message: str) -> None:
    """What cannot be converted is an ArgumentError that names the argument."""
    df = native(smooth, np.zeros(3), 1.0, 1.0)
    with pytest.raises(ArgumentError, match=message):
        df(*arguments)


def test_structures_and_results() -> None:
    """Nested arguments, 0-d and 2-d arrays, empty arrays, ``wrt`` and graphs of any result."""
    point = {"w": np.array([[1.0, 2.0]]), "b": (0.5, [np.array(3.0)])}

    def function(p: Any) -> Any:
        return p["w"][0, 0] * p["w"][0, 1] + p["b"][0] * p["b"][1][0]

    value, bar = native(function, point)(point)
    assert (value, bar["b"][0], float(bar["b"][1][0])) == (3.5, 3.0, 0.5)
    assert bar["w"].tolist() == [[2.0, 1.0]]
    assert native(lambda x, y: x * y, 1.0, 1.0, wrt="y")(3.0, 4.0) == (12.0, 3.0)
    assert native(lambda x, e: x * x, 1.0, np.zeros(0))(3.0, np.zeros(0))[1][1].shape == (0,)
    hessian = ad.hessian(ad.trace(lambda x: x[0] * x[0] * x[1], np.ones(2)))
    assert compile_graph(hessian, "native")(np.array([3.0, 5.0])).tolist() == [[10, 6], [6, 0]]
    assert compile_graph(ad.trace(lambda x: [x, x * 2.0], 1.0), "native")(3.0) == [3.0, 6.0]
    assert compile_graph(ad.trace(lambda x: 7.0, 1.0), "native")(3.0) == 7.0


def test_out_and_bind_write_into_the_callers_arrays() -> None:
    """``out=`` fills the given arrays; a bound call reads and fills them anew each time."""
    x, out = np.array([0.3, 0.7, 1.1]), (np.zeros(3), np.zeros(()), np.zeros(()))
    df = native(smooth, x, 1.0, 2.0)
    value, given = df(x, 1.0, 2.0, out=out)
    assert given is out
    expected = df(x, 1.0, 2.0)
    assert (value, [a.tolist() for a in out]) == (
        expected[0],
        [expected[1][0].tolist(), *expected[1][1:]],
    )
    shift = np.array(2.0)
    call = df.bind(x, 1.0, shift, out=out)
    x[1], shift[...] = 2.0, 0.5
    assert call() == df(x, 1.0, 0.5)[0]
    assert out[0].tolist() == df(x, 1.0, 0.5)[1][0].tolist()


def test_out_may_overlap_an_argument() -> None:
    """A plain call with ``out`` on top of its argument still reads the old numbers."""
    x = np.array([0.5, 1.5, -0.3])
    df = native(rosenbrock, x)
    expected = df(x)
    value, out = df(x, out=x)
    assert value == expected[0]
    assert out.tolist() == expected[1].tolist()


def _read_only() -> np.ndarray[Any, Any]:
    array = np.zeros(3)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros(2), "shape"),
        (np.zeros(3, np.float32), "float64"),
        (np.zeros(3, ">f8"), "float64"),
        (np.zeros(6)[::2], "strided"),
        (np.frombuffer(bytearray(25), np.float64, 3, 1), "misaligned"),
        (_read_only(), "read-only"),
        ([0.0, 0.0, 0.0], "shape"),
        (None, "shape"),
    ],
)
def test_unusable_out_is_refused(out: Any, message: str) -> None:
    """An ``out`` that cannot be written in place is an ArgumentError, in calls and in bind."""
    x = np.zeros(3)
    df = native(rosenbrock, x)
    with pytest.raises(ArgumentError, match=message):
        df.bind(x, out=out)
    if out is not None:
        with pytest.raises(ArgumentError, match=message):
            df(x, out=out)


@pytest.mark.parametrize("whole", [10, 1000])
def test_arrays_that_are_mostly_zero(whole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cleared by each call, or kept in arrays that nobody else can write: as the text has them."""

    def chain(x: Any, y: float) -> Any:
        return {"links": np.sum(ad.sin(x[1:] * y) * x[:-1] ** 3), "last": x * y}

    monkeypatch.setattr(ir, "WHOLE", whole)  # in chunks, in one function
    size = 12
    x, out = np.linspace(0.5, 1.5, size), {
        "links": (np.full(size, 7.0), np.full((), 7.0)),
        "last": (np.full((size, size), 7.0), np.full(size, 7.0)),
    }  # fmt: skip
    machine = codegen.compile_jacobian(chain, x, 1.0, target="native", check=False)
    text = codegen.compile_jacobian(chain, x, 1.0, check=False)
    bound, own = machine.bind(x, 2.0, out=out), machine.bind(x, 2.0)
    for _ in range(2):
        expected = [part.tobytes() for part in map(np.asarray, leaves_of(text(x, 2.0)))]
        for found in (machine(x, 2.0), bound(), own()):
            assert [np.asarray(part).tobytes() for part in leaves_of(found)] == expected
        x += 0.25
        out["last"][0][...] = 3.0
    with pytest.raises(ValueError, match="read-only"):
        own()["last"][0][0] = 1.0
    with pytest.raises(ArgumentError, match="out"):
        compile_gradient(lambda x: x[0] * x[1], x, target="native", check=False).bind(x)


def test_zeros_are_kept_apart_from_what_settles_ties() -> None:
    """Where switches can tie each call writes every number."""
    x = np.zeros(8)
    hessian = codegen.compile_hessian(lambda x: np.sum(np.abs(x) ** 3), x, target="native")
    own = hessian.bind(x)
    for _ in range(2):
        assert own().tobytes() == hessian(x).tobytes()
        x += 1.0


def test_bind_refuses_what_it_cannot_read_in_place() -> None:
    """Strided, misaligned, converted or overlapping arrays are refused by name."""
    df = native(rosenbrock, np.zeros(3))
    out = np.zeros(6)
    for x, message in (
        (np.zeros(6)[::2], "strided"),
        (np.zeros(3, int), "float64"),
        (np.zeros(4), "shape"),
        (out[:3], "overlaps"),
    ):
        with pytest.raises(ArgumentError, match=message):
            df.bind(x, out=out[2:5])
    two = native(lambda x, y: x[0] * y[0], np.zeros(3), np.zeros(3))
    with pytest.raises(ArgumentError, match="overlap"):
        two.bind(np.zeros(3), np.zeros(3), out=(out[:3], out[2:5]))


def test_random_calls_do_not_crash() -> None:
    """Thousands of calls with arguments of every kind give a result or an ArgumentError."""
    draw = random.Random(3)
    x = np.array([0.3, 0.7, 1.1])
    df = native(smooth, x, 1.0, 2.0)
    kinds: list[Callable[[], Any]] = [
        lambda: x, lambda: 1.5, lambda: 3, lambda: np.zeros(draw.randrange(5)), lambda: None,
        lambda: "x", lambda: x[::-1], lambda: np.zeros((3, 1)), lambda: [1.0, 2.0, 3.0],
        lambda: np.float64(2.5), lambda: True, lambda: 10**400, lambda: x.astype(object),
        lambda: np.array(2.5), lambda: math.nan, dict, lambda: float, lambda: 1j,
        lambda: np.ma.array(x), lambda: x.view(np.int64), lambda: memoryview(x), lambda: b"abc",
    ]  # fmt: skip
    options: list[dict[str, Any]] = [{}, {}, {}, {"out": None}, {"out": x}, {"in": 1}]
    answered = 0
    for _ in range(4000):
        likely = [x, 1.5, 2]
        arguments = [
            likely[k % 3] if draw.random() < 0.7 else draw.choice(kinds)()
            for k in range(draw.choice((3, 3, 3, 3, 2, 4)))
        ]
        try:
            df(*arguments, **draw.choice(options))
            answered += 1
        except (ArgumentError, TypeError):
            pass
    assert 500 < answered < 3500


def test_errors_of_interpreted_functions_arrive() -> None:
    """An exception in a function that native code calls in the interpreter reaches the caller."""
    graph, _ = alone(REGISTRY["hypot"], 0.0)
    call = compile_graph(graph, "native")
    assert call(3.0, 4.0) == 5.0

    def interrupted(x: float, y: float) -> float:
        if x == 3.0:
            raise KeyboardInterrupt
        return y

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autodiff.numbers.ieee.hypot", interrupted)
        broken = compile_graph(graph, "native")
    with pytest.raises(KeyboardInterrupt):
        broken(3.0, 4.0)

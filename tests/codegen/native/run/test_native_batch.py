"""Native batches: the interpreter's numbers at every point, whatever the batch looks like."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import random
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from autodiff.graph.graph import Builder, Graph, same_bits
from autodiff.graph.structure import SCALAR
from autodiff.run.interpret import run
from autodiff.table.primitive import REGISTRY, Primitive
from codegen import compile_gradient
from codegen.call.derivative import Derivative
from tests.orders import literals_of
from tests.random_graphs import SPECIAL, graphs

pytest.importorskip("llvmlite")

from codegen.native.form import vector_math
from tests.at_once import at_once

ROWS = list(REGISTRY.values())
EXACT = {"add", "sub", "mul", "div", "neg", "square", "reciprocal", "sqrt", "abs", "where"}
# Wider than 4 ulp of the interpreter, and why.
WIDER = {
    "logaddexp": 1 << 20,  # near its zero the terms cancel, and each may be rounded differently
    "silu": 8,  # two roundings of ours on top of the exponential's
    "gaussian": 6,  # the exponential of a rounded square
    "sinc": 6,  # a quotient of a rounded product
}


def ordinal(x: float) -> int:
    """Doubles in order, as integers one apart."""
    bits: int = struct.unpack("<q", struct.pack("<d", x))[0]
    return bits if bits >= 0 else -(bits & (2**63 - 1))


def literal_of(row: Primitive, position: int) -> float:
    """A literal that the row accepts there."""
    return (0.0, -1.0, 1.5)[position] if row.name == "clip" else literals_of(row)[-1]


def alone(row: Primitive) -> tuple[Graph, list[int]]:
    """A graph of one operation, and its operands."""
    builder = Builder(row.arity)
    operands = [
        builder.literal(literal_of(row, k)) if k in row.literal else k for k in range(row.arity)
    ]
    made = builder.add(row, tuple(operands))
    output = builder.add(REGISTRY["add"], (made, builder.literal(-0.0)))
    parameters = [(f"x{k}", SCALAR) for k in range(row.arity)]
    return builder.graph("f", parameters, [output], SCALAR), operands


def points(arity: int) -> np.ndarray[Any, Any]:
    """Special and random points, one a row."""
    draw = random.Random(arity)
    found = [
        [s, t, draw.choice(SPECIAL)][:arity]
        for s in SPECIAL
        for t in (SPECIAL if arity > 1 else (0.0,))
    ]
    for size in (1.0, 30.0, 700.0):
        found += [[draw.uniform(-size, size) for _ in range(arity)] for _ in range(300)]
    found += [
        [math.ldexp(draw.uniform(-2, 2), draw.randint(-1070, 1020)) for _ in range(arity)]
        for _ in range(300)
    ]
    return np.array(found)


@pytest.fixture(params=["widest", 2])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's widest registers, and a machine of two lanes without vector math."""
    if request.param == 2:
        monkeypatch.setattr(vector_math, "lanes", lambda: 2)
        monkeypatch.setattr(vector_math, "address_of", lambda name, arity: None)


@pytest.mark.usefixtures("width")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_primitive(row: Primitive) -> None:
    """Each row, at special and random points: arithmetic to the bit, functions to 4 ulp."""
    graph, operands = alone(row)
    at = points(row.arity)
    values, _ = compile_gradient(graph, target="native", batch=True, check=False)(*at.T)
    bar = 0 if row.name in EXACT else WIDER.get(row.name, 4)
    for point, found in zip(at.tolist(), values.tolist(), strict=True):
        literals = [graph.nodes[i].value for i in operands]
        arguments = [
            x if value is None else value for x, value in zip(point, literals, strict=True)
        ]
        expected = row.impl(*arguments) + -0.0
        if not same_bits(found, expected):
            assert math.isfinite(found), (arguments, found, expected)
            assert abs(ordinal(found) - ordinal(expected)) <= bar, (arguments, found, expected)


EXACT_ROWS = [REGISTRY[name] for name in ("add", "sub", "mul", "div", "neg", "where", "maximum",
              "lt", "relu", "sqrt", "logical_and", "clip", "square")]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(graphs(rows=EXACT_ROWS, nodes=25))
def test_random_graphs_of_exact_operations(graph: Graph) -> None:
    """Value and gradient of graphs without functions have the interpreter's bits."""
    at = points(graph.input_count)[:61]
    count = len(graph.parameters)
    values, gradient = compile_gradient(graph, target="native", batch=True, check=False)(
        *at.T[:count]
    )
    columns = gradient if count > 1 else (gradient,)
    for k, point in enumerate(at.tolist()):
        value, bars = ad.backpropagate(graph, *point[:count])
        bars = bars if count > 1 else (bars,)
        assert same_bits(values[k], value)
        if ties(graph, point[:count]):  # NumPy's text settles them, and a zero may have its sign
            continue
        assert all(same_bits(c[k], b) for c, b in zip(columns, bars, strict=True))


def ties(graph: Graph, point: list[float]) -> bool:
    """True where switches tie."""
    flagged = Derivative(graph).flagged
    return flagged.limits is not None and bool(run(flagged, point)[flagged.outputs[-1]])


def model(weights: Any, x: Any, y: Any) -> Any:
    """A small function of an array that all points share and of arrays and numbers of their own."""
    hidden = np.tanh(weights[:6].reshape(2, 3) @ x + weights[6:8])
    return (hidden[0] * weights[8] + hidden[1] - y) ** 2


WEIGHTS = np.linspace(-0.7, 0.8, 9)


def data(count: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Points of the model."""
    draw = np.random.default_rng(count)
    return draw.normal(size=(count, 3)), draw.normal(size=count)


def close(found: Any, expected: Any) -> None:
    """Nested results agree to 13 digits of their largest number."""
    if isinstance(expected, tuple):
        assert len(found) == len(expected)
        for x, y in zip(found, expected, strict=True):
            close(x, y)
        return
    assert np.shape(found) == np.shape(expected)
    scale = np.max(np.abs(expected), initial=1e-300)
    np.testing.assert_allclose(np.asarray(found) / scale, np.asarray(expected) / scale, atol=1e-13)


@pytest.mark.usefixtures("width")
@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 64, 101])
@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_shared_arguments_and_sums_mean_what_they_mean_for_numpy(
    count: int, reduce: str | None
) -> None:
    """Shared and batched arguments, sums and means, any number of points: as the NumPy target."""
    x, y = data(count)
    options: dict[str, Any] = {"batch": (False, True, True), "reduce": reduce, "check": False}
    examples = (WEIGHTS, np.zeros(3), 1.0)
    native = compile_gradient(model, *examples, target="native", **options)
    expected = compile_gradient(model, *examples, target="numpy", **options)
    with np.errstate(all="ignore"):
        close(native(WEIGHTS, x, y), expected(WEIGHTS, x, y))


def batched(**options: Any) -> Any:
    """The model with everything batched."""
    return compile_gradient(
        model, WEIGHTS, np.zeros(3), 1.0, target="native", batch=(False, True, True),
        check=False, **options,
    )  # fmt: skip


def test_a_point_does_not_depend_on_its_place() -> None:
    """The same point gives the same bits first, last, alone and in a tail."""
    x, y = data(45)
    df = batched()
    values, (_, by_x, _) = df(WEIGHTS, x, y)
    for start, stop in ((0, 1), (3, 11), (40, 45), (44, 45)):
        part, (_, by_part, _) = df(WEIGHTS, x[start:stop], y[start:stop])
        assert np.array_equal(part, values[start:stop])
        assert np.array_equal(by_part, by_x[start:stop])


def test_sums_do_not_depend_on_threads() -> None:
    """Two threads give the bits of one, and calls may run side by side."""
    x, y = data(20_000)
    df = batched(reduce="sum")
    value, gradient = df(WEIGHTS, x, y)
    for other, bars in at_once(lambda _: df(WEIGHTS, x, y, threads=2), range(3)):
        assert other == value
        assert all(np.array_equal(a, b) for a, b in zip(bars, gradient, strict=True))


def test_memory_of_any_kind() -> None:
    """Strided, reversed, unaligned, read-only, integer, float32 arrays are read right."""
    x, y = data(21)
    df = batched()
    expected = df(WEIGHTS, x, y)
    raw = np.zeros(21 * 3 * 8 + 1, dtype=np.uint8)
    unaligned = raw[1:].view(np.float64).reshape(21, 3)
    unaligned[...] = x
    frozen = x.copy()
    frozen.flags.writeable = False
    for same in (np.asfortranarray(x), x[::-1].copy()[::-1], unaligned, frozen, x.tolist()):
        close(df(WEIGHTS, same, y), expected)
    whole = np.arange(63).reshape(21, 3)
    close(df(WEIGHTS, whole, y), df(WEIGHTS, whole.astype(float), y))
    single = x.astype(np.float32)
    close(df(WEIGHTS, single, y), df(WEIGHTS, single.astype(float), y))


def test_out_is_filled_even_over_the_inputs() -> None:
    """out= receives the gradient; if it lies over an input, the input is read first."""
    x, y = data(19)
    df = batched()
    _, expected = df(WEIGHTS, x, y)
    out = (np.empty((19, 9)), np.empty((19, 3)), np.empty(19))
    assert df(WEIGHTS, x, y, out=out)[1] is out
    close(out, expected)
    over = x.copy()
    df(WEIGHTS, over, y, out=(out[0], over, out[2]))
    close(over, expected[1])


def test_bound_calls_read_the_arrays_again() -> None:
    """A bound callable sees new numbers in the caller's arrays."""
    x, y = data(10)
    df = batched(reduce="mean")
    out = (np.empty(9), np.empty((10, 3)), np.empty(10))
    weights = WEIGHTS.copy()
    call = df.bind(weights, x, y, out=out)
    for _ in range(2):
        value, gradient = df(weights, x, y)
        assert call() == value
        close(out, gradient)
        weights -= 0.1
    with pytest.raises(ad.ArgumentError, match="expected a contiguous float64 array"):
        df.bind(weights, np.asfortranarray(x), y, out=out)
    with pytest.raises(ad.ArgumentError, match="overlaps"):
        df.bind(weights, x, y, out=(out[0], x, out[2]))


@pytest.mark.parametrize("reduce", [None, "sum"])
def test_a_bound_callable_keeps_what_it_needs(reduce: str | None) -> None:
    """Code and arrays live as long as the callable that uses them."""
    x, y = data(50)
    expected = batched(reduce=reduce)(WEIGHTS, x, y)[0]
    shape = (50, 9) if reduce is None else (9,)
    call = batched(reduce=reduce).bind(
        WEIGHTS.copy(), x.copy(), y.copy(), out=(np.empty(shape), np.empty((50, 3)), np.empty(50))
    )
    gc.collect()
    rubbish = [np.full(1000, math.nan) for _ in range(100)]
    assert len(rubbish) == 100
    assert np.array_equal(call(), expected)


def test_copies_and_pickles() -> None:
    """A copy and a pickle compute the same."""
    x, y = data(9)
    df = batched(reduce="mean")
    for twin in (copy.deepcopy(df), pickle.loads(pickle.dumps(df))):
        close(twin(WEIGHTS, x, y), df(WEIGHTS, x, y))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (WEIGHTS, np.zeros((4, 2)), np.zeros(4)),
            r"found an array of shape \(4, 2\); expected shape \(points, 3\)",
        ),
        ((WEIGHTS, np.zeros((4, 3)), np.zeros(5)), "different numbers of points"),
        ((WEIGHTS[:3], np.zeros((4, 3)), np.zeros(4)), "weights"),
        (
            (WEIGHTS, np.zeros((4, 3), dtype=complex), np.zeros(4)),
            "dtype complex128; expected real",
        ),
        ((WEIGHTS, "text", np.zeros(4)), "expected an array"),
        ((WEIGHTS, np.zeros((4, 3))), "argument"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[Any, ...], message: str) -> None:
    """A mistake is one clear error, before any machine code runs."""
    with pytest.raises(ad.ArgumentError, match=message):
        batched()(*arguments)


def test_wrong_out_is_named() -> None:
    """Wrong shapes, types and read-only arrays are refused."""
    x, y = data(4)
    good = (np.empty((4, 9)), np.empty((4, 3)), np.empty(4))
    frozen = np.empty(4)
    frozen.flags.writeable = False
    for bad in (np.empty(5), np.empty(4, dtype=np.float32), np.empty(8)[::2], frozen):
        with pytest.raises(ad.ArgumentError, match="out"):
            batched()(WEIGHTS, x, y, out=(*good[:2], bad))


def test_too_long_a_function_for_one_loop_is_called_point_by_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a loop over points would take minutes to compile for runs with whole arrays."""
    monkeypatch.setattr("codegen.native.run.batch.LONGEST", 500)

    def long(x: Any) -> Any:
        for k in range(180):
            x = np.sin(x) + 1e-3 * k
        return x

    points = np.linspace(-1.0, 2.0, 5)
    one = compile_gradient(long, 1.0, check=False)
    values, slopes = compile_gradient(long, 1.0, target="native", batch=True, check=False)(points)
    expected = np.array([one(x) for x in points.tolist()]).T
    np.testing.assert_allclose([values, slopes], expected, rtol=1e-12)


def test_too_long_a_function_is_refused() -> None:
    """Where numbers are asked for one by one, what would compile for minutes is an error."""

    def long(x: Any) -> Any:
        for k in range(1800):
            x = np.sin(x) + 1e-3 * k
        return x

    with pytest.raises(ad.ArgumentError, match="Use target='numpy'"):
        compile_gradient(long, 1.0, target="native", batch=True, check=False, expand=True)


def test_a_lane_not_taken_never_keeps_the_others_waiting() -> None:
    """Where one lane's number would make another side's loop endless, all lanes return."""
    x = np.array([1e300, 0.5, -1e300, 3.0, -0.5, 1e-300, math.inf, -2.25])
    values, _ = compile_gradient(
        lambda x: ad.polygamma(3, x), 1.0, target="native", batch=True, check=False
    )(x)
    for point, found in zip(x.tolist(), values.tolist(), strict=True):
        assert same_bits(found, ad.polygamma(3, point)), point


@pytest.mark.parametrize("wrong", [(3,), (8, 2), (3, 8), (8, 3, 1), (), (7, 3)])
def test_arrays_of_another_shape_are_refused(wrong: tuple[int, ...]) -> None:
    """An array that is not what the examples say is never read as if it was."""
    df = compile_gradient(lambda x, y: y * np.sum(x * x), np.ones(3), 1.0, target="native",
                          batch=True)  # fmt: skip
    with pytest.raises(ad.ArgumentError):
        df(np.ones(wrong), np.ones(8))
    with pytest.raises(ad.ArgumentError):
        df(np.ones((8, 3)), np.ones((8, 1)))
    value, _ = df(np.ones((8, 3)), np.arange(8.0))
    assert value.tolist() == [3.0 * k for k in range(8)]


def test_arrays_read_in_place_are_as_those_converted() -> None:
    """Strided, float32 and unaligned arrays give what contiguous ones give; shared ones, too."""
    draw = np.random.default_rng(2)
    x, w = draw.normal(size=(500, 3)), draw.normal(size=3)
    df = compile_gradient(lambda x, w: np.sin(x @ w), x[0], w, target="native",
                          batch=(True, False))  # fmt: skip
    expected = df(x, w)
    bytes_ = np.zeros(x.nbytes + 1, np.uint8)
    unaligned = bytes_[1:].view(np.float64).reshape(x.shape)
    unaligned[...] = x
    for array in (np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], unaligned, x.tolist()):
        found = df(array, w)
        assert np.array_equal(found[0], expected[0])
        assert all(map(np.array_equal, found[1], expected[1]))

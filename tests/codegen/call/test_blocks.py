"""The NumPy target: what a batched gradient takes, gives and refuses."""

from __future__ import annotations

import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen.call.blocks
from codegen import compile_gradient
from codegen.call.blocks import BLOCK

COUNT = 2 * BLOCK + 7  # points: two whole blocks and a rest


def f(x: Any, y: Any) -> Any:
    """A function of two floats with every result of the batch different."""
    return x * np.sin(y) + np.exp(-x * x)


def points(count: int = COUNT, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of points."""
    generator = np.random.default_rng(seed)
    return generator.uniform(-2.0, 2.0, count), generator.uniform(-2.0, 2.0, count)


def close(found: Any, expected: Any) -> None:
    """Equal but for rounding."""
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_every_argument_batched() -> None:
    """With batch=True value and gradients have one entry a point, over several blocks."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    x, y = points()
    value, (dx, dy) = df(x, y)
    assert value.shape == dx.shape == dy.shape == (COUNT,)
    close(value, x * np.sin(y) + np.exp(-x * x))
    close(dx, np.sin(y) - 2.0 * x * np.exp(-x * x))
    close(dy, x * np.cos(y))


def test_a_batch_is_the_scalar_function_at_each_point() -> None:
    """The numbers of a batch are those of the Python target, point by point."""
    x, y = points(50)
    value, (dx, dy) = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)(x, y)
    one = compile_gradient(f, 1.0, 1.0)
    for k, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        expected_value, expected = one(a, b)
        close((value[k], dx[k], dy[k]), (expected_value, *expected))


@pytest.mark.parametrize("size", [1, 3, 1000, BLOCK - 1, BLOCK, BLOCK + 1])
def test_block_size_does_not_show(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of any length give the same as blocks of another size."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    x, y = points(size)
    value, gradient = df(x, y)
    monkeypatch.setattr(codegen.call.blocks, "BLOCK", 97)
    other_value, other = df(x, y)
    close(value, other_value)
    close(gradient, other)


def test_one_point() -> None:
    """Without batch the NumPy target takes floats and gives floats."""
    value, gradient = compile_gradient(f, 1.0, 1.0, target="numpy")(0.5, 0.25)
    assert [type(v) for v in (value, *gradient)] == [float] * 3
    expected_value, expected = compile_gradient(f, 1.0, 1.0)(0.5, 0.25)
    close((value, *gradient), (expected_value, *expected))


def test_shared_arguments() -> None:
    """A tuple says which arguments are batched; a shared one still gets a gradient a point."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=(True, False))
    x, _ = points()
    value, (dx, dy) = df(x, 0.75)
    assert value.shape == dx.shape == dy.shape == (COUNT,)
    close(dx, math.sin(0.75) - 2.0 * x * np.exp(-x * x))
    close(dy, x * math.cos(0.75))


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_reduce(reduce: str) -> None:
    """reduce gives one value; shared arguments get a gradient of their own shape, summed."""
    w = np.array([0.5, -1.5, 2.0])
    df = compile_gradient(
        lambda w, x, b: np.dot(w, x) ** 2 + b,
        w, w, 1.0, target="numpy", batch=(False, True, False), reduce=reduce,
    )  # fmt: skip
    x = np.random.default_rng(1).normal(size=(COUNT, 3))
    value, (dw, dx, db) = df(w, x, 0.25)
    divisor = COUNT if reduce == "mean" else 1
    product = x @ w
    assert type(value) is float
    close(value, np.sum(product**2 + 0.25) / divisor)
    close(dw, 2.0 * product @ x / divisor)
    close(db, COUNT / divisor)
    assert np.shape(db) == ()
    assert dx.shape == (COUNT, 3)
    close(dx, 2.0 * np.outer(product, w) / divisor)


def test_constants_are_broadcast() -> None:
    """A constant value or gradient fills its array; a constant entry fills its column."""
    df = compile_gradient(lambda x, y: 3.0, 1.0, 1.0, target="numpy", batch=True)
    value, (dx, dy) = df(*points())
    assert value.tolist() == [3.0] * COUNT
    assert dx.tolist() == dy.tolist() == [0.0] * COUNT
    df = compile_gradient(
        lambda x: x[0] * x[0] + 2.0 * x[1], np.ones(3), target="numpy", batch=True
    )
    x = np.ones((COUNT, 3)) * [3.0, 4.0, 5.0]
    value, dx = df(x)
    assert value.tolist() == [17.0] * COUNT
    assert (dx == [6.0, 2.0, 0.0]).all()


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_constants_count_once_a_point(reduce: str) -> None:
    """A constant is summed over the points like any other value."""
    df = compile_gradient(
        lambda x, w: 3.0 + 2.0 * w, 1.0, 1.0, target="numpy", batch=(True, False), reduce=reduce
    )
    times = COUNT if reduce == "sum" else 1
    value, (dx, dw) = df(points()[0], 1.0)
    assert (value, float(dw)) == (5.0 * times, 2.0 * times)
    assert dx.tolist() == [0.0] * COUNT


def test_no_points() -> None:
    """A batch without points has results without points; its sum is zero and its mean is nan."""
    nothing = np.empty(0)
    value, gradient = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)(nothing, nothing)
    assert [a.shape for a in (value, *gradient)] == [(0,)] * 3
    options: dict[str, Any] = {"target": "numpy", "batch": (True, False)}
    value, (dx, dy) = compile_gradient(f, 1.0, 1.0, reduce="sum", **options)(nothing, 2.0)
    assert (value, dx.shape, float(dy)) == (0.0, (0,), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, _ = compile_gradient(f, 1.0, 1.0, reduce="mean", **options)(nothing, 2.0)
    assert math.isnan(value)


def test_lists_and_integers_are_points() -> None:
    """Lists, integers and strided arrays serve as points and are left alone."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    wide = np.array([1.0, 9.0, 2.0, 9.0])
    expected = df(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    for x, y in (([1, 2], [3.0, 4.0]), (wide[::2], np.array([3, 4]))):
        value, gradient = df(x, y)
        close(value, expected[0])
        close(gradient, expected[1])
    assert wide.tolist() == [1.0, 9.0, 2.0, 9.0]


def test_structures() -> None:
    """The gradient mirrors nested tuples, lists and dicts; each part has its leading axis."""
    df = compile_gradient(
        lambda p, q: p["a"] * p["b"][0] + p["b"][1][0] * p["b"][1][1] * q[0],
        {"a": 1.0, "b": (1.0, np.ones(2))}, [1.0], target="numpy", batch=True,
    )  # fmt: skip
    a, b = points(5)
    c = np.arange(10.0).reshape(5, 2)
    value, (dp, dq) = df({"a": a, "b": (b, c)}, [b])
    close(value, a * b + c[:, 0] * c[:, 1] * b)
    assert type(dp["b"]) is tuple
    assert type(dq) is list
    close(dp["a"], b)
    close(dp["b"][0], a)
    close(dp["b"][1], c[:, ::-1] * b[:, None])
    close(dq[0], c[:, 0] * c[:, 1])


def test_matrices() -> None:
    """An array of two axes becomes one of three, and its entries keep their places."""
    m = np.arange(6.0).reshape(2, 3)
    df = compile_gradient(lambda m: np.sum(m * m * m), m, target="numpy", batch=True)
    batch = np.random.default_rng(2).normal(size=(COUNT, 2, 3))
    value, gradient = df(batch)
    close(value, np.sum(batch**3, axis=(1, 2)))
    assert gradient.shape == batch.shape
    close(gradient, 3.0 * batch**2)


def test_wrt() -> None:
    """wrt leaves out what is not asked for; one name gives its gradient itself."""
    x, y = points(9)
    _, dy = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True, wrt="y")(x, y)
    close(dy, x * np.cos(y))


def test_out() -> None:
    """Results are written into the caller's arrays, whatever these held before."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    x, y = points()
    expected_value, expected = df(x, y)
    out = (np.full(COUNT, math.nan), np.full(COUNT, 7.0))
    value, gradient = df(x, y, out=out)
    assert gradient is out
    assert np.array_equal(value, expected_value)
    assert np.array_equal(out, expected)


def test_out_of_a_sum() -> None:
    """A shared argument's total starts from zero in the caller's array."""
    df = compile_gradient(
        f, 1.0, 1.0, target="numpy", batch=(True, False), reduce="sum", wrt=("x", "y")
    )
    x, _ = points()
    out = (np.empty(COUNT), np.full((), 99.0))
    df(x, 0.5, out=out)
    close(out[1], np.sum(x) * math.cos(0.5))


def read_only(count: int) -> np.ndarray:
    """An array that cannot be written."""
    array = np.empty(count)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "second",
    [
        np.empty(4), np.empty((5, 1)), np.empty(5, dtype=np.float32), np.empty(5, dtype=int),
        [0.0] * 5, None, read_only(5), np.empty(10)[::2], (np.empty(5), np.empty(5)),
    ],
    ids=["long", "column", "float32", "int", "list", "none", "read-only", "strided", "many"],
)  # fmt: skip
def test_wrong_out(second: Any) -> None:
    """out must hold one writeable, contiguous float64 array of the right shape for each part."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    with pytest.raises(ad.ArgumentError, match=r"out\[1\]: found"):
        df(*points(5), out=(np.empty(5), second))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], [1.0, 2.0, 3.0]), "different numbers of points: 2 of x, 3 of y; expected"),
        (
            (1.0, [1.0]),
            r"argument x: found float 1.0; expected an array of shape \(points\)\. What all points "
            r"share is False in batch=",
        ),
        (
            ([[1.0]], [1.0]),
            r"argument x: found an array of shape \(1, 1\); expected shape \(points\)",
        ),
        (([1.0],), r"found 1 argument; expected 2 \(x, y\)"),
        ((["a"], [1.0]), "argument x: found an array of dtype <U1; expected real numbers"),
        (([None], [[1.0]]), "argument"),
        ((np.array(1.0), [1.0]), r"found an array of shape \(\); .* batch=\(True, \.\.\., False\)"),
    ],
)
def test_wrong_points(arguments: Any, message: str) -> None:
    """Wrong shapes, counts and types are refused with the argument's name."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    with pytest.raises(ad.ArgumentError, match=message):
        df(*arguments)


@pytest.mark.parametrize(
    "value", [{"a": np.ones(2)}, [np.ones(2)], 1.0, {"a": np.ones(2), "b": np.ones((2, 2))}]
)
def test_wrong_structures(value: Any) -> None:
    """An argument's structure must be that of its example, with leading axes at the leaves."""
    example = {"a": 1.0, "b": np.ones(3)}
    df = compile_gradient(lambda p: p["a"] * np.sum(p["b"]), example, target="numpy", batch=True)
    with pytest.raises(ad.ArgumentError, match="p"):
        df(value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": (True,)}, r"batch: found \(True,\)"),
        ({"batch": (1, 0)}, "batch: found"),
        ({"batch": True, "reduce": "max"}, "reduce: found 'max'"),
        ({"reduce": "sum"}, "nothing is batched"),
        ({"batch": (False, False), "reduce": "sum"}, "nothing is batched"),
        ({"batch": True, "target": "python"}, "target='numpy'"),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    """Options that do not fit together are refused before anything is compiled."""
    with pytest.raises(ad.ArgumentError, match=message):
        compile_gradient(f, 1.0, 1.0, **{"target": "numpy", **options})


def test_division_by_zero_is_quiet() -> None:
    """Zero in shared or batched arguments gives infinities and nan, no exception, no warning."""

    def g(x: Any, s: Any, w: Any) -> Any:
        return x / s + 1.0 / w[0] + np.log(s)

    df = compile_gradient(g, 1.0, 1.0, np.ones(2), target="numpy", batch=(True, False, False))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, (dx, ds, dw) = df([1.0, 0.0], 0.0, [0.0, 1.0])
        residuals = df.forward([1.0, 0.0], 0.0, [0.0, 1.0])[1]
        df.backward(residuals)
    assert np.isnan(value).all()
    assert dx.tolist() == [math.inf, math.inf]
    assert not np.isfinite(ds).any()
    assert dw.tolist() == [[-math.inf, 0.0]] * 2
    single = compile_gradient(lambda x, s: x / s, 1.0, 1.0, target="numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert single(1.0, 0.0)[0] == math.inf


@pytest.mark.parametrize("batch", [True, (True, False), None])
def test_pickle(batch: Any) -> None:
    """A batched gradient survives pickling with its options."""
    df = compile_gradient(
        f, 1.0, 1.0, target="numpy", batch=batch, reduce="mean" if batch else None, wrt=["y", "x"]
    )
    again = pickle.loads(pickle.dumps(df))
    x, y = points(5)
    arguments = (x, y) if batch is True else (x, 0.5) if batch else (0.25, 0.5)
    (value, gradient), (other_value, other) = df(*arguments), again(*arguments)
    assert value == other_value
    assert all(np.array_equal(a, b) for a, b in zip(gradient, other, strict=True))


@pytest.mark.parametrize("batch", [True, (True, False)])
def test_compiled_at_the_first_call(batch: Any) -> None:
    """Without examples the first points show the structure of one."""
    x, y = points(6)
    df = compile_gradient(
        lambda p, s: np.sum(p["v"] * p["v"]) * p["k"] * s, target="numpy", batch=batch
    )
    v = np.arange(12.0).reshape(6, 2)
    s = y if batch is True else 0.5
    value, (dp, ds) = df({"v": v, "k": x}, s)
    close(value, np.sum(v * v, axis=1) * x * s)
    close(dp["k"], np.sum(v * v, axis=1) * s)
    close(dp["v"], 2.0 * v * (x * s)[:, None])
    close(ds, np.sum(v * v, axis=1) * x)
    longer, _ = df({"v": np.ones((9, 2)), "k": np.ones(9)}, np.ones(9) if batch is True else 1.0)
    assert longer.tolist() == [2.0] * 9


@pytest.mark.parametrize(
    ("batch", "reduce"),
    [(True, None), (True, "sum"), ((True, False), None), ((True, False), "mean"), (None, None)],
)
def test_halves_equal_the_fused_result(batch: Any, reduce: str | None) -> None:
    """forward and backward give value and gradient; the cotangent is a factor."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=batch, reduce=reduce)
    x, y = points(30)
    arguments = (x, y) if batch is True else (x, 0.5) if batch else (0.25, 0.5)
    value, gradient = df(*arguments)
    half, residuals = df.forward(*arguments)
    close(half, value)
    assert type(half) is type(value)
    for factor in (1.0, -2.5):
        for found, expected in zip(df.backward(residuals, factor), gradient, strict=True):
            assert np.shape(found) == np.shape(expected)
            close(found, factor * np.asarray(expected))


def test_one_cotangent_a_point() -> None:
    """Without reduce each point may have a cotangent of its own."""
    df = compile_gradient(f, 1.0, 1.0, target="numpy", batch=True)
    x, y = points(30)
    _, gradient = df(x, y)
    _, residuals = df.forward(x, y)
    for found, expected in zip(df.backward(residuals, y), gradient, strict=True):
        close(found, y * expected)


# --- every row against the interpreter -------------------------------------------------------

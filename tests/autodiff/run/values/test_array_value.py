"""Values of arrays: NumPy's surface, gradients of the right shapes, nothing lost in silence."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value

A = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
V = np.array([0.3, 1.7, -0.9])

B = np.array([[1.0, 0.25, -0.75], [2.0, -1.5, 0.5]])


UNARY: dict[str, Callable[[Any], Any]] = {
    "relu": lambda a: a.relu(),
    "tanh": lambda a: a.tanh(),
    "exp": lambda a: a.exp(),
    "log": lambda a: (a * a + 0.5).log(),
    "np.exp": np.exp,
    "sigmoid": ad.sigmoid,
    "softplus": ad.softplus,
    "silu": ad.silu,
    "gelu": ad.gelu,
    "erf": ad.erf,
    "elu": ad.elu,
    "leaky": lambda a: ad.leaky_relu(a, 0.1),
    "neg": lambda a: -a,
    "abs": abs,
    "square": lambda a: a**2,
    "cube": lambda a: a**3,
    "power": lambda a: (a * a + 1.0) ** -1.5,
    "exponent": lambda a: 2.0**a,
    "array exponent": lambda a: (a * a + 1.0) ** a,
    "zeroth": lambda a: a**0 + a,
    "sum": np.sum,
    "sum axis": lambda a: a.sum(axis=0),
    "sum keepdims": lambda a: a / a.sum(axis=1, keepdims=True),
    "mean": lambda a: a.mean(axis=1),
    "var": lambda a: np.var(a, axis=0),
    "std": lambda a: a.std(),
    "prod": lambda a: np.prod(a, axis=1),
    "max": lambda a: a.max(axis=1),
    "min": np.min,
    "sort": lambda a: np.sort(a, axis=0) * B,
    "cumsum": lambda a: np.cumsum(a, axis=1) * B,
    "cumprod": lambda a: np.cumprod(a, axis=1),
    "norm": lambda a: np.linalg.norm(a, axis=1),
    "T": lambda a: a.T @ B,
    "reshape": lambda a: a.reshape(3, 2) * 2.0,
    "ravel": lambda a: np.ravel(a) * np.arange(6.0),
    "row": lambda a: a[1] * a[0],
    "element": lambda a: a[1, 2] * a[0, 0],
    "slice": lambda a: a[:, 1:] - a[:, :-1],
    "step": lambda a: a[:, ::-2] * 3.0,
    "index array": lambda a: a[[1, 0, 1]],
    "pairs": lambda a: a[[0, 1, 1], [2, 0, 0]],
    "mask": lambda a: a[A > 0.0] ** 2,
    "own mask": lambda a: a[a > 0.0].sum(),
    "newaxis": lambda a: a[:, None, :] * a[None, :, :],
    "where": lambda a: np.where(a > 0.0, a * a, -a),
    "maximum": lambda a: np.maximum(a, 0.25),
    "clip": lambda a: np.clip(a, -0.6, 1.0) * a,
    "concatenate": lambda a: np.concatenate([a, a * 2.0], axis=1) ** 2,
    "stack": lambda a: np.stack([a, a + 1.0]) ** 2,
    "broadcast_to": lambda a: np.broadcast_to(a, (4, 2, 3)) ** 2,
    "flip": lambda a: np.flip(a, 1) * B,
    "roll": lambda a: np.roll(a, 1, axis=1) * B,
    "pad": lambda a: np.pad(a, 1) ** 2,
    "tile": lambda a: np.tile(a, (2, 1)) ** 2,
    "repeat": lambda a: np.repeat(a, 2, axis=0) ** 2,
    "trace": lambda a: np.trace(a @ a.T),
    "diag": lambda a: np.diag(a @ a.T),
    "einsum": lambda a: np.einsum("ij,kj->ik", a, B) ** 2,
    "outer": lambda a: np.outer(a[0], a[1]),
    "dot": lambda a: np.dot(a, V),
    "rmatmul": lambda a: B.T @ a,
    "matmul": lambda a: np.matmul(a, a.T),
    "solve": lambda a: np.linalg.solve(a @ a.T + np.eye(2), np.ones(2)),
    "inv": lambda a: np.linalg.inv(a @ a.T + np.eye(2)),
    "slogdet": lambda a: np.linalg.slogdet(a @ a.T + np.eye(2))[1],
    "cholesky": lambda a: np.linalg.cholesky(a @ a.T + np.eye(2)),
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(axis=1, keepdims=True),
    "logsumexp": lambda a: np.log(np.sum(np.exp(a - a.max()), axis=1)) + a.max(),
    "minus row": lambda a: V - a,
    "by column": lambda a: np.array([[2.0], [3.0]]) / (a * a + 1.0),
    "list": lambda a: a * [1.0, 2.0, 3.0],
    "scalar value": lambda a: Value(3.0) * a + Value(1.0),
    "python sum": lambda a: sum(list(a)),
    "iteration": lambda a: sum(row @ V for row in a),
    "diff": lambda a: np.diff(a, axis=1) ** 2,
    "outer ufunc": lambda a: np.multiply.outer(V, a),
    "logaddexp": lambda a: np.logaddexp(a, B),
    "arctan2": lambda a: np.arctan2(a, B),
    "hypot": lambda a: np.hypot(a, B),
    "median": lambda a: np.median(a, axis=1),
    "argsort": lambda a: a[0][np.argsort(a[1])] * V,
    "argmax": lambda a: a[0, np.argmax(a[0])] * a[1],
    "copy": lambda a: a.copy() * a,
    "interp": lambda a: np.interp(a, [-3.0, 0.0, 3.0], [1.0, 2.0, -1.0]),
}


def total(result: Any) -> Any:
    """A number that weighs the elements of a result unequally."""
    if not np.shape(getattr(result, "data", result)):
        return result
    weights = np.cos(np.arange(1.0, 1.0 + result.size)).reshape(result.shape)
    return np.sum(result * weights)


def slopes(f: Callable[[Any], Any], at: Any) -> Any:
    """Central differences of ``total(f(x))``."""
    found = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = at.copy()
            moved[place] += step
            ends.append(number(total(f(Value(moved)))))
        found[place] = (ends[0] - ends[1]) / 2e-6
    return found


def number(x: Any) -> float:
    """A Value's number, or the number."""
    return float(x.data if isinstance(x, Value) else x)


@pytest.mark.parametrize("name", UNARY)
def test_gradients_are_the_slopes(name: str) -> None:
    """backward() gives the slopes of central differences, and no warning."""
    a = Value(A)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        total(UNARY[name](a)).backward()
    assert a.grad.shape == A.shape
    np.testing.assert_allclose(a.grad, slopes(UNARY[name], A), rtol=2e-6, atol=2e-8)


@pytest.mark.parametrize("name", sorted(set(UNARY) - {"scalar value", "own mask", "argsort",
                                                      "python sum", "argmax"}))  # fmt: skip
def test_values_and_gradients_are_those_of_the_traced_graph(name: str) -> None:
    """Values agree with the graph that tracing the same function gives, in value and gradient."""
    graph = ad.trace(lambda a: total(UNARY[name](a)), A, expand=False)
    value, gradient = ad.backpropagate(graph, A)
    a = Value(A)
    out = total(UNARY[name](a))
    out.backward()
    np.testing.assert_allclose(number(out), value, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(a.grad, gradient, rtol=1e-12, atol=1e-14)


SHAPES = [((2, 3), (3,)), ((2, 3), (2, 1)), ((3,), (2, 3)), ((1, 3), (2, 1)), ((2, 1, 3), (4, 1)),
          ((2, 3), ()), ((), (2, 3)), ((1,), (3,)), ((0, 3), (3,))]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SHAPES)
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "power"])
def test_broadcast_operands_get_the_sums_over_their_copies(
    name: str, one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    """Whatever broadcasts gets the gradient of its own shape, the sum over its copies."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.5, 2.0, one), rng.uniform(0.5, 2.0, other)
    a, b = Value(x), Value(y)
    out = getattr(np, name)(a, b)
    whole = np.broadcast_shapes(one, other)
    weights = rng.uniform(0.5, 1.0, whole)
    out.backward(weights if whole else 1.0)
    partials = {
        "add": (1.0, 1.0),
        "subtract": (1.0, -1.0),
        "multiply": (y, x),
        "divide": (1.0 / y, -x / y**2),
        "maximum": (x > y, y > x),
        "power": (y * x ** (y - 1.0), x**y * np.log(x)),
    }[name]
    for value, partial in zip((a, b), partials, strict=True):
        terms = np.broadcast_to(partial * weights, whole)
        lead = tuple(range(len(whole) - value.ndim))
        kept = tuple(
            i + len(lead) for i, n in enumerate(value.shape) if n == 1 and whole[i + len(lead)] != 1
        )
        expected = terms.sum(axis=kept, keepdims=True).sum(axis=lead)
        np.testing.assert_allclose(value.grad, expected, rtol=1e-13)


def test_elements_have_the_gradients_of_scalar_values() -> None:
    """A network written with matrices has the gradients of the same one of scalar Values."""
    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    weights, bias = Value(w), Value(b)
    np.mean((x @ weights + bias).tanh() ** 2).backward()
    ws = np.array([[Value(one) for one in row] for row in w])
    bs = np.array([Value(one) for one in b])
    loss = Value(0.0)
    for row in x:
        for j in range(2):
            loss = loss + (sum(row[i] * ws[i, j] for i in range(3)) + bs[j]).tanh() ** 2
    (loss / 8.0).backward()
    of_elements = np.vectorize(lambda v: v.grad, otypes=[float])
    np.testing.assert_allclose(weights.grad, of_elements(ws), rtol=1e-13)
    np.testing.assert_allclose(bias.grad, of_elements(bs), rtol=1e-13)


def test_random_programs_have_the_slopes_of_their_elements() -> None:
    """Programs of random operations have the gradients of scalar Values, element by element."""
    steps: list[Callable[[Any, Any], Any]] = [
        lambda x, y: x * y,
        lambda x, y: x - y,
        lambda x, y: x / (y * y + 1.0),
        lambda x, y: (x * 0.3).tanh() + y,
        lambda x, y: (x * 0.1).exp() * y,
        lambda x, y: x.relu() + (-y).relu(),
    ]
    for seed in range(30):
        rng = np.random.default_rng(seed)
        chosen = rng.integers(len(steps), size=8)

        def program(x: Any, y: Any, chosen: Any = chosen) -> Any:
            for one in chosen:
                x, y = steps[one](x, y), x
            return x

        p, q = rng.normal(size=5), rng.normal(size=5)
        a, b = Value(p), Value(q)
        program(a, b).sum().backward()
        for i in range(5):
            one, other = Value(p[i]), Value(q[i])
            program(one, other).backward()
            np.testing.assert_allclose((a.grad[i], b.grad[i]), (one.grad, other.grad), rtol=1e-12)


def test_untaken_branches_give_exactly_nothing() -> None:
    """Below np.where no nan or inf of the branch that is not taken reaches the gradient."""
    x = Value(np.array([-1.0, 0.0, 4.0]))
    np.sum(np.where(x > 0.0, np.log(x) * np.sqrt(x), 0.0)).backward()
    assert x.grad[:2].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(x.grad[2], np.log(4.0) / 4.0 + 0.5)
    y = Value(np.array([0.0, 4.0]))
    w = Value(2.0)
    np.sum(np.where(y > 0.0, w / y, 1.0)).backward()
    assert (w.grad, y.grad.tolist()) == (0.25, [0.0, -0.125])
    m = Value(np.array([[0.0, 1.0]]))
    safe = np.where(m > 0.0, np.log(m) @ np.ones((2, 2)), 0.0)
    np.sum(safe).backward()
    assert m.grad.tolist() == [[np.inf, 1.0]]  # log(0) is in the sum that is taken


def test_switches_that_meet_at_a_tie_are_settled() -> None:
    """relu(x) - relu(-x) is x, with the slope 1 at 0 as well, as scalar Values have it."""
    x = Value(np.array([0.0, 1.0, -1.0]))
    (x.relu() - (-x).relu()).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]
    y = Value(np.zeros(2))
    (y.relu() - (-y).relu()).backward([2.0, -3.0])
    assert y.grad.tolist() == [2.0, -3.0]


def test_gradients_add_up_and_can_be_cleared() -> None:
    """A second backward() adds the same amounts; 0.0 clears; grad is zeros before the first."""
    v = Value(V, label="v")
    assert v.grad.tolist() == [0.0, 0.0, 0.0]
    loss = (v * v).sum()
    loss.backward()
    loss.backward()
    assert v.grad.tolist() == (4.0 * V).tolist()
    v.grad = 0.0
    assert v.grad.tolist() == [0.0, 0.0, 0.0]
    loss.backward(0.5)
    assert v.grad.tolist() == V.tolist()


def test_every_value_on_the_way_has_its_gradient() -> None:
    """Intermediate Values have grad of their own shape, constants none."""
    v = Value(V)
    middle = v * 2.0
    total_ = middle.sum()
    (total_ * total_).backward()
    assert middle.grad.shape == (3,)
    np.testing.assert_allclose(middle.grad, np.full(3, 2.0 * 2.0 * V.sum()))
    np.testing.assert_allclose(total_.grad, 4.0 * V.sum())


def test_second_derivatives_by_grad_of_a_function() -> None:
    """ad.grad(f) called on a Value of an array records, so that backward() differentiates again."""
    v = Value(V)
    slope = ad.grad(lambda x: np.sum(x**3) + (x @ x) ** 2)(v)
    np.testing.assert_allclose(slope.data, 3.0 * V**2 + 4.0 * V * (V @ V))
    direction = np.array([1.0, -2.0, 0.5])
    np.sum(slope * direction).backward()
    hessian = np.diag(6.0 * V) + 4.0 * (V @ V) * np.eye(3) + 8.0 * np.outer(V, V)
    np.testing.assert_allclose(v.grad, hessian @ direction)


def test_long_chains_need_no_recursion() -> None:
    """10 000 operations on an array run backwards at the default recursion limit."""
    v = Value(np.ones(2))
    x = v
    for _ in range(10_000):
        x = x * 1.0001
    x.sum().backward()
    np.testing.assert_allclose(v.grad, np.full(2, 1.0001**10_000))


def test_a_number_of_zero_beside_an_array_gives_infinities() -> None:
    """Rules of an array and a number are IEEE, too: nothing raises where a quotient has a pole."""
    x, y = ad.Value(np.array([1.0, -2.0])), ad.Value(0.0)
    with np.errstate(all="ignore"):
        np.sum(x / y).backward()
    assert x.grad.tolist() == [math.inf, math.inf]
    assert math.isnan(y.grad)
    z = ad.Value(np.zeros(3))
    with np.errstate(all="ignore"):
        np.sum(z / np.linalg.norm(z)).backward()
    assert np.all(np.isnan(z.grad) | np.isinf(z.grad))

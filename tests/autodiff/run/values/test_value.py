from __future__ import annotations

import math
import operator
import random
import sys
from collections.abc import Callable
from typing import Any

import micrograd.engine
import numpy as np
import pytest

import autodiff as ad
from autodiff import Value
from tests.random_graphs import ROWS, SPECIAL, same


def readme_example(value: Callable[[float], Any]) -> tuple[Any, Any, Any]:
    """The expression of micrograd's README."""
    a = value(-4.0)
    b = value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return a, b, g


def test_readme_example_of_micrograd() -> None:
    """The example of micrograd's README gives the numbers printed there."""
    a, b, g = readme_example(Value)
    assert f"{g.data:.4f}" == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_side_by_side_with_micrograd() -> None:
    """Data and gradients agree with micrograd's own to the last few bits."""
    ours, theirs = readme_example(Value), readme_example(micrograd.engine.Value)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.data == pytest.approx(other.data, rel=1e-15)
        assert mine.grad == pytest.approx(other.grad, rel=1e-15)


@pytest.mark.parametrize("seed", range(30))
def test_random_expressions_side_by_side_with_micrograd(seed: int) -> None:
    """Random programs in micrograd's operations give micrograd's gradients."""

    def run(value: Callable[[float], Any]) -> list[Any]:
        source = random.Random(seed)
        leaves = [value(source.uniform(0.5, 2.0)) for _ in range(4)]
        known = list(leaves)
        for _ in range(12):
            x, y = source.choice(known), source.choice(known)
            kind = source.choice(["+", "-", "*", "/", "**", "relu", "scale", "rsub"])
            known.append({
                "+": lambda x=x, y=y: x + y, "-": lambda x=x, y=y: x - y,
                "*": lambda x=x, y=y: x * y, "/": lambda x=x, y=y: x / (y * y + 1.0),
                "**": lambda x=x: x**2, "relu": lambda x=x: x.relu(),
                "scale": lambda x=x: 0.5 * x, "rsub": lambda x=x: 1 - x,
            }[kind]())  # fmt: skip
        total = sum(known)
        total.backward()
        return [total, *leaves]

    for mine, other in zip(run(Value), run(micrograd.engine.Value), strict=True):
        assert mine.data == pytest.approx(other.data, rel=1e-12, abs=1e-300)
        assert mine.grad == pytest.approx(other.grad, rel=1e-11, abs=1e-12)


def test_gradients_accumulate_over_calls() -> None:
    """A second backward() adds the same gradients again, as the docstring says (micrograd#102)."""
    a, b = Value(2.0), Value(-3.0)
    c = a * b + a
    c.backward()
    assert (a.grad, b.grad, c.grad) == (-2.0, 2.0, 1.0)
    c.backward()
    assert (a.grad, b.grad, c.grad) == (-4.0, 4.0, 2.0)


def test_gradients_accumulate_over_outputs() -> None:
    """backward() of two outputs that share an input sums their derivatives."""
    x = Value(3.0)
    (x * x).backward()
    (2.0 * x).backward()
    assert x.grad == 8.0


def test_zeroed_gradients_start_anew() -> None:
    """Setting grad to zero between calls gives the gradient of one call."""
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = y.grad = 0.0
    y.backward()
    assert x.grad == 6.0


def test_a_reused_node_counts_once_per_use() -> None:
    """A value used twice gets both contributions, in any order of use (micrograd#64)."""
    a = Value(3.0)
    b = a + a
    c = b * a + b
    c.backward()
    assert a.grad == 4.0 * 3.0 + 2.0


def test_deep_chain_without_recursion() -> None:
    """A chain of 10^5 operations goes backward at the default recursion limit (micrograd#90)."""
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    assert sys.getrecursionlimit() <= 10_000
    y.backward()
    assert (y.data, x.grad) == (100_001.0, 100_001.0)


@pytest.mark.parametrize("number", [np.float64(2.0), np.float32(2.0), np.int64(2), 2, True])
@pytest.mark.parametrize(
    "apply", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
)
def test_numbers_on_either_side(apply: Callable[..., Any], number: Any) -> None:
    """Python's and NumPy's numbers may stand left or right of any operator."""
    plain = float(number)
    for left in (True, False):
        x = Value(3.0)
        y = apply(number, x) if left else apply(x, number)
        y.backward()
        want = apply(plain, 3.0) if left else apply(3.0, plain)
        assert type(y) is Value
        assert y.data == pytest.approx(want, rel=1e-15)
        step = 1e-6
        high = apply(plain, 3.0 + step) if left else apply(3.0 + step, plain)
        assert x.grad == pytest.approx((high - want) / step, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    ("ufunc", "at"),
    [(np.sin, 0.5), (np.exp, 0.5), (np.log, 0.5), (np.sqrt, 0.5), (np.arctan, 0.5), (np.tanh, 0.5)],
)
def test_numpy_functions_on_values(ufunc: Any, at: float) -> None:
    """NumPy's functions apply to Values and give Values."""
    x = Value(at)
    y = ufunc(x)
    y.backward()
    assert y.data == pytest.approx(float(ufunc(at)), rel=1e-15)
    step = 1e-7
    assert x.grad == pytest.approx((ufunc(at + step) - ufunc(at - step)) / (2 * step), rel=1e-6)


def test_sum_over_values() -> None:
    """sum() starts at the integer 0 and gives each Value the gradient 1."""
    values = [Value(float(i)) for i in range(5)]
    total = sum(values)
    total.backward()
    assert total.data == 10.0
    assert [v.grad for v in values] == [1.0] * 5


def test_arrays_of_values() -> None:
    """An object array of Values works with @ and np.sum element by element."""
    x = np.array([Value(1.0), Value(2.0)])
    w = np.array([3.0, -1.0])
    y = np.sum(x * x) + x @ w
    y.backward()
    assert y.data == 5.0 + 1.0
    assert [v.grad for v in x] == [5.0, 3.0]


def test_prev_and_op() -> None:
    """``_prev`` holds the operands that are Values, ``_op`` what was done to them."""
    a, b = Value(2.0), Value(3.0)
    assert (a._prev, a._op) == (set(), "")
    cases = {
        "+": a + b, "*": a * b, "-": a - b, "/": a / b, "**3": a**3, "**2": a**2,
        "ReLU": a.relu(), "tanh": a.tanh(),
    }  # fmt: skip
    for op, value in cases.items():
        assert value._op == op
        assert {id(v) for v in value._prev} <= {id(a), id(b)}
    assert {id(v) for v in (a * b)._prev} == {id(a), id(b)}
    assert len((a + 1.0)._prev) == 1


def test_methods() -> None:
    """Every one-operand row is a method, so micrograd programs find relu, tanh, exp, log."""
    x = Value(0.5)
    for name in ("relu", "tanh", "exp", "log", "sigmoid", "sin", "sqrt", "arctan"):
        assert getattr(x, name)().data == getattr(ad, name)(0.5)


def test_repr() -> None:
    """The repr is micrograd's."""
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"


def test_comparisons_are_values_with_a_truth() -> None:
    """A comparison of Values is a Value that can be tested, so ordinary branches work."""
    a, b = Value(1.0), Value(2.0)
    assert type(a < b) is Value
    assert a < b
    assert not a > b
    assert a <= 1.0
    assert a != b
    assert max(a, b) is b
    assert ad.where(a < b, a, b).data == 1.0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_backward_is_the_interpreter(row: ad.Primitive) -> None:
    """Value.backward() adds, bit for bit, what backpropagate gives on the traced graph."""
    if row.literal:
        function = lambda *x: row(*x, 2.5 if row.arity == 2 else 0.5)  # noqa: E731
        if row.literal == (0,):
            function = lambda *x: row(1.0, *x)  # noqa: E731
        elif row.name == "gaussian":
            function = lambda *x: row(*x, 0.5)  # noqa: E731
        count = row.arity - 1
    else:
        function, count = row, row.arity
    source = random.Random(row.name)
    graph = ad.trace(lambda *x: function(*x) * 1.5, *[1.0] * count)
    for _ in range(20):
        numbers = [source.choice(SPECIAL) for _ in range(count)]
        values = [Value(x) for x in numbers]
        out = function(*values) * 1.5
        out.backward()
        value, gradient = ad.backpropagate(graph, *numbers, wrt=list(range(count)))
        added = tuple(0.0 + g for g in gradient)  # grad starts at 0.0, and 0.0 + -0.0 is 0.0
        assert same((out.data, tuple(v.grad for v in values)), (value, added))


def test_mixing_with_what_is_no_number() -> None:
    """A string, None or a traced value next to a Value is one clear error with the user's line."""
    x = Value(1.0)
    for other in ("1.0", None, [1.0], 1j):
        with pytest.raises((ad.TraceError, TypeError), match=r"test_value.py:\d+|unsupported"):
            x * other
    with pytest.raises(ad.TraceError, match=r"test_value.py:\d+: .*Value"):
        ad.trace(lambda y: x * y, 1.0)
    with pytest.raises(ad.TraceError, match=r"test_value.py:\d+: .*Value"):
        ad.trace(lambda y: y * x, 1.0)


def test_edge_values() -> None:
    """Arithmetic on Values never raises: it gives IEEE results, plain floats all."""
    x = Value(0.0)
    y = 1.0 / x
    y.backward()
    assert (y.data, x.grad) == (math.inf, -math.inf)
    assert type(y.data) is type(x.grad) is float
    x = Value(0.0)
    assert (1.0 / x).data == math.inf
    assert math.isnan((x / x).data)
    assert x.log().data == -math.inf
    assert Value(1000.0).exp().data == math.inf
    assert math.isnan((Value(-8.0) ** (1 / 3)).data)


# --- programs that define their own operations, as micrograd's lecture does ------------------


def own_exp(x: Value) -> Value:
    """exp(x), written by a learner in micrograd's way."""
    out = Value(math.exp(x.data), (x,), "exp")

    def _backward() -> None:
        x.grad += out.data * out.grad

    out._backward = _backward
    return out


def test_an_operation_of_the_users_own() -> None:
    """A Value made with _children, _op and _backward takes part in backward() like any other."""
    x = Value(0.5)
    y = own_exp(x * 2.0) * x + own_exp(x)
    y.backward()
    e, e2 = math.exp(0.5), math.exp(1.0)
    assert x.grad == pytest.approx(2.0 * e2 * 0.5 + e2 + e, rel=1e-15)
    assert (own_exp(x)._op, own_exp(x)._prev) == ("exp", {x})
    y.backward()
    assert x.grad == pytest.approx(2.0 * (2.0 * e2 * 0.5 + e2 + e), rel=1e-15)


def test_an_own_operation_with_one_operand_twice() -> None:
    """An operand named twice is one operand; what its function adds counts once."""
    x = Value(3.0)
    out = Value(9.0, (x, x), "square")

    def _backward() -> None:
        x.grad += 2.0 * x.data * out.grad

    out._backward = _backward
    (out * 2.0).backward()
    assert x.grad == 12.0


def test_backpropagation_one_node_at_a_time() -> None:
    """Calling _backward() node by node, last first, gives what backward() gives."""
    numbers = (2.0, -3.0, 0.5)
    a, b, c = map(Value, numbers)
    d = a * b
    e = (d + c).tanh()
    f = e**2
    f.grad = 1.0
    for node in (f, e, next(iter(e._prev)), d, a):
        node._backward()
    by_hand = (a.grad, b.grad, c.grad)
    a, b, c = map(Value, numbers)
    ((a * b + c).tanh() ** 2).backward()
    assert by_hand == (a.grad, b.grad, c.grad)


def test_replacing_the_backward_of_a_value() -> None:
    """A program may give any Value another _backward, as micrograd allows."""
    x = Value(2.0)
    y = x * 3.0

    def doubled() -> None:
        x.grad += 6.0 * y.grad

    y._backward = doubled
    (y + 1.0).backward()
    assert x.grad == 6.0


def test_micrograds_way_through_the_graph() -> None:
    """A program that collects nodes and edges by ``_prev`` and ``_op`` finds them all."""
    a, b = Value(2.0), Value(-3.0)
    root = (a * b + a).relu() ** 2
    nodes, edges, stack = set(), set(), [root]
    while stack:
        v = stack.pop()
        if v not in nodes:
            nodes.add(v)
            edges |= {(child, v) for child in v._prev}
            stack.extend(v._prev)
    assert sorted(v._op for v in nodes) == ["", "", "*", "**2", "+", "ReLU"]
    assert len(edges) == 6


def test_label() -> None:
    """A label is empty until it is set, and has no influence on numbers."""
    x = Value(2.0, label="x")
    y = x + 1.0
    assert (x.label, y.label) == ("x", "")
    y.label = "y"
    assert y.label == "y"

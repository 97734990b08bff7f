"""Values of arrays as programs use them: what they hold, copy, refuse, and meet."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value
from tests.autodiff.run.values.test_array_value import A, V


def test_a_single_number_is_a_plain_value() -> None:
    """Sums, products of vectors and elements are Values of floats, with micrograd's surface."""
    v = Value(V)
    for one in (v.sum(), v @ v, v[0], v.max(), np.mean(v), v.reshape(3, 1)[2, 0]):
        assert type(one) is Value
        assert type(one.data) is float
    assert (v.shape, v.ndim, v.size, len(v)) == ((3,), 1, 3, 3)
    assert Value(2.0).shape == ()


def test_numbers_are_copied_and_checked() -> None:
    """A Value keeps its own numbers; other shapes are refused when they are assigned."""
    given = V.copy()
    v = Value(given)
    given[0] = 100.0
    assert v.data.tolist() == V.tolist()
    v.data -= 0.5 * np.ones(3)
    np.testing.assert_array_equal(v.data, V - 0.5)
    assert Value([[1, 2], [3, 4]]).data.dtype == np.float64
    with pytest.raises(ad.ArgumentError, match=r"test_array_value_use.py:\d+: data: .*\(2,\)"):
        v.data = np.zeros(2)
    with pytest.raises(ad.ArgumentError, match=r"grad: found shape \(2,\)"):
        v.grad = np.zeros(2)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda v: v.backward(), r"found a Value of shape \(3,\); expected one number"),
        (lambda v: v.backward(np.ones(2)), r"cotangent of shape \(2,\); expected .*\(3,\)"),
        (lambda v: v + np.ones(2), r"add: shapes \(3,\) and \(2,\) do not broadcast"),
        (lambda v: v * Value(np.ones((2, 2))), r"mul: shapes \(3,\) and \(2, 2\)"),
        (lambda v: v @ np.ones(2), r"matmul: .*\(3,\) and \(2,\) do not match"),
        (lambda v: v.reshape(2, 2), r"reshape: .*\(3,\)"),
        (lambda v: v[3], r"index 3 is out of bounds"),
        (lambda v: v.sum(axis=1), r"axis 1"),
        (lambda v: v.__setitem__(0, 1.0), r"cannot assign to elements of a Value"),
        (lambda v: bool(v > 0.0), r"one truth value"),
        (float, r"cannot convert"),
        (np.asarray, r"cannot make a NumPy array of a Value"),
        (lambda v: np.array([v, v]), r"np.stack"),
        (lambda v: v + "text", r"add: a Value meets"),
        (lambda v: v + None, r"add: a Value meets"),
        (lambda v: v * (1.0 + 2.0j), r"mul: a Value meets"),
        (lambda v: v + np.array(["a", "b", "c"]), r"add: a Value meets"),
        (lambda v: v + np.ma.masked_array(np.ones(3), [0, 1, 0]), r"masked"),
        (lambda v: np.linalg.inv(Value(np.zeros((2, 2)))), r"inv: "),
        (lambda v: f"{v:.2f}", r"format its numbers"),
        (lambda v: Value(["a"]), r"Value: found an array of dtype"),
        (lambda v: Value([[1.0], [1.0, 2.0]]), r"different lengths"),
        (lambda v: Value(np.array([1j])), r"Value: found an array of dtype complex"),
        (lambda v: Value([Value(1.0)]), r"np.stack"),
        (lambda v: np.add(v, 1.0, out=np.zeros(3)), r"cannot store"),
        (np.spacing, r"no derivative rule"),
    ],
)  # fmt: skip
def test_mistakes_say_where_and_what_to_do(use: Callable[[Any], Any], message: str) -> None:
    """Each mistake is one error of ours with the user's line."""
    with pytest.raises(ad.ProofgradError, match=message) as caught:
        use(Value(V))
    assert "test_array_value_use.py" in str(caught.value)


def test_traces_and_values_of_arrays_do_not_mix_in_silence() -> None:
    """A Value of an array met while a function is traced is an error that says so."""
    v = Value(V)
    for expand in (True, False):
        with pytest.raises(ad.TraceError):
            ad.trace(lambda x: np.sum(x * v), V, expand=expand)


def test_operations_of_the_programs_own_take_arrays() -> None:
    """A Value with _children and _backward, as micrograd makes them, may be an array."""
    x = Value(V)
    out = Value(np.sin(x.data), (x,), "sin")

    def backward() -> None:
        x.grad += np.cos(x.data) * out.grad

    out._backward = backward
    (out * out).sum().backward()
    np.testing.assert_allclose(x.grad, 2.0 * np.sin(V) * np.cos(V))
    out.grad, x.grad = np.ones(3), 0.0
    out._backward()
    np.testing.assert_allclose(x.grad, np.cos(V))


def test_one_node_after_the_other_as_micrograd_goes() -> None:
    """Calling _backward of each node in reverse order gives what backward() gives."""
    x, w = Value(A), Value(V)
    h = x @ w
    y = h * h
    loss = y.sum()
    loss.grad = 1.0
    for node in (loss, y, h):
        node._backward()
    by_hand = x.grad.copy(), w.grad.copy()
    x.grad = w.grad = 0.0
    for node in (loss, y, h):
        node.grad = 0.0
    loss.backward()
    np.testing.assert_allclose(by_hand[0], x.grad)
    np.testing.assert_allclose(by_hand[1], w.grad)
    assert (h._op, loss._op, (x.T)._op, (x + 1.0)._op) == ("@", "sum", "T", "+")
    assert h._prev == {x, w}


def test_custom_primitives_work_on_arrays() -> None:
    """A primitive of the user's runs over the elements."""
    v = Value(V)
    ad.hypot(v, 2.0).sum().backward()
    np.testing.assert_allclose(v.grad, V / np.hypot(V, 2.0))


def test_what_was_computed_is_a_graph() -> None:
    """``graph`` is the computation with its Values as arguments, named by their labels."""
    x, w = Value(A, label="x"), Value(V, label="l0.w")
    loss = np.mean((x @ w - 1.0) ** 2)
    graph = loss.graph
    ad.check(graph)
    assert [name for name, _ in graph.parameters] == ["x", "l0_w"]
    value, gradient = ad.backpropagate(graph, A, V)
    loss.backward()
    assert value == loss.data
    np.testing.assert_allclose(gradient[0], x.grad, rtol=1e-13)
    np.testing.assert_allclose(gradient[1], w.grad, rtol=1e-13)
    assert ad.parse(str(graph)) == graph


def test_arrays_of_scalar_values_join_in() -> None:
    """An object array of Values beside a Value of an array becomes one, on either side of @."""
    parts = [Value(1.0), Value(2.0), Value(-1.0)]
    v, objects = Value(V), np.array(parts)
    for out in (v @ objects, objects @ v, np.sum(v * objects), np.sum(objects * v)):
        v.grad, before = 0.0, [p.grad for p in parts]
        out.backward()
        np.testing.assert_allclose([p.grad - b for p, b in zip(parts, before, strict=True)], V)
        np.testing.assert_allclose(v.grad, [1.0, 2.0, -1.0])


def test_copies_are_independent() -> None:
    """deepcopy and pickle keep numbers and gradients of an input; neither shares them."""
    v = Value(V, label="v")
    (v * v).sum().backward()
    for other in (copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        assert (other.label, other.data.tolist(), other.grad.tolist()) == (
            "v", V.tolist(), (2.0 * V).tolist(),
        )  # fmt: skip
        other.data -= 1.0
        assert v.data.tolist() == V.tolist()


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_code_of_whole_arrays_records_on_values(target: str) -> None:
    """A gradient compiled for whole arrays, called on a Value, can be differentiated again."""
    codegen = pytest.importorskip("codegen")
    if target == "native":
        pytest.importorskip("llvmlite")
    compiled = codegen.compile_gradient(
        lambda x: np.sum(x**3), np.ones(3), target=target, expand=False
    )
    v = Value(V)
    value, slope = compiled(v)
    assert value.data == pytest.approx(np.sum(V**3))
    np.testing.assert_allclose(slope.data, 3.0 * V**2)
    slope.sum().backward()
    np.testing.assert_allclose(v.grad, 6.0 * V)

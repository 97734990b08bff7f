from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.structure import leaf_names, leaf_parts, size
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of

TREES: list[tuple[Any, str]] = [
    (1.0, "float"),
    (1, "float"),
    (True, "float"),
    (np.float32(1.0), "float"),
    (np.ones(3), "float[3]"),
    (np.ones((2, 3)), "float[2,3]"),
    (np.ones(()), "float[]"),
    (np.ones((0, 2)), "float[0,2]"),
    ((), "()"),
    ((1.0,), "(float,)"),
    ((1.0, np.ones(2)), "(float, float[2])"),
    ([], "[]"),
    ([1.0, [2.0]], "[float, [float]]"),
    ({}, "{}"),
    ({"w": np.ones(3), "b": 1.0}, '{"w": float[3], "b": float}'),
    ({"a": {"b": (1.0, [2.0])}}, '{"a": {"b": (float, [float])}}'),
    ({"": 1.0, 'q"}, ': 2.0, "é\n": 3.0}, '{"": float, "q\\"}, ": float, "\\u00e9\\n": float}'),
]


@pytest.mark.parametrize(("value", "text"), TREES, ids=[text for _, text in TREES])
def test_structure_of(value: Any, text: str) -> None:
    """A structure prints as the type of the value it was taken from."""
    structure = structure_of(value)
    assert str(structure) == text
    assert structure == structure_of(value)
    assert hash(structure) == hash(structure_of(value))


@pytest.mark.parametrize(("value", "text"), TREES, ids=[text for _, text in TREES])
def test_leaves_and_rebuild_are_inverse(value: Any, text: str) -> None:
    """rebuild(leaves(value)) has the value's structure, leaves and order."""
    structure = structure_of(value)
    leaves = tree_of(structure).leaves(value)
    assert all(type(x) is float for x in leaves)
    assert len(leaves) == size(structure) == len(leaf_names("x", structure))
    again = tree_of(structure).rebuild([float(i) for i in range(len(leaves))])
    assert structure_of(again) == structure
    assert tree_of(structure).leaves(again) == [float(i) for i in range(len(leaves))]


def test_leaf_names() -> None:
    """Leaves are named by the path to them, unique whatever the keys are."""
    structure = structure_of({"w": np.ones((1, 2)), "b c": (1.0, [2.0]), "": 3.0})
    assert leaf_names("p", structure) == [
        "p.w[0,0]", "p.w[0,1]", 'p["b c"][0]', 'p["b c"][1][0]', 'p[""]',
    ]  # fmt: skip
    assert [name for name, _ in leaf_parts("p", structure)] == [
        "p.w", 'p["b c"][0]', 'p["b c"][1][0]', 'p[""]',
    ]  # fmt: skip


def test_keys_keep_their_order() -> None:
    """A dict with the same keys in another order has the leaves of the example's order."""
    structure = structure_of({"b": 1.0, "a": 2.0})
    assert tree_of(structure).leaves(OrderedDict(a=2.0, b=1.0)) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "example", "message"),
    [
        ("a", 1.0, "x: found str 'a'; expected a float"),
        (None, 1.0, "x: found NoneType None; expected a float"),
        (1j, 1.0, "x: found complex 1j; expected a float"),
        ([1.0], 1.0, r"x: found list \[1.0\]; expected a float"),
        (np.ones(2), 1.0, r"an array of shape \(2,\)"),
        (1.0, np.ones(2), r"expected an array of shape \(2,\)"),
        (np.ones(3), np.ones(2), r"shape \(3,\); expected shape \(2,\)"),
        (np.ones((2, 1)), np.ones(2), r"shape \(2, 1\)"),
        ([1.0, "a"], np.ones(2), "dtype <U"),
        ([1.0, "2.0"], np.ones(2), "dtype <U"),
        (["1", "2"], np.ones(2), "dtype <U1"),
        ([1.0, None], np.ones(2), "found NoneType None"),
        ([[1.0], [1.0, 2.0]], np.ones((2, 1)), "expected an array"),
        (np.array([1j, 1j]), np.ones(2), "dtype complex128"),
        (np.array(["a", "b"]), np.ones(2), "dtype <U1"),
        ((1.0,), (1.0, 2.0), "expected a tuple of 2 items"),
        (1.0, [1.0], "expected a list of 1 items"),
        ({"a": 1.0}, {"b": 1.0}, "'b'|keys"),
        (1.0, {"b": 1.0}, "expected a dict|keys"),
        ((1.0, (2.0, "z")), (1.0, (2.0, 3.0)), r"x\[1\]\[1\]: found str 'z'"),
    ],
)
def test_other_structures_are_refused(value: Any, example: Any, message: str) -> None:
    """A value of another structure gives one error with the path, what was found and expected."""
    with pytest.raises(ad.ArgumentError, match=message):
        tree_of(structure_of(example)).leaves(value, "x")


def test_gradients_mirror_the_arguments() -> None:
    """The gradient has the structure of the arguments, arrays for arrays, names for names."""

    def f(p, q):
        return np.sum(p["w"] * q[0]) + p["b"] * q[1][0]

    p, q = {"w": np.array([1.0, 2.0]), "b": 3.0}, (4.0, [5.0])
    value, (p_bar, q_bar) = ad.backpropagate(ad.trace(f, p, q), p, q)
    assert value == 27.0
    assert list(p_bar) == ["w", "b"]
    np.testing.assert_array_equal(p_bar["w"], [4.0, 4.0])
    assert (p_bar["b"], q_bar) == (5.0, (3.0, [3.0]))
    single = ad.grad(lambda p: f(p, q))(p)
    np.testing.assert_array_equal(single["w"], [4.0, 4.0])

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from codegen import compile_gradient

TARGETS = ["python", "numpy", "native", "numpy batch", "native batch"]
POINTS = 5


class Pair(NamedTuple):
    """A named tuple of parameters."""

    w: Any
    b: Any


@dataclass
class Model:
    """A dataclass of parameters."""

    pair: Any
    scale: Any
    note: Any = None


def permuted(value: Any) -> Any:
    """The same value, every dict in the opposite order."""
    if isinstance(value, dict):
        return {key: permuted(value[key]) for key in reversed(value)}
    if isinstance(value, Pair):
        return Pair(*map(permuted, value))
    if isinstance(value, (tuple, list)):
        return type(value)(map(permuted, value))
    if isinstance(value, Model):
        return Model(permuted(value.pair), permuted(value.scale), value.note)
    return value


W, B = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
VALUES: dict[str, Any] = {
    "dict": {"w": W, "b": B},
    "equal shapes": {"w": W, "b": W + 1.0},
    "scalars": {"w": 1.5, "b": 2.5, "a": -1.0},
    "int keys": {1: W, 0: 2.0, -1: B},
    "mixed keys": {("a", 1): 1.0, None: W, 2.5: 3.0, "z": B},
    "nested": {"w": {"z": W, "a": 2.0}, "b": (B, [1.0, W])},
    "list": [1.0, W, [2.0, B]],
    "row": [float(k) for k in range(30)],
    "named tuple": Pair(W, {"z": 2.0, "a": B}),
    "dataclass": Model({"b": B, "a": 1.0}, 2.0),
    "nones": {"w": None, "b": [W, None], "a": 1.0},
    "empty": {"e": {}, "w": W, "t": (), "l": [], "z": np.ones(0)},
    "matrix": {"w": np.arange(6.0).reshape(2, 3), "b": np.array(2.0)},
}


def weighted(value: Any) -> Any:
    """A function whose derivative by each float differs: sum of (k + 1) x² over the floats."""
    tree = tree_of(structure_of(value))
    return sum(((k + 1.0) * x * x for k, x in enumerate(tree.leaves(value))), 0.0)


def numbers(value: Any) -> list[float]:
    """All numbers inside, in the order of the value's own structure."""
    return tree_of(structure_of(value)).leaves(value)


def expected(value: Any) -> tuple[float, Any]:
    """Value and gradient of ``weighted``, by hand."""
    tree = tree_of(structure_of(value))
    leaves = tree.leaves(value)
    bars = [2.0 * (k + 1.0) * x for k, x in enumerate(leaves)]
    return sum((k + 1.0) * x * x for k, x in enumerate(leaves)), tree.rebuild(bars)


def batched(value: Any, count: int = POINTS) -> Any:
    """``count`` equal points."""
    tree = tree_of(structure_of(value))
    return tree.build([np.stack([np.asarray(part)] * count) for part in tree.numbers(value)])


def arrays(value: Any) -> Any:
    """Empty arrays of the value's structure; shape () for a float."""
    tree = tree_of(structure_of(value))
    return tree.build([np.full(np.shape(part), np.nan) for part in tree.numbers(value)])


def compiled(value: Any, target: str) -> tuple[Any, Callable[[Any], Any]]:
    """The gradient for a target, and what makes its arguments of a point."""
    name, _, batch = target.partition(" ")
    options = {"batch": True} if batch else {}
    df = compile_gradient(weighted, value, target=name, check=False, **options)
    return df, batched if batch else lambda point: point


def close(found: Any, wanted: Any) -> None:
    """The same structure, and the same numbers to the rounding of a sum."""
    assert str(structure_of(found)) == str(structure_of(wanted))
    assert type(found) is type(wanted)
    np.testing.assert_allclose(numbers(found), numbers(wanted), rtol=1e-14)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", VALUES)
def test_calls(kind: str, target: str) -> None:
    """Every target takes every kind of argument, in any order of keys, and mirrors it."""
    value = VALUES[kind]
    df, points = compiled(value, target)
    total, gradient = expected(value)
    for argument in (points(value), permuted(points(value))):
        found, bars = df(argument)
        np.testing.assert_allclose(found, total, rtol=1e-14)
        close(bars, points(gradient))


@pytest.mark.parametrize("target", TARGETS[1:])
@pytest.mark.parametrize("kind", VALUES)
def test_out(kind: str, target: str) -> None:
    """Results go to the array under the same key, whatever the order of the keys."""
    value = VALUES[kind]
    df, points = compiled(value, target)
    _, gradient = expected(value)
    out = permuted(arrays(points(value)))
    _, returned = df(points(value), out=out)
    assert returned is out
    tree = tree_of(structure_of(points(arrays(value))))
    np.testing.assert_allclose(tree.leaves(out), numbers(points(gradient)), rtol=1e-14)


@pytest.mark.parametrize("target", ["native", "native batch"])
@pytest.mark.parametrize("kind", VALUES)
def test_bind(kind: str, target: str) -> None:
    """Bound arrays are matched by key, those read and those written."""
    value = VALUES[kind]
    df, points = compiled(value, target)
    total, gradient = expected(value)
    out = permuted(arrays(points(value)))
    call = df.bind(permuted(points(value)), out=out)
    tree = tree_of(structure_of(points(arrays(value))))
    for _ in range(2):
        np.testing.assert_allclose(call(), total, rtol=1e-14)
        np.testing.assert_allclose(tree.leaves(out), numbers(points(gradient)), rtol=1e-14)


@pytest.mark.parametrize("target", TARGETS)
def test_keys_are_checked_where_shapes_agree(target: str) -> None:
    """f(p) = sum(w²) + 3 sum(b): nothing changes places, and a foreign key is refused."""

    def f(p):
        return np.sum(p["w"] * p["w"]) + 3.0 * np.sum(p["b"])

    name, _, batch = target.partition(" ")
    one = {"w": np.array([1.0, 2.0]), "b": np.array([5.0, 7.0])}
    df = compile_gradient(f, one, target=name, **({"batch": True} if batch else {}))
    points = batched if batch else lambda point: point
    swapped = {"b": one["b"], "w": one["w"]}
    value, gradient = df(points(swapped))
    np.testing.assert_array_equal(value, 41.0)
    np.testing.assert_array_equal(gradient["w"], points({"w": 2.0 * one["w"]})["w"])
    with pytest.raises(ad.ArgumentError, match=r"argument p: found keys \['b', 'v'\]"):
        df(points({"v": one["w"], "b": one["b"]}))
    if name == "python":
        return
    out = arrays(points(swapped))
    df(points(one), out=out)
    np.testing.assert_array_equal(out["b"], np.full_like(out["b"], 3.0))
    for wrong in ({"nonsense": out["w"], "b": out["b"]}, {"w": out["w"]}, tuple(out.values())):
        with pytest.raises(ad.ArgumentError, match="out: found"):
            df(points(one), out=wrong)
        if name == "native":
            with pytest.raises(ad.ArgumentError, match="out: found"):
                df.bind(points(one), out=wrong)


WRONG: list[tuple[str, Callable[[Any], Any], str]] = [
    ("key", lambda p: {"w": p["w"], "c": p["b"]}, "argument value: found keys"),
    ("more", lambda p: {**p, "c": p["b"]}, "argument value: found keys"),
    ("fewer", lambda p: {"w": p["w"]}, "argument value: found keys"),
    ("list", lambda p: [p["w"], p["b"]], "argument value: found list"),
    ("none", lambda p: {**p, "w": None}, r"argument value\['w'\]: found NoneType"),
    ("shape", lambda p: {**p, "w": p["w"][..., :1]}, r"argument value\['w'\]: found an array"),
    ("text", lambda p: {**p, "w": np.array(["1", "2"])}, r"argument value\['w'\]: "),
    ("bytes", lambda p: {**p, "w": b"12"}, r"argument value\['w'\]: found bytes"),
    ("complex", lambda p: {**p, "w": p["w"] + 0j}, r"\['w'\]: found an array of .*complex128"),
    ("mask", lambda p: {**p, "w": np.ma.array(p["w"], mask=True)}, r"\['w'\]: found a masked"),
    ("objects", lambda p: {**p, "w": np.full_like(p["w"], "1", object)}, r"\['w'\]: found str"),
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("change", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_arguments(change: Callable[[Any], Any], message: str, target: str) -> None:
    """What does not fit is one error that names the path, the same on every target."""
    df, points = compiled(VALUES["dict"], target)
    with pytest.raises(ad.ArgumentError, match=message):
        df(change(points(VALUES["dict"])))


SCALARS: list[tuple[Any, str]] = [
    ("1e0", "found str '1e0'"),
    (b"1", "found bytes b'1'"),
    (bytearray(b"1"), "found bytearray"),
    (1j, "found complex"),
    (np.complex128(1.0), "found complex128"),
    (np.complex64(1.0), "found complex64"),
    (np.str_("1"), "found str_"),
    (np.ma.masked, "found a masked array"),
    (np.ma.array(1.0), "found a masked array"),
    (None, "found NoneType None"),
    ([1.0], r"found (list \[1.0\]|an array of shape \(1,\))"),
    (np.array(["1"]), "found an array of "),
    (10**400, "int too large|found int"),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("wrong", "message"), SCALARS, ids=[repr(w[0])[:20] for w in SCALARS])
@pytest.mark.parametrize("function", [lambda x, y: x * y, lambda x, y: ad.exp(x) / y])
def test_scalars_that_are_no_numbers(
    function: Callable[..., Any], wrong: Any, message: str, target: str
) -> None:
    """Text, bytes, complex and masked numbers are refused by every target, never converted."""
    name, _, batch = target.partition(" ")
    df = compile_gradient(function, 1.0, 1.0, target=name, batch=True if batch else None)
    good = np.ones(1) if batch else 1.0
    if batch and not isinstance(wrong, (list, np.ndarray)):
        wrong, message = [wrong], f"{message}|found an array of dtype|found an array of shape"
    elif batch and isinstance(wrong, list):
        wrong, message = [wrong], "found an array of shape"
    with pytest.raises(ad.ArgumentError, match=f"argument x: .*({message})"):
        df(wrong, good)
    with pytest.raises(ad.ArgumentError, match=f"argument y: .*({message})"):
        df(good, wrong)


@pytest.mark.parametrize("target", TARGETS)
def test_numbers_of_every_kind(target: str) -> None:
    """Integers, booleans, fractions and NumPy's numbers count as floats on every target."""
    name, _, batch = target.partition(" ")
    df = compile_gradient(lambda x: x * x, 1.0, target=name, batch=True if batch else None)
    for number in (2, True, np.float32(2.0), np.int8(2), np.bool_(True), np.uint64(3)):
        found = df(np.array([number]) if batch else number)
        np.testing.assert_array_equal(found, [[float(number) ** 2], [2.0 * number]]
                                      if batch else [float(number) ** 2, 2.0 * number])  # fmt: skip


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_parts_of_out_overlap(target: str) -> None:
    """Results that would overwrite each other are refused, with both paths."""
    df = compile_gradient(lambda x, y: x * y, 1.0, 1.0, target=target, batch=True)
    memory = np.zeros(8)
    for first, second in ((memory[:5], memory[3:]), (memory[:5], memory[:5])):
        with pytest.raises(ad.ArgumentError, match=r"out\[\d\] and out\[\d\] overlap"):
            df(np.ones(5), np.ones(5), out=(first, second))
    apart = np.zeros(10)
    df(np.ones(5), np.full(5, 2.0), out=(apart[:5], apart[5:]))
    assert apart.tolist() == [2.0] * 5 + [1.0] * 5


def test_other_mappings() -> None:
    """A mapping that is no dict is read by its keys, too."""
    df = compile_gradient(weighted, {"w": W, "b": 2.0})
    _, bars = df(OrderedDict(b=2.0, w=W))
    close(bars, expected({"w": W, "b": 2.0})[1])


@pytest.mark.parametrize("kind", VALUES)
def test_first_call(kind: str) -> None:
    """Without examples the first call gives the structure; a batch loses its leading axis."""
    value = VALUES[kind]
    total, gradient = expected(value)
    found, bars = compile_gradient(weighted)(value)
    np.testing.assert_allclose(found, total, rtol=1e-14)
    close(bars, gradient)
    _, bars = compile_gradient(weighted, target="numpy", batch=True)(batched(value))
    close(bars, batched(gradient))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["scalars", "arrays", "one"])
def test_keywords(kind: str, target: str) -> None:
    """Arguments have the user's names in calls, whatever the emitted text calls them."""

    def scalars(x, sum, w, exp):  # noqa: A002
        return x * sum + ad.exp(w) * exp

    def one(abs):  # noqa: A002
        return np.sum(abs * abs)

    def arrays(x, math, v1):
        return np.sum(x * math["i0"]) * v1

    cases: dict[str, Any] = {
        "scalars": (scalars, {"x": 1.0, "sum": 2.0, "w": 3.0, "exp": 4.0}),
        "one": (one, {"abs": W}),
        "arrays": (arrays, {"x": W, "math": {"i0": W + 1.0}, "v1": 2.0}),
    }
    function, named = cases[kind]
    name, _, batch = target.partition(" ")
    options = {"batch": True} if batch else {}
    df = compile_gradient(function, *named.values(), target=name, **options)
    if batch:
        named = {key: batched(value) for key, value in named.items()}
    value, gradient = df(*named.values())
    first, *rest = named
    for found in (
        df(**dict(reversed(named.items()))),
        df(named[first], **{key: named[key] for key in rest}),
    ):
        np.testing.assert_array_equal(found[0], value)
        close(found[1], gradient)
    for wrong in ({**named, "other": 1.0}, dict(list(named.items())[1:])):
        with pytest.raises((ad.ArgumentError, TypeError)):
            df(**wrong)
    with pytest.raises((ad.ArgumentError, TypeError)):
        df(*named.values(), **{first: named[first]})

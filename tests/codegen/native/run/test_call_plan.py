"""Calls that the walk takes: every structure, every kind of number, the same results and errors."""

from __future__ import annotations

import gc
import sys
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.errors import ArgumentError
from autodiff.graph.tree.tree import leaves_of
from codegen import CompiledGradient, compile_gradient
from codegen.native.run.call_plan import _OFTEN, FEW, _is_plain_dataclass, _is_plain_tuple
from codegen.native.run.native import Slow
from tests.hostile import LETTERS

Pair = namedtuple("Pair", "first rest")  # what users have


@dataclass
class Model:
    """Parameters as users keep them."""

    weights: Any
    bias: Any


@dataclass(frozen=True, slots=True)
class Frozen:
    """The same in slots that nobody sets."""

    weights: Any
    bias: Any


@dataclass
class Computed:
    """A field that is code."""

    bias: Any

    @property
    def weights(self) -> Any:
        """Not stored."""
        return self.bias


def total(*values: Any) -> Any:
    """A sum over whatever leaves there are, each with a factor of its own."""
    found: Any = 0.0
    for place, leaf in enumerate(leaves_of(values)):
        found = found + (place + 1.5) * leaf * leaf
    return found


def served(df: CompiledGradient, *args: object, **options: object) -> CompiledGradient:
    """``df``, once calls as this one go to the walk."""
    for _ in range(_OFTEN + 1):
        df(*args, **options)
    return df


@pytest.fixture
def no_python(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have calls that are handed to Python fail from now on."""

    def refuse(self: Slow, *args: object, **named: object) -> None:
        raise AssertionError("handed to Python")

    return lambda: monkeypatch.setattr(Slow, "__call__", refuse)


def same(found: object, expected: object) -> bool:
    """True for equal values of equal types, through whatever containers."""
    if type(found) is not type(expected):
        return False
    if isinstance(found, np.ndarray):
        assert isinstance(expected, np.ndarray)
        return found.shape == expected.shape and found.tobytes() == expected.tobytes()
    if isinstance(found, dict):
        assert isinstance(expected, dict)
        return list(found) == list(expected) and same([*found.values()], [*expected.values()])
    if isinstance(found, (tuple, list)):
        assert isinstance(expected, (tuple, list))
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, (Model, Frozen)):
        assert isinstance(expected, (Model, Frozen))
        return same([found.weights, found.bias], [expected.weights, expected.bias])
    return found == expected


ARRAY = np.array([0.5, -1.5, 2.25])
MATRIX = np.arange(6.0).reshape(2, 3) / 7.0
ARGUMENTS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "strided": ((ARRAY,), (np.repeat(ARRAY, 2)[::2],)),
    "backwards": ((ARRAY,), (ARRAY[::-1],)),
    "float32": ((ARRAY,), (ARRAY.astype(np.float32),)),
    "ints": ((ARRAY,), (np.array([3, -2, 2**60 + 1]),)),
    "list": ((ARRAY,), ([1.0, 2, np.float64(0.1)],)),
    "tuple": ((ARRAY,), ((1.0, 2.5, 2**70),)),
    "matrix": ((MATRIX,), (MATRIX.T.copy().T,)),
    "rows": ((MATRIX,), ([[1.0, 2.0, 3.0], (4, 5, 6)],)),
    "transposed float32": ((MATRIX,), (np.asfortranarray(MATRIX.astype(np.float32)),)),
    "no rows": ((np.zeros(0), np.zeros((2, 0)), 1.0), ([], [[], ()], 0.5)),
    "scalars": (
        (1.0,) * 6,
        (np.float32(0.1), np.int64(-3), np.array(0.25), np.array(7), 2, np.float64(1e-300)),
    ),
    "list of floats": (([1.0, 2.0],), ([0.1, 3],)),
    "nested": (({"w": [ARRAY, (1.0, None)], 3: 2.0},), ({"w": [ARRAY * 2, (5, None)], 3: 1.5},)),
    "dict by another order": (({"a": 1.0, "b": 2.0},), ({"b": 0.25, "a": 0.5},)),
    "keys made anew": (({"alpha": 1.0, "beta": ARRAY},), ({"al" + "pha": 2, "be" + "ta": ARRAY},)),
    "dataclass": ((Model(ARRAY, 0.5),), (Model(ARRAY * 3, np.float32(0.1)),)),
    "frozen": ((Frozen(ARRAY, 0.5),), (Frozen([1.0, 2.0, 3.0], 1),)),
    "named tuple": ((Pair(0.5, [ARRAY, 1.0]),), (Pair(0.25, [ARRAY[::-1], 2.0]),)),
    "mixed": ((1.0, ARRAY, {"x": (1.0,)}), (2, ARRAY, {"x": (np.float32(3.5),)})),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_walk_gives_what_the_text_gives(name: str, no_python: Callable[[], None]) -> None:
    """Values and gradients have the text's bits and types, without a step through Python."""
    examples, args = ARGUMENTS[name]
    expected = compile_gradient(total, *examples)(*args)
    df = compile_gradient(total, *examples, target="native")
    assert same(df(*args), expected)
    served(df, *args)
    no_python()
    assert same(df(*args), expected)
    assert same(df(*examples), compile_gradient(total, *examples)(*examples))


def _structures() -> st.SearchStrategy[Any]:
    leaves = st.one_of(
        st.floats(-10.0, 10.0),
        st.integers(1, 3).map(lambda n: np.linspace(0.5, 1.5, n)),
        st.just(None),
    )
    keys = st.one_of(st.text(LETTERS, max_size=3), st.integers(0, 9))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(keys, inner, max_size=3),
            st.builds(Model, inner, inner),
            st.builds(Pair, inner, inner),
        ),
        max_leaves=8,
    )


@settings(max_examples=20, deadline=None)
@given(st.lists(_structures(), min_size=1, max_size=3))
def test_any_structure_comes_back_as_it_is(values: list[Any]) -> None:
    """Whatever floats are kept in, the gradient mirrors it."""
    df = compile_gradient(total, 1.0, *values, target="native", check=False)
    expected = compile_gradient(total, 1.0, *values, check=False)(2.0, *values)
    served(df, 2, *values)
    assert same(df(2, *values), expected)


WRONG: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = [
    ((ARRAY,), (ARRAY[:2],)),
    ((ARRAY,), ([1.0, 2.0],)),
    ((np.zeros((0, 2)), 1.0), ([], 1.0)),
    ((ARRAY,), ([1.0, "2", 3.0],)),
    ((ARRAY,), ([1.0, [2.0], 3.0],)),
    ((ARRAY,), (ARRAY * 1j,)),
    ((ARRAY,), (np.ma.masked_array(ARRAY, [0, 1, 0]),)),
    ((ARRAY,), (None,)),
    ((1.0, 2.0), (1.0, "x")),
    ((1.0, 2.0), (1.0, 10**400)),
    ((1.0, 2.0), (1.0, np.array([1.0]))),
    ((1.0, 2.0), (1.0,)),
    ((1.0, 2.0), (1.0, 2.0, 3.0)),
    (({"a": 1.0, "b": ARRAY},), ({"a": 1.0, "c": ARRAY},)),
    (({"a": 1.0, "b": ARRAY},), ({"a": 1.0},)),
    (({"a": 1.0, "b": ARRAY},), ({"a": 1.0, "b": ARRAY, "c": 1.0},)),
    (([1.0, (2.0, None)],), ([1.0, (2.0, 3.0)],)),
    (([1.0, 2.0],), (1.0,)),
    ((Model(ARRAY, 0.5),), (Pair(ARRAY, 0.5),)),
    ((Model(ARRAY, 0.5),), (Model(ARRAY[:1], 0.5),)),
]


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_errors_are_those_of_the_first_call(place: int) -> None:
    """What is wrong is said with the argument's path, before and after the walk takes calls."""
    examples, args = WRONG[place]
    df = compile_gradient(total, *examples, target="native", check=False)
    with pytest.raises(ArgumentError) as first:
        df(*args)
    served(df, *[x.astype(np.float32) if isinstance(x, np.ndarray) else x for x in examples])
    with pytest.raises(ArgumentError) as later:
        df(*args)
    assert str(later.value) == str(first.value)
    assert not sys.exc_info()[0]


def test_out_is_filled_where_it_lies(no_python: Callable[[], None]) -> None:
    """``out=`` gets the gradient's numbers and is what is returned, value first."""
    examples = ({"w": ARRAY, "b": 0.5}, MATRIX)
    df = compile_gradient(total, *examples, target="native")
    value, (first, second) = df(*examples)
    out = ({"w": np.empty(3), "b": np.empty(())}, np.empty((2, 3)))
    served(df, *examples, out=out)
    no_python()
    out[0]["b"][...] = 0.0
    again, filled = df(*examples, out=out)
    assert again == value
    assert filled is out
    assert same(out[0]["w"], first["w"])
    assert out[0]["b"] == first["b"]
    assert same(out[1], second)


def test_out_may_be_where_an_argument_lies() -> None:
    """A gradient may overwrite its argument; what is read is what was there before."""
    df = compile_gradient(total, ARRAY, 1.0, target="native")
    expected = df(ARRAY, 2.0)[1]
    served(df, ARRAY, 2.0, out=(np.empty(3), np.empty(())))
    both = np.empty(5)
    for place in (0, 1, 2):
        x = both[place : place + 3]
        x[:] = ARRAY
        out = both[1:4] if place else both[:3]
        df(x, 2.0, out=(out, np.empty(())))
        assert same(out.copy(), expected[0])


@pytest.mark.parametrize(
    ("out", "match"),
    [
        (np.zeros(2), r"out: found an array of shape \(2,\)"),
        (np.zeros(3, np.float32), "out: found an array of shape .* float32"),
        (np.zeros(6)[::2], "out: found a strided"),
        ([0.0, 0.0, 0.0], "out: found list"),
    ],
)
def test_out_that_cannot_be_filled_is_refused(out: object, match: str) -> None:
    """What is wrong with ``out`` is said, after the walk takes calls too."""
    df = served(compile_gradient(total, ARRAY, target="native"), ARRAY, out=np.empty(3))
    with pytest.raises(ArgumentError, match=match):
        df(ARRAY, out=out)


def test_out_is_not_read_only() -> None:
    """An array that cannot be written stays as it is."""
    df = served(compile_gradient(total, ARRAY, target="native"), ARRAY, out=np.empty(3))
    out = np.zeros(3)
    out.flags.writeable = False
    with pytest.raises(ArgumentError, match="read-only"):
        df(ARRAY, out=out)
    assert not out.any()


def test_parts_of_out_that_overlap_are_refused() -> None:
    """Two results cannot lie in the same place."""
    df = compile_gradient(total, ARRAY, ARRAY, target="native")
    served(df, ARRAY, ARRAY, out=(np.empty(3), np.empty(3)))
    memory = np.empty(5)
    with pytest.raises(ArgumentError, match="overlap"):
        df(ARRAY, ARRAY, out=(memory[:3], memory[2:]))


def test_keywords_go_to_their_places(no_python: Callable[[], None]) -> None:
    """Arguments by name, in any order; what is unknown or comes twice is refused."""

    def f(first: Any, second: Any, third: Any) -> Any:
        return total(first, second, third)

    df = compile_gradient(f, 1.0, ARRAY, [2.0], target="native")
    expected = df(0.5, ARRAY, [3.0])
    served(df, 0.5, third=[3.0], second=ARRAY)
    for wrong in ({"second": ARRAY, "fourth": 1.0}, {"first": 1.0, "second": ARRAY}, {"third": []}):
        with pytest.raises(ArgumentError):
            df(0.5, **wrong)
    no_python()
    assert same(df(0.5, third=[3.0], second=ARRAY), expected)
    assert same(df(third=[3.0], first=0.5, second=ARRAY), expected)


def test_traced_arguments_are_recorded() -> None:
    """A traced value inside a list is no number; the call records it."""
    df = served(compile_gradient(total, [1.0, 2.0], target="native"), [1, 2])
    graph = ad.trace(lambda x, y: df([x, y])[0], 1.0, 2.0)
    assert ad.evaluate(graph, 2.0, 3.0) == df([2.0, 3.0])[0]


def test_nothing_is_kept_and_nothing_is_lost() -> None:
    """Thousands of calls own as many objects as one; results live on their own."""
    examples = ({"w": ARRAY, "b": [1.0, 2.0]}, Model(ARRAY, 0.5), Pair(1.0, ARRAY))
    df = served(compile_gradient(total, *examples, target="native"), *examples)
    key, array, result = next(iter(examples[0])), ARRAY, df(*examples)
    gc.collect()
    before = [sys.getrefcount(x) for x in (key, array, Model, Pair, None)]
    count = len(gc.get_objects())
    for _ in range(3000):
        df(*examples)
    gc.collect()
    assert len(gc.get_objects()) < count + 50
    after = [sys.getrefcount(x) for x in (key, array, Model, Pair, None)]
    assert all(y < x + 50 for x, y in zip(before, after, strict=True))
    assert same(result, compile_gradient(total, *examples)(*examples))


def test_results_are_collected_in_cycles() -> None:
    """A result that the user ties to itself is garbage like any other."""
    df = served(compile_gradient(total, [[1.0], {"a": 2.0}], target="native"), [[1.0], {"a": 2.0}])
    gradient = df([[1.0], {"a": 2.0}])[1]
    gradient[0].append(gradient)
    gradient[1]["self"] = gradient
    assert gc.is_tracked(gradient)
    inner = gradient[0]
    del gradient
    gc.collect()
    assert len(inner) == 2


def test_fields_that_are_code_are_left_to_python() -> None:
    """What a property computes may be gone before it is read; plain fields are there."""
    assert _is_plain_dataclass(Model, ("weights", "bias"))
    assert _is_plain_dataclass(Frozen, ("weights", "bias"))
    assert not _is_plain_dataclass(Computed, ("weights",))
    assert not _is_plain_dataclass(dict, ())
    assert _is_plain_tuple(Pair, ("first", "rest"))

    class Swapped(Pair):
        first = property(lambda self: self[1])
        rest = property(lambda self: self[0])

    assert not _is_plain_tuple(Swapped, ("first", "rest"))


@pytest.mark.parametrize("count", [1, 2, 9, FEW, FEW + 1])
def test_batches_of_a_few_points_are_walked(count: int) -> None:
    """A batch has the same numbers, walked or not: batched and shared arguments, any structure."""

    def f(p: Any, x: Any, scale: Any) -> Any:
        return scale * ad.sin(total(p, x)) * p["a"]

    rows = np.linspace(-1.0, 1.0, 3 * count).reshape(count, 3)
    args = ({"a": rows[:, 0].copy(), "b": [rows + 0.5, np.stack([MATRIX] * count)]}, ARRAY, 2)
    df = compile_gradient(
        f, {"a": 1.0, "b": [ARRAY, MATRIX]}, ARRAY, 1.0, target="native", batch=(True, False, False)
    )
    expected = df(*args)
    served(df, *args)
    assert same(df(*args), expected)
    whole = ({"a": rows[:, 0], "b": [rows + 0.5, args[0]["b"][1]]}, ARRAY, 2)  # strided
    assert same(df(*whole), expected)
    out = ({"a": np.empty(count), "b": [np.empty((count, 3)), np.empty((count, 2, 3))]},
           np.empty((count, 3)), np.empty(count))  # fmt: skip
    assert df(*args, out=out)[0].tobytes() == expected[0].tobytes()
    assert same(out, expected[1])
    point = compile_gradient(f, {"a": 1.0, "b": [ARRAY, MATRIX]}, ARRAY, 1.0)
    value, gradient = point({"a": rows[0, 0], "b": [rows[0] + 0.5, MATRIX]}, ARRAY, 2)
    assert np.isclose(expected[0][0], value, rtol=1e-14)
    assert np.allclose(expected[1][1][0], gradient[1], rtol=1e-14)


def test_points_are_as_many_everywhere() -> None:
    """Arguments of one and of two points do not meet, nor do those of none."""
    df = compile_gradient(total, 1.0, ARRAY, target="native", batch=True)
    one, two = (np.ones(1), np.ones((1, 3))), (np.ones(2), np.ones((2, 3)))
    served(df, *one)
    for wrong in ((one[0], two[1]), (two[0], one[1])):
        with pytest.raises(ArgumentError, match="different numbers of points"):
            df(*wrong)
    with pytest.raises(ArgumentError, match="expected shape"):
        df(one[0], np.ones((1, 4)))
    assert df(np.ones(0), np.ones((0, 3)))[0].shape == (0,)
    assert df(*two, threads=2)[0].shape == (2,)


def test_sums_over_points_are_left_to_python() -> None:
    """A batch that is reduced has one float, whatever the number of points."""
    df = compile_gradient(total, ARRAY, target="native", batch=True, reduce="sum")
    rows = np.ones((4, 3))
    expected = df(rows)
    served(df, rows)
    assert same(df(rows), expected)
    assert type(expected[0]) is float

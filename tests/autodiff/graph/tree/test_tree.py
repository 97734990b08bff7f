from __future__ import annotations

import collections
import enum
import math
import pickle
from dataclasses import dataclass, field, make_dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.graph.reading.tokens import Tokens
from autodiff.graph.structure import leaf_names, leaf_parts, size
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from tests.hostile import LETTERS


class Point(NamedTuple):
    """A named tuple."""

    x: Any
    y: Any


@dataclass(frozen=True)
class Layer:
    """A dataclass that checks its arguments and computes a field of its own."""

    w: Any
    b: Any = 0.0
    total: Any = field(init=False)

    def __post_init__(self) -> None:
        if self.b < 0.0:
            raise ValueError("a negative bias")
        object.__setattr__(self, "total", self.b)


@dataclass(slots=True)
class Slotted:
    """A dataclass without a __dict__."""

    first: Any
    second: Any


class Colour(enum.IntEnum):
    """Keys that are integers by another name."""

    RED = 1


def same(found: Any, expected: Any) -> bool:
    """True if two values have the same types, keys and numbers."""
    if type(found) is not type(expected):
        return False
    if isinstance(expected, np.ndarray):
        return found.dtype == expected.dtype and np.array_equal(found, expected)
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(same(found[k], expected[k]) for k in found)
    if isinstance(expected, (tuple, list)):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, (Layer, Slotted)):
        names = expected.__dataclass_fields__
        return all(same(getattr(found, n), getattr(expected, n)) for n in names)
    return bool(found == expected)


_NUMBERS = st.floats(-1e3, 1e3)
_KEYS = st.one_of(
    st.text(LETTERS, max_size=6),
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.none(),
    st.tuples(st.text(LETTERS, max_size=2), st.integers(-9, 9)),
)
_LEAVES = st.one_of(
    _NUMBERS,
    st.none(),
    st.sampled_from([(), (0,), (1,), (3,), (2, 2), (0, 2)]).flatmap(
        lambda shape: st.lists(_NUMBERS, min_size=math.prod(shape), max_size=math.prod(shape)).map(
            lambda numbers: np.array(numbers).reshape(shape)
        )
    ),
)
TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.lists(_NUMBERS, min_size=25, max_size=30),  # a row
        st.dictionaries(_KEYS, inner, max_size=3),
        st.builds(Point, inner, inner),
        st.builds(Slotted, inner, inner),
        inner.map(lambda w: Layer(w, 1.0)),
    ),
    max_leaves=8,
)
RANDOM = settings(deadline=None, suppress_health_check=list(HealthCheck))


@RANDOM
@given(TREES)
def test_leaves_and_rebuild_are_inverse(value: Any) -> None:
    """A value comes back from its leaves with its types, keys in order, and numbers."""
    tree = tree_of(structure_of(value))
    leaves = tree.leaves(value)
    assert len(leaves) == tree.size == size(tree.structure)
    assert same(tree.rebuild(leaves), value)
    numbers = tree.numbers(value)
    assert same(tree.build(numbers), value)
    assert len(tree.parts(value)) == len(numbers) == len(leaf_parts("x", tree.structure))


@RANDOM
@given(TREES)
def test_structures_are_read_back(value: Any) -> None:
    """The text of a structure gives the structure, and leaf names that all differ."""
    structure = structure_of(value)
    tokens = Tokens(str(structure))
    again = tokens.structure()
    assert tokens.at_end()
    assert again == structure
    assert str(again) == str(structure)
    names = leaf_names("x", structure)
    assert len(set(names)) == len(names)
    assert same(tree_of(again).rebuild(tree_of(structure).leaves(value)), value)


@RANDOM
@given(TREES, TREES)
def test_graphs_are_read_back(first: Any, second: Any) -> None:
    """parse(str(graph)) == graph, whatever the arguments and results are made of."""

    def f(x, y):
        return {") -> ": [x, None], "y": (y,)}

    graph = ad.trace(f, first, second)
    ad.check(graph)
    assert ad.parse(str(graph)) == graph
    assert pickle.loads(pickle.dumps(structure_of(first))) == structure_of(first)
    assert same(ad.evaluate(ad.parse(str(graph)), first, second), f(first, second))


@RANDOM
@given(TREES)
def test_gradients_mirror_every_argument(value: Any) -> None:
    """The gradient has the argument's own types; None stays None."""
    tree = tree_of(structure_of(value))

    def f(x, y):
        total = y * y
        for k, leaf in enumerate(tree.leaves(x)):
            total = total + (k + 1.0) * leaf
        return total

    _, (gradient, _) = ad.backpropagate(ad.trace(f, value, 2.0), value, 2.0)
    assert same(gradient, tree.rebuild([k + 1.0 for k in range(tree.size)]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1: 1.0, -2: 2.0}, "{1: float, -2: float}"),
        ({True: 1.0, 0.5: 2.0, None: 3.0}, "{True: float, 0.5: float, None: float}"),
        ({math.inf: 1.0, 1e-5: 2.0}, "{inf: float, 1e-05: float}"),
        ({("a", 1): 1.0, (): 2.0, (2,): 3.0}, '{("a",1): float, (): float, (2,): float}'),
        ({Colour.RED: 1.0}, "{1: float}"),
        ({np.int64(3): 1.0}, "{3: float}"),
        ((None, [None]), "(None, [None])"),
        (Point(1.0, np.ones(2)), f"{__name__}:Point(x: float, y: float[2])"),
        (Layer(1.0), f"{__name__}:Layer(w: float, b: float, total: float)"),
    ],
    ids=str,
)
def test_texts(value: Any, text: str) -> None:
    """Keys, None, named tuples and dataclasses have a place in the text of the IR."""
    assert str(structure_of(value)) == text


def test_names_of_leaves() -> None:
    """A leaf is named by the path to it: fields by a dot, keys that are no identifiers as text."""
    value = {"p": Point(1.0, np.ones(1)), 1: 2.0, ("a", 0): 3.0, None: 4.0, "1": 5.0}
    assert leaf_names("q", structure_of(value)) == [
        "q.p.x", "q.p.y[0]", "q[1]", 'q[("a",0)]', "q[None]", 'q["1"]',
    ]  # fmt: skip


def test_a_class_defined_in_a_function_is_found() -> None:
    """A text finds the class of a value seen before, though no module holds it by name."""

    @dataclass
    class Local:
        x: Any

    graph = ad.trace(lambda p: p.x * p.x, Local(1.0))
    again = ad.parse(str(graph))
    assert again == graph
    value, gradient = ad.backpropagate(again, Local(3.0))
    assert (value, gradient) == (9.0, Local(6.0))
    assert type(gradient) is Local


@pytest.mark.parametrize("key", [1, True, 1.0])
def test_keys_that_are_equal_stay_what_they_are(key: object) -> None:
    """A gradient has the keys of its own argument, not equal ones of one seen before."""
    _, gradient = ad.backpropagate(ad.trace(lambda p: p[1] * p[1], {key: 1.0}), {key: 3.0})
    assert repr(gradient) == repr({key: 6.0})


def test_a_class_defined_again() -> None:
    """Two classes of one name are told apart: the gradient has the class of its graph."""

    def made() -> type:
        @dataclass
        class Again:
            x: Any

        return Again

    first, second = made(), made()
    graphs = [ad.trace(lambda p: p.x * p.x, kind(1.0)) for kind in (first, second)]
    for kind, graph in zip((first, second), graphs, strict=True):
        assert type(ad.backpropagate(graph, kind(2.0))[1]) is kind


def test_an_unknown_class() -> None:
    """A text whose class is not there can be read and printed; making a value says what lacks."""
    text = "graph f(p: gone.module:Gone(x: float)) -> float:\n    return p.x\n"
    graph = ad.parse(text)
    assert str(graph) == text
    kind = make_dataclass("Gone", ["x"])
    kind.__module__ = "gone.module"  # newer Pythons set it last
    with pytest.raises(ad.ArgumentError, match=r"no class gone\.module:Gone with the fields x"):
        tree_of(graph.parameters[0][1]).rebuild([1.0])
    assert ad.evaluate(graph, kind(2.0)) == 2.0  # seen now
    assert type(ad.backpropagate(graph, kind(2.0))[1]) is kind


@pytest.mark.parametrize(
    ("example", "value", "message"),
    [
        ({"a": 1.0, "b": 2.0}, {"a": 1.0}, r"p: found keys \['a'\]; expected a dict with keys"),
        ({1: 1.0}, {"1": 1.0}, r"p: found keys \['1'\]; expected a dict with keys \[1\]"),
        ({"q": {"w": np.ones(3)}}, {"q": {"w": np.ones(2)}}, r"p\['q'\]\['w'\]: .*\(3,\)"),
        (Point(1.0, 2.0), (1.0, 2.0), r"p: found tuple .*; expected a Point \(x, y\)"),
        (Point(1.0, 2.0), Slotted(1.0, 2.0), "p: found Slotted .*; expected a Point"),
        (Point(1.0, [2.0]), Point(1.0, ["2"]), r"p\.y\[0\]: found str '2'; expected a float"),
        (None, 1.0, "p: found float 1.0; expected None"),
        ([1.0, None], [1.0, 2.0], r"p\[1\]: found float 2.0; expected None"),
        ([1.0], None, "p: found NoneType None; expected a list"),
        ([1.0] * 30, [1.0] * 29, "p: found 29 items; expected a list of 30"),
        ([1.0] * 30, [1.0] * 29 + ["1"], r"p\[29\]: found str '1'"),
        (1.0, "1e0", "p: found str '1e0'; expected a float"),
        (1.0, b"1", "p: found bytes b'1'; expected a float"),
        (1.0, np.complex128(1.0), "p: found complex128"),
        (1.0, np.array(1j), "p: found an array of shape .* and dtype complex128"),
        (1.0, np.ma.masked, "p: found a masked array"),
        (1.0, 10**400, "p: int too large"),
        (np.ones(2), np.ma.array([1.0, 2.0], mask=[0, 1]), "p: found a masked array"),
        (np.ones(2), np.ma.array([1.0, 2.0]), "p: found a masked array"),
        (np.ones(2), [1.0, np.ma.masked], "p: found a masked array"),
        (np.ones(2), ["1", "2"], "p: found an array of dtype"),
        (np.ones(2), np.array([b"1", b"2"]), "p: found an array of dtype"),
        (np.ones(2), np.array(["1", None], object), "p: found str '1'"),
        (np.ones(1), np.array(["2020-01-01"], "M8[D]"), "p: found an array of dtype datetime64"),
    ],
    ids=str,
)
def test_what_does_not_fit(example: Any, value: Any, message: str) -> None:
    """A value of another structure is refused with the path to the part that differs."""
    with pytest.raises(ad.ArgumentError, match=message):
        tree_of(structure_of(example)).leaves(value, "p")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({b"k": 1.0}, "found dict key b'k'; expected strings, numbers, or tuples"),
        ({math.nan: 1.0}, "found dict key nan"),
        ({frozenset(): 1.0}, "found dict key frozenset"),
        ("text", "found str 'text'; expected a float"),
        (np.ma.array([1.0]), "found a masked array"),
        (collections.UserList([1.0]), "found UserList"),
        (type("Two words", (Point,), {})(1.0, 2.0), "expected one whose name"),
    ],
    ids=str,
)  # fmt: skip
def test_what_has_no_structure(value: Any, message: str) -> None:
    """What cannot be taken apart, or written down, is refused with its path."""
    with pytest.raises(ad.ArgumentError, match=rf"p\[0\]: .*{message}"):
        structure_of([value], "p")


def test_a_list_inside_itself() -> None:
    """A value that holds itself is one error, not a RecursionError."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ad.ArgumentError, match="nested 200 deep"):
        structure_of(loop)


def test_deep_and_wide_values() -> None:
    """Trees too deep or too wide for straight lines are taken apart all the same."""
    deep: Any = 1.0
    for _ in range(150):
        deep = (deep,)
    wide = {str(k): [float(k), None] for k in range(2000)}
    for value in (deep, wide, [float(k) for k in range(100_000)]):
        tree = tree_of(structure_of(value))
        assert same(tree.rebuild(tree.leaves(value)), value)
        assert same(tree.build(tree.numbers(value)), value)
        text = str(tree.structure)
        assert Tokens(text).structure() == tree.structure


def test_nan_is_no_key_in_a_text() -> None:
    """The text of a dict whose key equals nothing is refused."""
    with pytest.raises(ad.IRError, match="found key 'nan'"):
        ad.parse("graph f(p: {nan: float}) -> float:\n    return 1.0\n")


def test_out_is_matched_by_keys() -> None:
    """Arrays to write into are found by key, checked by shape, and may not overlap."""
    tree = tree_of(structure_of({"w": np.ones(2), "b": 1.0, "n": None}))
    w, b = np.empty(2), np.empty(())
    assert [x is y for x, y in zip(tree.into({"b": b, "n": None, "w": w}), (w, b), strict=True)]
    whole = np.empty(3)
    refused: list[tuple[Any, str]] = [
        ({"w": w, "b": b}, r"out: found keys \['b', 'w'\]"),
        ({"nonsense": w, "b": b, "n": None}, "out: found keys"),
        ({"w": w, "b": b, "n": b}, r"out\['n'\]: .* expected None"),
        ({"w": w, "b": 0.0, "n": None}, r"out\['b'\]: found float 0.0; expected a float64 array"),
        ({"w": whole, "b": b, "n": None}, r"out\['w'\]: found an array of shape \(3,\)"),
        ({"w": whole[:2], "b": whole[1:2].reshape(()), "n": None}, r"out\['w'\] and out\['b'\]"),
        ((w, b, None), "out: found tuple"),
        (None, "out: found NoneType None; expected a dict"),
    ]
    for out, message in refused:
        with pytest.raises(ad.ArgumentError, match=message):
            tree.into(out)


class _Table:
    """What pandas, polars and xarray have in common."""

    def __init__(self, columns: Any) -> None:
        self._columns = columns

    def to_numpy(self) -> Any:
        """The numbers."""
        return self._columns


def test_tables_stand_for_their_numbers() -> None:
    """A table is taken for an array of its shape; what is no number in it is refused."""
    graph = ad.trace(lambda x: np.sum(x**2), np.ones((2, 2)))
    assert ad.evaluate(graph, _Table(np.full((2, 2), 2.0))) == 16.0
    for wrong in (np.array([["a", "b"]] * 2), np.ones((3, 2)), [[1.0, 2.0]]):
        with pytest.raises(ad.ArgumentError, match="x: found"):
            ad.evaluate(graph, _Table(wrong))


@pytest.mark.parametrize("expand", [True, False])
def test_a_table_as_an_example(expand: bool) -> None:
    """The trace is of an array of the table's numbers, and so is the gradient."""
    table = _Table(np.full((2, 2), 2.0))
    graph = ad.trace(lambda x: np.sum(x**2), table, expand=expand)
    value, gradient = ad.backpropagate(graph, table)
    assert value == 16.0
    assert gradient.tolist() == [[4.0, 4.0]] * 2

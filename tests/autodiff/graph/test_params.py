from __future__ import annotations

import math
from typing import Any

import pytest

import autodiff as ad
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR
from autodiff.table.primitive import Primitive

PARAMS: tuple[Any, ...] = (
    0, -3, 10**30, True, False, 1.0, 0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, "clip",
    'quote" ] ( , %1', "", (), (1, 0), (1,), ((1, 2), (), ("a", (True, 2.5))),
)  # fmt: skip


@pytest.fixture
def roll() -> Primitive:
    """A row whose nodes have two parameters."""
    flow = lambda g, out, x: g  # noqa: E731  # a rule
    return Primitive("roll", lambda x, **_: x, (flow,), "{0}", "{0}", "{0}", params=("by", "axis"))


def graph_of(row: Primitive, *params: tuple[tuple[str, Any], ...]) -> Graph:
    """A graph of one input, and a node on it for each of these parameters."""
    builder = Builder(1)
    outputs = [builder.add(row, (0,), one) for one in params]
    return builder.graph("f", [("x", SCALAR)], outputs[-1:], SCALAR)


@pytest.mark.parametrize("value", PARAMS, ids=repr)
def test_parameters_survive_printing(value: Any, roll: Primitive) -> None:
    """Numbers keep their bits and their type, strings and tuples whatever is in them."""
    graph = graph_of(roll, (("by", value), ("axis", 1)))
    ad.check(graph)
    read = ad.parse(str(graph))
    assert read == graph
    assert str(read) == str(graph)
    found = dict(read.nodes[1].params)["by"]
    assert type(found) is type(value)
    assert repr(found) == repr(value)


def test_a_graph_inside(roll: Primitive) -> None:
    """A parameter may be a graph, which may have a graph inside in turn."""
    inner = graph_of(roll, (("by", ad.trace(lambda x: x * 2.0, 1.0)), ("axis", 0)))
    outer = graph_of(roll, (("by", inner), ("axis", "]")))
    read = ad.parse(str(outer))
    assert read == outer
    assert dict(read.nodes[1].params)["by"] == inner


def test_parameters_tell_nodes_apart(roll: Primitive) -> None:
    """Nodes are equal when their parameters print alike: 1 is not True, 0.0 is not -0.0."""
    graph = graph_of(roll, *[(("by", value), ("axis", 1)) for value in PARAMS * 2])
    assert len(graph) == 1 + len(PARAMS)
    for value in PARAMS:
        assert graph_of(roll, (("by", value), ("axis", 1))) != graph_of(
            roll, (("by", value), ("axis", 2))
        )
    assert graph_of(roll, (("by", 1), ("axis", 1))) != graph_of(roll, (("by", True), ("axis", 1)))


def test_the_checker_compares_with_the_row(roll: Primitive) -> None:
    """A node has the parameters its row names, in their order."""
    for wrong in (
        (("by", 1),),
        (("axis", 1), ("by", 1)),
        (("by", 1), ("axis", 1), ("more", 1)),
        (),
    ):
        with pytest.raises(ad.IRError, match=r"expected by, axis \(I7\)"):
            ad.check(graph_of(roll, wrong))


def test_the_interpreter_hands_them_to_the_row() -> None:
    """``impl`` gets a node's parameters by name."""
    flow = lambda g, out, x: g  # noqa: E731  # a rule
    row = Primitive(
        "shift", lambda x, by: x + by, (flow,), "{0}", "{0}", "{0}", params=("by",)
    )  # fmt: skip
    assert ad.evaluate(graph_of(row, (("by", 2.5),)), 1.0) == 3.5


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("roll[by=1]", "found by; roll has by, axis"),
        ("roll[axis=1, by=1]", "found axis, by"),
        ("roll", "found no parameters"),
        ("sin[by=1]", "found by; sin has none"),
        ("roll[by=(1, axis=1]", "found 'axis'; expected a number"),
        ("roll[by=1 axis=1]", "found 'axis'; expected ',' or '\\]'"),
        ("roll[by=one, axis=1]", "found 'one'; expected a number"),
        ("roll[by=1, axis=1", "expected"),
        ("roll[by=" + "(" * 100_000, "expected"),
        ('roll[by=graph "no graph", axis=1]', "expected 'graph name"),
    ],
)
def test_a_wrong_parameter_names_the_line(found: str, message: str, roll: Primitive) -> None:
    """The error says where, what was found and what was expected."""
    with pytest.raises(ad.IRError, match=message):
        ad.parse(f"graph f(x: float) -> float:\n    %1 = {found} x\n    return %1\n")

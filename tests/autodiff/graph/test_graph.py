from __future__ import annotations

import dataclasses
import math

import pytest

import autodiff as ad
from autodiff.graph.graph import Builder, same_bits
from autodiff.graph.structure import SCALAR


def test_same_bits() -> None:
    """same_bits tells the zeros apart, and takes all nans for one."""
    assert same_bits(0.5, 0.5)
    assert same_bits(math.nan, -math.nan)
    assert not same_bits(0.0, -0.0)
    assert not same_bits(math.inf, -math.inf)
    assert not same_bits(math.nan, 1.0)


def test_builder_interns() -> None:
    """Equal nodes and literals are added once; commutative operands in either order are equal."""
    builder = Builder(2)
    assert builder.add(ad.mul, (0, 1)) == builder.add(ad.mul, (1, 0)) == 2
    assert builder.add(ad.sub, (0, 1)) != builder.add(ad.sub, (1, 0))
    assert builder.literal(0.0) == builder.literal(0.0)
    assert builder.literal(0.0) != builder.literal(-0.0)
    assert builder.literal(math.nan) == builder.literal(float("nan"))
    assert builder.value(builder.literal(2.5)) == 2.5
    assert builder.value(0) is None


def test_builder_continues_a_graph() -> None:
    """A builder that extends a graph keeps its indices and finds its nodes again."""
    graph = ad.trace(lambda x: 2.0 * x + 1.0, 1.0)
    builder = Builder.extending(graph)
    assert builder.nodes == list(graph.nodes)
    two = builder.literal(2.0)
    assert two < len(graph)
    assert builder.add(ad.mul, (0, two)) < len(graph)
    new = builder.add(ad.sin, (0,))
    assert new == len(graph)
    longer = builder.graph("g", graph.parameters, [new], SCALAR)
    assert len(graph) == 5
    assert len(longer) == 6


def test_graphs_are_immutable() -> None:
    """A graph cannot be changed."""
    graph = ad.trace(lambda x: x * x, 1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        graph.name = "g"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        graph.nodes[0].value = 1.0  # type: ignore[misc]


def test_names_and_counts() -> None:
    """Inputs are counted and named by their paths."""
    graph = ad.trace(lambda x, p: x * p["w"], 1.0, {"w": (1.0,)[0], "b": [2.0, 3.0]})
    assert graph.input_names == ("x", "p.w", "p.b[0]", "p.b[1]")
    assert graph.input_count == 4
    assert [p.name for _, p, _ in graph.operations()] == ["mul"]
    assert repr(graph) == "<graph f: 4 inputs, 5 nodes>"

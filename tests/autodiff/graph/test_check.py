from __future__ import annotations

import math

import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Structure, Tuple
from autodiff.graph.typed_node import INPUT, Node, constant
from autodiff.table.primitive import REGISTRY


def node(name: str, *operands: int) -> Node:
    """The node ``name(*operands)``."""
    return Node(REGISTRY[name], operands, (), ())


def literal(value: float) -> Node:
    """A literal node."""
    return constant(value)


def graph(
    *nodes: Node,
    outputs: tuple[int, ...] = (-1,),
    names: tuple[str, ...] = ("x",),
    result: Structure = SCALAR,
) -> Graph:
    """A graph of these nodes, well formed or not; output -1 is the last node."""
    last = len(nodes) - 1
    chosen = tuple(last if i == -1 else i for i in outputs)
    return Graph("f", tuple((n, SCALAR) for n in names), nodes, chosen, result)


def test_a_well_formed_graph() -> None:
    """A graph that keeps every invariant passes without a word."""
    ad.check(graph(INPUT, node("sin", 0), literal(2.0), node("mul", 1, 2)))
    ad.check(graph(INPUT, outputs=(0,)))
    ad.check(graph(INPUT, literal(1.0), outputs=(1,)))
    ad.check(graph(INPUT, node("sin", 0), node("cos", 0)))  # a dead node breaks nothing
    ad.check(graph(INPUT, literal(2.0), node("sin", 0), node("mul", 1, 2)))  # nor an early constant
    ad.check(graph(INPUT, literal(2.0), node("sin", 0)))  # nor one without a user


BROKEN = {
    "I1, an input missing": graph(node("sin", 0), outputs=(0,)),
    "I1, an input in the middle": graph(INPUT, node("sin", 0), INPUT, node("mul", 1, 2)),
    "I1, an input too many": graph(INPUT, INPUT, node("mul", 0, 1)),
    "I2, an operand below its node": graph(INPUT, node("mul", 0, 2), node("sin", 0)),
    "I2, an operand that is no node": graph(INPUT, node("mul", 0, 7)),
    "I2, a negative operand": graph(INPUT, node("mul", 0, -1)),
    "I2, itself": graph(INPUT, node("sin", 1)),
    "I2, an output that is no node": graph(INPUT, outputs=(3,)),
    "I3, an operand too few": graph(INPUT, node("mul", 0)),
    "I3, an operand too many": graph(INPUT, node("sin", 0, 0)),
    "I4, an exponent that is no literal": graph(INPUT, node("pow_literal", 0, 0)),
    "I5, an output too many": graph(INPUT, outputs=(0, 0)),
    "I5, an output too few": graph(INPUT, outputs=(0,), result=Tuple((SCALAR, SCALAR))),
    "I6, a node twice": graph(INPUT, node("sin", 0), node("sin", 0), node("mul", 1, 2)),
    "I6, a commuted node": graph(
        INPUT, INPUT, node("mul", 0, 1), node("mul", 1, 0), node("add", 2, 3), names=("x", "y")
    ),
    "I6, a literal twice": graph(
        INPUT, literal(2.0), literal(2.0), node("clip", 0, 1, 2)
    ),
    "I6, nan twice": graph(INPUT, literal(math.nan), literal(math.nan), node("clip", 0, 1, 2)),
    "I7, a parameter of no row": graph(INPUT, Node(REGISTRY["sin"], (0,), (("axis", 1),), ())),
    "I7, a constant that is no number": graph(INPUT, Node(None, (), (("value", "2"),), ())),
    "I7, a constant of another name": graph(INPUT, Node(None, (), (("axis", 2.0),), ())),
    "I8, a name twice": graph(INPUT, INPUT, node("mul", 0, 1), names=("x", "x")),
    "I9, a shape": graph(INPUT, Node(REGISTRY["sin"], (0,), (), (3,))),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_each_invariant_broken_once(what: str) -> None:
    """A graph that breaks one invariant is refused, and the message names the invariant."""
    with pytest.raises(ad.IRError, match=rf"graph f: .*\({what[:2]}\)"):
        ad.check(BROKEN[what])


def test_all_problems_in_one_message() -> None:
    """Every broken invariant is listed, not only the first."""
    with pytest.raises(ad.IRError, match=r"I3.*I7"):
        ad.check(graph(INPUT, Node(REGISTRY["mul"], (0,), (("axis", 1),), ())))


def test_signs_of_zero_are_two_literals() -> None:
    """0.0 and -0.0 are different literals."""
    ad.check(graph(INPUT, literal(0.0), literal(-0.0), node("clip", 0, 1, 2)))

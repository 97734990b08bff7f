"""Random graphs over the whole registry, and what "the same bits" means.

``grow`` builds a graph from two sources of choices; ``graphs`` is the hypothesis strategy over it.
Operands are any earlier nodes, so graphs share, branch, nest conditions and leave nodes dead; a
number may stand where a condition is expected, and a truth value where a number is.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

import autodiff as ad
from autodiff.graph.graph import Builder, Graph, same_bits
from autodiff.graph.structure import SCALAR, Tuple
from tests.orders import LITERALS

__all__ = [
    "ROWS",
    "SPECIAL",
    "differences",
    "graphs",
    "grow",
    "numbers",
    "random_graph",
    "random_number",
    "same",
]

# Every row by name; the order of the registry is the order of the table.
ROWS = tuple(ad.primitive.REGISTRY.values())

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0,
    math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-320,
    1e-200, -1e-200, 1e200, -1e200, 1.7976931348623157e308, -1.7976931348623157e308,
    1e16, 710.0, -710.0, 745.2, 1000.0, -1000.0, 0.9999999999999999, 1.0000000000000002,
    math.pi, math.pi / 2, 1.5, -1.5, 2.5, 1 / 3,
)  # fmt: skip

Integer = Callable[[int, int], int]
Number = Callable[[], float]


def grow(
    integer: Integer,
    number: Number,
    rows: Sequence[ad.Primitive] = ROWS,
    inputs: int = 3,
    nodes: int = 12,
    outputs: int = 1,
) -> Graph:
    """A random graph.

    Args:
        integer: Draws an integer between two bounds, both included.
        number: Draws a literal.
        rows: Primitives to choose from.
        inputs: Most inputs.
        nodes: Most operations.
        outputs: Number of outputs.
    """
    count = integer(1, inputs)
    builder = Builder(count)
    known = list(range(count))  # inputs and operations: what operands are drawn from
    for _ in range(integer(1, nodes)):
        row = rows[integer(0, len(rows) - 1)]
        operands = [
            _operand(integer, number, builder, known, row, position)
            for position in range(row.arity)
        ]
        if not all(operands[p] in known for p in range(row.arity) if p not in row.literal):
            operands = [
                i if p in row.literal else known[integer(0, len(known) - 1)]
                for p, i in enumerate(operands)
            ]
        indices = [builder.literal(x) if isinstance(x, float) else x for x in operands]
        index = builder.add(row, tuple(indices))
        if index not in known:
            known.append(index)
    result = SCALAR if outputs == 1 else Tuple((SCALAR,) * outputs)
    # The last node first: a graph whose output needs little of it tests little.
    chosen = [known[-1 - integer(0, min(2, len(known) - 1)) * (k > 0)] for k in range(outputs)]
    return builder.graph("f", [(f"x{i}", SCALAR) for i in range(count)], chosen, result)


def _operand(
    integer: Integer,
    number: Number,
    builder: Builder,
    known: list[int],
    row: ad.Primitive,
    position: int,
) -> Any:
    if position in row.literal:
        choices = LITERALS.get(row.name)
        return choices[integer(0, len(choices) - 1)] if choices else number()
    if integer(0, 5) == 0:
        return number()
    # Recent nodes more often than old ones: deep graphs rather than broad ones.
    recent = min(len(known), 4) if integer(0, 1) else len(known)
    return known[-integer(1, recent)]


numbers = st.one_of(st.sampled_from(SPECIAL), st.floats(-4.0, 4.0), st.floats())


@st.composite
def graphs(draw: Any, **options: Any) -> Graph:
    """Strategy: ``grow`` over hypothesis choices."""
    return grow(lambda a, b: draw(st.integers(a, b)), lambda: draw(numbers), **options)


def random_number(source: random.Random) -> float:
    """A number: special, of everyday size, of any size, or any bits."""
    kind = source.randrange(6)
    if kind == 0:
        return source.choice(SPECIAL)
    if kind == 1:
        return math.ldexp(source.uniform(-1.0, 1.0), source.randrange(-1070, 1020))
    if kind == 2:
        return float(struct.unpack("<d", source.randbytes(8))[0])
    return source.uniform(-4.0, 4.0)


def random_graph(source: random.Random, **options: Any) -> Graph:
    """``grow`` over an ordinary random source, for long runs without hypothesis."""
    return grow(source.randint, lambda: random_number(source), **options)


def _leaves(value: Any) -> list[Any]:
    return [x for v in value for x in _leaves(v)] if isinstance(value, (tuple, list)) else [value]


def differences(x: Any, y: Any) -> list[tuple[Any, Any]]:
    """Pairs of floats that differ in a bit; all nans are one."""
    pairs = list(zip(_leaves(x), _leaves(y), strict=True))
    return [(a, b) for a, b in pairs if type(a) is not type(b) or not same_bits(a, b)]


def same(x: Any, y: Any) -> bool:
    """True if two nested results are floats of equal bits."""
    return not differences(x, y)

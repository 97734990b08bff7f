"""What several tests of machine code compile."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import autodiff as ad
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR
from codegen import compile_gradient


def rosenbrock(x: Any) -> Any:
    """A sum over neighbours: many inputs, arithmetic only."""
    total: Any = 0.0
    for here, after in itertools.pairwise(x):
        total = total + 100.0 * (after - here * here) ** 2 + (1.0 - here) ** 2
    return total


def smooth(x: Any, scale: Any, shift: Any) -> Any:
    """An array between two scalars, with calls of C functions."""
    return ad.sin(x[0] * scale) * ad.exp(x[1]) / (x[2] + shift) + ad.tanh(x[0] * x[2])


def native(function: Callable[..., Any], *examples: Any, **options: Any) -> Any:
    """The gradient as machine code."""
    return compile_gradient(function, *examples, target="native", **options)


def alone(row: ad.Primitive, literal: float) -> tuple[Graph, list[int]]:
    """A graph of one primitive, and the positions of its free operands."""
    free = [p for p in range(row.arity) if p not in row.literal]
    builder = Builder(len(free))
    operands = tuple(
        builder.literal(literal) if p in row.literal else free.index(p) for p in range(row.arity)
    )
    names = [(f"x{i}", SCALAR) for i in range(len(free))]
    return builder.graph("f", names, [builder.add(row, operands)], SCALAR), free

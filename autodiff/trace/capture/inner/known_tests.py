"""What depends on nothing but the repetitions of loops: its values in all of them at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.graph import Builder

__all__ = ["Holding", "KnownTests", "in_all"]

Holding = list[bool]  # in each repetition
_Values = NDArray[np.generic]
_FUNCTIONS: dict[str, Callable[..., _Values]] = {
    "logical_and": np.logical_and, "logical_or": np.logical_or, "logical_not": np.logical_not,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal, "add": np.add, "sub": np.subtract, "neg": np.negative,
}  # fmt: skip


class KnownTests:
    """A repetition that stands for all, of some of whose conditions it is known where they hold.

    Args:
        builder: What records it.
        count: The number of repetitions.
        constants: The numbers, one for each repetition, for which a node stands.
    """

    def __init__(
        self, builder: Builder, count: int, constants: Callable[[int], _Values | None]
    ) -> None:
        self.count, self._told, self._constants = count, builder, constants
        self.tests: dict[int, Holding] = {}  # conditions that tell repetitions apart, nothing else

    def holding(self, condition: int) -> Holding | None:
        """In which repetitions a condition holds; None if that depends on more than these."""
        known = None if condition < 0 else in_all(self._told, condition, self.known_at)
        return None if known is None else [bool(x) for x in np.broadcast_to(known, self.count)]

    def known_at(self, node: int) -> _Values | None:
        """The values of a node that stands for what is known, one for each repetition."""
        test = self.tests.get(node)
        return self._constants(node) if test is None else np.array(test)


def in_all(builder: Builder, node: int, given: Callable[[int], _Values | None]) -> _Values | None:
    """The values of a node; None if these depend on more.

    Args:
        builder: What records.
        node: The node.
        given: The values of a node where they are known.
    """
    found: dict[int, _Values | float] = {}
    computed: set[int] = set()
    pending = [node]
    while pending:
        index = pending.pop()
        if index in found or index in computed:
            continue
        value: _Values | float | None = given(index)
        if value is None:
            primitive, operands, _, shape = builder.nodes[index]
            if primitive is None:
                value = builder.value(index)
            if value is None and (primitive is None or primitive.name not in _FUNCTIONS or shape):
                return None
        if value is None:
            computed.add(index)
            pending += operands
        else:
            found[index] = value
    for index in sorted(computed):
        primitive, operands, _, _ = builder.nodes[index]
        assert primitive is not None
        found[index] = _FUNCTIONS[primitive.name](*[found[i] for i in operands])
    return np.asarray(found[node])

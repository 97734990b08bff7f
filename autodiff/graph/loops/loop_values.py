"""Loops run: by the interpreter of arrays, and element by element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autodiff.graph.loops.ending import goes_on
from autodiff.graph.loops.loop_nodes import Loop, region_key, result_of
from autodiff.graph.typed_node import Node

__all__ = ["Results", "loop_results"]

# What runs a body: values of its inputs -> those of its outputs.
Step = Callable[[list[Any]], list[Any]]


class Results:
    """The results of the loops of one graph: each loop is run where its first node is met.

    Args:
        run: Gives the results of a loop for its operands.
    """

    def __init__(self, run: Callable[[Loop, Sequence[object]], list[object]]) -> None:
        self._run = run
        self._known: dict[object, list[object]] = {}

    def of(self, node: Node, loop: Loop, operands: Sequence[object]) -> object:
        """The value of one node."""
        key = region_key(node)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._run(loop, operands)
        return found[result_of(node)]


def loop_results(
    loop: Loop, operands: Sequence[Any], step: Step, dtype: type, asks: Step | None = None
) -> list[Any]:
    """Carries in the end, then what was stacked.

    Args:
        loop: The loop.
        operands: An array each.
        step: Runs the body; given ``asks``, that of a repetition which does something.
        dtype: The kind of the arrays.
        asks: Gives the number that is zero where a repetition does nothing, if there is one.
    """
    carries = list(operands[: loop.carries])
    streams = [operands[i] for i in loop.stream_places]
    fixed = [operands[i] for i in loop.fixed_places]
    stacks: list[NDArray[Any]] = [
        np.zeros(loop.shape(k), dtype) for k in range(loop.carries, loop.results)
    ]
    ends = not streams and dtype is not object and (asks or goes_on(loop) is not None)
    for place in loop.places:
        given = [*carries, *(x[place] for x in streams), *fixed]
        if asks is not None and asks(given)[0] == 0.0:
            if ends:
                break
            continue
        made = step(given)
        if (
            ends and asks is None and all(map(_is_same, carries, made))
        ):  # and so are they from now on
            for stack, value in zip(stacks, made[loop.carries :], strict=True):
                stack[slice(0, place + 1) if loop.reverse else slice(place, None)] = value
            return [*carries, *stacks]
        carries = made[: loop.carries]
        for stack, value in zip(stacks, made[loop.carries :], strict=True):
            stack[place, ...] = value  # an item of objects would be the array itself
    return [*carries, *stacks]


def _is_same(x: ArrayLike, y: ArrayLike) -> bool:
    """True for the same numbers."""
    return x is y or bool(np.array_equal(x, y, equal_nan=True))

"""Random loops: bodies of a few operations on carries, elements and what stays the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import autodiff as ad

__all__ = ["RandomLoop", "loops"]

_UNARY: list[Callable[[Any], Any]] = [np.sin, np.tanh, lambda x: 0.5 * x, lambda x: x * x]
_BINARY: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: 0.3 * x * y,
    lambda x, y: x / (1.5 + y * y), lambda x, y: np.where(x > y, x, 0.7 * y),
]  # fmt: skip


class RandomLoop(NamedTuple):
    """A loop over scalars: what each step does, and which values go on or are stacked."""

    steps: tuple[tuple[int, int, int], ...]  # an operation, and its operands among the values
    carried: tuple[int, ...]
    stacked: tuple[int, ...]
    length: int
    reverse: bool

    def body(self, w: Any) -> Callable[[Any, Any], Any]:
        """One repetition; it closes over ``w``."""

        def step(carry: Any, element: Any) -> Any:
            x, y = element
            values = [*carry, x, y, w[0], w[1]]
            for operation, one, other in self.steps:
                first, second = values[one % len(values)], values[other % len(values)]
                every: list[Any] = [*_UNARY, *_BINARY]
                function = every[operation % len(every)]
                unary = operation % len(every) < len(_UNARY)
                values.append(function(first) if unary else function(first, second))
            after = tuple(0.9 * values[i % len(values)] for i in self.carried)
            return after, [values[i % len(values)] for i in self.stacked]

        return step

    def __call__(self, w: Any, x: Any) -> Any:
        """A number that depends on every result of the loop."""
        start = tuple(w[i % 2] + 0.1 * i for i in range(len(self.carried)))
        carry, stacked = ad.scan(self.body(w), start, (x, x[::-1] * 0.5), reverse=self.reverse)
        total = sum((k + 1.0) * one for k, one in enumerate(carry))
        for k, one in enumerate(stacked):
            total = total + np.sum(one * np.cos(one)) * (0.5 + k)
        return total

    @property
    def examples(self) -> tuple[Any, Any]:
        """Arguments."""
        return np.array([0.4, -0.3]), np.linspace(-0.8, 0.9, self.length)


def loops() -> st.SearchStrategy[RandomLoop]:
    """Loops of one to six repetitions."""
    place = st.integers(0, 30)
    return st.builds(
        RandomLoop,
        st.lists(st.tuples(place, place, place), min_size=1, max_size=6).map(tuple),
        st.lists(place, min_size=1, max_size=3).map(tuple),
        st.lists(place, max_size=2).map(tuple),
        st.integers(1, 6),
        st.booleans(),
    )

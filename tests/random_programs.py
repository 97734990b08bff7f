"""Random programs with ordinary loops: carries, streams, fills, lists that grow, loops in loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

__all__ = ["RandomProgram", "Statement", "programs"]

_TABLE = np.cos(np.arange(64.0))
_CODES = (0, 1, 1, 0, 2, 0, 1, 2, 2, 1, 0)
# What a statement of a loop may read at repetition i.
_SOURCES: list[Callable[[Any, int, int], Any]] = [
    lambda x, i, n: x[i],
    lambda x, i, n: x[n - 1 - i],
    lambda x, i, n: x[(2 * i) % n],
    lambda x, i, n: x[0],
    lambda x, i, n: float(_TABLE[i]),
    lambda x, i, n: 0.1 * i,
    lambda x, i, n: x[_CODES[i % len(_CODES)]],
    lambda x, i, n: 0.75,
]
_STEPS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b, lambda a, b: a - 0.5 * b, lambda a, b: 0.3 * a * b,
    lambda a, b: np.sin(a) + b, lambda a, b: a / (2.0 + b * b), lambda a, b: np.tanh(a - b),
]  # fmt: skip


class Statement(NamedTuple):
    """``state[target] = step(one, other)``, or one of the things that programs do besides."""

    kind: int  # 0 to 3: assign; 4: append; 5: fill; 6: add up; 7: look back; 8: a loop inside
    step: int
    target: int
    source: int
    other: int


class RandomProgram(NamedTuple):
    """Loops one after the other over the same state."""

    loops: tuple[tuple[Statement, ...], ...]
    length: int

    def __call__(self, x: Any) -> Any:
        """A number that depends on everything."""
        n = self.length
        state = [x[1], 0.2 * x[2], 0.4]
        total, grown = 0.0, [x[0]]
        filled: list[Any] = [0.0] * n
        for statements in self.loops:
            for i in range(n):
                for one in statements:
                    a = _SOURCES[one.source % len(_SOURCES)](x, i, n)
                    b = state[one.other % 3]
                    made = _STEPS[one.step % len(_STEPS)](b, a)
                    if one.kind <= 3:
                        state[one.target % 3] = 0.8 * made
                    elif one.kind == 4:
                        grown.append(made)
                    elif one.kind == 5:
                        filled[i] = made
                    elif one.kind == 6:
                        total = total + made
                    elif one.kind == 7:
                        state[one.target % 3] = 0.5 * grown[-min(2, len(grown))] + 0.1 * made
                    else:
                        for j in range(3):
                            total = total + a * x[j]
        return (
            total
            + state[0] * state[1]
            - state[2]
            + grown[-1] * grown[0]
            + np.sum(np.array(filled) * x)
        )

    @property
    def example(self) -> Any:
        """An argument."""
        return np.linspace(-0.7, 0.9, self.length)


def programs() -> st.SearchStrategy[RandomProgram]:
    """Programs of one or two loops of six to fourteen repetitions."""
    place = st.integers(0, 40)
    statement = st.builds(Statement, st.integers(0, 8), place, place, place, place)
    return st.builds(
        RandomProgram,
        st.lists(
            st.lists(statement, min_size=1, max_size=5).map(tuple), min_size=1, max_size=2
        ).map(tuple),
        st.integers(6, 14),
    )

"""Random sparse functions, whose derivatives vanish identically where the graph says so alone.

Sums of small terms and elements of arrays; shared intermediate values; branches, kinks and rounded
values.  Constants are random, so nothing cancels; a variable is bent once at most, and conditions
are on variables of their own, so every combination of branches comes up at some point.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["SparseFunction", "random_function"]

_SMOOTH: tuple[Callable[[Any], Any], ...] = (
    ad.sin, ad.exp, ad.tanh, ad.square, ad.sigmoid, lambda x: 1.0 / (x * x + 1.5),
    lambda x: (x * x + 0.7) ** 1.3, lambda x: ad.log(x * x + 0.4), lambda x: x**3, ad.softplus,
)  # fmt: skip
_BENT: tuple[Callable[[Any], Any], ...] = (
    ad.abs, ad.relu, lambda x: ad.clip(x, -0.8, 0.8), lambda x: ad.maximum(x, 0.1),
    lambda x: x + ad.floor(3.0 * x), ad.leaky_relu,
)  # fmt: skip


@dataclass
class SparseFunction:
    """A random function of an array.

    Args:
        seed: What it is drawn from.
        size: Number of its arguments.
        outputs: Length of the array it returns; 0 for a float.
    """

    seed: int
    size: int
    outputs: int

    __name__ = "f"

    def __call__(self, x: Sequence[Any]) -> Any:
        """The value; equal draws at every call."""
        draw = random.Random(self.seed)
        switches = self.size // 4  # the last variables are asked for their sign alone
        smooth = self.size - switches
        values: list[Any] = [x[i] for i in range(smooth)]
        for i in range(smooth):
            if draw.random() < 0.3:
                values[i] = draw.choice(_BENT)(values[i] - draw.uniform(-0.2, 0.2))
        for _ in range(draw.randrange(4)):  # intermediate values that terms share
            values.append(self._term(draw, values, x, smooth))
        terms = [self._term(draw, values, x, smooth) for _ in range(draw.randint(1, self.size))]
        if not self.outputs:
            return sum(terms[1:], terms[0])
        rows = [
            sum((draw.choice(terms) for _ in range(draw.randrange(2))), draw.choice(terms))
            for _ in range(self.outputs)
        ]
        return np.array(rows)

    def _term(self, draw: random.Random, values: Sequence[Any], x: Any, smooth: int) -> Any:
        chosen = draw.sample(list(values), min(len(values), draw.randint(1, 3)))
        term = draw.uniform(0.5, 2.0) * chosen[0]
        for other in chosen[1:]:
            scale = draw.uniform(0.5, 2.0)
            term = term + scale * other if draw.random() < 0.5 else term * (other + scale)
        if draw.random() < 0.6:
            term = draw.choice(_SMOOTH)(term)
        if smooth < self.size and draw.random() < 0.3:
            condition = x[draw.randrange(smooth, self.size)] > 0.0
            term = ad.where(condition, term, draw.uniform(0.5, 2.0) * draw.choice(list(values)))
        return term

    def points(self, count: int) -> list[np.ndarray[Any, Any]]:
        """Random points, on all sides of the switches."""
        source = np.random.default_rng(self.seed)
        return [source.uniform(-1.5, 1.5, self.size) for _ in range(count)]


def random_function(seed: int, scalar: bool) -> SparseFunction:
    """The function of this number: of a float, or of an array of some floats."""
    draw = random.Random(seed)
    return SparseFunction(seed, draw.randint(4, 12), 0 if scalar else draw.randint(1, 9))

"""A program for micrograd: its demo's training, written against ``micrograd.engine`` and ``.nn``.

``run`` executes it with micrograd itself, or with ours under micrograd's names.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

import autodiff.nn
import autodiff.value


@contextmanager
def ours_as_micrograd() -> Iterator[None]:
    """``import micrograd.engine`` and ``micrograd.nn`` give our modules meanwhile."""
    package = ModuleType("micrograd")
    ours = {"": package, ".engine": autodiff.value, ".nn": autodiff.nn}
    names = {f"micrograd{ending}": module for ending, module in ours.items()}
    kept = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    package.engine, package.nn = autodiff.value, autodiff.nn  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def moons(count: int, noise: float = 0.1, seed: int = 0) -> tuple[Any, Any]:
    """Two interleaved half circles of ``count`` points in all; labels -1 and 1."""
    source = np.random.default_rng(seed)
    t = np.linspace(0.0, math.pi, count // 2)
    outer = np.stack([np.cos(t), np.sin(t)], axis=1)
    inner = np.stack([1.0 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    points = np.concatenate([outer, inner])
    labels = np.repeat([-1, 1], count // 2)
    order = source.permutation(len(points))
    return points[order] + source.normal(scale=noise, size=points.shape), labels[order]


class Demo:
    """The demo's network, loss and gradient step, with whatever ``micrograd`` now is."""

    def __init__(self, points: int, seed: int = 1337) -> None:
        from micrograd.engine import Value
        from micrograd.nn import MLP

        random.seed(seed)
        self.Value = Value
        self.model = MLP(2, [16, 16, 1])
        self.inputs, self.labels = moons(points)

    def loss(self) -> tuple[Any, float]:
        """Hinge loss with regularisation, and the share of right answers."""
        inputs = [list(map(self.Value, row)) for row in self.inputs]
        scores = list(map(self.model, inputs))
        pairs = list(zip(self.labels, scores, strict=True))
        losses = [(1 + -label * score).relu() for label, score in pairs]
        data_loss = sum(losses) * (1.0 / len(losses))
        squares = 1e-4 * sum(p * p for p in self.model.parameters())
        right = [(label > 0) == (score.data > 0) for label, score in pairs]
        return data_loss + squares, sum(right) / len(right)

    def step(self, k: int) -> tuple[float, float]:
        """One step of the demo's 100: loss and accuracy before it."""
        total, accuracy = self.loss()
        self.model.zero_grad()
        total.backward()
        for p in self.model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
        return float(total.data), float(accuracy)

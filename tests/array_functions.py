"""Functions over whole arrays, straight and with loops, whose emitted texts are mutated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["ARRAYS", "LOOPS", "Example"]

Example = tuple[Callable[..., Any], tuple[Any, ...]]
_DRAW = np.random.default_rng(7)


def _normal(*shape: int) -> Any:
    return _DRAW.normal(size=shape)


def two_layers(w: Any, v: Any, x: Any) -> Any:
    """A network of two layers, its squared error."""
    hidden = np.tanh(x @ w + 0.1)
    return np.sum((hidden @ v - 0.3) ** 2)


def softmax_regression(w: Any, x: Any) -> Any:
    """Cross entropy of a linear classifier."""
    scores = x @ w
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    total = np.log(np.sum(np.exp(shifted), axis=1))
    return np.sum(total - shifted[:, 1]) / 5.0


def rectified(w: Any, x: Any, b: Any) -> Any:
    """Rectified units, and a mean of squares."""
    z = np.maximum(x @ w + b, 0.0)
    return np.mean(z * z) + 0.01 * np.sum(w * w)


def smooth_path(p: Any) -> Any:
    """Second differences of a path, and its ends."""
    bends = p[2:] - 2.0 * p[1:-1] + p[:-2]
    return np.sum(bends**2) + (p[0] - 1.0) ** 2 + (p[-1] + 1.0) ** 2


def heat(u: Any, k: Any) -> Any:
    """A step of the heat equation on a grid."""
    inner = u[1:-1, 1:-1]
    around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
    return np.sum((inner + k * (around - 4.0 * inner)) ** 2)


def attention(q: Any, k: Any, v: Any) -> Any:
    """A head of attention."""
    scores = np.einsum("id,jd->ij", q, k) / 2.0
    weights = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    return np.sum(np.einsum("ij,jd->id", weights, v) ** 2)


def embedding(table: Any, w: Any) -> Any:
    """Rows of a table, some of them twice."""
    rows = table[np.array([0, 2, 2, 3])]
    return np.sum(np.sin(rows @ w))


def whitened(m: Any, x: Any) -> Any:
    """A Gaussian's negative log likelihood."""
    precision = m @ m.T + 2.0 * np.eye(3)
    return x @ np.linalg.solve(precision, x) + np.linalg.slogdet(precision)[1]


def running(x: Any, w: Any) -> Any:
    """Running sums of a weighted sequence."""
    return np.sum(np.cumsum(x * w) ** 2) + np.sum(np.flip(x) * w)


def pieces(x: Any, y: Any) -> Any:
    """Conditions, element by element."""
    z = np.where(x > y, np.sin(x) * y, x * x)
    return np.sum(z) + np.sum(np.clip(x * y, -0.5, 0.5)) + np.sum(np.abs(x - 0.3) ** 3)


def joined(a: Any, b: Any) -> Any:
    """Arrays put together, and taken apart again."""
    c = np.concatenate([a * b, a + b])
    return np.sum(c[:4] * c[4:]) + np.sum(np.stack([a, b], axis=1).reshape(2, 4) @ np.ones(4))


def distances(p: Any, q: Any) -> Any:
    """Distances of all pairs of points."""
    apart = p[:, None, :] - q[None, :, :]
    return np.sum(np.sqrt(np.sum(apart * apart, axis=2) + 0.01))


def batch_norm(x: Any, g: Any) -> Any:
    """Rows normalised by their mean and spread."""
    centred = x - np.mean(x, axis=0)
    spread = np.sqrt(np.mean(centred**2, axis=0) + 0.1)
    return np.sum(np.tanh(g * centred / spread))


def garch(p: Any, returns: Any) -> Any:
    """The likelihood of a GARCH model, by a loop over its returns."""

    def step(variance: Any, r: Any) -> Any:
        after = p[0] + p[1] * r * r + p[2] * variance
        return after, np.log(after) + r * r / after

    last, terms = ad.scan(step, p[0] / (1.0 - p[2]), returns)
    return np.sum(terms) + last


def recurrent(w: Any, x: Any) -> Any:
    """A recurrent network over a sequence of vectors."""

    def step(h: Any, u: Any) -> Any:
        after = np.tanh(w @ h + u)
        return after, np.sum(after * h)

    last, terms = ad.scan(step, np.array([0.1, -0.2, 0.3]), x)
    return np.sum(terms) + np.sum(last**2)


def pendulum(state: Any, pull: Any) -> Any:
    """A damped pendulum, step by step; nothing but its state goes on."""
    angle, speed = state[0], state[1]
    for _ in range(200):
        speed = speed - 0.05 * (pull[0] * np.sin(angle) + pull[1] * speed)
        angle = angle + 0.05 * speed
    return angle * angle + speed


def eliminated(a: Any, b: Any) -> Any:
    """A triangular system by hand, which changes its right side where it lies."""
    x = b.copy()
    for i in range(14):
        for j in range(i):
            x[i] -= a[i, j] * x[j]
        x[i] = x[i] / a[i, i]
    return np.sum(x * x)


def filtered(a: Any, y: Any) -> Any:
    """A filter run from the last observation to the first."""

    def step(carry: Any, observed: Any) -> Any:
        mean, spread = carry
        gain = spread / (spread + a[1])
        error = observed - mean
        after = (a[0] * (mean + gain * error), a[0] * a[0] * (1.0 - gain) * spread + 0.1)
        return after, error * error / (spread + a[1])

    (mean, spread), terms = ad.scan(step, (0.2, 1.5), y, reverse=True)
    return np.sum(terms) + mean * spread


ARRAYS: list[Example] = [
    (two_layers, (_normal(3, 4), _normal(4), _normal(5, 3))),
    (softmax_regression, (_normal(3, 4), _normal(5, 3))),
    (rectified, (_normal(3, 4), _normal(5, 3), _normal(4))),
    (smooth_path, (_normal(8),)),
    (heat, (_normal(5, 6), 0.1)),
    (attention, (_normal(3, 4), _normal(5, 4), _normal(5, 2))),
    (embedding, (_normal(4, 3), _normal(3))),
    (whitened, (_normal(3, 3), _normal(3))),
    (running, (_normal(6), _normal(6))),
    (pieces, (_normal(7), _normal(7))),
    (joined, (_normal(4), _normal(4))),
    (distances, (_normal(3, 2), _normal(4, 2))),
    (batch_norm, (_normal(5, 3), _normal(3))),
]

LOOPS: list[Example] = [
    (garch, (np.array([0.1, 0.2, 0.6]), np.sin(np.arange(40.0)))),
    (recurrent, (0.3 * _normal(3, 3), _normal(12, 3))),
    (pendulum, (np.array([0.7, 0.1]), np.array([1.3, 0.2]))),
    (filtered, (np.array([0.8, 0.5]), _normal(15))),
    (eliminated, (4.0 * np.eye(14) + 0.3 * _normal(14, 14), _normal(14))),
]

"""Programs over time, written as people write them, and the same in JAX with ``lax.scan``."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["PROGRAMS", "examples", "infection", "moved"]

_STATES, _HIDDEN = 4, 8


# --- as they are ---------------------------------------------------------------------------------


def kalman(p: Any, y: Any) -> Any:
    """Negative log-likelihood of a filter of position and velocity."""
    F, P = np.array([[1.0, 0.1], [0.0, 1.0]]), np.eye(2)
    Q = np.exp(p[0]) * np.array([[0.25, 0.5], [0.5, 1.0]])
    r, m, total = np.exp(p[1]), np.array([p[2], 0.0]), 0.0
    for k in range(len(y)):
        m = F @ m
        P = F @ P @ F.T + Q
        s = P[0, 0] + r
        gain = P[:, 0] / s
        e = y[k] - m[0]
        m = m + gain * e
        P = P - np.outer(gain, P[0])
        total = total + 0.5 * (np.log(s) + e * e / s)
    return total


def hmm(A: Any, mean: Any, y: Any) -> Any:
    """Negative log-likelihood of a hidden Markov model with four states."""
    E = np.exp(A)
    T = E / np.sum(E, axis=1, keepdims=True)
    alpha, total = np.full(_STATES, 1.0 / _STATES), 0.0
    for k in range(len(y)):
        alpha = (alpha @ T) * np.exp(-0.5 * (y[k] - mean) ** 2)
        c = np.sum(alpha)
        alpha = alpha / c
        total = total - np.log(c)
    return total


def garch(p: Any, u: Any) -> Any:
    """Negative log-likelihood of a GARCH(1, 1) model."""
    omega, a, b = p[0] ** 2, p[1] ** 2, p[2] ** 2
    v, total = 1.0, 0.0
    for k in range(len(u)):
        total = total + 0.5 * (np.log(v) + u[k] ** 2 / v)
        v = omega + a * u[k] ** 2 + b * v
    return total


def lstm(gates: Any, out: Any, xs: Any, ys: Any) -> Any:
    """Squared error of a recurrent network with memory."""
    h = c = np.zeros(_HIDDEN)
    loss = 0.0
    for k in range(len(xs)):
        z = np.concatenate([xs[k], h, np.ones(1)]) @ gates
        i, f, o, g = np.split(z, 4)
        c = (0.5 * np.tanh(0.5 * f) + 0.5) * c + (0.5 * np.tanh(0.5 * i) + 0.5) * np.tanh(g)
        h = (0.5 * np.tanh(0.5 * o) + 0.5) * np.tanh(c)
        loss = loss + np.sum((h @ out - ys[k]) ** 2)
    return loss / len(xs)


def _pull(x: Any, y: Any, z: Any) -> Any:
    """Acceleration in the field of a body that is not quite round."""
    r2 = x * x + y * y + z * z
    r = np.sqrt(r2)
    g, q = -1.0 / (r2 * r), 1.5e-3 / r2
    s = 5.0 * z * z / r2
    return (
        g * x * (1.0 + q * (1.0 - s)),
        g * y * (1.0 + q * (1.0 - s)),
        g * z * (1.0 + q * (3.0 - s)),
    )


def _flow(s: Any) -> Any:
    x, y, z, u, v, w = s
    return (u, v, w, *_pull(x, y, z))


def moved(s: Any, k: Any, h: Any) -> Any:
    """Numbers after a step in a direction."""
    return tuple(a + h * b for a, b in zip(s, k, strict=True))


def _orbit_step(s: Any, h: Any) -> Any:
    k1 = _flow(s)
    k2 = _flow(moved(s, k1, 0.5 * h))
    k3 = _flow(moved(s, k2, 0.5 * h))
    k4 = _flow(moved(s, k3, h))
    return tuple(
        a + h / 6.0 * (b + 2.0 * c + 2.0 * d + e)
        for a, b, c, d, e in zip(s, k1, k2, k3, k4, strict=True)
    )


def orbit(p: Any, steps: Any) -> Any:
    """How far from a place an orbit ends, by steps of Runge and Kutta."""
    s = (p[0], p[1], p[2], p[3], p[4], p[5])
    for h in steps:
        s = _orbit_step(s, h)
    return (s[0] - 0.5) ** 2 + (s[1] - 0.4) ** 2 + s[2] ** 2


def infection(s: Any, p: Any) -> Any:
    """How fast the four parts of a population change."""
    healthy, caught, sick, _ = s
    new, ill, well = p[0] * healthy * sick, p[1] * caught, p[2] * sick
    return -new, new - ill, ill - well, well


def _seir_step(s: Any, p: Any, h: float = 0.05) -> Any:
    k1 = infection(s, p)
    k2 = infection(moved(s, k1, 0.5 * h), p)
    k3 = infection(moved(s, k2, 0.5 * h), p)
    k4 = infection(moved(s, k3, h), p)
    return tuple(
        a + h / 6.0 * (b + 2.0 * c + 2.0 * d + e)
        for a, b, c, d, e in zip(s, k1, k2, k3, k4, strict=True)
    )


def seir(p: Any, y: Any) -> Any:
    """Squared error of an epidemic against what was counted."""
    s, loss = (0.99, 0.005, 0.005, 0.0), 0.0
    for k in range(len(y)):
        s = _seir_step(s, p)
        loss = loss + (s[2] - y[k]) ** 2
    return loss


PROGRAMS = {f.__name__: f for f in (kalman, hmm, garch, lstm, orbit, seir)}


def examples(name: str, n: int) -> tuple[tuple[Any, ...], int]:
    """Arguments for so many steps, and how many of them are parameters."""
    draw = np.random.default_rng(0)
    if name == "kalman":
        return (np.array([-3.0, -1.0, 0.2]), np.cumsum(0.1 * draw.normal(size=n))), 1
    if name == "hmm":
        A, mean = draw.normal(size=(_STATES, _STATES)), np.linspace(-1.5, 1.5, _STATES)
        return (A, mean, draw.normal(size=n)), 2
    if name == "garch":
        return (np.array([0.3, 0.3, 0.9]), draw.normal(size=n)), 1
    if name == "lstm":
        gates = 0.3 * draw.normal(size=(4 + _HIDDEN + 1, 4 * _HIDDEN))
        out = 0.3 * draw.normal(size=(_HIDDEN, 4))
        return (gates, out, draw.normal(size=(n, 4)), draw.normal(size=(n, 4))), 2
    if name == "orbit":
        return (np.array([1.0, 0.0, 0.1, 0.0, 0.9, 0.3]), np.full(n, 0.01)), 1
    return (np.array([0.9, 0.3, 0.2]), 0.1 * np.abs(draw.normal(size=n))), 1

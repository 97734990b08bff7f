"""The programs of ``simulations.py`` in JAX, with ``lax.scan``; JAX has to be there."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tests.figures.simulations import infection, moved

__all__ = ["PROGRAMS"]

_STATES, _HIDDEN = 4, 8


def kalman(p: Any, y: Any) -> Any:
    """A filter of position and velocity."""
    F = jnp.array([[1.0, 0.1], [0.0, 1.0]])
    Q = jnp.exp(p[0]) * jnp.array([[0.25, 0.5], [0.5, 1.0]])
    r = jnp.exp(p[1])

    def step(carry: Any, seen: Any) -> Any:
        m, P, total = carry
        m, P = F @ m, F @ P @ F.T + Q
        s = P[0, 0] + r
        gain = P[:, 0] / s
        e = seen - m[0]
        total = total + 0.5 * (jnp.log(s) + e * e / s)
        return (m + gain * e, P - jnp.outer(gain, P[0]), total), None

    return jax.lax.scan(step, (jnp.array([p[2], 0.0]), jnp.eye(2), 0.0), y)[0][2]


def hmm(A: Any, mean: Any, y: Any) -> Any:
    """A hidden Markov model."""
    E = jnp.exp(A)
    T = E / jnp.sum(E, axis=1, keepdims=True)

    def step(carry: Any, seen: Any) -> Any:
        alpha, total = carry
        alpha = (alpha @ T) * jnp.exp(-0.5 * (seen - mean) ** 2)
        c = jnp.sum(alpha)
        return (alpha / c, total - jnp.log(c)), None

    return jax.lax.scan(step, (jnp.full(_STATES, 1.0 / _STATES), 0.0), y)[0][1]


def garch(p: Any, u: Any) -> Any:
    """A GARCH(1, 1) model."""
    omega, a, b = p[0] ** 2, p[1] ** 2, p[2] ** 2

    def step(carry: Any, seen: Any) -> Any:
        v, total = carry
        total = total + 0.5 * (jnp.log(v) + seen**2 / v)
        return (omega + a * seen**2 + b * v, total), None

    return jax.lax.scan(step, (1.0, 0.0), u)[0][1]


def lstm(gates: Any, out: Any, xs: Any, ys: Any) -> Any:
    """A recurrent network with memory."""

    def step(carry: Any, seen: Any) -> Any:
        h, c, loss = carry
        x, y = seen
        i, f, o, g = jnp.split(jnp.concatenate([x, h, jnp.ones(1)]) @ gates, 4)
        c = (0.5 * jnp.tanh(0.5 * f) + 0.5) * c + (0.5 * jnp.tanh(0.5 * i) + 0.5) * jnp.tanh(g)
        h = (0.5 * jnp.tanh(0.5 * o) + 0.5) * jnp.tanh(c)
        return (h, c, loss + jnp.sum((h @ out - y) ** 2)), None

    start = jnp.zeros(_HIDDEN)
    return jax.lax.scan(step, (start, start, 0.0), (xs, ys))[0][2] / len(xs)


def orbit(p: Any, steps: Any) -> Any:
    """Where an orbit ends."""

    def flow(s: Any) -> Any:
        r2 = s[0] * s[0] + s[1] * s[1] + s[2] * s[2]
        r = jnp.sqrt(r2)
        g, q, t = -1.0 / (r2 * r), 1.5e-3 / r2, 5.0 * s[2] * s[2] / r2
        even, odd = g * (1.0 + q * (1.0 - t)), g * (1.0 + q * (3.0 - t))
        return (s[3], s[4], s[5], even * s[0], even * s[1], odd * s[2])

    s, _ = jax.lax.scan(lambda s, h: (_four(flow, s, h), None), tuple(p), steps)
    return (s[0] - 0.5) ** 2 + (s[1] - 0.4) ** 2 + s[2] ** 2


def seir(p: Any, y: Any) -> Any:
    """An epidemic."""

    def step(carry: Any, seen: Any) -> Any:
        s, loss = carry
        s = _four(lambda s: infection(s, p), s, 0.05)
        return (s, loss + (s[2] - seen) ** 2), None

    return jax.lax.scan(step, ((0.99, 0.005, 0.005, 0.0), 0.0), y)[0][1]


def _four(flow: Any, s: Any, h: Any) -> Any:
    k1 = flow(s)
    k2 = flow(moved(s, k1, 0.5 * h))
    k3 = flow(moved(s, k2, 0.5 * h))
    k4 = flow(moved(s, k3, h))
    return tuple(
        a + h / 6.0 * (b + 2.0 * c + 2.0 * d + e)
        for a, b, c, d, e in zip(s, k1, k2, k3, k4, strict=True)
    )


PROGRAMS = {f.__name__: f for f in (kalman, hmm, garch, lstm, orbit, seir)}

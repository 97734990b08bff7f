"""Value and gradient at one point of the functions of examples/benchmark.py, for numba."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.figures.contest.in_numba import rosenbrock

__all__ = ["BY_HAND"]


def _black_scholes(x: Any) -> Any:
    S, K, T, r, vol = x
    year = math.sqrt(T)
    spread, discount, rate = vol * year, math.exp(-r * T), r + 0.5 * vol * vol
    per = 1.0 / spread
    d1 = (math.log(S / K) + rate * T) * per
    d2 = d1 - spread
    s1, s2 = d1 * d1, d2 * d2
    e1 = math.exp(-d1 * (1.5976 + 0.070565992 * s1))
    e2 = math.exp(-d2 * (1.5976 + 0.070565992 * s2))
    b1, b2, strike = 1.0 / (1.0 + e1), 1.0 / (1.0 + e2), K * discount
    p1 = b1 * b1 * e1 * (1.5976 + 0.211697976 * s1)
    p2 = strike * (b2 * b2 * e2 * (1.5976 + 0.211697976 * s2))
    across = (S * p1 - p2) * per
    wide, due, g = p2 - across * d1, strike * b2, np.empty(5)
    g[0] = b1 + across / S
    g[1] = -(discount * b2 + across / K)
    g[2] = r * due + across * rate + wide * (0.5 * vol * vol * per)
    g[3] = T * (due + across)
    g[4] = across * T * vol + wide * year
    return S * b1 - due, g


def _network(x: Any) -> Any:
    h, k, h_bar, g = np.empty(4), np.empty(4), np.zeros(4), np.zeros(44)
    for j in range(4):
        t = 3 + 4 * j
        h[j] = math.tanh(x[t] + x[t + 1] * x[0] + x[t + 2] * x[1] + x[t + 3] * x[2])
    out = x[39]
    for j in range(4):
        t = 19 + 5 * j
        z = x[t]
        for i in range(4):
            z += x[t + 1 + i] * h[i]
        k[j] = math.tanh(z)
        out += x[40 + j] * k[j]
    value = math.tanh(out)
    g[39] = 1.0 - value * value
    for j in range(4):
        t = 19 + 5 * j
        g[40 + j] = g[39] * k[j]
        g[t] = g[39] * x[40 + j] * (1.0 - k[j] * k[j])
        for i in range(4):
            g[t + 1 + i] = g[t] * h[i]
            h_bar[i] += g[t] * x[t + 1 + i]
    for j in range(4):
        t = 3 + 4 * j
        g[t] = h_bar[j] * (1.0 - h[j] * h[j])
        for i in range(3):
            g[t + 1 + i] = g[t] * x[i]
            g[i] += g[t] * x[t + 1 + i]
    return value, g


def _camera(x: Any) -> Any:
    d0, d1, d2 = x[11] - x[3], x[12] - x[4], x[13] - x[5]
    angle = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    per, c, s = 1.0 / angle, math.cos(angle), math.sin(angle)
    a0, a1, a2 = x[0] * per, x[1] * per, x[2] * per
    along, rest = a0 * d0 + a1 * d1 + a2 * d2, 1.0 - c
    share = along * rest
    t0, t1, t2 = a1 * d2 - a2 * d1, a2 * d0 - a0 * d2, a0 * d1 - a1 * d0
    deep = 1.0 / (d2 * c + t2 * s + a2 * share)
    u, v = (d0 * c + t0 * s + a0 * share) * deep, (d1 * c + t1 * s + a1 * share) * deep
    square = u * u + v * v
    lens = 1.0 + square * (x[9] + x[10] * square)
    scale, g = x[6] * lens, np.empty(14)
    e0, e1 = scale * u + x[7], scale * v + x[8]
    both = 2.0 * (e0 * u + e1 * v)
    lens_bar = x[6] * both
    square_bar = 2.0 * lens_bar * (x[9] + 2.0 * x[10] * square)
    u_bar, v_bar = 2.0 * scale * e0 + u * square_bar, 2.0 * scale * e1 + v * square_bar
    b0, b1, b2 = u_bar * deep, v_bar * deep, -(u_bar * u + v_bar * v) * deep
    across = b0 * a0 + b1 * a1 + b2 * a2
    g[11] = c * b0 + s * (b1 * a2 - b2 * a1) + rest * across * a0
    g[12] = c * b1 + s * (b2 * a0 - b0 * a2) + rest * across * a1
    g[13] = c * b2 + s * (b0 * a1 - b1 * a0) + rest * across * a2
    g[3], g[4], g[5] = -g[11], -g[12], -g[13]
    bar0 = s * (d1 * b2 - d2 * b1) + share * b0 + rest * across * d0
    bar1 = s * (d2 * b0 - d0 * b2) + share * b1 + rest * across * d1
    bar2 = s * (d0 * b1 - d1 * b0) + share * b2 + rest * across * d2
    angle_bar = c * (b0 * t0 + b1 * t1 + b2 * t2)
    angle_bar -= s * (b0 * d0 + b1 * d1 + b2 * d2 - along * across)
    angle_bar -= per * (bar0 * a0 + bar1 * a1 + bar2 * a2)
    g[0], g[1] = per * bar0 + angle_bar * a0, per * bar1 + angle_bar * a1
    g[2] = per * bar2 + angle_bar * a2
    g[6], g[7], g[8], g[9] = both * lens, 2.0 * e0, 2.0 * e1, lens_bar * square
    g[10] = g[9] * square
    return e0 * e0 + e1 * e1, g


# By the name of the function in C.
BY_HAND = {
    "rosenbrock": rosenbrock,
    "black_scholes": _black_scholes,
    "network": _network,
    "camera": _camera,
}

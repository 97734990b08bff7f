"""Loops as people write them, whose repetitions differ: each must stay what Python makes of it."""

# What is tried is odd on purpose.
# ruff: noqa: B007, B905, E501, E702, E701, PLW0120, PLR5501, SIM113, C416, PLR2004, RUF100

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["LOOP_FORMS"]

N = 600  # repetitions: more than are written out
DATA = np.sin(np.arange(N * 1.0))


def alt(x: Any) -> Any:
    """One repetition is not like the others."""
    s = x
    for k in range(N):
        if k == 317:
            s = s * 2
        s = s + 0.001 * np.sin(s * DATA[k])
    return s


def member(x: Any) -> Any:
    """Some repetitions are asked for by a set."""
    s = x
    for k in range(N):
        if k in {3, 317, 599}:
            s = s * 1.5
        s = 0.999 * s + 0.001
    return s


def bigpow(x: Any) -> Any:
    """Integers that no array of integers holds."""
    s = x
    for k in range(N):
        s = s + x * (float(k**20 % 97)) * 1e-3 * np.cos(s)
    return s


def shift(x: Any) -> Any:
    """Shifted integers."""
    s = x
    for k in range(N):
        s = s + 1e-3 * np.sin(s) * ((1 << (k % 70)) / 2.0**70)
    return s


def fact(x: Any) -> Any:
    """A function of integers."""
    s = x
    for k in range(N):
        s = s + np.sin(s) / math.factorial(k % 25 + 1) * 0.01
    return s


def state(x: Any) -> Any:
    """A dictionary that counts."""
    d = {"s": x, "n": 0}
    for k in range(N):
        d["n"] += 1
        if d["n"] % 7 == 3:
            d["s"] = d["s"] * 0.99
        d["s"] = d["s"] + 0.001 * np.sin(d["s"])
    return d["s"]


def counter(x: Any) -> Any:
    """A list that grows."""
    seen = []
    s = x
    for k in range(N):
        seen.append(k)
        s = s + 0.001 * np.sin(s * len(seen))
    return s


def gen(x: Any) -> Any:
    """An iterator that is used up."""
    it = iter(DATA)
    s = x
    for k in range(N):
        s = s + 0.001 * np.sin(s * next(it))
    return s


def strk(x: Any) -> Any:
    """The text of an index."""
    s = x
    for k in range(N):
        s = s + 0.001 * np.sin(s * len(str(k)))
    return s


def wrap(x: Any) -> Any:
    """Indices that go around."""
    s = x[0]
    for k in range(N):
        s = s + 0.001 * np.sin(s * x[k % 5 - 2])
    return s


def neg(x: Any) -> Any:
    """Indices from the end."""
    s = x[0]
    for k in range(N):
        s = s + 0.001 * np.sin(s * x[-(k % 3) - 1])
    return s


def leak(x: Any) -> Any:
    """The index is used behind the loop."""
    s = x
    for k in range(N):
        s = 0.999 * s + 0.001 * np.sin(s)
    return s * k


def elsed(x: Any) -> Any:
    """An else behind the loop."""
    s = x
    for k in range(N):
        s = 0.999 * s + 0.001 * np.sin(s)
    else:
        s = s * 3.0
    return s


def tryin(x: Any) -> Any:
    """An exception in one repetition."""
    s = x
    for k in range(N):
        try:
            t = 1.0 / (k - 317)
        except ZeroDivisionError:
            t = 100.0
        s = s + 0.001 * np.sin(s * t)
    return s


def cont(x: Any) -> Any:
    """Some repetitions are left out."""
    s = x
    for k in range(N):
        if k % 11 == 4:
            continue
        s = s + 0.001 * np.sin(s * k)
    return s


def brk(x: Any) -> Any:
    """A value ends the loop."""
    s = x
    for k in range(N):
        s = s + 0.01 * np.sin(s) + 0.001
        if s > 2.5:
            break
    return s * x


def brk2(x: Any) -> Any:
    """A value ends the function."""
    s = x
    for k in range(N):
        s = s + 0.01 * np.sin(s) + 0.001
        if s > 2.5:
            return s * k
    return s * x


def zipd(x: Any) -> Any:
    """Two sequences of different lengths."""
    s = x
    for a, b in zip(DATA[::2], DATA[1::3]):
        s = s + 0.001 * np.sin(s * a) * b
    return s


def listmut(x: Any) -> Any:
    """A ring of numbers written in turn."""
    w = [0.0] * 10
    w[3] = x
    for k in range(N):
        w[k % 10] = 0.5 * w[(k + 3) % 10] + 0.4 * np.sin(w[k % 10]) + 0.01
    return w[0] + w[5]


def nestedl(x: Any) -> Any:
    """An inner loop whose length changes."""
    s = x
    for k in range(40):
        for j in range(k % 5 + 1):
            s = s + 0.001 * np.sin(s * (j + k))
    return s


def nestedl2(x: Any) -> Any:
    """A loop inside a loop."""
    s = x
    for k in range(40):
        t = s
        for j in range(30):
            t = t + 0.001 * np.sin(s * (j * k))
        s = 0.9 * s + 0.1 * t
    return s


def intdiv(x: Any) -> Any:
    """Division of negative integers."""
    s = x
    for k in range(N):
        s = s + 0.001 * np.sin(s * ((-k) // 7 % 5))
    return s


def rebind(x: Any) -> Any:
    """Two carries that change places."""
    s, t = x, 0.0
    for k in range(N):
        s, t = t + 0.001 * s, s * 0.999
    return s + t


def kw(x: Any) -> Any:
    """A value kept from some repetition."""
    s = x
    last = 0.0
    for k in range(N):
        if k > 3 and k < 590:
            last = s * k
        s = 0.999 * s + 0.001 * np.cos(s)
    return s + 1e-3 * last


def firstonly(x: Any) -> Any:
    """A flag that is true once."""
    s = x
    first = True
    for k in range(N):
        if first:
            s = s * 3.0
            first = False
        s = 0.999 * s + 0.001 * np.cos(s)
    return s


def every(x: Any) -> Any:
    """An integer that is carried."""
    s = x
    c = 0
    for k in range(N):
        c = c + k if k % 2 else c - 1
        s = 0.999 * s + 1e-6 * c * np.cos(s)
    return s


def nonl(x: Any) -> Any:
    """A counter outside of the loop."""
    n = 0

    def tick():
        nonlocal n
        n += 1
        return n

    s = x
    for k in range(N):
        s = s + 0.001 * np.sin(s * tick())
    return s


def minmax(x: Any) -> Any:
    """The largest value so far."""
    best = x
    s = x
    for k in range(N):
        s = s + 0.05 * np.sin(3 * s + k)
        best = max(best, s)
    return best


def arr(x: Any) -> Any:
    """An array written in turn."""
    v = np.array([x, 2 * x, 3 * x])
    for k in range(N):
        v[k % 3] = 0.9 * v[(k + 1) % 3] + 0.05 * np.sin(v[k % 3])
    return np.sum(v)


def alias(x: Any) -> Any:
    """Two names of one array."""
    v = np.array([x, 2 * x, 3 * x])
    u = v
    for k in range(N):
        u[k % 3] = 0.9 * v[(k + 1) % 3] + 0.05 * np.sin(v[k % 3])
    return v[0] + u[1]


def viewd(x: Any) -> Any:
    """A view of an array."""
    v = np.array([x, 2 * x, 3 * x, 4 * x])
    u = v[1:]
    for k in range(N):
        u[k % 3] = 0.9 * v[k % 4] + 0.05 * np.sin(v[k % 3])
    return np.sum(v)


def iadd(x: Any) -> Any:
    """An array changed in place under two names."""
    v = np.array([x, 2 * x, 3 * x])
    w = v
    for k in range(N):
        v += 0.001 * np.sin(v * k)
    return np.sum(w)


def rng(x: Any) -> Any:
    """A range backwards in steps."""
    s = x
    for k in reversed(range(5, N, 3)):
        s = s + 0.001 * np.sin(s * k)
    return s


def enum(x: Any) -> Any:
    """Counted from three."""
    s = x
    for k, a in enumerate(DATA, 3):
        s = s + 0.001 * np.sin(s * k * a)
    return s


def powk(x: Any) -> Any:
    """Alternating signs."""
    s = x
    for k in range(N):
        s = s + 0.001 * np.sin(s) * (-1) ** k / (k + 1)
    return s


def x_k(x: Any) -> Any:
    """Powers of the input."""
    s = 0.0
    for k in range(N):
        s = s + x**k / (k + 1)
    return s


_OF_ARRAYS = (wrap, neg)
_ARRAY, _NUMBER = np.array([0.3, 0.5, 0.7, 0.2, 0.9]), 0.7
# Each with an example.
LOOP_FORMS: list[tuple[Callable[[Any], Any], Any]] = [
    (form, _ARRAY if form in _OF_ARRAYS else _NUMBER)
    for form in (
        alt,
        member,
        bigpow,
        shift,
        fact,
        state,
        counter,
        gen,
        strk,
        wrap,
        neg,
        leak,
        elsed,
        tryin,
        cont,
        brk,
        brk2,
        zipd,
        listmut,
        nestedl,
        nestedl2,
        intdiv,
        rebind,
        kw,
        firstonly,
        every,
        nonl,
        minmax,
        arr,
        alias,
        viewd,
        iadd,
        rng,
        enum,
        powk,
        x_k,
    )
]

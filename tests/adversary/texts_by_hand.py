"""Right gradients as whole texts: loops over data, helpers, branches, arrays, recurrences.

What people write in fits, mechanics, finance and statistics, each in a style of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autodiff as ad
from tests.adversary.sympy_forms import Form

__all__ = ["texts_by_hand"]

POINTS = [(0.0, 0.1), (1.0, 0.9), (2.0, 4.0), (3.0, 2.9)]
ANCHORS = [(0.0, 0.0), (3.0, 0.0), (0.0, 3.0)]
CHARGES = [1.0, -1.5, 0.7]
SEEN = [0.4, 0.9, 0.1]
ROWS = np.array([[1.0, 0.5], [1.0, -0.3], [1.0, 1.5]])
LABELS = np.array([1.0, -1.0, 1.0])


def _huber(a: Any, b: Any) -> Any:
    s = 0.0
    for x, y in POINTS:
        r = a * x + b - y
        s = s + np.where(abs(r) <= 1.0, 0.5 * r * r, abs(r) - 0.5)
    return s


def _arrivals(x: Any, y: Any) -> Any:
    d = [ad.sqrt((x - a) ** 2 + (y - b) ** 2) for a, b in ANCHORS]
    return (d[1] - d[0] - 0.9) ** 2 + (d[2] - d[0] - 1.0) ** 2


def _coulomb(x: Any) -> Any:
    e = 0.0
    for i in range(3):
        for j in range(i):
            d = x[i] - x[j]
            e += CHARGES[i] * CHARGES[j] / np.sqrt(d[0] ** 2 + d[1] ** 2)
    return e


def _kalman(q: Any, r: Any, a: Any) -> Any:
    m, p, total = 0.0, 1.0, 0.0
    for y in SEEN:
        m, p = a * m, a * a * p + q
        s = p + r
        total = total + 0.5 * (ad.log(s) + (y - m) ** 2 / s)
        m, p = m + p / s * (y - m), (1.0 - p / s) * p
    return total


def _logistic(w: Any) -> Any:
    return np.sum(np.log1p(np.exp(-LABELS * (ROWS @ w)))) + 0.05 * np.dot(w, w)


def _chain(d: Any) -> Any:
    """A tridiagonal system by elimination."""
    r, c, e = [1.0, 0.0, 2.0], [-1.0 / d[0]], [1.0 / d[0]]
    for i in range(1, 3):
        pivot = d[i] + c[i - 1]
        c.append(-1.0 / pivot)
        e.append((r[i] + e[i - 1]) / pivot)
    x = [0.0, 0.0, e[2]]
    for i in (1, 0):
        x[i] = e[i] - c[i] * x[i + 1]
    return x[0] ** 2 + x[1] ** 2 + x[2] ** 2


def _springs(q: Any) -> Any:
    pts = q.reshape(3, 2)
    e = 0.0
    for i in range(2):
        d = pts[i + 1] - pts[i]
        e = e + 5.0 * (np.sqrt(d @ d) - 1.0) ** 2
    return e


_TEXTS: list[tuple[str, Callable[..., Any], tuple[Any, ...], str]] = [
    ("a slope that returns early", _huber, (0.5, 0.2), '''
POINTS = [(0.0, 0.1), (1.0, 0.9), (2.0, 4.0), (3.0, 2.9)]

def psi(r, delta=1.0):
    if r > delta:
        return delta
    if r < -delta:
        return -delta
    return r

def gradient(a, b):
    return sum(psi(a*x + b - y)*x for x, y in POINTS), sum(psi(a*x + b - y) for x, y in POINTS)
'''),
    ("differences of arrival", _arrivals, (0.4, 0.7), '''
import math
ANCHORS = [(0.0, 0.0), (3.0, 0.0), (0.0, 3.0)]
LATE = {1: 0.9, 2: 1.0}

def gradient(x, y):
    d = [math.dist((x, y), p) for p in ANCHORS]
    unit = lambda k: ((x - ANCHORS[k][0])/d[k], (y - ANCHORS[k][1])/d[k])
    gx = gy = 0.0
    for k, late in LATE.items():
        e = 2*(d[k] - d[0] - late)
        gx += e*(unit(k)[0] - unit(0)[0])
        gy += e*(unit(k)[1] - unit(0)[1])
    return gx, gy
'''),
    ("forces of all pairs at once", _coulomb, (np.array([[0.0, 0.3], [1.1, 0.1], [0.4, 1.0]]),), '''
import numpy as np
q = np.array([1.0, -1.5, 0.7])

def gradient(x):
    diff = x[:, None, :] - x[None, :, :]
    r2 = np.sum(diff**2, axis=-1)
    np.fill_diagonal(r2, 1.0)
    w = -np.outer(q, q)/(r2*np.sqrt(r2))
    np.fill_diagonal(w, 0.0)
    return np.sum(w[:, :, None]*diff, axis=1)
'''),
    ("sensitivities of a filter", _kalman, (0.5, 0.8, 0.3), '''
SEEN = [0.4, 0.9, 0.1]

def gradient(q, r, a):
    m, P = 0.0, 1.0
    dm, dP, g = [0.0]*3, [0.0]*3, [0.0]*3
    for y in SEEN:
        dm = [a*dm[0], a*dm[1], a*dm[2] + m]
        dP = [a*a*dP[0] + 1, a*a*dP[1], a*a*dP[2] + 2*a*P]
        m, P = a*m, a*a*P + q
        S, v = P + r, y - m
        K = P/S
        for j in range(3):
            dS = dP[j] + (1.0 if j == 1 else 0.0)
            g[j] += 0.5*(dS/S - 2*v*dm[j]/S - v*v*dS/S**2)
            dK = dP[j]/S - P*dS/S**2
            dm[j] += dK*v - K*dm[j]
            dP[j] = (1 - K)*dP[j] - dK*P
        m, P = m + K*v, (1 - K)*P
    return g
'''),
    ("a stable sigmoid", _logistic, (np.array([0.2, -0.4]),), '''
import numpy as np
X = np.array([[1.0, 0.5], [1.0, -0.3], [1.0, 1.5]])
y = np.array([1.0, -1.0, 1.0])

def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1/(1 + e), e/(1 + e))

def gradient(w):
    return -X.T @ (y*sigmoid(-y*(X @ w))) + 0.1*w
'''),
    ("an adjoint", _chain, (np.array([2.0, 2.5, 3.0]),), '''
import numpy as np

def solve(d, r):
    A = np.diag(d) - np.diag(np.ones(2), 1) - np.diag(np.ones(2), -1)
    return np.linalg.solve(A, r)

def gradient(d):
    x = solve(d, np.array([1.0, 0.0, 2.0]))
    return -solve(d, 2*x)*x
'''),
    ("springs", _springs, (np.array([0.2, 0.1, 1.3, 0.4, 2.2, -0.3]),), '''
import numpy as np
K, L0 = 10.0, 1.0

def gradient(q):
    pts = q.reshape(-1, 2)
    out = np.zeros((3, 2))
    for i in range(len(pts) - 1):
        d = pts[i + 1] - pts[i]
        force = K*(1 - L0/np.linalg.norm(d))*d
        out[i + 1] += force
        out[i] -= force
    return out.ravel()
'''),
]  # fmt: skip


def texts_by_hand() -> Iterator[Form]:
    """Each text with its function."""
    for name, function, example, text in _TEXTS:
        yield Form(name, function, example, text)

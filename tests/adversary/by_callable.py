"""Right derivatives as people write them: plain Python functions, with NumPy's and SciPy's.

Of optimisation, fitting, robotics, physics, finance, statistics and networks.  Each is a number
wherever its function has a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.special import digamma, expit, gammaln, logsumexp, ndtr, softmax

from verify import Report, verify_gradient, verify_hessian, verify_jacobian

__all__ = ["Claim", "claims"]

_DRAW = np.random.default_rng(3)
A, B = _DRAW.normal(size=(6, 3)), _DRAW.normal(size=6)
Y, T = _DRAW.normal(size=5), np.linspace(0.1, 2.0, 5)
LABELS, SIGNS = np.array([0.0, 1, 1, 0, 1, 0]), np.array([-1.0, 1, 1, -1, 1, -1])
S = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.16]])
PLACES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
RANGES, ONE = np.array([0.8, 0.9, 0.7]), np.eye(3)
W, V, P = np.array([0.3, -0.2, 0.5]), np.array([0.6, 0.9]), np.array([0.2, 0.3, 0.5])
FEW, MANY = _DRAW.normal(size=4), _DRAW.normal(size=6)


class Claim(NamedTuple):
    """A function and a derivative of it that somebody wrote.

    Args:
        name: What to call it.
        function: The function.
        example: One value per argument.
        derivative: Of the same arguments.
        what: "gradient", "hessian" or "jacobian".
    """

    name: str
    function: Callable[..., Any]
    example: tuple[Any, ...]
    derivative: Callable[..., Any]
    what: str = "gradient"

    def verified(self) -> Report:
        """What is known about it."""
        if self.what == "hessian":
            return verify_hessian(self.function, *self.example, hessian=self.derivative)
        if self.what == "jacobian":
            return verify_jacobian(self.function, *self.example, jacobian=self.derivative)
        return verify_gradient(self.function, *self.example, gradient=self.derivative)


def claims() -> Iterator[Claim]:
    """All of them."""
    for what, table in (("gradient", _GRADIENTS), ("hessian", _HESSIANS), ("jacobian", _JACOBIANS)):
        for name, function, example, derivative in table:
            yield Claim(name, function, example, derivative, what)


def _density(x: Any) -> Any:
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _of_rosenbrock(x: Any) -> Any:
    slope = np.zeros_like(x)
    inner = x[1:-1]
    slope[1:-1] = 200 * (inner - x[:-2] ** 2) - 400 * (x[2:] - inner**2) * inner - 2 * (1 - inner)
    slope[0] = -400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0])
    slope[-1] = 200 * (x[-1] - x[-2] ** 2)
    return slope


def _twice_rosenbrock(x: Any) -> Any:
    beside = np.diag(-400 * x[:-1], 1) - np.diag(400 * x[:-1], -1)
    along = np.zeros_like(x)
    along[0], along[-1] = 1200 * x[0] ** 2 - 400 * x[1] + 2, 200
    along[1:-1] = 202 + 1200 * x[1:-1] ** 2 - 400 * x[2:]
    return beside + np.diag(along)


def _logistic(w: Any) -> Any:
    return np.sum(np.logaddexp(0, A @ w) - LABELS * (A @ w))


def _decay(p: Any) -> Any:
    return np.sum((p[0] * np.exp(-p[1] * T) + p[2] - Y) ** 2)


def _of_decay(p: Any) -> Any:
    e = np.exp(-p[1] * T)
    r = p[0] * e + p[2] - Y
    return 2 * np.array([r @ e, -p[0] * np.sum(r * T * e), r.sum()])


def _hill(x: Any, k: Any, n: Any) -> Any:
    return x**n / (k**n + x**n)


def _of_hill(x: Any, k: Any, n: Any) -> Any:
    h = x**n / (k**n + x**n)
    return n * h * (1 - h) / x, -n * h * (1 - h) / k, h * (1 - h) * np.log(x / k)


def _soft_maximum(*x: Any) -> Any:
    m = max(x)
    return m + np.log(sum(np.exp(v - m) for v in x))


def _of_soft_maximum(*x: Any) -> Any:
    m = max(x)
    total = sum(np.exp(v - m) for v in x)
    return tuple(np.exp(v - m) / total for v in x)


def _bearing(x: Any, y: Any) -> Any:
    return np.arctan2(y - 2.0, x - 1.0) ** 2 + (np.hypot(x - 1.0, y - 2.0) - 1) ** 2


def _of_bearing(x: Any, y: Any) -> Any:
    dx, dy = x - 1.0, y - 2.0
    r, a = np.sqrt(dx**2 + dy**2), np.arctan2(dy, dx)
    slope = 2 * (1 - 1 / r)
    return -2 * a * dy / r**2 + slope * dx, 2 * a * dx / r**2 + slope * dy


def _of_ranges(p: Any) -> Any:
    d = p - PLACES
    r = np.linalg.norm(d, axis=1)
    return 2 * ((r - RANGES) / r) @ d


def _bicycle(v: Any, delta: Any, heading: Any) -> Any:
    beta = np.arctan(0.48 * np.tan(delta))
    return v * np.cos(heading + beta) + v / 1.3 * np.sin(beta)


def _of_bicycle(v: Any, delta: Any, heading: Any) -> Any:
    t = np.tan(delta)
    beta = np.arctan(0.48 * t)
    turn = 0.48 * (1 + t**2) / (1 + (0.48 * t) ** 2)
    along, across = np.cos(heading + beta), np.sin(heading + beta)
    return (
        along + np.sin(beta) / 1.3,
        (-v * across + v / 1.3 * np.cos(beta)) * turn,
        -v * across,
    )


def _cluster(x: Any) -> Any:
    energy = 0.0
    for i in range(3):
        for j in range(i):
            energy = energy - 1.0 / np.sqrt(np.sum((x[i] - x[j]) ** 2) + 0.01)
    return energy


def _of_cluster(x: Any) -> Any:
    slope = np.zeros((3, 2))
    for i in range(3):
        for j in range(3):
            if i != j:
                d = x[i] - x[j]
                slope[i] += d / (d @ d + 0.01) ** 1.5
    return slope


def _call(s: Any, k: Any, r: Any, v: Any, t: Any) -> Any:
    d = (np.log(s / k) + (r + 0.5 * v**2) * t) / (v * np.sqrt(t))
    return s * ndtr(d) - k * np.exp(-r * t) * ndtr(d - v * np.sqrt(t))


def _of_call(s: Any, k: Any, r: Any, v: Any, t: Any) -> Any:
    d = (np.log(s / k) + (r + 0.5 * v**2) * t) / (v * np.sqrt(t))
    paid = np.exp(-r * t) * ndtr(d - v * np.sqrt(t))
    vega = s * _density(d) * np.sqrt(t)
    return ndtr(d), -paid, k * t * paid, vega, vega * v / (2 * t) + r * k * paid


def _normal(m: Any, s: Any) -> Any:
    return np.sum(0.5 * ((Y - m) / s) ** 2) + 5 * np.log(s)


def _of_normal(m: Any, s: Any) -> Any:
    mean, spread = np.mean(Y), np.var(Y)
    return 5 * (m - mean) / s**2, 5 / s - 5 * (spread + (m - mean) ** 2) / s**3


def _of_line(a: Any, b: Any) -> Any:
    first = 5 * a + b * T.sum() - Y.sum()
    return 2 * first, 2 * (a * T.sum() + b * (T * T).sum() - (T * Y).sum())


def _of_gamma(k: Any, scale: Any) -> Any:
    logs = np.log(Y**2).sum()
    return 5 * (digamma(k) + np.log(scale)) - logs, 5 * k / scale - np.sum(Y**2) / scale**2


def _cholesky(a: Any, b: Any, c: Any) -> Any:
    first = np.sqrt(a)
    return 2 * np.log(first) + 2 * np.log(np.sqrt(c - (b / first) ** 2))


def _mixture(m: Any, n: Any, p: Any) -> Any:
    one, other = np.exp(-0.5 * (Y - m) ** 2), np.exp(-0.5 * (Y - n) ** 2)
    return -np.sum(np.log(p * one + (1 - p) * other))


def _of_mixture(m: Any, n: Any, p: Any) -> Any:
    one, other = np.exp(-0.5 * (Y - m) ** 2), np.exp(-0.5 * (Y - n) ** 2)
    total = p * one + (1 - p) * other
    r = p * one / total
    return -np.sum(r * (Y - m)), -np.sum((1 - r) * (Y - n)), -np.sum((one - other) / total)


def _network(w: Any, v: Any) -> Any:
    return 0.5 * (v @ np.tanh(w @ P) - 1.0) ** 2


def _of_network(w: Any, v: Any) -> Any:
    h = np.tanh(w @ P)
    e = v @ h - 1.0
    return np.outer(e * v * (1 - h**2), P), e * h


def _attention(q: Any) -> Any:
    p = np.exp(A[:4] @ q - np.max(A[:4] @ q))
    return (p / p.sum()) @ B[:4]


def _of_attention(q: Any) -> Any:
    p = softmax(A[:4] @ q)
    return A[:4].T @ (p * (B[:4] - p @ B[:4]))


def _normed(x: Any) -> Any:
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) @ FEW


def _of_normed(x: Any) -> Any:
    s = np.sqrt(np.var(x) + 1e-5)
    n = (x - np.mean(x)) / s
    return (FEW - FEW.mean() - n * np.mean(FEW * n)) / s


def _recurrent(w: Any, u: Any, h: Any) -> Any:
    for x in (0.3, -0.2, 0.5):
        h = np.tanh(w * h + u * x)
    return 0.5 * h * h


def _of_recurrent(w: Any, u: Any, h: Any) -> Any:
    states = [h]
    for x in (0.3, -0.2, 0.5):
        states.append(np.tanh(w * states[-1] + u * x))
    bar, by_w, by_u = states[-1], 0.0, 0.0
    for k, x in ((2, 0.5), (1, -0.2), (0, 0.3)):
        bar = bar * (1 - states[k + 1] ** 2)
        by_w, by_u, bar = by_w + bar * states[k], by_u + bar * x, bar * w
    return by_w, by_u, bar


def _root(w: Any) -> Any:
    return np.sqrt(w @ w)


def _covariance(x: Any) -> Any:
    p = np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x)))
    return np.diag(p) - np.outer(p, p)


def _of_polar(w: Any) -> Any:
    r = w[0] ** 2 + w[1] ** 2
    return np.array([[w[0] / np.sqrt(r), w[1] / np.sqrt(r)], [-w[1] / r, w[0] / r]])


_Table = list[tuple[str, Callable[..., Any], tuple[Any, ...], Callable[..., Any]]]
_GRADIENTS: _Table = [
    ("Rosenbrock", _rosenbrock, (MANY,), _of_rosenbrock),
    ("least squares", lambda w: 0.5 * np.sum((A @ w - B) ** 2), (W,), lambda w: A.T @ (A @ w - B)),
    ("normal equations", lambda w: np.mean((A @ w - B) ** 2), (W,),
     lambda w: 2 * ((A.T @ A) @ w - A.T @ B) / len(B)),
    ("logistic", _logistic, (W,), lambda w: A.T @ (expit(A @ w) - LABELS)),
    ("hinge", lambda w: 0.5 * w @ w + np.sum(np.maximum(0, 1 - SIGNS * (A @ w))), (W,),
     lambda w: w - A.T @ (SIGNS * (SIGNS * (A @ w) < 1))),
    ("decay", _decay, (np.array([1.2, 0.8, 0.1]),), _of_decay),
    ("Hill", _hill, (1.2, 0.7, 2.2), _of_hill),
    ("soft maximum", _soft_maximum, tuple(MANY), _of_soft_maximum),
    ("log of a sum", logsumexp, (MANY,), lambda x: np.exp(x - logsumexp(x))),
    ("bearing", _bearing, (2.0, 3.5), _of_bearing),
    ("ranges", lambda p: np.sum((np.linalg.norm(p - PLACES, axis=1) - RANGES) ** 2), (V,),
     _of_ranges),
    ("bicycle", _bicycle, (3.0, 0.1, 0.3), _of_bicycle),
    ("cluster", _cluster, (MANY.reshape(3, 2),), _of_cluster),
    ("call", _call, (100.0, 95.0, 0.03, 0.2, 1.5), _of_call),
    ("Sharpe", lambda w: (w @ RANGES) / np.sqrt(w @ S @ w), (P,),
     lambda w: (RANGES * (w @ S @ w) - (w @ RANGES) * (S @ w)) / (w @ S @ w) ** 1.5),
    ("normal data", _normal, (0.3, 1.2), _of_normal),
    ("line", lambda a, b: np.sum((a + b * T - Y) ** 2), (0.2, 0.4), _of_line),
    ("centre", lambda c: np.sum((A - c) ** 2), (W,), lambda c: 2 * (6 * c - A.sum(axis=0))),
    ("gamma data", lambda k, scale: np.sum(
        gammaln(k) + k * np.log(scale) - (k - 1) * np.log(Y**2) + Y**2 / scale), (1.3, 1.2),
     _of_gamma),
    ("Cholesky", _cholesky, (2.0, 0.3, 1.5),
     lambda a, b, c: (c / (a * c - b**2), -2 * b / (a * c - b**2), a / (a * c - b**2))),
    ("mixture", _mixture, (0.1, 0.9, 0.4), _of_mixture),
    ("probit", lambda w: -np.sum(np.log(ndtr(SIGNS * (A @ w)))), (W,),
     lambda w: -A.T @ (SIGNS * _density(A @ w) / ndtr(SIGNS * (A @ w)))),
    ("network", _network, (A[:4], FEW), _of_network),
    ("attention", _attention, (W,), _of_attention),
    ("layer norm", _normed, (MANY[:4],), _of_normed),
    ("recurrent", _recurrent, (0.5, 0.3, 0.1), _of_recurrent),
    ("root of a square", lambda x: np.sqrt(x * x), (0.4,), np.sign),
    ("general power", lambda x, y: x**y, (0.4, 1.3),
     lambda x, y: (y * np.exp((y - 1) * np.log(x)), np.exp(y * np.log(x)) * np.log(x))),
    ("decimals", lambda x: 0.1 * x + 0.2 * x, (1.4,), lambda x: 0.3),
]  # fmt: skip
_HESSIANS: _Table = [
    ("Rosenbrock", _rosenbrock, (MANY[:4],), _twice_rosenbrock),
    ("logistic", _logistic, (W,),
     lambda w: A.T @ np.diag(expit(A @ w) * (1 - expit(A @ w))) @ A),
    ("log of a sum", lambda x: np.log(np.sum(np.exp(x))), (FEW,), _covariance),
    ("length", _root, (W,), lambda w: ONE / _root(w) - np.outer(w, w) / _root(w) ** 3),
    ("spring", lambda w: 0.5 * (_root(w) - 1) ** 2, (W,),
     lambda w: (1 - 1 / _root(w)) * ONE + np.outer(w, w) / _root(w) ** 3),
    ("Kepler", lambda w: -1 / _root(w), (W,),
     lambda w: (_root(w) ** 2 * ONE - 3 * np.outer(w, w)) / _root(w) ** 5),
    ("barrier", lambda x: x @ W - np.sum(np.log(x)), (P,), lambda x: np.diag(1 / x**2)),
]  # fmt: skip
_JACOBIANS: _Table = [
    ("polar", lambda w: np.array([np.hypot(w[0], w[1]), np.arctan2(w[1], w[0])]), (V,), _of_polar),
    ("softmax", lambda x: np.exp(x) / np.sum(np.exp(x)), (FEW,), _covariance),
    ("direction", lambda x: x / np.linalg.norm(x), (W,),
     lambda x: ONE / np.linalg.norm(x) - np.outer(x, x) / np.linalg.norm(x) ** 3),
    ("residuals", lambda p: p[0] * np.exp(-p[1] * T) - Y, (V,),
     lambda p: np.column_stack([np.exp(-p[1] * T), -p[0] * T * np.exp(-p[1] * T)])),
    ("rectified", lambda x: np.maximum(A @ x, 0), (W,), lambda x: (A @ x > 0)[:, None] * A),
    ("pinhole", lambda x: np.array([500 * x[0] / x[2] + 320, 500 * x[1] / x[2] + 240]), (P,),
     lambda x: np.array([[500 / x[2], 0, -500 * x[0] / x[2] ** 2],
                         [0, 500 / x[2], -500 * x[1] / x[2] ** 2]])),
]  # fmt: skip

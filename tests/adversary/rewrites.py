"""Right gradients that do not look it: written by hand, other ways than our own text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["REWRITES"]


def _norm(w: Any) -> Any:
    return np.sqrt(np.sum(w * w))


W = (np.array([1.25, 0.75]),)

# A function's name, its parameters, the function, its example, and right gradients of it, each as
# one expression.
REWRITES: list[tuple[str, str, Callable[..., Any], tuple[Any, ...], list[str]]] = [
    ("x*x", "x", lambda x: x * x, (1.25,), [
        "x + x", "2*x", "2.0*x", "x*2", "x/0.5", "4*x - 2*x", "sum([x, x])", "x*(1 + 1)",
        "-(-2*x)", "2*x if x > 0 else 2*x", "2*abs(x) if x >= 0 else -2*abs(x)",
        "1/(0.5/x) if x != 0 else 0.0",
        "(x + 1)**2 - x**2 - 1", "numpy.add(x, x)", "(x**3 + x**3)/x**2 if x != 0 else 0.0",
        "max(2*x, -1e308) if x > -1 else 2*x", "2*x*(math.sin(x)**2 + math.cos(x)**2)",
        "2*x*math.exp(0.0)", "math.fsum([x, x])", "x*4**0.5",
    ]),
    ("abs", "x", abs, (1.25,), [
        "1.0 if x > 0 else -1.0 if x < 0 else 0.0", "numpy.sign(x)", "(x > 0) - (x < 0)",
        "x/abs(x) if x != 0 else 0.0", "1.0*(x > 0) - 1.0*(x < 0)",
        "0.0 if x == 0 else (1.0 if x >= 0 else -1.0)",
    ]),
    ("relu", "x", lambda x: np.maximum(x, 0.0), (1.25,), [
        "1.0 if x > 0 else 0.0", "float(x > 0)", "numpy.where(x > 0, 1.0, 0.0)",
        "0.0 if x <= 0 else 1.0", "1.0*(x > 0)", "0.0 if not x > 0 else 1.0",
        "numpy.heaviside(x, 0.0)",
    ]),
    ("exp", "x", lambda x: ad.exp(-x * x), (1.25,), [
        "-2*x*math.exp(-x*x)", "-2*x/math.exp(x*x)", "-2*x*math.exp(-x**2)",
        "-2*x*math.e**(-x*x)", "-2*x*math.exp(-x*x/2)**2", "-2*x*numpy.exp(-(x**2))",
        "-2*x*2**(-x*x/math.log(2))",
    ]),
    ("log", "x", lambda x: ad.log(1 + x * x), (1.25,), [
        "2*x/(1 + x*x)", "2*x/(x**2 + 1)", "2/(x + 1/x) if x != 0 else 0.0",
        "(x + x)*(1 + x*x)**-1",
        "2*x*(1/(1.0 + x*x))",
    ]),
    ("sigmoid", "x", lambda x: 1 / (1 + ad.exp(-x)), (1.25,), [
        "math.exp(-x)/(1 + math.exp(-x))**2", "1/(1 + math.exp(-x))*(1 - 1/(1 + math.exp(-x)))",
        "1/(math.exp(x/2) + math.exp(-x/2))**2", "0.25/math.cosh(x/2)**2",
        "0.25*(1 - math.tanh(x/2)**2)", "1/(2 + math.exp(x) + math.exp(-x))",
        "math.exp(x)/(1 + math.exp(x))**2",
    ]),
    ("tan", "x", lambda x: ad.sin(x) / ad.cos(x), (0.7,), [
        "1/math.cos(x)**2", "1 + math.tan(x)**2", "1 + (math.sin(x)/math.cos(x))**2",
        "2/(1 + math.cos(2*x))",
    ]),
    ("sqrt", "x", lambda x: ad.sqrt(1 + x * x), (1.25,), [
        "x/math.sqrt(1 + x*x)", "x*(1 + x*x)**-0.5", "x/math.hypot(1.0, x)", "x/(1 + x*x)**0.5",
        "math.sin(math.atan(x))", "math.tanh(math.asinh(x))",
    ]),
    ("pow", "x", lambda x: (1 + x * x) ** 1.5, (1.25,), [
        "3*x*math.sqrt(1 + x*x)", "3*x*(1 + x*x)**0.5", "1.5*(1 + x*x)**0.5*2*x",
        "3*x*math.exp(0.5*math.log(1 + x*x))",
    ]),
    ("x y", "x, y", lambda x, y: x * y + ad.sin(x), (1.25, 0.7), [
        "y + math.cos(x), x", "math.cos(x) + y, x*1.0", "y + 1 - 2*math.sin(x/2)**2, x",
    ]),
    ("hypot", "x, y", lambda x, y: ad.sqrt(x * x + y * y + 1), (1.25, 0.7), [
        "x/math.sqrt(x*x + y*y + 1), y/math.sqrt(x*x + y*y + 1)",
        "x/(1 + x**2 + y**2)**0.5, y*(1 + x**2 + y**2)**-0.5",
    ]),
    ("norm", "w", _norm, W, [
        "[w[0]/math.sqrt(w[0]**2 + w[1]**2), w[1]/math.sqrt(w[0]**2 + w[1]**2)]",
        "w/numpy.sqrt(numpy.sum(w*w))", "w/math.hypot(w[0], w[1])",
        "w/numpy.sqrt(w @ w)",
    ]),
    ("maximum", "x, y", np.maximum, (1.25, 0.7), [
        "(1.0 if x > y else 0.5 if x == y else 0.0), (1.0 if y > x else 0.5 if x == y else 0.0)",
        "0.5*(1 + numpy.sign(x - y)), 0.5*(1 - numpy.sign(x - y))",
        "0.5*((x > y) + (x >= y)), 0.5*((y > x) + (y >= x))",
    ]),
    ("where", "x", lambda x: np.where(x > 1.0, x * x, x), (1.25,), [
        "2*x if x > 1 else 1.0", "1.0 if x <= 1 else 2*x", "1 + (x > 1)*(2*x - 1)",
        "2*x if not x <= 1 else 1.0",
    ]),
]  # fmt: skip

"""Right gradients as people write them: constants folded, branches in another order, stable forms.

Each is a number wherever its function has a derivative, apart from a few that say where they are
not; those are for the reports to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

import autodiff as ad
from tests.adversary.sympy_forms import Form

__all__ = ["by_hand"]


def _logsumexp(x: Any, y: Any) -> Any:
    return ad.log(ad.exp(x) + ad.exp(y))


def _shifted(x: Any, y: Any) -> Any:
    m = np.maximum(x, y)
    return m + ad.log(ad.exp(x - m) + ad.exp(y - m))


def _huber(x: Any) -> Any:
    return np.where(abs(x) <= 1.0, 0.5 * x * x, abs(x) - 0.5)


def _huber_by_clip(x: Any) -> Any:
    c = np.clip(x, -1.0, 1.0)
    return c * (x - 0.5 * c)


def _normal_pdf(x: Any) -> Any:
    return ad.exp(-x * x / 2.0) / np.sqrt(2.0 * np.pi)


def _normal_cdf(x: Any) -> Any:
    return 0.5 * (1.0 + ad.erf(x / np.sqrt(2.0)))


def _gauss(x: Any, s: float = 0.1) -> Any:
    return ad.exp(-x * x / (2.0 * s**2))


def _norm(w: Any) -> Any:
    return np.sqrt(np.sum(w * w))


def _softmax(w: Any) -> Any:
    e = np.exp(w)
    return e[0] / np.sum(e)


W = (np.array([1.25, 0.75]),)
X, Y, XY, XYZ = (1.25,), (0.7,), (1.25, 0.7), (1.25, 0.7, 0.3)

# What it is, its parameters, the function, an example, and right gradients: expressions, or
# statements whose last is an expression.
_GRADIENTS: list[tuple[str, str, Callable[..., Any], tuple[Any, ...], list[str]]] = [
    ("spring 0.1**2", "x", lambda x: 0.1**2 * x * x, X, [
        "0.02*x", "2*0.01*x", "0.1*0.2*x", "x/50", "2*0.1**2*x", "0.2*x*0.1", "x*0.02"]),
    ("gauss of 0.1", "x", _gauss, X, [
        "-x/0.01*math.exp(-x*x/0.02)", "-100*x*math.exp(-50*x*x)",
        "-x*math.exp(-0.5*(x/0.1)**2)/0.1**2", "-(x/0.1**2)*math.exp(-x**2/(2*0.1**2))"]),
    ("normal density", "x", _normal_pdf, X, [
        "-x*math.exp(-x*x/2)/math.sqrt(2*math.pi)", "-x*0.3989422804014327*math.exp(-0.5*x**2)",
        "-x/numpy.sqrt(2*numpy.pi)*numpy.exp(-0.5*x*x)",
        "-x*math.exp(-x*x/2)/2.5066282746310002", "-x*(2*math.pi)**-0.5*math.exp(-x**2/2)"]),
    ("normal distribution", "x", _normal_cdf, X, [
        "math.exp(-x*x/2)/math.sqrt(2*math.pi)", "0.3989422804014327*math.exp(-x*x/2)",
        "math.exp(-0.5*x*x)/(math.sqrt(2)*math.sqrt(math.pi))"]),
    ("power of 3.4", "x", lambda x: 3.4**12 * x * x, X, [
        "2*3.4**12*x", "2*3.4**6*3.4**6*x", "6.8*3.4**11*x", "2*x*math.pow(3.4, 12)"]),
    ("decimals", "x", lambda x: 0.3 * x * x + 0.7 * x, X, [
        "0.6*x + 0.7", "0.7 + 0.6*x", "(6*x + 7)/10", "0.1*(6*x + 7)", "2*0.3*x + 0.7"]),
    ("thirds", "x", lambda x: x**3 / 3.0 - x / 6.0, X, [
        "x*x - 1/6", "x**2 - 0.16666666666666666", "(6*x*x - 1)/6"]),
    ("rate", "x, y", lambda x, y: 0.05 * x * ad.exp(-0.05 * y), XY, [
        "0.05*math.exp(-0.05*y), -0.0025*x*math.exp(-0.05*y)",
        "math.exp(-y/20)/20, -x*math.exp(-y/20)/400"]),
    ("base two", "x", lambda x: 2.0**x, X, [
        "math.log(2)*2**x", "0.6931471805599453*2.0**x",
        "math.log(2.0)*math.exp(x*math.log(2.0))"]),
    ("max of three", "x, y", lambda x, y: np.maximum(np.maximum(x, y), 0.5), XY, [
        "(1.0 if x > y and x > 0.5 else 0.5 if x == y and x > 0.5 else 0.0), "
        "(1.0 if y > x and y > 0.5 else 0.5 if x == y and x > 0.5 else 0.0)"]),
    ("max of three inputs", "x, y, z", lambda x, y, z: np.maximum(np.maximum(x, y), z), XYZ, [
        "(1.0 if x > y and x > z else 0.0), (1.0 if y >= x and y > z else 0.0), "
        "(1.0 if z >= x and z >= y else 0.0)",
        "1.0*(x >= y and x >= z), 1.0*(y > x and y >= z), 1.0*(z > x and z > y)",
        "m = max(x, y, z); (1.0*(x == m), 1.0*(y == m and x < m), 1.0*(z == m and z > x and "
        "z > y))"]),
    ("max times", "x, y", lambda x, y: np.maximum(x, y) ** 2, XY, [
        "(2*x if x > y else x if x == y else 0.0), (2*y if y > x else y if x == y else 0.0)",
        "2*max(x, y)*0.5*(1 + numpy.sign(x - y)), 2*max(x, y)*0.5*(1 - numpy.sign(x - y))"]),
    ("max(x, -x)", "x", lambda x: np.maximum(x, -x) * x, X, [
        "2*abs(x)", "2*x if x > 0 else -2*x", "2*max(x, -x)", "abs(x)*2.0",
        "x*numpy.sign(x)*2", "2*math.sqrt(x*x)"]),
    ("squared relu", "x", lambda x: np.maximum(x, 0.0) ** 2, X, [
        "2*max(x, 0.0)", "2*x if x > 0 else 0.0", "x + abs(x)", "2*x*(x > 0)"]),
    ("huber", "x", _huber, X, [
        "max(-1.0, min(1.0, x))", "x if abs(x) <= 1 else numpy.sign(x)", "numpy.clip(x, -1, 1)",
        "x if -1 <= x <= 1 else (1.0 if x > 0 else -1.0)", "min(max(x, -1.0), 1.0)"]),
    ("huber by clip", "x", _huber_by_clip, X, [
        "numpy.clip(x, -1.0, 1.0)", "x if abs(x) < 1 else numpy.sign(x)",
        "-1.0 if x < -1 else 1.0 if x > 1 else x", "max(min(x, 1.0), -1.0)"]),
    ("sqrt of a square", "x", lambda x: x * ad.sqrt(x * x + 0.0) + x, X, [
        "2*abs(x) + 1", "2*x*numpy.sign(x) + 1", "1 + (2*x if x > 0 else -2*x)"]),
    ("logsumexp", "x, y", _logsumexp, XY, [
        "1/(1 + math.exp(y - x)), 1/(1 + math.exp(x - y))",
        "m = max(x, y); a = math.exp(x - m); b = math.exp(y - m); (a/(a + b), b/(a + b))",
        "l = math.log(math.exp(x) + math.exp(y)); (math.exp(x - l), math.exp(y - l))",
        "m = max(x, y); l = m + math.log(math.exp(x - m) + math.exp(y - m)); "
        "(math.exp(x - l), math.exp(y - l))"]),
    ("logsumexp and its value", "x, y", _logsumexp, XY, [
        "m = max(x, y); a = math.exp(x - m); b = math.exp(y - m); "
        "(m + math.log(a + b), (a/(a + b), b/(a + b)))",
        "m = max(x, y); (m + math.log1p(math.exp(-abs(x - y))), "
        "(1/(1 + math.exp(y - x)), 1/(1 + math.exp(x - y))))"]),
    ("shifted logsumexp", "x, y", _shifted, XY, [
        "1/(1 + math.exp(y - x)), 1/(1 + math.exp(x - y))",
        "math.exp(x)/(math.exp(x) + math.exp(y)), math.exp(y)/(math.exp(x) + math.exp(y))"]),
    ("log gamma", "x", lambda x: ad.lgamma(x + 1.0), X, [
        "ad.digamma(x + 1)", "ad.digamma(1.0 + x)"]),
    ("log of a product", "x, y", lambda x, y: ad.log(x * y), XY, [
        "1/x, 1/y", "y/(x*y), x/(x*y)"]),
    ("log of a quotient", "x, y", lambda x, y: ad.log(x) - ad.log(y), XY, [
        "1/x, -1/y", "1.0/x, -y/(y*y)"]),
    ("value of a log", "x, y", lambda x, y: ad.log(x) + ad.log(y), XY, [
        "(math.log(x*y), (1/x, 1/y))"]),
    ("acosh", "x", np.arccosh, (1.7,), [
        "1/math.sqrt(x*x - 1)", "1/math.sqrt((x - 1)*(x + 1))",
        "1/(math.sqrt(x - 1)*math.sqrt(x + 1))", "(x*x - 1)**-0.5"]),
    ("asinh", "x", np.arcsinh, Y, [
        "1/math.sqrt(1 + x*x)", "1/math.hypot(1.0, x)", "(1 + x**2)**-0.5"]),
    ("atanh", "x", np.arctanh, (0.3,), [
        "1/(1 - x*x)", "1/((1 - x)*(1 + x))", "0.5/(1 - x) + 0.5/(1 + x)"]),
    ("asin", "x", np.arcsin, (0.3,), [
        "1/math.sqrt(1 - x*x)", "1/math.sqrt((1 - x)*(1 + x))", "(1 - x**2)**-0.5"]),
    ("pow by exp and log", "x", lambda x: x**2.5, X, [
        "2.5*x**1.5", "2.5*x*math.sqrt(x)", "2.5*math.sqrt(x)**3", "x**1.5*5/2"]),
    ("pow of two", "x, y", lambda x, y: x**y, XY, [
        "y*x**(y - 1), x**y*math.log(x)", "y*math.exp((y - 1)*math.log(x)), x**y*math.log(x)",
        "y*x**y/x, math.log(x)*math.exp(y*math.log(x))"]),
    ("sigmoid", "x", lambda x: 1 / (1 + ad.exp(-x)), X, [
        "s = 1/(1 + math.exp(-x)); s*(1 - s)", "0.25/math.cosh(x/2)**2",
        "(1 - math.tanh(x/2)**2)/4", "s = 1/(1 + math.exp(-x)); s - s*s",
        "e = math.exp(-abs(x)); e/(1 + e)**2", "1/(2*math.cosh(x) + 2)"]),
    ("softplus", "x", lambda x: np.log1p(np.exp(x)), X, [
        "1/(1 + math.exp(-x))", "math.exp(x)/(1 + math.exp(x))", "0.5*(1 + math.tanh(x/2))",
        "1/(1 + math.exp(-x)) if x > 0 else math.exp(x)/(1 + math.exp(x))"]),
    ("tanh", "x", np.tanh, X, [
        "1 - math.tanh(x)**2", "1/math.cosh(x)**2", "4/(math.exp(x) + math.exp(-x))**2",
        "(1 - math.tanh(x))*(1 + math.tanh(x))",
        "1 - ((math.exp(2*x) - 1)/(math.exp(2*x) + 1))**2"]),
    ("cosh", "x", np.cosh, X, [
        "math.sinh(x)", "(math.exp(x) - math.exp(-x))/2", "0.5*(math.exp(2*x) - 1)/math.exp(x)"]),
    ("tan", "x", np.tan, Y, [
        "1 + math.tan(x)**2", "1/math.cos(x)**2", "2/(1 + math.cos(2*x))",
        "(math.sin(x)/math.cos(x))**2 + 1"]),
    ("half angles", "x", lambda x: ad.sin(x / 2.0) ** 2, Y, [
        "0.5*math.sin(x)", "math.sin(x/2)*math.cos(x/2)", "math.sin(x)/2"]),
    ("double angles", "x", lambda x: ad.sin(x) * ad.cos(x), Y, [
        "math.cos(2*x)", "1 - 2*math.sin(x)**2", "2*math.cos(x)**2 - 1",
        "(math.cos(x) - math.sin(x))*(math.cos(x) + math.sin(x))"]),
    ("sum of angles", "x, y", lambda x, y: ad.sin(x + y), XY, [
        "c = math.cos(x)*math.cos(y) - math.sin(x)*math.sin(y); (c, c)", "math.cos(x + y), "
        "math.cos(y + x)"]),
    ("erf", "x", ad.erf, X, [
        "2/math.sqrt(math.pi)*math.exp(-x*x)", "1.1283791670955126*math.exp(-x**2)",
        "2*math.pi**-0.5*math.exp(-x*x)", "2/numpy.sqrt(numpy.pi)/math.exp(x*x)"]),
    ("erfc", "x", lambda x: x * ad.erfc(x), X, [
        "math.erfc(x) - 2*x/math.sqrt(math.pi)*math.exp(-x*x)",
        "1 - math.erf(x) - 2*x*math.exp(-x*x)/math.sqrt(math.pi)"]),
    ("cube root", "x", lambda x: np.cbrt(x) ** 2, X, [
        "2/(3*numpy.cbrt(x))"]),
    ("both and either", "x, y", lambda x, y: np.where((x > 0) & (y > 0), x * y, 0.0), XY, [
        "(y if x > 0 and y > 0 else 0.0), (x if x > 0 and y > 0 else 0.0)",
        "(0.0 if x <= 0 or y <= 0 else y), (0.0 if not (x > 0 and y > 0) else x)",
        "y*(x > 0)*(y > 0), x*(x > 0)*(y > 0)"]),
    ("either", "x, y", lambda x, y: np.where((x > 1) | (y > 1), x * y, x), XY, [
        "(y if x > 1 or y > 1 else 1.0), (x if x > 1 or y > 1 else 0.0)",
        "(1.0 if x <= 1 and y <= 1 else y), (0.0 if not (x > 1 or y > 1) else x)"]),
    ("norm", "w", _norm, W, [
        "w/math.hypot(w[0], w[1])", "w/numpy.linalg.norm(w)", "w*(w @ w)**-0.5"]),
    ("softmax", "w", _softmax, W, [
        "e = numpy.exp(w - numpy.max(w)); p = e/numpy.sum(e); [p[0] - p[0]*p[0], -p[0]*p[1]]",
        "p = 1/(1 + math.exp(w[1] - w[0])); [p*(1 - p), -p*(1 - p)]"]),
    ("atan2", "x, y", lambda x, y: np.arctan2(y, x), XY, [
        "-y/(x*x + y*y), x/(x*x + y*y)", "r = math.hypot(x, y); (-y/r/r, x/r**2)"]),
    ("horner", "x", lambda x: 1 + x * (2 + x * (3 + x * 4)), X, [
        "2 + 6*x + 12*x**2", "2 + x*(6 + 12*x)", "2*(1 + 3*x + 6*x*x)"]),
    ("quotients", "x", lambda x: (x - 1) / (x + 1), X, [
        "2/(x + 1)**2", "1/(x + 1) - (x - 1)/(x + 1)**2", "2/(x*x + 2*x + 1)"]),
    ("entropy", "x", lambda x: -x * ad.log(x) - (1 - x) * ad.log(1 - x), (0.3,), [
        "math.log((1 - x)/x)", "math.log(1 - x) - math.log(x)", "math.log(1/x - 1)",
        "math.log1p(-x) - math.log(x)"]),
    ("logit", "x", lambda x: ad.log(x / (1 - x)), (0.3,), [
        "1/(x*(1 - x))", "1/x + 1/(1 - x)", "1/(x - x*x)"]),
    ("swish", "x", lambda x: x / (1 + ad.exp(-x)), X, [
        "s = 1/(1 + math.exp(-x)); s + x*s*(1 - s)", "s = 1/(1 + math.exp(-x)); s*(1 + x*(1 - s))",
        "f = x/(1 + math.exp(-x)); f + (1 - f)/(1 + math.exp(-x))"]),
    ("hinge", "x, y", lambda x, y: np.maximum(0.0, 1.0 - x * y) ** 2, XY, [
        "m = max(0.0, 1 - x*y); (-2*m*y, -2*m*x)",
        "(-2*y*(1 - x*y) if x*y < 1 else 0.0), (-2*x*(1 - x*y) if x*y < 1 else 0.0)"]),
]  # fmt: skip


def by_hand(every: int = 1) -> Iterator[Form]:
    """Each gradient with its function; ``every`` n-th alone."""
    pairs = ((given, text) for given in _GRADIENTS for text in given[-1])
    for (name, head, function, example, _), gradient in islice(pairs, 0, None, every):
        *before, result = gradient.split("; ")
        lines = [*before, f"return {result}"]
        body = "\n".join(f"    {line}" for line in lines)
        imports = "import math\nimport numpy\nimport autodiff as ad\n"
        text = f"{imports}\n\ndef gradient({head}):\n{body}\n"
        yield Form(f"{name}: {gradient}", function, example, text)

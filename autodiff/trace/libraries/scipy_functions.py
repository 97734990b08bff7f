"""SciPy's special functions on traced values, with SciPy's meaning; stats/ has the rest.

SciPy is not needed: what is here is found by the identity of SciPy's own objects, if the program
has imported them.  Formulas are those of SciPy's documentation, in forms that keep their digits.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, SupportsFloat

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import PUBLIC, Primitive, Quantity
from autodiff.trace.arrays import elementwise
from autodiff.trace.libraries.constructors import as_array, as_one
from autodiff.trace.libraries.degrees import DEGREES
from autodiff.trace.libraries.special import (
    differences,
    gammas,
    hypergeometric,
    incomplete,
    integral_sines,
    integrals,
    quantiles,
    short_sums,
)
from autodiff.trace.libraries.special.cylinders import any_order, modified, spheres, struve, waves
from autodiff.trace.libraries.special.elliptic import ELLIPTIC, jacobi
from autodiff.trace.libraries.special.orthogonal import POLYNOMIALS
from autodiff.trace.placeholder import Tracer
from autodiff.trace.whole.fitting import Axes
from autodiff.trace.whole.moving import tracer_in

__all__ = [
    "LOG_2PI",
    "OPTIMIZE",
    "SPECIAL",
    "SPECIAL_FORMS",
    "SPECIAL_ROWS",
    "i0e",
    "log_ndtr",
    "ndtr",
    "ndtri",
    "over_arrays",
    "xlog1py",
]

_HALF = math.sqrt(0.5)
LOG_2PI = math.log(2.0 * math.pi)


# --- special -----------------------------------------------------------------------------------


def ndtr(x: Quantity) -> Quantity:
    """The normal distribution function."""
    return 0.5 * ops.erfc(x * -_HALF)


def ndtri(p: Quantity) -> Quantity:
    """The quantiles of the normal distribution."""
    return ops.erfcinv(2.0 * p) * -math.sqrt(2.0)


def log_ndtr(x: Quantity) -> Quantity:
    """Logarithm of the normal distribution function, with all digits in both tails."""
    below = ops.log_erfc(x * -_HALF) - math.log(2.0)
    found: Quantity = ops.where(x > 0.0, ops.log1p(-ndtr(-x)), below)
    return found


def i0e(x: Quantity) -> object:
    """exp(-abs(x)) times the modified Bessel function of order 0."""
    return ops.where(abs(x) < 50.0, ops.i0(x) * ops.exp(-abs(x)), _far(0.0, x))


def _i1e(x: Quantity) -> object:
    far = ops.where(x < 0.0, -_far(1.0, x), _far(1.0, x))
    return ops.where(abs(x) < 50.0, ops.i1(x) * ops.exp(-abs(x)), far)


def _far(order: float, x: Quantity) -> Quantity:
    """exp(-abs(x)) times a modified Bessel function, by its asymptotic series (DLMF 10.40.1)."""
    y = ops.where(abs(x) < 50.0, 50.0, abs(x))
    total: Quantity = 1.0
    for k in range(14, 0, -1):
        total = 1.0 - total * ((4.0 * order * order - (2.0 * k - 1.0) ** 2) / (8.0 * k)) / y
    found: Quantity = total / ops.sqrt(2.0 * math.pi * y)
    return found


def _entr(x: Quantity) -> object:
    return ops.where(x < 0.0, -math.inf, -ops.xlogy(x, x))


def xlog1py(x: object, y: object) -> Any:
    """``x * log1p(y)``, and 0 where x is 0."""
    return ops.where(ops.eq(x, 0.0) & ops.eq(y, y), 0.0, x * ops.log1p(y))


def _huber(delta: Quantity, r: Quantity) -> object:
    size = abs(r)
    return ops.where(size <= delta, 0.5 * r * r, delta * (size - 0.5 * delta))


def _polygamma(n: object, x: object) -> object:
    return over_arrays(lambda one: ops.polygamma(n, one))(x)


def _of_sphere(name: str) -> Callable[..., object]:
    def function(n: object, z: object, derivative: bool = False) -> object:
        return over_arrays(lambda one: spheres.of_sphere(name, n, one, derivative))(z)

    return function


def _slopes(
    function: Callable[..., Quantity], sign: float, all_signs: float = 1.0
) -> Callable[..., object]:
    slope = spheres.slope_of(function, sign, all_signs)
    return lambda v, z, n=1: over_arrays(lambda order, x: slope(order, x, n))(v, z)


def _multigammaln(a: Quantity, d: int) -> Quantity:
    constant = 0.25 * d * (d - 1) * math.log(math.pi)
    total: Quantity = constant
    for j in range(1, d + 1):
        total = total + ops.lgamma(a + 0.5 * (1 - j))
    return total


def _logsumexp(
    a: object,
    axis: Axes = None,
    b: object = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> object:
    if return_sign:
        raise TraceError(
            f"{user_location()}: scipy.special.logsumexp(return_sign=True) cannot be traced; "
            "leave return_sign out"
        )
    array = as_array(a)
    largest = np.max(array, axis=axis, keepdims=True)
    shift, least = largest, 0.0
    if b is None and _may_be_impossible(array):
        # Where all are -inf the result is, too, and moves with none: no inf - inf, no log(0).
        shift, least = np.maximum(largest, -sys.float_info.max), sys.float_info.min
    terms = np.exp(array - shift)
    total = np.sum(terms if b is None else terms * b, axis=axis, keepdims=True)
    total = np.log(np.maximum(total, least) if least else total) + largest
    if keepdims:
        return total
    squeezed = np.squeeze(total, axis=axis)
    zero_d = isinstance(squeezed, np.ndarray) and squeezed.shape == ()
    return squeezed[()] if zero_d else squeezed


def _may_be_impossible(array: object) -> bool:
    """True unless the trace that an array is part of has met no infinity, such as log(0)."""
    whole = tracer_in(array)
    elements = np.asarray(array, object).flat if whole is None else (whole,)
    tracer = next((x for x in elements if isinstance(x, Tracer)), None)
    return tracer is None or tracer.builder.holds_infinity()


def _softmax(x: object, axis: Axes = None) -> object:
    array = as_array(x)
    terms = np.exp(array - np.max(array, axis=axis, keepdims=True))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def _log_softmax(x: object, axis: Axes = None) -> object:
    array = as_array(x)
    shifted = array - np.max(array, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _lambertw(z: object, k: SupportsFloat = 0, tol: float = 1e-8) -> object:
    return over_arrays(lambda one: integrals.lambertw(one, k))(z)


def _at_once(*functions: Callable[..., object]) -> Callable[..., tuple[object, ...]]:
    """Several functions of the same operands as SciPy gives them."""
    return lambda *operands: tuple(over_arrays(one)(*operands) for one in functions)


def _parts(
    function: Callable[..., tuple[object, ...]], count: int
) -> Callable[..., tuple[object, ...]]:
    """A function that gives several numbers, over arrays as well."""
    return _at_once(*(lambda *x, k=k: function(*x)[k] for k in range(count)))


def _zeta(x: object, q: object = None) -> object:
    return over_arrays(short_sums.riemann)(x) if q is None else over_arrays(short_sums.zeta)(x, q)


def over_arrays(function: Callable[..., object]) -> Callable[..., object]:
    """A function of numbers, over the elements of arrays as well."""

    def over(*given: object) -> object:
        operands = tuple(map(as_one, given))
        if any(isinstance(x, (np.ndarray, list, tuple)) for x in operands):
            return elementwise(function, operands)
        return function(*operands)

    return over


_ELEMENTWISE: dict[str, Callable[..., object]] = {
    **DEGREES,
    **ELLIPTIC,
    **POLYNOMIALS,
    "bdtr": lambda k, n, p: incomplete.binomial(ops.floor(k), n, p)[0],
    "bdtri": lambda k, n, y: ops.sigmoid(
        -quantiles.beta_odds(n - ops.floor(k), ops.floor(k) + 1.0, y, 1.0 - y)
    ),
    "bdtrc": lambda k, n, p: incomplete.binomial(ops.floor(k), n, p)[1],
    "beta": gammas.beta,
    "betainc": incomplete.betainc,
    "betainccinv": lambda a, b, q: ops.sigmoid(quantiles.beta_odds(a, b, 1.0 - q, q)),
    "betaincinv": lambda a, b, p: ops.sigmoid(quantiles.beta_odds(a, b, p, 1.0 - p)),
    "betaincc": incomplete.betaincc,
    "betaln": gammas.betaln,
    "boxcox": lambda x, p: differences.boxcox(ops.log(x), p),
    "boxcox1p": lambda x, p: differences.boxcox(ops.log1p(x), p),
    "binom": gammas.binom,
    "cbrt": ops.cbrt,
    "chdtr": lambda df, x: incomplete.gammainc(0.5 * df, 0.5 * x),
    "chdtri": lambda df, q: 2.0 * quantiles.gamma_quantile(0.5 * df, 1.0 - q, q),
    "chdtrc": lambda df, x: incomplete.gammaincc(0.5 * df, 0.5 * x),
    "cosm1": lambda x: -2.0 * ops.square(ops.sin(0.5 * x)),
    "dawsn": short_sums.dawsn,
    "digamma": ops.digamma,
    "ellipe": integrals.ellipe,
    "ellipk": integrals.ellipk,
    "ellipkm1": integrals.ellipkm1,
    "entr": _entr,
    "erf": ops.erf,
    "erfc": ops.erfc,
    "erfcx": ops.erfcx,
    "exp1": integrals.exp1,
    "exp10": lambda x: ops.pow(10.0, x),
    "exp2": ops.exp2,
    "expi": integrals.expi,
    "expit": ops.sigmoid,
    "expm1": ops.expm1,
    "expn": integrals.expn,
    "exprel": differences.exprel,
    "fdtr": lambda n, m, x: incomplete.fisher(n, m, x)[0],
    "fdtri": lambda n, m, p: quantiles.fisher_quantile(n, m, p, 1.0 - p),
    "fdtrc": lambda n, m, x: incomplete.fisher(n, m, x)[1],
    "gamma": ops.gamma,
    "gammainc": incomplete.gammainc,
    "gammaincc": incomplete.gammaincc,
    "gammainccinv": lambda a, q: quantiles.gamma_quantile(a, 1.0 - q, q),
    "gammaincinv": lambda a, p: quantiles.gamma_quantile(a, p, 1.0 - p),
    "gammaln": ops.lgamma,
    "gammasgn": gammas.gammasgn,
    "gdtr": lambda a, b, x: incomplete.gammainc(b, a * x),
    "gdtrc": lambda a, b, x: incomplete.gammaincc(b, a * x),
    "gdtrix": lambda a, b, p: quantiles.gamma_quantile(b, p, 1.0 - p) / a,
    "huber": _huber,
    "hyp0f1": hypergeometric.hyp0f1,
    "hyp1f1": hypergeometric.hyp1f1,
    "hyp2f1": hypergeometric.hyp2f1,
    "i0": ops.i0,
    "inv_boxcox": differences.inv_boxcox,
    "inv_boxcox1p": lambda y, p: ops.expm1(differences.log_inv_boxcox(y, p)),
    "i0e": i0e,
    "i1": ops.i1,
    "erfcinv": ops.erfcinv,
    "erfi": short_sums.erfi,
    "erfinv": ops.erfinv,
    "i1e": _i1e,
    "ive": modified.ive,
    "iv": any_order.iv,
    "j0": lambda x: ops.jv(0.0, x),
    "j1": lambda x: ops.jv(1.0, x),
    "jn": any_order.jv,
    "jv": any_order.jv,
    "jve": any_order.jv,
    "k0": lambda x: ops.kv(0.0, x),
    "k0e": lambda x: modified.kve(0.0, x),
    "k1": lambda x: ops.kv(1.0, x),
    "k1e": lambda x: modified.kve(1.0, x),
    "kl_div": differences.kl_div,
    "kn": any_order.kv,
    "kolmogorov": short_sums.kolmogorov,
    "kv": any_order.kv,
    "kve": modified.kve,
    "log1p": ops.log1p,
    "log_expit": lambda x: -ops.softplus(-x),
    "log_ndtr": log_ndtr,
    "logit": differences.logit,
    "loggamma": lambda x: incomplete.where_served(x > 0.0, ops.lgamma(x)),
    "nbdtr": lambda k, n, p: incomplete.betainc(n, ops.floor(k) + 1.0, p),
    "nrdtrimn": lambda p, std, x: x - std * ndtri(p),
    "nrdtrisd": lambda mn, p, x: (x - mn) / ndtri(p),
    "nbdtrc": lambda k, n, p: incomplete.betaincc(n, ops.floor(k) + 1.0, p),
    "nbdtri": lambda k, n, y: ops.sigmoid(quantiles.beta_odds(n, ops.floor(k) + 1.0, y, 1.0 - y)),
    "ndtr": ndtr,
    "ndtri": ndtri,
    "owens_t": short_sums.owens_t,
    "pdtr": lambda k, m: incomplete.gammaincc(ops.floor(k) + 1.0, m),
    "pdtri": lambda k, y: quantiles.gamma_quantile(ops.floor(k) + 1.0, 1.0 - y, y),
    "pdtrc": lambda k, m: incomplete.gammainc(ops.floor(k) + 1.0, m),
    "poch": gammas.poch,
    "pseudo_huber": differences.pseudo_huber,
    "powm1": lambda x, y: ops.expm1(ops.xlogy(y, x)),
    "psi": ops.digamma,
    "rel_entr": differences.rel_entr,
    "rgamma": gammas.rgamma,
    "round": ops.rint,
    "sinc": PUBLIC["sinc"],
    "softplus": ops.softplus,
    "spence": short_sums.spence,
    "modstruve": lambda v, x: struve.modified_struve(v, x, any_order.iv),
    "struve": lambda v, x: struve.struve(v, x, any_order.yv),
    "stdtrit": quantiles.student_quantile,
    "stdtr": lambda df, t: incomplete.student_below(t, df)[0],
    "wrightomega": integrals.wrightomega,
    "xlog1py": xlog1py,
    "xlogy": ops.xlogy,
    "y0": lambda x: ops.yv(0.0, x),
    "y1": lambda x: ops.yv(1.0, x),
    "yn": any_order.yv,
    "yv": any_order.yv,
    "yve": any_order.yv,
    "zetac": short_sums.riemann_less_1,
}
# Those that are one primitive each.
SPECIAL_ROWS = {name: row for name, row in _ELEMENTWISE.items() if isinstance(row, Primitive)}
# Those that are a few primitives each: the function itself, no series that comes near to it.
SPECIAL_FORMS = {
    name: _ELEMENTWISE[name]
    for name in (
        "cosm1", "entr", "exp10", "log_expit", "log_ndtr", "ndtr", "ndtri", "xlog1py",
    )
}  # fmt: skip
# What ``scipy.special`` offers under these names, ufuncs and functions alike.
SPECIAL: dict[str, Callable[..., object]] = {
    **{name: over_arrays(function) for name, function in _ELEMENTWISE.items()},
    "airy": _parts(waves.airy, 4),
    "airye": _parts(waves.airye, 4),
    "comb": lambda n, k, *, exact=False, repetition=False: over_arrays(gammas.binom)(
        np.add(n, k) - 1 if repetition else n, k
    ),
    "ellipj": _parts(jacobi, 4),
    "fresnel": _at_once(short_sums.fresnel_s, short_sums.fresnel_c),
    "ivp": _slopes(any_order.iv, 1.0),
    "jvp": _slopes(any_order.jv, -1.0),
    "kvp": _slopes(any_order.kv, 1.0, -1.0),
    "lambertw": _lambertw,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "multigammaln": _multigammaln,
    "polygamma": _polygamma,
    "shichi": _at_once(integral_sines.shi, integral_sines.chi),
    "sici": _at_once(integral_sines.si, integral_sines.ci),
    "softmax": _softmax,
    **{
        name: _of_sphere(name)
        for name in ("spherical_in", "spherical_jn", "spherical_kn", "spherical_yn")
    },
    "yvp": _slopes(any_order.yv, -1.0),
    "zeta": _zeta,
}


# --- optimize ----------------------------------------------------------------------------------


def _rosen(x: object) -> object:
    """Rosenbrock's function along the first axis."""
    array = as_array(x)
    ahead, here = array[1:], array[:-1]
    return np.sum(100.0 * (ahead - here**2.0) ** 2.0 + (1.0 - here) ** 2.0, axis=0)


OPTIMIZE: dict[str, Callable[..., object]] = {"rosen": _rosen}

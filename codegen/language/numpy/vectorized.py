"""NumPy versions of the primitives that NumPy lacks, for the ``numpy`` target, written by hand.

Others are written from their scalar source (codegen/subset/to_numpy.py); these are here because
they are faster (in trials on 4096 and 16384 points by 1.2 to 4.8 times), or because they loop.

Each takes float64 arrays (or floats) and returns an array of the broadcast shape (or a float).
Results are IEEE-754 ones within 4 ulp, with the exceptions of ``special.py``.  Emitters copy
the source text into the files they write, so a function refers to ``np`` and to others of these
functions, and holds its own constants.  Callers silence NumPy's warnings
(``np.errstate(all="ignore")``).

A block of some thousand points stays in the cache, so the cost is the number of passes over it:
every step works in place, and one formula covers the whole line where that is possible.  The
constants are near-minimax rational fits of our own, computed with 150 digits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from codegen.language.numpy import vectorized_bessel
from codegen.language.numpy.polynomials import Floats, horner, rational
from codegen.language.numpy.vectorized_special import digamma, gamma, lgamma, polygamma

__all__ = ["VECTORIZED"]

# Annotations are quoted, so that a copied function needs no import but NumPy's.


def sigmoid(x: "Floats") -> "Floats":
    """1 / (1 + exp(-x)) without overflow: above 40 it is 1."""
    e = np.minimum(x, 40.0, out=np.empty(np.shape(x)))
    np.exp(e, out=e)
    np.divide(e, e + 1.0, out=e)
    return e[()]


def silu(x: "Floats") -> "Floats":
    """x times the logistic function of x."""
    low = np.maximum(x, -800.0, out=np.empty(np.shape(x)))  # finite, so that -inf gives -0.0
    y = np.minimum(low, 40.0, out=np.empty_like(low))
    np.maximum(y, -708.0, out=y)
    np.exp(y, out=y)
    np.divide(y, y + 1.0, out=y)
    y *= low
    if not low.min(initial=0.0) >= -708.0:
        # The rest of exp(x), which would underflow before the product does.
        low += 708.0
        np.minimum(low, 0.0, out=low)
        np.exp(low, out=low)
        y *= low
    return y[()]


def xlogy(x: "Floats", y: "Floats") -> "Floats":
    """x log(y), and 0 where x is zero and y is not nan."""
    product = np.multiply(x, np.log(y))
    return np.where(np.equal(x, 0.0) & np.equal(y, y), 0.0, product)[()]


def vanishing(x: "Floats", y: "Floats") -> "Floats":
    """x times y, and 0 where x is zero and y infinite or nan."""
    return np.where(np.equal(x, 0.0) & ~np.isfinite(y), 0.0, np.multiply(x, y))[()]


def gaussian(x: "Floats", scale: float) -> "Floats":
    """exp(-scale * x * x), to the last digits in the tails too."""
    p = np.multiply(x, scale, out=np.empty(np.shape(x)))
    a = np.multiply(p, x, out=np.empty_like(p))
    if a.max(initial=0.0) < 2.0 or not scale <= 1e300:  # never true of nan
        np.negative(a, out=a)
        np.exp(a, out=a)
        return a[()]
    # What the products p and a lost to rounding, which exp would magnify: their factors are split
    # (Dekker), so that it is found exactly.  From 746 on the result is 0 without it.
    far = a >= 746.0
    y = np.where(far, 0.0, x)
    c = 134217729.0 * y
    high = c - (c - y)
    low = y - high
    lost = np.zeros_like(a)
    if np.frexp(scale)[0] != 0.5:  # a power of two loses nothing
        most = 134217729.0 * scale - (134217729.0 * scale - scale)
        least = scale - most
        lost = ((most * high - scale * y) + most * low + least * high) + least * low
        lost *= y
    p = np.where(far, 0.0, p)
    c = 134217729.0 * p
    s = c - (c - p)
    p -= s
    lost += ((s * high - np.where(far, 0.0, a)) + s * low + p * high) + p * low
    np.negative(a, out=a)
    np.exp(a, out=a)
    lost *= a
    a -= lost
    return a[()]


def erf(x: "Floats") -> "Any":
    """Error function: -expm1(-h) with h = -log(1 - erf|x|), a rational function times |x|."""
    if np.ndim(x) == 1:
        powers = np.empty((7, np.size(x)))
        square = np.multiply(x, x, out=powers[5])
        if square.max(initial=0.0) <= 3.0:  # never true of nan
            # x plus x times a rational function of x*x: one product of matrices evaluates both
            # polynomials, and adds the small terms first.
            powers[6] = 1.0
            np.multiply(square, square, out=powers[4])
            np.multiply(powers[4:6], powers[4], out=powers[2:4])
            np.multiply(powers[4:6], powers[2], out=powers[0:2])
            p, q = np.dot(
                (
                    (
                        -1.5075332622450756e-06,
                        -5.4556263888446214e-05,
                        -0.0009244701066006236,
                        -0.011232556389667032,
                        -0.059916596238946095,
                        -0.31221287914183377,
                        0.1283791670955125,
                    ),
                    (
                        1.636431199945513e-06,
                        6.52913001883632e-05,
                        0.0012729037628754652,
                        0.015104169690226562,
                        0.11294541720679668,
                        0.4978495447196954,
                        1.0,
                    ),
                ),
                powers,
            )
            p /= q
            p *= x
            p += x
            return p
    a = np.abs(x, out=np.empty(np.shape(x)))
    np.minimum(a, 6.0, out=a)
    above = (
        1.709320080024066e-06,
        0.00011461911321754711,
        0.002389339477658484,
        0.023663454552945194,
        0.14018991784728174,
        0.5505212961623408,
        1.497461255623837,
        2.841618419555638,
        3.656086187977314,
        2.9229641197826806,
        1.1283791670955126,
    )
    p = horner(a, above)
    p *= a
    below = (
        1.7093641665087842e-06,
        0.00011460543474907802,
        0.002379702141577221,
        0.02319422906335442,
        0.1326235342618099,
        0.49116508286511407,
        1.2190321373605515,
        2.005869999608759,
        2.0262199215359775,
        1.0,
    )
    q = horner(a, below)
    p /= q
    np.negative(p, out=p)
    np.expm1(p, out=p)
    np.copysign(p, x, out=p)
    return p[()]


def erfc(x: "Floats") -> "Floats":
    """1 - erf(x): exp(-x*x) times a rational function of |x|, reflected below zero."""
    a = np.abs(x, out=np.empty(np.shape(x)))
    np.minimum(a, 27.5, out=a)
    above = (
        9.333815013238843e-06,
        0.00019234044400384586,
        0.0019482502423039114,
        0.012550033116697161,
        0.056252279596915686,
        0.18138978779935944,
        0.42096729063902166,
        0.6808516556601557,
        0.7027895978024369,
        0.3593738628263607,
        -0.0016895835477562795,
    )
    p = horner(a, above)
    below = (
        2.941112242478149e-05,
        0.0006322135499719537,
        0.006715666308488018,
        0.045791892204311443,
        0.22044929750295084,
        0.7810849909908575,
        2.0670730550633714,
        4.068268972528564,
        5.815229925946874,
        5.73293836346894,
        3.499593547928199,
        1.0,
    )
    q = horner(a, below)
    # (c + p / q) / (|x| + k): c and k are such that p / q, and so its rounding, is small.
    p /= q
    p += 0.5641895835477563
    np.add(a, 0.5625, out=q)
    p /= q
    # The rounding error of a*a, as in ``gaussian``.
    h = np.add(a, 6442450944.0, out=q)
    h -= 6442450944.0
    lost = np.subtract(a, h, out=np.empty_like(a))
    lost *= a + h
    h *= h
    a *= a
    h -= a
    lost += h
    lost *= p
    p -= lost
    np.negative(a, out=a)
    np.exp(a, out=a)
    p *= a
    # Below zero 2 - p.
    np.copysign(p, x, out=p)
    np.copysign(1.0, x, out=q)
    np.subtract(1.0, q, out=q)
    p += q
    return p[()]


def gelu(x: "Floats") -> "Floats":
    """x times the normal distribution function at x, whose tail is computed as in ``erfc``."""
    a = np.abs(x, out=np.empty(np.shape(x)))
    np.minimum(a, 39.0, out=a)
    above = (
        2.1013588474214475e-07,
        6.104292234365671e-06,
        8.723067721805423e-05,
        0.0007930955396295771,
        0.005018967423239059,
        0.0228553491861834,
        0.07492381681139834,
        0.1712100482916247,
        0.24980380220151546,
        0.18084271576269606,
        -0.0005047804014327031,
    )
    p = horner(a, above)
    below = (
        6.609977100697158e-07,
        2.003098255159706e-05,
        0.0003001883571241563,
        0.002888989181923378,
        0.019635720036970346,
        0.0982452802584575,
        0.3672125333770177,
        1.02088734640033,
        2.0615276792443527,
        2.8713979747040983,
        2.476630508759918,
        1.0,
    )
    q = horner(a, below)
    p /= q
    p += 0.3989422804014327
    np.add(a, 0.796875, out=q)
    p /= q
    p *= a  # the tail times |x|, before exp(-x*x/2) makes it subnormal
    h = np.add(a, 6442450944.0, out=q)
    h -= 6442450944.0
    lost = np.subtract(a, h, out=np.empty_like(a))
    lost *= a + h
    h *= h
    a *= a
    h -= a
    lost += h
    lost *= 0.5
    lost *= p
    p -= lost
    a *= -0.5
    np.exp(a, out=a)
    p *= a
    # Above zero x less that.
    np.maximum(x, 0.0, out=q)
    q -= p
    np.copysign(q, x, out=q)
    return q[()]


VECTORIZED: dict[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        horner,
        rational,
        sigmoid,
        silu,
        xlogy,
        vanishing,
        gaussian,
        erf,
        erfc,
        gelu,
        gamma,
        lgamma,
        digamma,
        polygamma,
        *(getattr(vectorized_bessel, name) for name in vectorized_bessel.__all__),
    )
}

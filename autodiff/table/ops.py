"""The table: one row per primitive, in sections, with its value, derivative and spellings.

A rule ``partials[i](g, out, *operands)`` gives ``g * d out / d operand_i`` (primitive.py).
The forms are the accurate ones, not the textbook ones: ``1 - tanh(x)**2`` loses every digit in the
tail, ``4e / (1 + e)**2`` with ``e = exp(-2|x|)`` none.  ``when(c, g)`` gates: where ``c`` is false
exactly nothing flows, whatever the derivative upstream is.

A new primitive is one row here and nothing anywhere else; tests walk the registry.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.numbers import bessel, ieee, special
from autodiff.table.primitive import (
    PUBLIC,
    REAL,
    REGISTRY,
    Operand,
    Primitive,
    Rule,
    elementwise,
    install_methods,
    unless,
    when,
)

POSITIVE = (0.0, math.inf)
UNIT = (-1.0, 1.0)
LN2 = 0.6931471805599453
LOG2E = 1.4426950408889634
LOG10E = 0.4342944819032518
TWO_OVER_SQRT_PI = 1.1283791670955126
ONE_OVER_SQRT_TWO_PI = 0.3989422804014327
SQRT_HALF = 0.7071067811865476


def infix(
    name: str, sign: str, ufunc: str, impl: Callable[..., float], *partials: Rule | None, **row: Any
) -> Primitive:
    """A row spelled ``{0} sign {1}`` everywhere."""
    text = f"{{0}} {sign} {{1}}"
    return Primitive(name, impl, partials, text, text, text, ufunc, **row)


def predicate(name: str, sign: str, ufunc: str) -> Primitive:
    """A comparison: a truth value, through which nothing flows."""
    text, sympy = f"{{0}} {sign} {{1}}", {"==": "Eq({0}, {1})", "!=": "Ne({0}, {1})"}
    return Primitive(
        name,
        getattr(ieee, name),
        (None, None),
        text,
        text,
        sympy.get(sign, text),
        ufunc,
        predicate=True,
        commutative=sign in sympy,
    )


def function(
    name: str,
    *partials: Rule | None,
    python: str = "",
    numpy: str = "",
    sympy: str = "",
    ufunc: str | None = None,
    **row: Any,
) -> Primitive:
    """A row spelled ``name(...)``; columns name only what is spelled differently."""
    holes = ", ".join(f"{{{i}}}" for i in range(len(partials)))

    def text(spelling: str) -> str:
        return spelling if "{" in spelling else f"{spelling}({holes})"

    called = numpy or f"np.{name}"
    if ufunc is None:
        ufunc = called.removeprefix("np.") if called.startswith("np.") and "{" not in called else ""
    return Primitive(
        name,
        next(getattr(m, name) for m in (ieee, special, bessel) if hasattr(m, name)),
        partials,
        text(python or name),
        text(called),
        text(sympy or name),
        ufunc,
        **row,
    )


# --- arithmetic ------------------------------------------------------------------------------

add = infix(
    "add",
    "+",
    "add",
    operator.add,
    lambda g, out, x, y: g,
    lambda g, out, x, y: g,
    commutative=True,
)
sub = infix("sub", "-", "subtract", operator.sub, lambda g, out, x, y: g, lambda g, out, x, y: -g)
mul = infix(
    "mul",
    "*",
    "multiply",
    operator.mul,
    lambda g, out, x, y: g * y,
    lambda g, out, x, y: g * x,
    commutative=True,
)
div = infix(
    "div",
    "/",
    "divide",
    ieee.div,
    lambda g, out, x, y: g / y,
    lambda g, out, x, y: -(g / y * out),  # g / y is there already
)
neg = Primitive("neg", operator.neg, (lambda g, out, x: -g,), "-{0}", "-{0}", "-{0}", "negative")
square = Primitive(
    "square",
    lambda x: x * x,
    (lambda g, out, x: 2.0 * g * x,),
    "{0} * {0}",
    "{0} * {0}",
    "{0}**2",
    "square",
)
reciprocal = Primitive(
    "reciprocal",
    lambda x: ieee.div(1.0, x),
    (lambda g, out, x: -(g * out * out),),
    "1.0 / {0}",
    "1.0 / {0}",
    "1 / {0}",
    "reciprocal",
)


def _pow_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    # y - 1 is exact from 0.5 on, and x**(y-1) does not underflow before the derivative does;
    # below, out / x avoids the rounding of the exponent but is nan at zero and infinity.
    exact = logical_or(y >= 0.5, logical_or(x == 0.0, abs(x) == math.inf))
    partial = where(exact, y * _pow(x, y - 1.0), y * (out / x))
    return unless(y == 0.0, g * partial)


def _pow_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    return unless(logical_and(x == 0.0, y >= 0.0), g * (out * log(x)))


_pow = function(
    "pow",
    _pow_base,
    _pow_exponent,
    numpy="np.power",
    sympy="{0} ** {1}",
    domain=(POSITIVE, REAL),
    kinks=(
        ("0 ** y, y > 0", "d/dy = 0"),
        ("0 ** 0", "d/dx = 0, d/dy = 0"),
        ("x < 0", "d/dy = nan"),
    ),
)


def _is_exact_predecessor(n: float) -> bool:
    return math.isfinite(n) and Fraction(n) - 1 == Fraction(n - 1.0)


def _pow_literal_base(g: Any, out: Any, x: Any, n: Any) -> Any:
    n = float(n)
    direct = n * g * _raise_to(x, n - 1.0)
    if _is_exact_predecessor(n):
        return direct
    edge = logical_or(x == 0.0, abs(x) == math.inf)
    return where(edge, direct, n * g * (out / x))


pow_literal = Primitive(
    "pow_literal",
    ieee.pow,
    (_pow_literal_base, None),
    "pow({0}, {1})",
    "np.power({0}, {1})",
    "{0} ** {1}",
    literal=(1,),
    domain=(POSITIVE, REAL),
    kinks=(("0 ** n, 0 < n < 1", "inf"),),
)


def _raise_to(x: Any, n: float) -> Any:
    """x ** n for a literal n; the exponents that are plain arithmetic are written as such."""
    if n == 0.0:
        return x.constant(1.0)
    if n == 1.0:
        return x
    arithmetic = {2.0: square, -1.0: reciprocal, 0.5: sqrt}.get(n)
    return arithmetic(x) if arithmetic else pow_literal(x, n)


# --- selection -------------------------------------------------------------------------------

lt, le = predicate("lt", "<", "less"), predicate("le", "<=", "less_equal")
gt, ge = predicate("gt", ">", "greater"), predicate("ge", ">=", "greater_equal")
eq, ne = predicate("eq", "==", "equal"), predicate("ne", "!=", "not_equal")
logical_and = function(
    "logical_and",
    None,
    None,
    python="{0} and {1}",
    sympy="And",
    conditions=(0, 1),
    commutative=True,
    predicate=True,
)
logical_or = function(
    "logical_or",
    None,
    None,
    python="{0} or {1}",
    sympy="Or",
    conditions=(0, 1),
    commutative=True,
    predicate=True,
)
logical_not = function(
    "logical_not", None, python="not {0}", sympy="Not", conditions=(0,), predicate=True
)
where = Primitive(
    "where",
    ieee.where,
    (
        None,
        lambda g, out, c, x, y: when(c, g),
        lambda g, out, c, x, y: unless(c, g),
    ),
    "{1} if {0} else {2}",
    "np.where({0}, {1}, {2})",
    "Piecewise(({1}, {0}), ({2}, True))",
    conditions=(0,),
    kinks=(("where the condition switches", "derivative of the branch taken; the other gives 0"),),
)
abs_ = Primitive(
    "abs",
    abs,
    (lambda g, out, x: g * sign(x),),
    "abs({0})",
    "np.abs({0})",
    "Abs({0})",
    "absolute",
    kinks=(("0", "0"),),
)
sign: Primitive = function(
    "sign",
    None,
    python="1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}",
    kinks=(("0", "0"),),
)
_maximum = function(
    "maximum",
    lambda g, out, x, y: when(x >= y, where(x == y, 0.5 * g, g)),
    lambda g, out, x, y: when(y >= x, where(x == y, 0.5 * g, g)),
    python="{1} if {0} < {1} or {1} != {1} else {0}",
    numpy="np.maximum({1}, {0})",
    sympy="Max",
    ufunc="maximum",
    kinks=(("tie", "1/2 and 1/2"),),
)
_minimum = function(
    "minimum",
    lambda g, out, x, y: when(x <= y, where(x == y, 0.5 * g, g)),
    lambda g, out, x, y: when(y <= x, where(x == y, 0.5 * g, g)),
    python="{1} if {0} > {1} or {1} != {1} else {0}",
    numpy="np.minimum({1}, {0})",
    sympy="Min",
    ufunc="minimum",
    kinks=(("tie", "1/2 and 1/2"),),
)
at_least = Primitive(
    "at_least",
    lambda x, y: y if x < y else x,
    (lambda g, out, x, y: when(x > y, g), None),
    "{1} if {0} < {1} else {0}",
    "np.maximum({1}, {0})",
    "Max({0}, {1})",
    literal=(1,),
    kinks=(("tie of maximum(x, constant)", "0"),),
)
at_most = Primitive(
    "at_most",
    lambda x, y: y if x > y else x,
    (lambda g, out, x, y: when(x < y, g), None),
    "{1} if {0} > {1} else {0}",
    "np.minimum({1}, {0})",
    "Min({0}, {1})",
    literal=(1,),
    kinks=(("tie of minimum(x, constant)", "0"),),
)
_clip = function(
    "clip",
    lambda g, out, x, low, high: when(logical_and(low <= x, x <= high), g),
    lambda g, out, x, low, high: when(x < low, g),
    lambda g, out, x, low, high: when(logical_and(low <= x, x > high), g),
    python="{1} if {0} < {1} else {2} if {0} > {2} else {0}",
    numpy="np.where({0} < {1}, {1}, np.where({0} > {2}, {2}, {0}))",
    sympy="Piecewise(({1}, {0} < {1}), ({2}, {0} > {2}), ({0}, True))",
    ufunc="clip",
    kinks=(("at an edge", "1 (closed interval)"),),
)
relu = function(
    "relu",
    lambda g, out, x: where(x > 0.0, g, 0.0),
    python="0.0 if {0} <= 0.0 else {0}",
    numpy="np.maximum(0.0, {0})",
    sympy="Max({0}, 0)",
    ufunc="",
    kinks=(("0", "0"),),
)
_leaky_relu = function(
    "leaky_relu",
    lambda g, out, x, slope: where(x > 0.0, g, slope * g),
    lambda g, out, x, slope: unless(x > 0.0, g * x),
    python="{0} if {0} > 0.0 else {1} * {0}",
    numpy="np.where({0} > 0.0, {0}, {1} * {0})",
    sympy="Piecewise(({0}, {0} > 0), ({1}*{0}, True))",
    kinks=(("0", "slope"),),
)
_elu = function(
    "elu",
    lambda g, out, x, alpha: where(x > 0.0, g, g * (alpha * exp(x))),
    lambda g, out, x, alpha: unless(x > 0.0, g * expm1(x)),
    numpy="np.where({0} > 0.0, {0}, {1} * np.expm1({0}))",
    sympy="Piecewise(({0}, {0} > 0), ({1}*(exp({0}) - 1), True))",
    kinks=(("0", "alpha"),),
)

# --- exponentials, logarithms, roots ---------------------------------------------------------

exp: Primitive = function("exp", lambda g, out, x: g * out)
expm1: Primitive = function("expm1", lambda g, out, x: g * exp(x), sympy="(exp({0}) - 1)")
exp2 = function("exp2", lambda g, out, x: LN2 * g * out, sympy="2**({0})")
log = function("log", lambda g, out, x: g / x, domain=(POSITIVE,))
log1p = function(
    "log1p", lambda g, out, x: g / (1.0 + x), sympy="log(1 + {0})", domain=((-1.0, math.inf),)
)
log2 = function(
    "log2", lambda g, out, x: LOG2E * g / x, sympy="(log({0})/log(2))", domain=(POSITIVE,)
)
log10 = function(
    "log10", lambda g, out, x: LOG10E * g / x, sympy="(log({0})/log(10))", domain=(POSITIVE,)
)
sqrt = function("sqrt", lambda g, out, x: 0.5 * g / out, domain=(POSITIVE,), kinks=(("0", "inf"),))
cbrt = function(
    "cbrt",
    lambda g, out, x: g / (3.0 * (out * out)),
    sympy="sign({0})*Abs({0})**Rational(1, 3)",
    kinks=(("0", "inf"),),
)


def _hypot_rule(g: Any, out: Any, x: Any) -> Any:
    return when(out != 0.0, g * (x / out))


hypot = function(
    "hypot",
    lambda g, out, x, y: _hypot_rule(g, out, x),
    lambda g, out, x, y: _hypot_rule(g, out, y),
    sympy="sqrt({0}**2 + {1}**2)",
    kinks=(("(0, 0)", "0, 0"),),
)


def _logaddexp_rule(g: Any, x: Any, y: Any) -> Any:
    # exp magnifies what x - y lost to rounding; it is found exactly (Knuth's two-sum) and added.
    d = x - y
    back = d - x
    lost = (x - (d - back)) - (y + back)
    share = sigmoid(d)
    return g * (share + share * (1.0 - share) * where(abs(d) < 1e3, lost, 0.0))


logaddexp = function(
    "logaddexp",
    lambda g, out, x, y: _logaddexp_rule(g, x, y),
    lambda g, out, x, y: _logaddexp_rule(g, y, x),
    sympy="log(exp({0}) + exp({1}))",
)
xlogy = function(
    "xlogy",
    lambda g, out, x, y: g * log(y),
    lambda g, out, x, y: when(x != 0.0, g * (x / y)),
    numpy="xlogy",
    sympy="({0}*log({1}))",
    domain=(REAL, POSITIVE),
    kinks=(("x = 0", "d/dy = 0"),),
)

# --- trigonometric and hyperbolic ------------------------------------------------------------

sin = function("sin", lambda g, out, x: g * cos(x))
cos: Primitive = function("cos", lambda g, out, x: -(g * sin(x)))
tan = function("tan", lambda g, out, x: g * (1.0 + out * out))
asin = function(
    "asin",
    lambda g, out, x: g / sqrt((1.0 - x) * (1.0 + x)),
    numpy="np.arcsin",
    domain=(UNIT,),
    kinks=(("-1, 1", "inf"),),
)
acos = function(
    "acos",
    lambda g, out, x: -(g / sqrt((1.0 - x) * (1.0 + x))),
    numpy="np.arccos",
    domain=(UNIT,),
    kinks=(("-1, 1", "-inf"),),
)


def _over_square_of_hypot(g: Any, x: Any) -> Any:
    """g / (1 + x*x), whose square neither overflows nor underflows."""
    h = hypot(1.0, x)
    return g / h / h


atan = function("atan", lambda g, out, x: _over_square_of_hypot(g, x), numpy="np.arctan")


def _atan2_rule(g: Any, toward: Any, x: Any, y: Any) -> Any:
    h = hypot(x, y)
    return g * (toward / h / h)


atan2 = function(
    "atan2",
    lambda g, out, y, x: _atan2_rule(g, x, x, y),
    lambda g, out, y, x: -_atan2_rule(g, y, x, y),
    numpy="np.arctan2",
    kinks=(("(0, 0)", "nan, nan"),),
)
sinh = function("sinh", lambda g, out, x: g * cosh(x))
cosh: Primitive = function("cosh", lambda g, out, x: g * sinh(x))


def _tanh_rule(g: Any, out: Any, x: Any) -> Any:
    e = exp(-2.0 * abs(x))
    d = 1.0 + e
    return g * (4.0 * e / (d * d))


tanh = function("tanh", _tanh_rule)
asinh = function("asinh", lambda g, out, x: g / hypot(1.0, x), numpy="np.arcsinh")
acosh = function(
    "acosh",
    lambda g, out, x: g / (sqrt(x - 1.0) * sqrt(x + 1.0)),
    numpy="np.arccosh",
    domain=((1.0, math.inf),),
    kinks=(("1", "inf"),),
)
atanh = function(
    "atanh", lambda g, out, x: g / ((1.0 - x) * (1.0 + x)), numpy="np.arctanh", domain=(UNIT,)
)
sinc = function(
    "sinc",
    lambda g, out, x: -(g * (math.pi * _spherical_jn(1.0, math.pi * x))),  # sinc is j0(pi x)
    numpy="sinc",
    sympy="sinc(pi*{0})",
)

# --- activations and probability -------------------------------------------------------------


def _sigmoid_rule(g: Any, out: Any, x: Any) -> Any:
    e = exp(-abs(x))
    d = 1.0 + e
    return g * (e / (d * d))


gaussian = function(
    "gaussian",
    lambda g, out, x, scale: g * (-2.0 * scale * x * out),
    None,
    python="exp(-{1} * {0} * {0}) if {1} * {0} * {0} < 2.0 else gaussian({0}, {1})",
    numpy="gaussian",
    sympy="exp(-{1}*{0}**2)",
    literal=(1,),
)
sigmoid: Primitive = function("sigmoid", _sigmoid_rule, numpy="sigmoid", sympy="1/(1 + exp(-{0}))")
softplus = function(
    "softplus", lambda g, out, x: g * sigmoid(x), numpy="softplus", sympy="log(1 + exp({0}))"
)
erf = function("erf", lambda g, out, x: g * (TWO_OVER_SQRT_PI * gaussian(x, 1.0)), numpy="erf")
erfc = function(
    "erfc", lambda g, out, x: -(g * (TWO_OVER_SQRT_PI * gaussian(x, 1.0))), numpy="erfc"
)
gelu = function(
    "gelu",
    lambda g, out, x: (
        g * (0.5 * erfc(-SQRT_HALF * x) + x * (ONE_OVER_SQRT_TWO_PI * gaussian(x, 0.5)))
    ),
    numpy="gelu",
    sympy="({0}*(1 + erf({0}/sqrt(2)))/2)",
)
silu = function(
    "silu",
    lambda g, out, x: g * (sigmoid(x) * (1.0 + x * sigmoid(-x))),
    numpy="silu",
    sympy="({0}/(1 + exp(-{0})))",
)

# --- gamma and Bessel functions --------------------------------------------------------------

gamma = function(
    "gamma",
    lambda g, out, x: g * (out * digamma(x)),
    numpy="gamma",
    kinks=(("0", "-inf"), ("-1, -2, ...", "nan")),
)
lgamma = function(
    "lgamma",
    lambda g, out, x: g * digamma(x),
    numpy="lgamma",
    sympy="loggamma",
    domain=(POSITIVE,),
    kinks=(("0", "-inf"), ("-0, -1, -2, ...", "inf at -0, else nan")),
)
digamma: Primitive = function(
    "digamma",
    lambda g, out, x: g * _polygamma(1.0, x),
    numpy="digamma",
    kinks=(("0, -1, -2, ...", "inf"),),
)
_polygamma: Primitive = function(
    "polygamma",
    None,
    lambda g, out, n, x: g * _polygamma(n + 1.0, x),
    numpy="polygamma",
    literal=(0,),
    domain=((1.0, 99.0), REAL),
    kinks=(("0, -1, -2, ...", "inf for even n; for odd n -inf at 0, else nan"),),
)
i0 = function("i0", lambda g, out, x: g * i1(x), numpy="i0", sympy="besseli(0, {0})")


i1: Primitive = function(
    "i1",
    lambda g, out, x: _iv_rule(g, 1.0, x),
    numpy="i1",
    sympy="besseli(1, {0})",
)
_iv: Primitive = function(
    "iv",
    None,
    lambda g, out, n, x: _iv_rule(g, n, x),
    numpy="iv",
    sympy="besseli({0}, {1})",
    literal=(0,),
    domain=((2.0, bessel.MAX_ORDER - 1.0), REAL),
)


def _iv_rule(g: Any, n: Any, x: Any) -> Any:
    # Both have the same sign: nothing cancels.  Each is halved: their sum may overflow.
    return g * (0.5 * _iv_of(n - 1.0, x) + 0.5 * _iv_of(n + 1.0, x))


def _iv_of(n: Any, x: Any) -> Any:
    """The row for a literal order that is within the bounds."""
    order = _as_literal(n)
    return i0(x) if order == 0.0 else i1(x) if order == 1.0 else _iv(n, x)


def _spherical_jn_rule(g: Any, out: Any, n: Any, x: Any) -> Any:
    if _as_literal(n) == 0.0:
        return -(g * _spherical_jn(1.0, x))
    # Below the first zero the first term outweighs the second, far above it they add up.
    below, above = _spherical_jn(n - 1.0, x), _spherical_jn(n + 1.0, x)
    return g * ((n * below - (n + 1.0) * above) / (2.0 * n + 1.0))


_spherical_jn: Primitive = function(
    "spherical_jn",
    None,
    _spherical_jn_rule,
    numpy="spherical_jn",
    sympy="jn({0}, {1})",
    literal=(0,),
    domain=((0.0, bessel.MAX_ORDER - 1.0), REAL),
)

# --- rounding and remainders -----------------------------------------------------------------

_STEP = (("at a step", "0"),)
floor = function("floor", None, kinks=_STEP)
ceil = function("ceil", None, sympy="ceiling", kinks=_STEP)
trunc = function("trunc", None, sympy="sign({0})*floor(Abs({0}))", kinks=_STEP)
rint = function("rint", None, sympy="floor({0} + Rational(1, 2))", kinks=_STEP)
mod = infix(
    "mod",
    "%",
    "remainder",
    ieee.mod,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -(g * rint((x - out) / y)),
    kinks=_STEP,
)
fmod = function(
    "fmod",
    lambda g, out, x, y: g,
    lambda g, out, x, y: -(g * rint((x - out) / y)),
    sympy="({0} - {1}*sign({0}/{1})*floor(Abs({0}/{1})))",
    kinks=_STEP,
)


# --- public functions that pick a row --------------------------------------------------------


def _as_literal(x: Any) -> float | None:
    """The number x is, or None if x is symbolic (or an array)."""
    if isinstance(x, float):
        return float(x)
    return float(x) if isinstance(x, (int, np.number)) else None


def pow(x: Any, y: Any) -> Any:
    """x ** y.  A literal exponent has its own rule, good at zero and for negative x.

    ``x ** 2`` is one multiplication, ``x ** -1`` one division, ``x ** 0.5`` a square root.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: x ** 3)(-2.0)
    12.0
    """
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return elementwise(pow, (x, y))
    n = _as_literal(y)
    if n is not None and isinstance(x, Operand):
        return _raise_to(x, n)
    return _pow(x, y)


def _bounded(x: Any, y: Any, general: Primitive, literal: Primitive, public: Any) -> Any:
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return elementwise(public, (x, y))
    for bounded, bound in ((x, _as_literal(y)), (y, _as_literal(x))):
        if bound is not None and bound == bound and isinstance(bounded, Operand):
            return literal(bounded, bound)
    return general(x, y)


def maximum(x: Any, y: Any) -> Any:
    """The larger of x and y; at a tie half the gradient to each, none against a constant."""
    return _bounded(x, y, _maximum, at_least, maximum)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y; at a tie half the gradient to each, none against a constant."""
    return _bounded(x, y, _minimum, at_most, minimum)


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """x limited to [low, high]; the gradient is 1 on the closed interval.

    A bound that is None is no bound.

    Raises:
        ValueError: if both bounds are numbers and low > high.
    """
    numbers = _as_literal(low), _as_literal(high)
    if numbers[0] is not None and numbers[1] is not None and numbers[0] > numbers[1]:
        raise ValueError(f"clip: low = {low} is above high = {high}; swap the bounds")
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    return _clip(x, low, high)


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """x above zero, else slope * x."""
    return _leaky_relu(x, slope)


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """x above zero, else alpha * (exp(x) - 1)."""
    return _elu(x, alpha)


def polygamma(n: Any, x: Any) -> Any:
    """Derivative of order n of digamma; n is a number, 0 (digamma itself) to 100."""
    return digamma(x) if _as_literal(n) == 0.0 else _polygamma(n, x)


def _order(name: str, n: Any) -> float:
    order = _as_literal(n)
    if order is None or not 0.0 <= order <= bessel.MAX_ORDER or order % 1.0:
        raise ArgumentError(
            f"{name}: the order is {n!r}; expected a whole number from 0 to {bessel.MAX_ORDER}, "
            "the same for every input (it is not differentiated by)"
        )
    return order


def iv(n: Any, x: Any) -> Any:
    """Modified Bessel function of the first kind, I_n(x); n is a whole number, 0 to 1000.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.iv(2, x))(0.5) == (ad.i1(0.5) + ad.iv(3, 0.5)) / 2
    True
    """
    return _iv_of(_order("iv", n), x)


def spherical_jn(n: Any, x: Any) -> Any:
    """Spherical Bessel function of the first kind, j_n(x); n is a whole number, 0 to 1000.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.spherical_jn(0, x))(0.5) == -ad.spherical_jn(1, 0.5)
    True
    """
    return _spherical_jn(_order("spherical_jn", n), x)


PUBLIC.update(
    pow=pow,
    maximum=maximum,
    minimum=minimum,
    clip=clip,
    leaky_relu=leaky_relu,
    elu=elu,
    polygamma=polygamma,
    iv=iv,
    spherical_jn=spherical_jn,
    round=rint,
)

# NumPy calls these methods on the elements of an object array; micrograd programs call relu().
install_methods(
    {name: name for name in PUBLIC} | {p.ufunc: p.name for p in REGISTRY.values() if p.ufunc}
)

"""``scipy.integrate.quad`` and ``fixed_quad``: a fixed number of places for each call.

SciPy's ``quad`` halves intervals as its estimates say.  Here the rule is the same, Gauss and
Kronrod's of 21 places, on so many equal parts as its own estimate asks for at the examples.  The
estimate stays in what is recorded: for arguments that need more parts the integral is nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, user_location
from autodiff.graph.tree.leaves import Floats
from autodiff.run.solvers.of_motion import at_examples, one_or_nan
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.regions.scan import scan

__all__ = ["SOLVERS"]

# Kronrod's places in [0, 1] with their weights, and those of Gauss at every second one (QUADPACK).
_PLACES = (
    0.995657163025808080735527280689003, 0.973906528517171720077964012084452,
    0.930157491355708226001207180059508, 0.865063366688984510732096688423493,
    0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
    0.562757134668604683339000099272694, 0.433395394129247190799265943165784,
    0.294392862701460198131126603103866, 0.148874338981631210884826001129720, 0.0,
)  # fmt: skip
_KRONROD = (
    0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
    0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
    0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
    0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
    0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
    0.149445554002916905664936468389821,
)  # fmt: skip
_GAUSS = (
    0.066671344308688137593568809893332, 0.149451349150580593145863396957658,
    0.219086362515982043995534934228163, 0.269266719309996355091226921569469,
    0.295524224714752870173815619188769,
)  # fmt: skip
_TIGHT = 1e-8  # the estimate at which Kronrod's rule is right to about 1e-12
_LOOSE = 1e-6  # and that above which it says nothing
_MOST, _MOST_EACH_WAY = 256, 4  # parts


_Function: TypeAlias = Callable[[Quantity], Quantity]
_Sums: TypeAlias = tuple[Quantity, Quantity, Quantity]


def _rule() -> tuple[Floats, Floats, Floats]:
    """Places in (0, 1), Kronrod's weights and their differences from Gauss's."""
    gauss = [0.0] * 11
    gauss[1:10:2] = _GAUSS
    half = np.array([_PLACES, _KRONROD, gauss])
    both = np.concatenate([half * [[-1.0], [1.0], [1.0]], half[:, -2::-1]], axis=1)
    return 0.5 + 0.5 * both[0], 0.5 * both[1], 0.5 * (both[1] - both[2])


def _quad(
    f: Any, a: Any, b: Any, args: object = (), *more: object, **named: object
) -> tuple[Any, float]:
    asked = [key for key, x in named.items() if key not in ("epsabs", "epsrel", "limit") and x]
    if more or asked:
        shown = asked[0] if asked else "full_output"
        raise TraceError(
            f"{user_location()}: scipy.integrate.quad({shown}=...) cannot be traced; an integral "
            "between two limits can be"
        )
    rest = args if isinstance(args, tuple) else (args,)

    def at(x: Quantity) -> WholeArray:
        return 1.0 * np.reshape(as_array(f(x, *rest)), ())

    ends = [isinstance(x, (int, float)) and math.isinf(x) for x in (a, b)]
    if not any(ends):
        return _in_parts(lambda u: at(a + (b - a) * u) * (b - a)), 0.0
    sign = 1.0
    if ends[0] and (not ends[1] or a > 0):
        a, b, ends, sign = b, a, ends[::-1], -1.0
    if all(ends):
        return sign * _in_parts(_to_the_end(lambda x: at(x) + at(-x), 0.0, 1.0)), 0.0
    return sign * _in_parts(_to_the_end(at, a, 1.0 if b > 0 else -1.0)), 0.0


def _to_the_end(f: _Function, start: Quantity, way: float) -> _Function:
    """What an integral to infinity is over (0, 1)."""
    return lambda u: f(start + way * u / (1.0 - u)) * way / ((1.0 - u) * (1.0 - u))


def _in_parts(f: _Function) -> Quantity:
    """The integral over (0, 1)."""
    rule = _rule()
    return _refined(lambda count: _with_parts(f, *rule, count), _MOST)


def _refined(with_parts: Callable[[int], _Sums], most: int) -> Quantity:
    """An integral in as many parts as its estimate asks for at the examples.

    Args:
        with_parts: The integral in so many parts, what is wrong with it, and its size.
        most: How many there may be.
    """
    count = 1
    while count <= most:
        value, wrong, size = with_parts(count)
        found = at_examples(wrong / (size + 1e-300))
        if found is None and count < 16:
            count = 16
        elif found is None or found <= _TIGHT**2:
            return value * one_or_nan(_LOOSE**2 * (size + 1e-300) - wrong)
        else:
            count *= 2
    raise TraceError(
        f"{user_location()}: the integral needs more than {most} parts for the digits that a "
        "derivative needs; split it where the integrand has a kink, a pole or a peak"
    )


def _with_parts(
    f: _Function, places: Floats, weights: Floats, differences: Floats, count: int
) -> _Sums:
    """The integral, the sum of the squares of its estimated errors, and that of the integrand."""
    lengths = np.repeat(1.0 / count, 21)

    def part(total: _Sums, start: Quantity) -> tuple[_Sums, float]:
        def place(sums: _Sums, row: _Sums) -> tuple[_Sums, float]:
            y = f(start + row[0])
            return (sums[0] + row[1] * y, sums[1] + row[2] * y, sums[2] + row[1] * y * y), 0.0

        rows = places * lengths, weights * lengths, differences * lengths
        (value, off, square), _ = scan(place, (0.0, 0.0, 0.0), rows)
        return (total[0] + value, total[1] + off * off, total[2] + square), 0.0

    (value, wrong, size), _ = scan(part, (0.0, 0.0, 0.0), np.arange(float(count)) / count)
    return value, wrong, size


def _dblquad(
    func: Callable[..., object],
    a: Quantity,
    b: Quantity,
    gfun: Any,
    hfun: Any,
    args: Iterable[object] = (),
    **named: object,
) -> tuple[Quantity, float]:
    """An integral of integrals, both in the same number of parts."""
    ends = [x for x in (a, b, gfun, hfun) if isinstance(x, (int, float))]
    if any(map(math.isinf, ends)):
        raise TraceError(
            f"{user_location()}: scipy.integrate.dblquad to infinity cannot be traced; give finite "
            "limits, or write quad of quad"
        )
    rule = _rule()

    def with_parts(count: int) -> _Sums:
        def inside(u: Any) -> tuple[Any, Any]:
            x = a + (b - a) * u
            low, high = (end(x) if callable(end) else end for end in (gfun, hfun))
            scale = (b - a) * (high - low)

            def at(v: Any) -> NDArray[np.float64]:
                return 1.0 * np.reshape(as_array(func(low + (high - low) * v, x, *args)), ())

            value, wrong, _ = _with_parts(at, *rule, count)
            return value * scale, wrong * scale * scale

        value, wrong, size = _with_parts(lambda u: inside(u)[0], *rule, count)
        within, _, _ = _with_parts(lambda u: inside(u)[1], *rule, count)
        return value, wrong + within, size

    return _refined(with_parts, _MOST_EACH_WAY), 0.0


def _fixed_quad(
    func: Callable[..., Quantity], a: Quantity, b: Quantity, args: Iterable[object] = (), n: int = 5
) -> tuple[object, None]:
    places, weights = np.polynomial.legendre.leggauss(n)
    x = (b - a) * (0.5 * places + 0.5) + a
    return 0.5 * (b - a) * np.sum(weights * func(x, *args), axis=-1), None


SOLVERS: dict[str, Callable[..., object]] = {
    "dblquad": _dblquad, "fixed_quad": _fixed_quad, "quad": _quad,
}  # fmt: skip

"""Accuracy of the table: the worst error of each value and each rule, against balls.

Every row is run in floating point all over its domain, on all scales, and compared with the ball
around the true number (balls.py, taylor.py); errors are counted in units in the last place (ulp) of
the true number.  This is about rounding alone: that the formulas are right is proven elsewhere.

The bar is 4 ulp for every value and every rule.  Where a row misses it, ``REASONS`` says why, and
how large the numbers are whose rounding is seen instead.  ``accuracy_table`` prints it all; it is
the text of ACCURACY.md.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autodiff.errors import ProofgradError, installing
from autodiff.table import ops
from autodiff.table.float import total
from autodiff.table.primitive import REGISTRY, Primitive
from verify.numbers.balls import Balls, ball_library, precision
from verify.numbers.taylor import Taylor
from verify.program.program import Program
from verify.rungs.enclosure import MISSING

if TYPE_CHECKING:
    from flint import arb

__all__ = ["BAR", "REASONS", "Accuracy", "Reason", "Worst", "accuracy_table", "measure_rows",
           "sweep", "true_number", "ulps"]  # fmt: skip

BAR = 4.0
_BITS = (128, 512, 2048, 8192)
_TELLS = 512  # bits after which "not a number" is believed

# --- why not ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """Why a value or a rule is not within the bar everywhere.

    Args:
        text: In words.
        scale: Of the operands: the error is within the bar in ulp of this, or of the true number
            where that is larger.
    """

    text: str
    scale: Callable[..., float]


_SMALLEST = 2.2250738585072014e-308
_SUBNORMAL = "exp(x) is subnormal below -708"


def _reflected(n: float, x: float) -> float:
    """Size of the terms of polygamma of order n below zero."""
    rest = abs(x - round(x))
    if x >= 0.0 or rest == 0.0 or not n >= 0.0:
        return 0.0
    return math.exp(min(700.0, math.lgamma(n + 1.0) - (n + 1.0) * math.log(rest)))


_AT_ZEROS = "cancels at its zeros, beyond x = n; the error stays below 4 ulp of 1 / x"
_ADDED = "what the value w, erfc(w) and exp(w * w) lose adds up, 2 ulp each"
_AT_ROOTS = "cancels at its zeros, beyond x = n; the error stays below 4 ulp of its amplitude"


def _amplitude(n: float, x: float) -> float:
    """Of spherical_jn beyond its order, where it oscillates."""
    return 1.0 / abs(x) if abs(x) > n else 0.0


def _root_amplitude(n: float, x: float) -> float:
    """Of jv and yv beyond their order; that of yv next to zero is the function itself."""
    return min(1.0, math.sqrt(2.0 / (math.pi * abs(x)))) if abs(x) > n else 0.0


# (row, operand of the rule), or (row, None) for the value.
REASONS: dict[tuple[str, int | None], Reason] = {
    ("elu", 0): Reason(_SUBNORMAL, lambda x, alpha: abs(alpha) * _SMALLEST),
    ("gaussian", 0): Reason(
        "the value is subnormal", lambda x, scale: 2.0 * scale * abs(x) * _SMALLEST
    ),
    ("gelu", None): Reason("erfc is subnormal below -37", lambda x: 40.0 * _SMALLEST),
    ("gelu", 0): Reason(
        "cancels at its zero, two terms of 4 ulp; subnormal below -37",
        lambda x: 2.0 * math.erfc(-x / math.sqrt(2.0)) + 40.0 * _SMALLEST,
    ),
    ("cbrt", 0): Reason(
        "the C library's cbrt is off by up to 3 ulp, and the rule squares it",
        lambda x: 1.0 / ops.square(ops.cbrt(x)),
    ),
    ("silu", 0): Reason("cancels at its zero", ops.sigmoid),
    ("sinc", None): Reason("pi x is rounded before its sine is taken", lambda x: 1.0),
    ("sinc", 0): Reason(
        "pi x is rounded before its sine is taken", lambda x: 2.0 if abs(x) > 0.5 else 0.0
    ),
    ("logaddexp", None): Reason("cancels at its zeros", lambda x, y: max(abs(x), abs(y))),
    ("gamma", None): Reason("pi x is rounded below zero", lambda x: 2.0 * abs(ops.gamma(x))),
    ("gamma", 0): Reason(
        "gamma times digamma, which cancels at its zeros below zero",
        lambda x: abs(ops.gamma(x)) * (8.0 + 2.0 * abs(ops.digamma(x))),
    ),
    ("digamma", None): Reason(
        "cancels at its zeros below zero", lambda x: 1.0 + abs(ops.digamma(x)) + math.log1p(abs(x))
    ),
    ("polygamma", None): Reason("cancels at zeros of even order below zero", _reflected),
    ("polygamma", 1): Reason(
        "cancels at zeros of even order below zero", lambda n, x: _reflected(n + 1.0, x)
    ),
    ("spherical_jn", None): Reason(_AT_ZEROS, _amplitude),
    ("spherical_jn", 1): Reason(_AT_ZEROS, _amplitude),
    ("erfinv", 0): Reason(_ADDED, lambda x: 2.0 / ops.gaussian(ops.erfinv(x), 1.0)),
    ("erfcinv", 0): Reason(_ADDED, lambda x: 2.0 / ops.gaussian(ops.erfcinv(x), 1.0)),
    ("log_erfc", 0): Reason(
        "the value is subnormal", lambda x: 30.0 * _SMALLEST if x < -20.0 else 0.0
    ),
    ("i2erfcx", 0): Reason(
        "cancels for large x: two terms of 4 ulp",
        lambda x: abs(2.0 * x * ops.i2erfcx(x)) + ops.ierfcx(x),
    ),
    ("i1_over_i0", 0): Reason("cancels for large x, three terms of at most 1", lambda x: 1.0),
    **{
        (name, position): Reason(_AT_ROOTS, _root_amplitude)
        for name in ("jv", "yv")
        for position in (None, 1)
    },
}


# --- points ----------------------------------------------------------------------------------

_LITERALS = {
    "gaussian": (1.0, 0.5), "polygamma": (1.0, 2.0, 3.0), "iv": (2.0, 3.0, 12.0, 150.0),
    **dict.fromkeys(("spherical_jn", "jv", "yv", "kv"), (0.0, 1.0, 2.0, 3.0, 12.0, 150.0)),
}  # fmt: skip
_ANY_LITERAL = (-1.5, 0.3, 3.0, 7.5)
_STEPS = {"mod", "fmod"}  # beyond 2**53 steps no digit of the result is left


def sweep(row: Primitive, count: int, seed: int = 0) -> Iterator[list[float]]:
    """Operands inside the row's domain; every other time all close to each other."""
    draw = random.Random(f"{row.name} {seed}")
    for n in range(count):
        xs: list[float] = []
        for p in range(row.arity):
            low, high = row.interval(p)
            if p in row.literal:
                xs.append(draw.choice(_LITERALS.get(row.name, _ANY_LITERAL)))
            elif p in row.conditions:
                xs.append(float(draw.randrange(2)))
            elif n % 2 and xs and low < xs[0] < high:
                xs.append(xs[0] * (1.0 + draw.choice((0.5, -0.3, 1e-3, 2e-14))))
            else:
                xs.append(_between(draw, low, high))
        if row.name in _STEPS and abs(xs[0]) > 1e15 * abs(xs[1]):
            xs[0] = 1e15 * xs[1] * draw.random()
        yield xs


def _between(draw: random.Random, low: float, high: float) -> float:
    """A number on any scale, near one, or of everyday size, inside an interval."""
    sign = draw.choice((-1.0, 1.0))
    x: float = draw.choice((
        lambda: draw.uniform(-4.0, 4.0),
        lambda: draw.uniform(-50.0, 50.0),
        lambda: draw.uniform(-800.0, 800.0),
        lambda: sign * 10.0 ** draw.uniform(-300.0, 300.0),
        lambda: sign * 10.0 ** draw.uniform(-18.0, 3.0),
        lambda: sign * (1.0 - 10.0 ** draw.uniform(-15.5, -0.5)),
        lambda: sign * (1.0 + 10.0 ** draw.uniform(-15.5, -0.5)),
    ))()  # fmt: skip
    if low < x < high:
        return x
    if math.isinf(high):
        return low + abs(x - low)
    return low + (high - low) * draw.uniform(0.001, 0.999)


# --- true numbers ----------------------------------------------------------------------------


def true_number(program: Program, point: list[float], along: int | None) -> arb | None:
    """Ball around the value of a Program, or its derivative by one input; None if unknown.

    The ball is so small that rounding to double gives one number, but for the closest calls.
    """
    for bits in _BITS:
        with precision(bits):
            ball = _ball(program, bits, point, along)
            if ball.is_finite() and (
                ball.is_exact()
                or ball.rad() < abs(ball.mid()) * 2.0**-70
                or ball.abs_upper() < 1e-300 * 2.0**-200
            ):
                return ball
            if bits >= _TELLS and not ball.mid().is_finite():
                return None
    return None


def _ball(program: Program, bits: int, point: list[float], along: int | None) -> arb:
    if along is None:
        balls = Balls(bits)
        values = balls.run(program, [balls.number(x) for x in point])
        return values[program.outputs[0]]
    taylor = Taylor(bits)
    line = taylor.line(point, [float(i == along) for i in range(len(point))])
    return taylor.run(program, line)[program.outputs[0]].coefficient(1)


def ulps(found: float, true: arb, scale: float = 0.0) -> float:
    """Error in units in the last place of the true number, or of ``scale`` if that is larger."""
    nearest = float(true.mid())
    if math.isinf(nearest) or not math.isfinite(found):
        return 0.0 if found == nearest else math.inf
    with precision(256):
        error = abs(true - found) / math.ulp(max(abs(nearest), scale))
        return float(error.mid())


# --- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worst:
    """The worst error found of a value or a rule.

    Args:
        error: In ulp of the true number.
        point: Where.
        scaled: The worst error in ulp of the true number or of the reason's scale.
        checked: Points that told something.
    """

    error: float
    point: tuple[float, ...]
    scaled: float
    checked: int


@dataclass(frozen=True)
class Accuracy:
    """Worst errors of one row.

    Args:
        row: The primitive.
        value: Of its value.
        partials: Of the rule of each operand; None where nothing flows.
    """

    row: Primitive
    value: Worst
    partials: tuple[Worst | None, ...]

    def reasons(self) -> list[str]:
        """Why the row is not within the bar everywhere."""
        places = [None, *range(self.row.arity)]
        return [
            f"{'value' if p is None else f'd/d{p}'}: {REASONS[self.row.name, p].text}"
            for p in places
            if (self.row.name, p) in REASONS
        ]


def measure_rows(
    rows: Iterable[Primitive] | None = None, count: int = 300, seed: int = 0
) -> list[Accuracy]:
    """Worst errors of rows, of the table's own by default.

    Args:
        rows: Primitives.
        count: Points for each value and each rule; as many again look for worse next to the worst.
        seed: Of the points.

    Returns:
        Per row the worst error of its value and of each rule, in units of the last place, and
        where it is.

    Raises:
        ProofgradError: if python-flint is not installed.

    >>> from autodiff import ops
    >>> [tanh] = measure_rows([ops.tanh], count=50)
    >>> tanh.value.error < 4.0, tanh.partials[0].error < 4.0
    (True, True)
    """
    if ball_library() is None:
        raise ProofgradError(f"{MISSING}; the table needs it: {installing('proof')}")
    return [
        Accuracy(
            row,
            _worst(row, None, count, seed),
            tuple(
                None if rule is None or i in row.literal else _worst(row, i, count, seed)
                for i, rule in enumerate(row.partials)
            ),
        )
        for row in ([r for r in REGISTRY.values() if not r.module] if rows is None else rows)
    ]


def _worst(row: Primitive, position: int | None, count: int, seed: int) -> Worst:
    program = Program(row.arity, ((row.sympy, tuple(range(row.arity))),), (row.arity,))
    reason = REASONS.get((row.name, position))
    worst = Worst(0.0, (), 0.0, 0)

    def visit(xs: list[float]) -> None:
        nonlocal worst
        out = row.impl(*xs)
        true = true_number(program, xs, position)
        if true is None or (position is not None and not math.isfinite(out)):
            return
        found = out if position is None else _partial(row, position, out, xs)
        error = ulps(found, true)
        scaled = error if reason is None else ulps(found, true, float(reason.scale(*xs)))
        new = error > worst.error or not worst.point
        worst = Worst(
            error if new else worst.error,
            tuple(xs) if new else worst.point,
            max(scaled, worst.scaled),
            worst.checked + 1,
        )

    for xs in sweep(row, count, seed):
        visit(xs)
    for xs in _near(row, worst, count, seed):
        visit(xs)
    return worst


def _near(row: Primitive, worst: Worst, count: int, seed: int) -> Iterator[list[float]]:
    """Points closer and closer to the worst one."""
    draw = random.Random(f"{row.name} near {seed}")
    free = [p for p in range(row.arity) if p not in row.literal and p not in row.conditions]
    for _ in range(count if worst.point else 0):
        xs, spread = list(worst.point), 10.0 ** draw.uniform(-12.0, -0.5)
        for p in free:
            low, high = row.interval(p)
            x = xs[p] * (1.0 + spread * draw.uniform(-1.0, 1.0))
            xs[p] = x if low < x < high else xs[p]
        yield xs


def _partial(row: Primitive, position: int, out: float, xs: Sequence[float]) -> float:
    rule = row.partials[position]
    flows = None if rule is None else total(rule, 1.0, out, *xs)
    return 0.0 if flows is None else float(flows)


# --- the table -------------------------------------------------------------------------------

_HEAD = """\
# Accuracy of the primitives

The worst error found of each row's value and of each rule, in units in the last place (ulp) of the
true number, over the row's whole domain on all scales: {count} points each, and as many next to
the worst. The true number is a ball of up to 8192 bits (python-flint); derivatives come from power
series, not from rules. The bar is {bar:g} ulp; where it is missed the last column says why.
Regenerate with `proofgrad accuracy --table ACCURACY.md`; the C library has a share in the numbers.

| primitive | value | rules | why not within {bar:g} ulp |
|---|---|---|---|
"""


def accuracy_table(measured: Sequence[Accuracy], count: int) -> str:
    """The text of ACCURACY.md.

    Args:
        measured: What ``measure_rows`` found.
        count: Points for each value and rule, as it was told.

    Returns:
        A table in Markdown with a line for each row, and why some are less exact.

    >>> from autodiff import ops
    >>> from verify import accuracy_table, measure_rows
    >>> accuracy_table(measure_rows([ops.tanh], count=10), 10).count("tanh")
    1
    """
    return _HEAD.format(count=count, bar=BAR) + "".join(_line(a) for a in measured)


def _line(accuracy: Accuracy) -> str:
    rules = ", ".join("-" if w is None else _shown(w.error) for w in accuracy.partials)
    reasons = "; ".join(accuracy.reasons())
    return f"| `{accuracy.row.name}` | {_shown(accuracy.value.error)} | {rules} | {reasons} |\n"


def _shown(error: float) -> str:
    return f"{error:.1f}" if error < 1000.0 else f"{error:.0e}"

"""Every rule of the table against 60-digit arithmetic, walking the registry: a new row is tested.

``tests.meanings`` says what each row means in mpmath; its derivative there is taken numerically at
high precision, so nothing of a rule is written twice.  The sweep covers the row's domain on all
scales.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

import autodiff as ad
from autodiff.run.interpret import run
from autodiff.table.float import total
from tests.meanings import FUNCTIONS, mp
from tests.orders import LITERALS, WHOLE_ORDERS, literals_of
from tests.random_graphs import ROWS, SPECIAL, same
from verify.beside.accuracy import BAR, REASONS

# --- points and errors -----------------------------------------------------------------------

# test_special.py and test_bessel.py sweep them.
_SLOW = {"gamma", "lgamma", "digamma", "i0", "i1", *WHOLE_ORDERS}
_STEPS = {"mod", "fmod"}


def number_between(source: random.Random, low: float, high: float) -> float:
    """A number on any scale, near one, or of everyday size, inside an interval."""
    sign = source.choice((-1.0, 1.0))
    x = source.choice((
        lambda: source.uniform(-4.0, 4.0),
        lambda: source.uniform(-50.0, 50.0),
        lambda: sign * 10.0 ** source.uniform(-300.0, 300.0),
        lambda: sign * 10.0 ** source.uniform(-18.0, 3.0),
        lambda: sign * (1.0 - 10.0 ** source.uniform(-15.5, -0.5)),
        lambda: sign * (1.0 + 10.0 ** source.uniform(-15.5, -0.5)),
    ))()  # fmt: skip
    if low < x < high:
        return x
    if math.isinf(high):
        return low + abs(x - low)
    return low + (high - low) * source.uniform(0.001, 0.999)


def points(row: ad.Primitive, count: int) -> Iterator[list[float]]:
    """Operands inside the row's domain; every other time all close to each other."""
    source = random.Random(row.name)
    for n in range(count):
        xs: list[float] = []
        for p in range(row.arity):
            low, high = row.interval(p)
            if p in row.literal:
                xs.append(source.choice(LITERALS.get(row.name, (-1.5, 0.3, 3.0, 7.5))))
            elif p in row.conditions:
                xs.append(float(source.randrange(2)))
            elif n % 2 and xs and low < xs[0] < high:
                xs.append(xs[0] * (1.0 + source.choice((0.5, -0.3, 1e-3, 2e-14))))
            else:
                xs.append(number_between(source, low, high))
        if row.name in _STEPS and abs(xs[0]) > 1e15 * abs(xs[1]):
            xs[0] = 1e15 * xs[1] * source.random()
        if row.name in _SLOW:
            xs = [x if p in row.literal else math.fmod(x, 20.0) for p, x in enumerate(xs)]
        yield xs


def derivative(row: ad.Primitive, xs: list[float], i: int, order: int = 1) -> Any:
    """d/dx_i by central differences with so many digits that nothing of them is seen.

    That is with twice as many until 30 digits stay; what cancels to nothing shows with most.
    """
    sizes = [abs(math.log10(abs(x))) for x in xs if x]
    scale = int(2.5 * max(sizes, default=0.0))  # so many, that 1 + x is neither 1 nor x
    most = ((80 if row.name in _SLOW else 700) + scale) * order
    digits, before = (80 + scale) * order, mp.nan
    while digits < most:
        found = quotient(row, xs, i, order, digits)
        if found and abs(found - before) <= mp.mpf(10) ** -30 * abs(found):
            return found
        digits, before = 2 * digits, found
    return quotient(row, xs, i, order, most)


def quotient(row: ad.Primitive, xs: list[float], i: int, order: int, digits: int) -> Any:
    """The central difference in the i-th operand, computed with these digits."""
    with mp.workdps(digits):
        at = list(map(mp.mpf, xs))
        step = min(abs(at[i]) or 1, 1) * mp.mpf(10) ** -40

        def shifted(by: Any) -> Any:
            moved = list(at)
            moved[i] += by
            return mp.mpf(FUNCTIONS[row.name](*moved))

        if order == 1:
            slope = (shifted(step) - shifted(-step)) / (2 * step)
            return slope if at[i] or abs(slope) > step else mp.zero  # the quotient's own error
        return (shifted(step) - 2 * shifted(0) + shifted(-step)) / (step * step)


def rounded(true: Any) -> float:
    """The nearest double, infinite above the largest."""
    try:
        return float(true)
    except OverflowError:
        return math.copysign(math.inf, true)


def ulps(found: float, true: Any, scale: float = 0.0) -> float:
    """Error in units in the last place of the true value, or of ``scale`` if that is larger."""
    nearest = rounded(true)
    if math.isinf(nearest) or not math.isfinite(found):
        return 0.0 if found == nearest else math.inf
    with mp.workdps(60):
        return float(abs(mp.mpf(found) - true) / math.ulp(max(abs(nearest), scale)))


# --- accuracy --------------------------------------------------------------------------------


def scale_of(row: ad.Primitive, position: int | None, xs: list[float]) -> float:
    """What the rounding of a value (or of a rule) is relative to, if not the result itself."""
    reason = REASONS.get((row.name, position))
    return 0.0 if reason is None else float(reason.scale(*xs))


DIFFERENTIABLE = [
    (row, i)
    for row in ROWS
    for i, rule in enumerate(row.partials)
    if rule is not None
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "i"), DIFFERENTIABLE, ids=[f"{r.name}-{i}" for r, i in DIFFERENTIABLE]
)
def test_rule_is_within_4_ulp(row: ad.Primitive, i: int) -> None:
    """Each rule agrees with the 60-digit derivative within 4 ulp, over the row's whole domain."""
    checked = 0
    for xs in points(row, 8 if row.name in _SLOW else 30):
        out = row.impl(*xs)
        true = derivative(row, xs, i)
        if mp.isnan(true) or not math.isfinite(out):
            continue
        part = total(row.partials[i], 1.0, out, *xs)
        found = 0.0 if part is None else float(part)
        assert ulps(found, true, scale_of(row, i, xs)) <= BAR, (xs, part, true)
        checked += 1
    assert checked >= 5


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_value_is_within_4_ulp(row: ad.Primitive) -> None:
    """Each row's impl agrees with its 60-digit meaning within 4 ulp."""
    slow = row.name in _SLOW
    for xs in points(row, 8 if slow else 30):
        with mp.workdps(80 if slow else 400):
            true = mp.mpf(FUNCTIONS[row.name](*map(mp.mpf, xs)))
        if mp.isnan(true):
            continue
        found = float(row.impl(*xs))
        assert ulps(found, true, scale_of(row, None, xs)) <= BAR, (xs, found)


@pytest.mark.parametrize(
    ("row", "i"), DIFFERENTIABLE, ids=[f"{r.name}-{i}" for r, i in DIFFERENTIABLE]
)
def test_second_derivative(row: ad.Primitive, i: int) -> None:
    """The derivative of each rule, by the same rules, is the function's second derivative."""
    literals = {p: literals_of(row)[-1] for p in row.literal}
    free = [p for p in range(row.arity) if p not in literals]

    def call(*xs):
        operands = iter(xs)
        return row(*[literals[p] if p in literals else next(operands) for p in range(row.arity)])

    where = free.index(i)
    graph = ad.trace(call, *[1.0] * len(free))
    second = ad.gradient(ad.gradient(graph, wrt=where), wrt=where)
    source, checked = random.Random(row.name), 0
    while checked < 5:
        xs = []
        for p in range(row.arity):
            low, high = row.interval(p)
            low, high = max(low, -2.5), min(high, 2.5)
            xs.append(literals[p] if p in literals else source.uniform(low, high))
        checked += 1
        true = derivative(row, xs, i, order=2)
        if mp.isnan(true):
            continue
        found = ad.evaluate(second, *[xs[p] for p in free])
        assert found == pytest.approx(rounded(true), rel=1e-11, abs=1e-12), xs


# --- special inputs --------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_special_inputs_never_raise(row: ad.Primitive) -> None:
    """impl, every rule, and the rules of the rules take any double and give a double."""
    literals = {p: literals_of(row, -0.5)[-1] for p in row.literal}
    free = [p for p in range(row.arity) if p not in literals]

    def call(*xs):
        operands = iter(xs)
        return row(*[literals[p] if p in literals else next(operands) for p in range(row.arity)])

    graph = ad.trace(call, *[1.0] * len(free))
    slope = ad.gradient(graph, wrt=list(range(len(free))))
    second = ad.jacobian(slope)
    source = random.Random(row.name)
    choices = [[x] for x in SPECIAL] if len(free) == 1 else [
        [source.choice(SPECIAL) for _ in free] for _ in range(150)
    ]  # fmt: skip
    for xs in choices:
        value, gradient = ad.backpropagate(graph, *xs, wrt=list(range(len(free))))
        assert all(type(x) is float for x in (value, *gradient))
        assert same(gradient, ad.evaluate(slope, *xs))
        assert all(type(x) is float for x in run(second, xs)[len(xs) :])


@pytest.mark.parametrize("row", [ad.acosh, ad.cbrt, ad.asinh, ad.atan], ids=str)
def test_slopes_that_flatten_have_second_derivatives_at_infinity(row: ad.Primitive) -> None:
    """A rule that divides by what is infinite does it in steps whose own slopes are 0, no nan."""
    graph = ad.trace(row, 1.5)
    assert ad.evaluate(ad.gradient(graph), math.inf) == 0.0
    assert ad.evaluate(ad.hessian(graph), math.inf) == 0.0


@pytest.mark.parametrize("name", ["tanh", "hypot", "clip", "logaddexp", "cbrt", "elu", "xlogy"])
def test_a_row_without_a_meaning_means_its_sympy_text(name: str) -> None:
    """The meaning made from a row's SymPy text is the one written by hand."""
    made, row = FUNCTIONS.__missing__, ad.primitive.REGISTRY[name]
    own, derived = FUNCTIONS[name], made(name)
    FUNCTIONS[name] = own
    source = random.Random(name)
    for _ in range(50):
        at = [mp.mpf(source.uniform(0.1, 3.0)) for _ in range(row.arity)]
        assert abs(own(*at) - derived(*at)) <= mp.mpf(10) ** -50 * (1 + abs(own(*at)))


def test_every_listed_meaning_is_of_a_row() -> None:
    """A row that is gone leaves no meaning behind."""
    assert set(FUNCTIONS) <= set(ad.primitive.REGISTRY)

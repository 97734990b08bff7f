"""Balls and Taylor series of every primitive's text enclose what 60-digit arithmetic says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from tests.meanings import FUNCTIONS, mp
from tests.orders import WHOLE_ORDERS
from tests.random_graphs import ROWS, graphs
from verify.program.program import Program, program_of

flint = pytest.importorskip("flint", reason="balls need python-flint")

from verify.numbers.balls import Balls, precision  # noqa: E402
from verify.numbers.expansion import Expansion  # noqa: E402
from verify.numbers.taylor import Taylor  # noqa: E402

INFINITY = float("inf")


def text_of(row: ad.Primitive) -> Program:
    """The row's text as a Program of one step."""
    return Program(row.arity, ((row.sympy, tuple(range(row.arity))),), (row.arity,))


def points(row: ad.Primitive, count: int) -> Iterator[list[float]]:
    """Operands of everyday size inside the row's domain."""
    source = random.Random(row.name)
    for _ in range(count):
        xs = []
        for p in range(row.arity):
            low, high = max(row.interval(p)[0], -3.0), min(row.interval(p)[1], 3.0)
            whole = row.name in WHOLE_ORDERS and p == 0
            draw = source.randint(1, 3) if whole else source.uniform(low, high)
            xs.append(float(source.randrange(2)) if p in row.conditions else draw)
        yield [float(x) for x in xs]


def ball_of(true: Any) -> Any:
    """A ball of relative size 1e-55 around a 60-digit number."""
    middle = flint.arb(mp.nstr(true, 60))
    return middle + (abs(middle) * flint.arb("1e-55") + flint.arb("1e-57")) * flint.arb(0, 1)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_ball_of_a_value_holds_it(row: ad.Primitive) -> None:
    """Each text on balls agrees with 60-digit arithmetic, and so does the start of its series."""
    known = 0
    for xs in points(row, 12):
        true = mp.mpf(FUNCTIONS[row.name](*map(mp.mpf, xs)))
        balls, taylor = Balls(256), Taylor(256)
        ball = balls.run(text_of(row), [balls.number(x) for x in xs])[-1]
        line = taylor.line(xs, [float(p not in row.conditions) for p in range(row.arity)])
        start = taylor.run(text_of(row), line)[-1].start
        if mp.isnan(true) or not ball.is_finite():
            continue
        with precision(256):
            assert ball.overlaps(ball_of(true)), xs
            assert start.overlaps(ball), xs
        known += 1
    assert known >= 3


SMOOTH = [(row, i) for row in ROWS for i, rule in enumerate(row.partials) if rule is not None]


@pytest.mark.parametrize(("row", "i"), SMOOTH, ids=[f"{row.name}-{i}" for row, i in SMOOTH])
def test_the_series_holds_the_derivative(row: ad.Primitive, i: int) -> None:
    """The first coefficient along each operand is the derivative, found without any rule."""
    known = 0
    for xs in points(row, 8):
        taylor = Taylor(256)
        line = taylor.line(xs, [float(p == i) for p in range(row.arity)])
        slope = taylor.run(text_of(row), line)[-1].coefficient(1)
        with mp.workdps(120):
            step = mp.mpf(10) ** -30
            up, down = (
                [mp.mpf(x) + s * step * (p == i) for p, x in enumerate(xs)] for s in (1, -1)
            )
            values = [mp.mpf(FUNCTIONS[row.name](*at)) for at in (up, down)]
            true = (values[0] - values[1]) / (2 * step)
        if mp.isnan(true) or not slope.is_finite():
            continue
        assert float(slope) == pytest.approx(float(true), rel=1e-13, abs=1e-40), xs
        known += 1
    assert known >= 3


@settings(max_examples=30, deadline=None)
@given(graphs(), st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3))
def test_series_and_balls_of_random_graphs_agree(graph: ad.Graph, xs: list[float]) -> None:
    """Wherever both tell something, the start of the series meets the ball."""
    program, xs = program_of(graph), xs[: graph.input_count]
    balls, taylor = Balls(256), Taylor(256)
    found = balls.run(program, [balls.number(x) for x in xs])
    series = taylor.run(program, taylor.line(xs, [1.0] * len(xs)))
    for place in range(graph.input_count, len(found)):
        if found[place] is not None and series[place].start.is_finite():
            assert found[place].overlaps(series[place].start)


# --- borders ---------------------------------------------------------------------------------


def one_sided(function: Any, x: float, direction: float) -> Expansion:
    """Expansion of ``function`` from x on, in one direction."""
    program = program_of(ad.trace(function, x))
    taylor = Taylor(256, 6, forward=True)
    return taylor.run(program, taylor.line([x], [direction]))[program.outputs[0]]


@pytest.mark.parametrize(
    ("function", "x", "right", "left"),
    [
        (abs, 0.0, 1.0, -1.0),
        (lambda x: ad.relu(x) - ad.relu(-x), 0.0, 1.0, 1.0),
        (lambda x: ad.maximum(x * x, 0.0), 0.0, 0.0, 0.0),
        (lambda x: ad.where(x < 1.0, 3.0 * x, 5.0 * x - 2.0), 1.0, 5.0, 3.0),
        (lambda x: ad.hypot(x, 0.0), 0.0, 1.0, -1.0),
        (lambda x: ad.sqrt(x * x), 0.0, 1.0, -1.0),
        (lambda x: ad.clip(x, -1.0, 1.0), 1.0, 0.0, 1.0),
        (lambda x: x * ad.floor(x), 2.0, 2.0, 1.0),
        (ad.cbrt, 0.0, INFINITY, INFINITY),
        (lambda x: abs(x) ** 1.5, 0.0, 0.0, 0.0),
    ],
)
def test_one_sided_derivatives(function: Any, x: float, right: float, left: float) -> None:
    """On a border the series from one side has that side's derivative."""
    assert float(one_sided(function, x, 1.0).coefficient(1)) == right
    assert float(-one_sided(function, x, -1.0).coefficient(1)) == left


def test_a_border_tells_nothing_about_both_sides() -> None:
    """Without a side the series on a border is unknown, and says where it was met."""
    program = program_of(ad.trace(lambda x: ad.maximum(x, 0.0) + 1.0, 1.0))
    taylor = Taylor(256)
    result = taylor.run(program, taylor.line([0.0], [1.0]))[program.outputs[0]]
    assert not result.start.is_finite()
    assert [tie.step for tie in taylor.ties] == [1]


@pytest.mark.parametrize(
    "function",
    [lambda x: ad.sqrt(x * x), lambda x: ad.hypot(x, 0.0), lambda x: (x * x) ** 1.5, ad.cbrt],
)
def test_a_root_of_zero_is_no_series(function: Any) -> None:
    """|t| is a power series on either side, and none on both: nothing is told."""
    program = program_of(ad.trace(function, 1.0))
    taylor = Taylor(256)
    result = taylor.run(program, taylor.line([0.0], [1.0]))[program.outputs[0]]
    assert not result.coefficient(1).is_finite()


def test_a_ball_keeps_what_it_cannot_decide() -> None:
    """A comparison of balls that overlap gives a ball around both sides, never a guess."""
    program = program_of(ad.trace(lambda x: ad.where(x < 0.0, 10.0, 20.0), 1.0))
    wide = flint.arb(0, 1)
    result = Balls(256).run(program, [wide])[program.outputs[0]]
    assert result.contains(10)
    assert result.contains(20)


def test_an_undefined_result_tells_nothing() -> None:
    """The logarithm of a negative number is the ball of everything, not an exception."""
    program = program_of(ad.trace(lambda x: ad.log(x) + ad.gamma(x), 1.0))
    balls, taylor = Balls(256), Taylor(256)
    assert not balls.run(program, [balls.number(-1.0)])[-1].is_finite()
    assert not taylor.run(program, taylor.line([-1.0], [1.0]))[-1].start.is_finite()


def test_an_unknown_function_tells_nothing() -> None:
    """A function that only its author knows is the ball of everything, not an exception."""
    program = Program(1, (("mystery({0})", (0,)), ("{0} + {1}", (0, 1))), (2,))
    balls, taylor = Balls(256), Taylor(256)
    assert not balls.run(program, [balls.number(1.0)])[-1].is_finite()
    assert not taylor.run(program, taylor.line([1.0], [1.0]))[-1].start.is_finite()


def test_precision_is_given_back() -> None:
    """python-flint's global precision is what it was, also after an exception."""
    before = flint.ctx.prec, flint.ctx.cap
    with pytest.raises(ZeroDivisionError), precision(999, 7):
        raise ZeroDivisionError
    assert (flint.ctx.prec, flint.ctx.cap) == before

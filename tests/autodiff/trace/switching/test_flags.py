"""Inputs that say which function is meant keep to it; guards keep the derivative beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.switching.flags import flags
from codegen import compile_gradient, compile_hessian
from verify import Verdict, verify_gradient


def chosen(a, kind):
    """Two functions."""
    if kind == 1.0:
        return a * a
    return 3.0 * a


def refusing(a, kind):
    """Of another kind there is none."""
    if kind == 1:
        return a * a
    if kind == 2:
        return 3.0 * a
    raise ValueError("expected 1 or 2")


def by_where(a, kind):
    """NumPy's spelling."""
    return np.where(kind != 1.0, 3.0 * a, a * a)


def with_kinks(a, kind):
    """What one kind is made of meets at 0."""
    if kind == 1.0:
        return np.maximum(a, 0.0) - np.maximum(-a, 0.0) + a * a
    return 7.0 * a


def infinite_beside(a, kind):
    """Without a limit."""
    return a * a if kind == 1.0 else a / (kind - 1.0)


def guarded(a, x):
    """Smooth in both."""
    return a * math.sin(x) / x if x != 0.0 else a


def sum_of_kinds(a, kinds):
    """A number for each term."""
    total = 0.0
    for kind in kinds:
        if kind == 1.0:
            total += a * a
        elif kind == 2.0:
            total += 3.0 * a
        else:
            total += math.sin(a)
    return total


def of_a_difference(a, kind):
    """The comparison in other words."""
    return a * a if 2.0 * kind - 1.0 == 1.0 else 3.0 * a


def of_two(a, kind, mine):
    """One input compared with another."""
    return a * a if kind == mine else 3.0 * a


def either(a, one, other):
    """Each decides alone."""
    return a * a if one == 5.0 or other == -1.0 else 3.0 * a


def both(a, one, other):
    """Neither decides alone."""
    return a * a if one == 5.0 and other == -1.0 else 3.0 * a


def by_order(a, level):
    """Three functions, of which one holds at a number alone."""
    if level < 1:
        return 3.0 * a
    if level <= 1:
        return a * a
    return a**3


def from_a_level(a, level):
    """Two functions, of which one has kinks that meet."""
    return np.maximum(a, 0.0) - np.maximum(-a, 0.0) + a * a if level >= 2.0 else 7.0 * a


def below(a, level):
    """The same in another spelling, and smaller beside than at the level."""
    return 7.0 * a - 40.0 if not 3.0 * level >= 6.0 else np.abs(a) - 2.0 * np.maximum(-a, 0.0)


def in_order(a, first, second):
    """Two inputs in order, and another kink."""
    return np.maximum(a, 0.0) - np.maximum(-a, 0.0) if first <= second else 5.0 + 3.0 * a


_KINDS = [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("function", "point", "slope"),
    [
        (chosen, (-1.5, 1.0), -3.0),
        (chosen, (0.0, 1.0), 0.0),  # both functions are 0 here
        (chosen, (-1.5, 2.0), 3.0),
        (refusing, (-1.5, 1.0), -3.0),
        (refusing, (-1.5, 2.0), 3.0),
        (by_where, (-1.5, 1.0), -3.0),
        (with_kinks, (0.0, 1.0), 1.0),
        (infinite_beside, (-1.5, 1.0), -3.0),
        (of_a_difference, (-1.5, 1.0), -3.0),
        (of_two, (-1.5, 4.0, 4.0), -3.0),
        (by_order, (-1.5, 1.0), -3.0),
        (from_a_level, (0.0, 2.0), 1.0),
        (from_a_level, (0.0, 1.0), 7.0),
        (below, (0.0, 2.0), 1.0),
        (in_order, (0.0, 0.4, 0.4), 1.0),
        (either, (-1.5, 2.0, -1.0), -3.0),
        (either, (-1.5, 5.0, 0.5), -3.0),
        (either, (-1.5, 5.0, -1.0), -3.0),
        (both, (-1.5, 5.0, 0.5), 3.0),
        (both, (-1.5, 5.0, -1.0), -3.0),
        (guarded, (2.0, 0.0), 1.0),
        (sum_of_kinds, (0.5, _KINDS), 1.0 + 3.0 + math.cos(0.5)),
        (sum_of_kinds, (0.5, 20 * _KINDS), 20 * (1.0 + 3.0 + math.cos(0.5))),
    ],
)
@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_the_slope_is_that_of_the_kind(
    function: Callable[..., Any], point: tuple[Any, ...], slope: float, target: str
) -> None:
    """On every target, whichever kind the example is of."""
    df = compile_gradient(function, *point, target=target)
    assert df(*point)[1][0] == pytest.approx(slope, rel=1e-12)


def test_every_reader_of_a_graph_agrees() -> None:
    """Interpreter, Hessian, and nodes that hold values."""
    graph = ad.trace(chosen, 0.3, 2.0)
    assert ad.backpropagate(graph, -1.5, 1.0) == (2.25, (-3.0, 0.0))
    hessian = compile_hessian(chosen, 0.3, 2.0)
    assert np.asarray(hessian(-1.5, 1.0)[0][0]) == 2.0
    assert np.asarray(hessian(-1.5, 2.0)[0][0]) == 0.0


def test_a_kind_between_two_comparisons_is_one() -> None:
    """However it is said that a number is 1."""
    functions: list[Callable[..., Any]] = [
        lambda a, kind: a * a if kind >= 1.0 and kind <= 1.0 else 3.0 * a,
        lambda a, kind: 3.0 * a if 2.0 * kind > 2.0 or -kind > -1.0 else a * a,
        lambda a, kind: np.where(np.sign(kind - 1.0) == 0.0, a * a, 3.0 * a),
    ]
    for function in functions:
        df = compile_gradient(function, 0.3, 1.0)
        assert df(-1.5, 1.0)[1] == (-3.0, 0.0)
        assert df(-1.5, 2.0)[1] == (3.0, 0.0)


def test_a_guard_of_what_rises_steeply_is_no_flag() -> None:
    """Charges of a femtocoulomb are all that counts in some functions: that is no jump at 0."""
    for scale in (1e-7, 1e-15):
        df = compile_gradient(
            lambda q, a, s=scale: a * (1.0 - math.exp(-q / s)) if q != 0.0 else 0.0,
            0.0,
            2.0,
        )
        assert df(0.0, 2.0)[1] == pytest.approx((2.0 / scale, 0.0))


def test_guards_are_no_flags() -> None:
    """What they are continuous at is a place on the way."""
    for function, expected in ((guarded, []), (chosen, [1]), (refusing, [1])):
        graph = ad.trace(function, 0.7, 1.0)
        assert [*flags(graph, [0, 1], graph.outputs, True)] == expected
    kinked = ad.trace(
        lambda a, x: a * (max(x, 0.0) - max(-x, 0.0)) if x >= 0.0 else a * x, 0.7, 1.0
    )
    assert not flags(kinked, [0, 1], kinked.outputs, True)
    ordered = ad.trace(lambda a, x: a * x if x > 0.0 else -a * x * x, 0.7, 1.0)
    assert not flags(ordered, [0, 1], ordered.outputs, True)
    two = ad.trace(of_two, 0.7, 1.0, 2.0)
    assert sorted(flags(two, [0, 1, 2], two.outputs, True)) == [1, 2]
    smooth = ad.trace(lambda a, x, y: a if x == y else a * math.exp(x - y), 0.7, 1.0, 2.0)
    assert not flags(smooth, [0, 1, 2], smooth.outputs, True)
    alone = ad.trace(lambda x: 5.0 if x == 1.0 else x * x, 0.5)
    assert not flags(alone, [0], alone.outputs, True)


@pytest.mark.parametrize("kind", [1.0, 2.0])
def test_a_gradient_that_takes_the_other_kind_is_refuted(kind: float) -> None:
    """At the example and away from it; the right one is proven."""

    def right(a: Any, kind: Any) -> Any:
        return (2.0 * a if kind == 1.0 else 3.0), 0.0

    def other(a: Any, kind: Any) -> Any:
        return 3.0, 0.0

    report = verify_gradient(chosen, -1.5, kind, gradient=right)
    assert report.verdict is Verdict.PROVED
    assert verify_gradient(chosen, -1.5, kind).verdict is Verdict.PROVED
    assert verify_gradient(chosen, -1.5, kind, gradient=other).verdict is Verdict.REFUTED


def test_so_is_one_where_two_inputs_are_the_same() -> None:
    """The kind may be given by another input."""

    def other(a: Any, kind: Any, mine: Any) -> Any:
        return 3.0, 0.0, 0.0

    assert verify_gradient(of_two, -1.5, 4.0, 5.0).verdict is Verdict.PROVED
    assert verify_gradient(of_two, -1.5, 4.0, 5.0, gradient=other).verdict is Verdict.REFUTED


def test_large_functions_are_asked_as_well() -> None:
    """Of 21 000 operations the input that chooses between functions stays where it is, too."""

    def of_many(kind: Any, a: Any) -> Any:
        x = a
        for _ in range(11_000):
            x = 0.5 * x + a
        return np.where(kind == 1.0, x * x, 3.0 * x)

    graph = ad.trace(of_many, 1.0, 0.7)
    assert len(graph.nodes) > 20_000
    assert set(flags(graph, [0, 1], graph.outputs, first=True)) == {0}

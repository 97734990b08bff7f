"""``try`` around what calls, lists and chooses: where it raises is found as the trace runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import autodiff as ad


def _in_a_choice(x, y):
    b = 1.5
    try:
        b = math.sqrt(min([x, y], key=abs))
    except ValueError:
        pass
    return b * y


def _in_a_comprehension(x, y):
    try:
        return sum([math.log(v) for v in (x, y)])
    except ValueError as error:
        return x * y * len(str(error))


def _in_a_loop(x, y):
    total = 0.0
    for k in range(3):
        try:
            total += math.log(max([x + k, y]))
        except (ValueError, KeyError):
            total += x * y
    return total


def _before_an_append(x, y):
    box = [x]
    try:
        box[0] = x / (y + 2.0)
        box.append(1.0 / (x + 1.5))
    except ArithmeticError:
        box[0] = x * y * 3.0
    return sum(box)


def _bare(x, y):
    try:
        return {"k": x / (y + 2.0)}["k"]
    except:  # noqa: E722  # as it may be written
        return x * 5.0


def _in_place(x, y):
    items = [x, y]
    try:
        x /= items[1] + 2.0
    except ZeroDivisionError:
        x = y * y
    return x


@pytest.mark.parametrize(
    "function",
    [_in_a_choice, _in_a_comprehension, _in_a_loop, _before_an_append, _bare, _in_place],
)
def test_handlers_run_whatever_else_the_body_does(function: Callable[..., Any]) -> None:
    """Value and slopes are those of the handler where it runs, whichever side the example is on."""
    points = [(-1.3, -2.0), (1.0, 2.5), (-1.1, 2.0), (0.4, -0.3), (-2.2, -2.5)]
    h = 1e-6
    for example in points[:2]:
        graph = ad.trace(function, *example)
        for x, y in points:
            value, slopes = ad.backpropagate(graph, x, y)
            assert value == pytest.approx(function(x, y), rel=1e-14)
            by_x = (function(x + h, y) - function(x - h, y)) / (2 * h)
            assert slopes[0] == pytest.approx(by_x, rel=1e-7, abs=1e-8)


def test_what_is_not_caught_goes_on() -> None:
    """A division that no handler is for has infinity, as everywhere in a trace."""

    def one_over(x):
        items = [x]
        try:
            return math.log(abs(1.0 / items.pop()) + 2.0)
        except ValueError:
            return 0.0

    assert ad.evaluate(ad.trace(one_over, 1.0), 0.0) == math.inf

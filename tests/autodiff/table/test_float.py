from __future__ import annotations

import copy
import math
import operator
import pickle

import pytest

import autodiff as ad
from autodiff.table.float import Float, total
from tests.random_graphs import ROWS, SPECIAL, same


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_on_floats_is_its_impl(row: ad.Primitive) -> None:
    """A primitive called on total numbers gives a total number with the bits of impl."""
    literals = dict.fromkeys(row.literal, 1.0)
    for x in SPECIAL:
        for y in SPECIAL[::5]:
            numbers = [literals.get(p, (x, y, 0.5)[p]) for p in range(row.arity)]
            found = row(*map(Float, numbers))
            assert type(found) is Float
            assert same(float(found), float(row.impl(*numbers)))


def test_operators_are_total() -> None:
    """Where a float raises, a total number gives the IEEE result, on either side of a float."""
    zero, one = Float(0.0), Float(1.0)
    assert one / zero == 1.0 / zero == one / 0.0 == math.inf
    assert -1.0 / zero == -math.inf
    assert math.isnan(zero / 0)
    assert math.isnan(one % zero)
    assert math.isnan(Float(-8.0) ** (1 / 3))
    assert Float(1e300) ** 2 == math.inf
    assert ad.exp(Float(1000.0)) == math.inf
    assert ad.log(zero) == -math.inf


def test_comparisons_and_truth() -> None:
    """Comparisons are numbers with the truth of floats; nan is true, both zeros false."""
    for apply in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for x in (0.0, 1.0, math.nan):
            for y in (0.0, -0.0, 1.0):
                assert bool(apply(Float(x), y)) is apply(x, y)
                assert bool(apply(x, Float(y))) is apply(x, y)
    assert Float(math.nan)
    assert not Float(-0.0)


def test_it_is_a_float() -> None:
    """A total number is a float in every other respect: repr, hash, pickle, copy."""
    x = Float(0.5)
    assert isinstance(x, float)
    assert repr(x) == "0.5"
    assert hash(x) == hash(0.5)
    assert pickle.loads(pickle.dumps(x)) == copy.copy(x) == 0.5
    assert {0.5: "a"}[x] == "a"


def test_total_runs_a_rule_on_total_numbers() -> None:
    """total() runs a function of plain operators without exceptions."""
    assert total(lambda x, y: x / y, 1.0, 0.0) == math.inf
    assert math.isnan(total(lambda x, y: (x / y) * y, 1.0, 0.0))


def test_a_placeholder_next_to_a_total_number_decides() -> None:
    """A total number that meets a placeholder is recorded as a literal."""
    graph = ad.trace(lambda x: Float(2.0) * x / Float(4.0), 1.0)
    assert ad.evaluate(graph, 3.0) == 1.5

"""Orders of two arrays agree by no accident that is not counted."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from autodiff.table.arrays import choosing
from tests.residues import all_equal
from verify.field.whole.meaning_of_rows import WholeField

PLACES = {
    "argsort": partial(choosing.argsort, axis=0),
    "argmax": partial(choosing.argmax, axis=0),
    "running_place": partial(choosing.running_place, axis=0),
    "max": partial(choosing.max_over, axes=(0,)),
    "min": partial(choosing.min_over, axes=(0,)),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_order_of_another_array_is_another_one(name: str) -> None:
    """Of two numbers, each time: what is chosen among them is unknown."""
    for _ in range(30):
        field = WholeField()
        x, y = (field.lift(np.arange(2.0)) * field.function(n, np.arange(2.0)) for n in "xy")
        one, other, again = PLACES[name](x), PLACES[name](y), PLACES[name](x + 0.0)
        assert not all_equal([(one, other)])
        assert all_equal([(one, again)])
        assert field.chance([(one, again)]) < 1e-12


def test_drawn_orders_are_counted() -> None:
    """Of long rows an order is drawn: two that agree by accident are one of so many."""
    field = WholeField()
    x = field.function("x", np.arange(300.0))
    order = choosing.argsort(x, 0)
    assert sorted(order.known) == [*range(300)]
    assert field.chance([(order, order)]) >= 1.0 / 300.0

"""Elements at places that depend on the inputs, over residues: linear, consistent, told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff.table.arrays.indexing import gather, scatter_add
from autodiff.table.arrays.reshaping import sum_over
from tests.residues import all_equal
from verify.field.whole import unknown_places
from verify.field.whole.meaning_of_rows import WholeField

FIELD = WholeField()
X, Y, G = FIELD.unknown((4, 5)), FIELD.unknown((4, 5)), FIELD.unknown((4, 3))
PLACE = FIELD.function("floor", FIELD.unknown((3,)))


def test_what_is_read_is_linear_in_the_array() -> None:
    """Sums and constants are read as such, at the same places the same."""
    both = gather(X, PLACE, 1), gather(Y, PLACE, 1)
    assert all_equal([(gather(X + Y, PLACE, 1), both[0] + both[1])])
    ones = gather(FIELD.lift(np.ones((4, 5))), PLACE, 1)
    assert all_equal([(ones + G * 0.0, FIELD.lift(np.ones((4, 3))) + G * 0.0)])
    assert all_equal([(X[:, PLACE], both[0]), (X[:, PLACE.astype(int)], both[0])])


def test_reading_and_adding_are_each_others_transposes() -> None:
    """``<g, x[i]>`` is ``<scatter(g), x>``."""
    read = sum_over(G * gather(X, PLACE, 1), (0, 1))
    added: Any = scatter_add(G, PLACE, 1, 5)
    assert all_equal([(read, sum_over(added * X, (0, 1)))])


@pytest.mark.parametrize("other", [PLACE + 1.0, -PLACE, FIELD.function("ceil", PLACE)])
def test_other_places_are_others(other: Any) -> None:
    """A text that reads or adds somewhere else agrees at no element."""
    assert not np.any(gather(X, other, 1).v == gather(X, PLACE, 1).v)
    added: Any = scatter_add(G, other, 1, 5)
    right: Any = scatter_add(G, PLACE, 1, 5)
    assert not np.any(added.v == right.v)


def test_indices_are_no_numbers() -> None:
    """``x.astype(int)`` rounds: what computes with it is not read as if it did not."""
    with pytest.raises(TypeError):
        _ = PLACE.astype(int) + 1.0
    with pytest.raises((TypeError, KeyError)):
        sum_over(FIELD.lift(PLACE.astype(int)), (0,))


def test_places_are_drawn_where_weights_would_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal numbers get equal places, among all or among two; what reads and adds still agrees."""
    monkeypatch.setattr(unknown_places, "_MOST", 10)
    sizes = set()
    for _ in range(30):
        field = WholeField()
        x, g, numbers = field.unknown((50,)), field.unknown((40,)), field.unknown((40,))
        place = field.function("floor", numbers)
        read = sum_over(g * gather(x, place, 0), (0,))
        added: Any = scatter_add(g, place, 0, 50)
        assert all_equal([(read, sum_over(added * x, (0,)))])
        assert not all_equal([(gather(x, place, 0), gather(x, place + 1.0, 0))])
        sizes.add(np.count_nonzero(added.v[0]) <= 2)
    assert sizes == {True, False}
    assert field.choice == 1.0

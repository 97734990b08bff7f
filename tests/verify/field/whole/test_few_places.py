"""Arrays of which loops change a few elements: degrees element by element, unknown beginnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff.table.arrays import ARRAY_ROWS
from codegen import compile_gradient
from tests.codegen.nests.test_in_place import _A, _cholesky, _factors
from tests.verify.mutated_arrays import judged
from verify import Verdict
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.repeated.few_places import FewPlaces, Pair


def test_what_did_not_change_keeps_its_degree() -> None:
    """An array's bound is that of its largest element; each element has its own."""
    field = WholeField()
    x, y = field.unknown((5,)), field.unknown(()) ** 7
    made = field.of_row(ARRAY_ROWS["put_at"], (x, np.array(2), y), {"axis": 0})
    assert made.n == 7
    assert made[2].n == 7
    assert made[1].n == made[3:].n == 1
    assert field.few.of(made, np.array([1, 2])) == Pair(7, 0)


def test_nothing_is_known_of_other_arrays() -> None:
    """An array that no place of was changed has one bound."""
    few, field = FewPlaces(), WholeField()
    assert not few
    assert few.of(field.unknown((3,)), np.array([1])) == Pair(1, 0)


@pytest.mark.parametrize("function", [_cholesky, _factors], ids=lambda f: f.__name__)
def test_factors_by_hand_are_certified(function: Any) -> None:
    """Divisions by what repetitions between those that are run would have left."""
    df = compile_gradient(function, _A, target="numpy")
    assert df.verdict is Verdict.CERTIFIED


def test_wrong_texts_are_not_certified() -> None:
    """What doubles tell from the text itself is no gradient to the check either."""
    found = list(judged((_cholesky, [_A]), 3, seed=4))
    assert any(one.wrong for one in found)
    certain = {Verdict.PROVED, Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC}
    assert not any(one.wrong and one.report.verdict in certain for one in found)
    assert not any(one.accused for one in found)

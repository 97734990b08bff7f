"""Hessians whose constants were folded in one order, and used across the diagonal as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codegen
from tests.verify.ladder.test_quick import with_text
from verify import Verdict, VerificationError
from verify.ladder.quick import check_derivative

DRAW = np.random.default_rng(0)
DATA, LABELS, START = DRAW.normal(size=(12, 3)), DRAW.normal(size=12), DRAW.normal(size=3)


def logistic(w: Any) -> Any:
    """A loss whose derivatives multiply constants of the function with each other."""
    return np.mean(np.log1p(np.exp(-LABELS * (DATA @ w))))


@pytest.mark.parametrize("what", ["hessian", ("value", "gradient", "hessian")])
@pytest.mark.parametrize("sparse", [False, "coo"])
@pytest.mark.filterwarnings("ignore:sparse")
def test_it_is_certified_by_the_field(what: Any, sparse: bool | str) -> None:
    """What doubles round in another order is no difference: no slower rung is asked."""
    made = codegen.compile(logistic, START, what=what, sparse=sparse)
    assert made.verdict is Verdict.CERTIFIED
    assert "decided by verify_gradient" not in made.check.note


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("return ([v6, v5, v5, v8],)", "return ([v6, v5, v6, v8],)"),
        ("return ([v6, v5, v5, v8],)", "return ([v6, v6, v6, v8],)"),
        ("return ([v6, v5, v5, v8],)", "return ([v5, v5, v5, v8],)"),
        ("v5 = v4 * ", "v5 = -v4 * "),
        ("0.0822060156193537", "0.08220601561935378"),
    ],
)
def test_wrong_entries_are_not(right: str, wrong: str) -> None:
    """Neither one entry, nor both of a pair, nor one on the diagonal, nor six units of a constant.

    By less, a constant may be what the chain rule makes of numbers, rounded in another order.
    """

    def one_row(w: Any) -> Any:
        return np.log1p(np.exp(-LABELS[0] * (DATA[0, :2] @ w)))

    made = codegen.compile_hessian(one_row, START[:2])
    text = next(f.text for f in made.loaded.module.functions if f.name == "hessian")
    assert right in text
    changed = with_text(made, text.replace(right, wrong, 1))
    try:
        found = check_derivative(changed, (START[:2],)).verdict
    except VerificationError:
        return
    assert found is Verdict.CERTIFIED_NUMERIC, "a constant six units off is told from a rounded one"
    assert wrong.startswith("0.082")

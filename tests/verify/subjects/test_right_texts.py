"""Right gradients as SymPy and people write them; ``tests.figures.right`` tries all of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from tests.adversary.by_hand import by_hand
from tests.adversary.sympy_forms import Form, forms
from tests.figures.right import is_partial
from verify import Verdict, verify_gradient

_EVERY, _SHARE = 4, 0.95


@cache
def all_of(forms_of: Callable[[], Iterable[Form]]) -> list[Form]:
    """A whole set: SymPy takes seconds to write it."""
    return [*forms_of()]


@pytest.mark.parametrize("part", range(_EVERY))
@pytest.mark.parametrize("of", [forms, by_hand])
def test_right_gradients_are_proven(of: Callable[[], Iterable[Form]], part: int) -> None:
    """Nineteen of twenty are PROVED, of a quarter of each set; none that is right is REFUTED."""
    verdicts = []
    with warnings.catch_warnings(action="ignore"):
        for form in all_of(of)[part::_EVERY]:
            report = verify_gradient(form.function, *form.example, gradient=form.text)
            if report.verdict is Verdict.PROVED or not is_partial(form):
                assert report.verdict is not Verdict.REFUTED, f"{form.name}\n{report}"
                verdicts.append(report.verdict)
    assert verdicts.count(Verdict.PROVED) >= _SHARE * len(verdicts)


def test_the_sets_are_large() -> None:
    """More forms than anybody checks by eye, each another text."""
    for of, least in ((forms, 200), (by_hand, 150)):
        texts = [(form.name, form.text) for form in all_of(of)]
        assert len(set(texts)) == len(texts) >= least

"""Right gradients as SymPy and people write them; ``tests.figures.right`` tries all of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import pytest

from tests.adversary.by_hand import by_hand
from tests.adversary.sympy_forms import Form, forms
from tests.adversary.texts_by_hand import texts_by_hand
from tests.figures.right import is_partial
from verify import Verdict, verify_gradient

_EVERY, _SHARE = 8, 0.95


@pytest.mark.parametrize(("of", "least"), [(forms, 30), (by_hand, 20)])
def test_right_gradients_are_proven(of: Callable[[int], Iterable[Form]], least: int) -> None:
    """Nineteen of twenty are PROVED, of an eighth of each set; none that is right is REFUTED."""
    some = [*of(_EVERY)]
    assert len({form.text for form in some}) == len(some) >= least
    verdicts = []
    with warnings.catch_warnings(action="ignore"):
        for form in some:
            report = verify_gradient(form.function, *form.example, gradient=form.text)
            if report.verdict is Verdict.PROVED or not is_partial(form):
                assert report.verdict is not Verdict.REFUTED, f"{form.name}\n{report}"
                verdicts.append(report.verdict)
    assert verdicts.count(Verdict.PROVED) >= _SHARE * len(verdicts)


# What makes a wrong one of a text.
WRONG = {
    "a slope that returns early": ("return -delta", "return delta"),
    "differences of arrival": ("unit(k)[0] - unit(0)[0]", "unit(k)[0] + unit(0)[0]"),
    "sensitivities of a filter": ("- dK*P", "+ dK*P"),
}


@pytest.mark.parametrize("form", [*texts_by_hand()], ids=lambda form: form.name)
def test_whole_texts_are_proven(form: Form) -> None:
    """Helpers, loops over rows, sensitivities, adjoints; a wrong line is refuted."""
    verdict = verify_gradient(form.function, *form.example, gradient=form.text).verdict
    assert verdict is Verdict.PROVED
    if form.name in WRONG:
        wrong = form.text.replace(*WRONG[form.name])
        verdict = verify_gradient(form.function, *form.example, gradient=wrong).verdict
        assert verdict is Verdict.REFUTED

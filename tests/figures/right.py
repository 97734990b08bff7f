"""Right gradients: how many are PROVED, of SymPy's forms, texts by hand, and plain functions.

``python -m tests.figures.right [sympy] [hand] [texts] [callables]`` prints what is not proven and
why, and a table; it ends with 1 if one is REFUTED that is a number wherever its function has a
derivative.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from tests.adversary.by_callable import Claim, claims
from tests.adversary.by_hand import by_hand
from tests.adversary.sympy_forms import Form, forms
from tests.adversary.texts_by_hand import texts_by_hand
from verify import Report, Verdict, verify_gradient

_SETS: dict[str, Callable[[], Iterable[Form]]] = {
    "sympy": forms, "hand": by_hand, "texts": texts_by_hand,
}  # fmt: skip
_BESIDE = 1e-3
_FACTORS = (1.0, 0.3, 2.9, -0.4, -1.7, 0.05, 0.0)


def is_partial(form: Form) -> bool:
    """True if CPython raises for the text where the function is a number all around."""
    names: dict[str, Any] = {}
    exec(compile(form.text, "gradient", "exec"), names)
    gradient = next(reversed(names.values()))
    for factor in _FACTORS:
        point = [x * factor for x in form.example]
        if all(_is_number(form.function, p) for p in _around(point)):
            try:
                found = np.ravel(gradient(*point))
            except (ArithmeticError, ValueError):
                return True
            if any(isinstance(x, complex) or not math.isfinite(x) for x in found):
                return True
    return False


def _around(point: list[float]) -> Iterator[list[float]]:
    yield point
    for k, x in enumerate(point):
        for step in (_BESIDE, -_BESIDE):
            yield [*point[:k], x * (1.0 + step), *point[k + 1 :]]


def _is_number(function: Callable[..., Any], point: list[float]) -> bool:
    try:
        value = function(*point)
    except (ArithmeticError, ValueError):
        return False
    return not isinstance(value, complex) and math.isfinite(value)


def _told(report: Report) -> str:
    worst = max(
        filter(None, [report.value, *report.entries]), key=lambda e: [*Verdict].index(e.verdict)
    )
    return f"{worst.method}; {worst.note}"[:300]


def count(name: str, of: Iterable[Form]) -> list[str]:
    """Print how many are proven; the names of those that are refuted and should not be."""
    start, counts, refuted = time.perf_counter(), Counter[str](), []
    for form in of:
        report = verify_gradient(form.function, *form.example, gradient=form.text)
        partial = is_partial(form) and report.verdict is not Verdict.PROVED
        verdict = f"{report.verdict}{', not a number everywhere' * partial}"
        counts[verdict] += 1
        if report.verdict is not Verdict.PROVED:
            print(f"{form.name}: {verdict}: {_told(report)}", flush=True)
        if report.verdict is Verdict.REFUTED and not partial:
            refuted.append(form.name)
    total, proved = sum(counts.values()), counts[str(Verdict.PROVED)]
    whole = total - sum(n for verdict, n in counts.items() if "everywhere" in verdict)
    print(
        f"{name}: {proved} of {total} PROVED, {proved / total:.1%}; of those that are a number "
        f"wherever the function is, {proved} of {whole}, {proved / whole:.1%}; {dict(counts)}, "
        f"{time.perf_counter() - start:.0f} s"
    )
    return refuted


def count_claims(of: Iterable[Claim]) -> list[str]:
    """Print how many plain functions are proven; the names of those that are refuted."""
    start, counts, refuted = time.perf_counter(), Counter[str](), []
    for claim in of:
        report = claim.verified()
        counts[str(report.verdict)] += 1
        if report.verdict is not Verdict.PROVED:
            print(f"{claim.what} {claim.name}: {report.verdict}: {_told(report)}", flush=True)
        if report.verdict is Verdict.REFUTED:
            refuted.append(claim.name)
    proved, total = counts[str(Verdict.PROVED)], sum(counts.values())
    seconds = time.perf_counter() - start
    print(f"callables: {proved} of {total} PROVED, {proved / total:.1%}; {seconds:.0f} s")
    return refuted


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        chosen = {k: v for k, v in _SETS.items() if k in sys.argv[1:] or not sys.argv[1:]}
        refuted = [form for name, of in chosen.items() for form in count(name, of())]
        if "callables" in sys.argv[1:] or not sys.argv[1:]:
            refuted += count_claims(claims())
    print(*refuted, sep="\n")
    print(f"{len(refuted)} right gradients refuted")
    sys.exit(bool(refuted))


if __name__ == "__main__":
    main()

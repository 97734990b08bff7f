"""Hypergeometric functions against many digits, by every operand, and where they are not served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import autodiff as ad
from tests.autodiff.trace.libraries.special.many_digits import assert_digits

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")

Places = tuple[tuple[float, ...], ...]
CASES: dict[str, tuple[Callable[..., Any], Places]] = {
    "hyp0f1": (mpmath.hyp0f1, ((1.5, 2.0), (2.0, 50.0), (0.5, -3.0))),
    "hyp1f1": (mpmath.hyp1f1, ((1.5, 2.0, 3.0), (2.0, 1.5, -40.0), (2.0, 3.5, 50.0))),
}


@pytest.mark.parametrize("name", CASES)
def test_by_every_operand(name: str) -> None:
    """Also where the power series of the function itself would cancel."""
    function, (true, places) = getattr(special, name), CASES[name]
    assert_digits(lambda *x: function(*x) * 1.0, true, places, near=5e-12)


def test_gauss() -> None:
    """Within the circle and, by Pfaff's form, far to the left of it; nan beyond."""
    f = lambda z: special.hyp2f1(0.3, 2.0, 1.7, z)  # noqa: E731
    true = lambda z: mpmath.hyp2f1(mpmath.mpf(0.3), 2, mpmath.mpf(1.7), z)  # noqa: E731
    assert_digits(f, true, ((0.3,), (0.85,), (-3.0,), (-8.0,), (-1e-9,)), near=2e-12)
    graph = ad.trace(f, 0.3)
    assert ad.evaluate(graph, 0.95) != ad.evaluate(graph, 0.95)

"""A loop whose repetitions leave everything as it is has no text."""

from __future__ import annotations

import math

import pytest

from codegen import compile_gradient


def _handled(x, y):
    b = 0.3 * y
    for k in range(15):
        try:  # noqa: SIM105  # what it is about
            b = math.asin(x)
        except ZeroDivisionError:
            pass
        for _ in range(15):
            b += k
    return b


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_their_gradients_are_texts_that_run(target: str) -> None:
    """Backwards, the inner loop hands on what it got."""
    df = compile_gradient(_handled, 0.3, 1.0, target=target)
    value, slopes = df(0.3, 1.0)
    assert value == pytest.approx(_handled(0.3, 1.0), rel=1e-14)
    assert slopes == pytest.approx((1.0 / math.sqrt(1.0 - 0.09), 0.0), rel=1e-14)

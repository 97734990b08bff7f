"""Constants that cancel where choices hide them: no reading of them decides there."""

from __future__ import annotations

import pytest

from verify import Verdict, verify_gradient

_THIRD = "0.3333333333333333"
_ROW = "x-1e6"
for _ in range(6):
    _ROW = f"np.maximum({_ROW}, 0.0) - 1.0"


@pytest.mark.parametrize(
    "hidden",
    [
        "np.maximum(x-1e6, 0.0)",
        "np.maximum(0.0, x-1e6)",
        "-np.minimum(0.0, 1e6-x)",
        f"np.maximum({_ROW}, 0.0)",
        "x if math.floor(x) == 1000003 else 0.0",
    ],
)
def test_what_cancels_behind_choices_is_seen(hidden: str) -> None:
    """3 m/3 - m is nothing with a third, and -m/2 when multiplied by 1e16 with a double."""
    text = (
        f"import math\nimport numpy as np\ndef g(x):\n m = {hidden}\n"
        f" return x*x + 1e16*(m*{_THIRD}*3 - m)\n"
    )
    report = verify_gradient(lambda x: x**3 / 3, 1.0, gradient=text)
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), report


def test_choices_hide_nothing_that_is_not_there() -> None:
    """Right texts with thirds behind choices are proven."""
    text = f"import numpy as np\ndef g(x):\n return 2*np.maximum(x, 0.0)*{_THIRD}\n"
    report = verify_gradient(lambda x: max(x, 0.0) ** 2 / 3, 1.0, gradient=text)
    assert report.verdict is Verdict.PROVED, report

"""Long texts, and texts with levers: what does not fit into a quick look is no proof."""

from __future__ import annotations

import pytest

from verify import Verdict, verify_gradient


def test_a_long_text_hides_no_pole() -> None:
    """Steps that nobody needs do not keep a division by zero from being found."""
    text = (
        "def g(x):\n s = x\n for k in range(31000):\n  s = s*1.5 + 1.0\n"
        " return 2*x*(x - 5.0)/(x - 5.0)\n"
    )
    report = verify_gradient(lambda x: x * x, 1.25, gradient=text)
    assert report.verdict is Verdict.UNDECIDED
    assert "UNDEFINED-AT x = 5.0" in str(report)


@pytest.mark.parametrize("lever", ["1e6", "1e10", "1e16", "1e18"])
def test_no_reading_of_constants_is_certain_where_they_cancel(lever: str) -> None:
    """0.1*x - x/10 is nothing for tenths, and something for doubles: no error bound holds."""
    text = f"def g(x):\n return 2*x + {lever}*(0.1*x - x/10)\n"
    verdict = verify_gradient(lambda x: x * x, 1.25, gradient=text).verdict
    assert verdict not in (Verdict.PROVED, Verdict.CERTIFIED)

"""Nothing that decides can be foreseen: points, residues and primes are drawn after the text."""

from __future__ import annotations

import inspect
import random
from typing import Any

import pytest

import autodiff as ad
import verify.rungs.process.job
from verify import Verdict, verify_gradient
from verify.rungs.points import candidates

# Right at the points and at the residue of the input that seed 0 once gave, wrong elsewhere.
FORESEEN = (
    "def g(x):\n return 2*x + (x - 599174115388.0 - 1.9883488900979104e+30 - "
    "8.298590482394249e+37)*-1.2050238870823376e-38*(x - 1.0)*(x - 1.00689)*(x - 1.58129)"
    "*(x - -0.10051)*(x - 0.408737)*(x - -1.52089)\n"
)


def through(points: list[float], scale: float) -> str:
    """A gradient of x * x that is right at these points only."""
    product = " * ".join(f"(x - {point!r})" for point in points)
    return f"def g(x):\n    return 2.0 * x + {scale!r} * {product}\n"


def test_a_text_made_for_seed_0_is_refuted() -> None:
    """The polynomial that vanished wherever seed 0 looked is refuted."""
    report = verify_gradient(lambda x: x * x, 1.0, gradient=FORESEEN)
    assert report.verdict is Verdict.REFUTED


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_a_text_made_for_any_seed_is_refuted(seed: int) -> None:
    """Whoever knows the source and the seed can list the seed's points, to no avail."""
    drawn = candidates([[1.0]], [(float("-inf"), float("inf"))], [], seed)
    foreseen = [next(drawn)[0] for _ in range(12)]
    report = verify_gradient(lambda x: x * x, 1.0, gradient=through(foreseen, 1e-3), seed=seed)
    assert report.verdict is Verdict.REFUTED


def test_a_seed_adds_points() -> None:
    """A seed other than 0 compares at more points; those drawn anew stay."""

    def opaque(x: Any) -> float:
        return float(repr(2.0 * x))

    few, more = (
        verify_gradient(lambda x: x * x, 1.0, gradient=opaque, seed=seed).entries[0].method
        for seed in (0, 5)
    )
    assert few.startswith("floats at 6 points")
    assert more.startswith("floats at 12 points")


def test_only_what_the_user_asked_for_is_drawn_from_a_fixed_seed() -> None:
    """The job draws its points from the nonce; the module makes no random number of its own."""
    assert "import random" not in inspect.getsource(verify.rungs.process.job)


def test_leverage_is_no_rounding() -> None:
    """Constants that are amplified until their rounding explains anything explain nothing."""
    text = "def g(x):\n return 2*x+5.0+(1e16*(0.123456789012+x)-1e16*x-1e16*0.123456789012)\n"
    assert verify_gradient(lambda x: x * x, 1.0, gradient=text).verdict is Verdict.REFUTED


@pytest.mark.parametrize("amplified", [1e6, 1e10, 1e14, 1e20])
def test_no_leverage_hides_what_anybody_would_see(amplified: float) -> None:
    """Whatever the factor, an error of 1e-3 is refuted."""
    c = random.Random(3).random()
    text = (
        f"def g(x):\n return 2*x + 1e-3 + ({amplified!r}*({c!r} + x) - {amplified!r}*x "
        f"- {amplified!r}*{c!r})\n"
    )
    assert verify_gradient(lambda x: x * x, 1.0, gradient=text).verdict is Verdict.REFUTED


def test_a_residue_of_rounding_is_no_error() -> None:
    """sinc(1) is zero, folded it is 4e-17: read as what it was folded from, and as nothing else."""

    def f(x: Any) -> Any:
        return ad.sinc((x > 0.0) | True) + x

    report = verify_gradient(f, 0.5)
    assert report.verdict is Verdict.PROVED
    assert "3.8981718325193755e-17 is read as 0" in str(report)
    text = "def g(x):\n return 2*x + 3.8981718325193755e-17\n"
    assert verify_gradient(lambda x: x * x, 1.0, gradient=text).verdict is Verdict.REFUTED


def test_an_opaque_gradient_says_what_was_found() -> None:
    """A callable of floats is compared at so many points, and so far apart were the numbers."""

    def opaque(x: Any) -> float:
        return float(repr(2.0 * x * (1.0 + 1e-9)))

    report = verify_gradient(lambda x: x * x, 1.0, gradient=opaque)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert report.entries[0].method == (
        "floats at 6 points, within 1e-08 of sympy.diff (at most 1e-09 apart)"
    )

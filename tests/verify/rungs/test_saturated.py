"""Points at which 60 digits round a part of the function away."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

import autodiff as ad
from verify.ladder.ladder import subject_and_points
from verify.numbers.precise import Precise
from verify.program.limits import DIGITS, MORE_DIGITS, MOST_DIGITS
from verify.rungs.points import candidates
from verify.rungs.process import job
from verify.rungs.process.findings import Outcome


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + ad.exp(-x))


def _ratio(p: Any, s: Any) -> Any:
    return (1.0 - _sigmoid(s)) ** p / (1.0 - _sigmoid(1.0)) ** p


def _slope(p: Any, s: Any) -> Any:
    return _ratio(p, s) * (ad.log(1.0 - _sigmoid(s)) - ad.log(1.0 - _sigmoid(1.0)))


def _outcome(
    slope: Callable[..., Any], at: list[float], monkeypatch: pytest.MonkeyPatch
) -> Outcome:
    """What the next point that is compared, ``at``, tells of the slope by p."""
    monkeypatch.setattr(job, "candidates", lambda *_: iter([at]))

    def gradient(p: Any, s: Any) -> tuple[Any, Any]:
        return slope(p, s), -p * _ratio(p, s) * _sigmoid(s)

    subject, points = subject_and_points(_ratio, (2.9, 2.1), gradient)
    compared = job.Job(subject.message(points, 0, False)).point()
    assert compared is not None
    assert compared.point == at
    return compared.outcomes[0]


@pytest.mark.parametrize("s", [100.0, 200.0, 900.0, 4000.0])
def test_what_is_right_where_digits_run_out_is_equal(
    s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At s = 200 the base is a small number, which 60 digits take for zero."""
    assert _outcome(_slope, [0.4, s], monkeypatch).kind == "equal"


@pytest.mark.parametrize("s", [100.0, 200.0, 900.0, 4000.0])
def test_what_is_wrong_where_digits_run_out_is_wrong(
    s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No point hides an error for being far out."""

    def wrong(p: Any, x: Any) -> Any:
        return ad.where(x > 90.0, 2.0 * _slope(p, x), _slope(p, x))

    assert _outcome(wrong, [0.4, s], monkeypatch).kind == "wrong"


@pytest.mark.parametrize(
    ("x", "digits"), [(100.0, DIGITS), (600.0, MORE_DIGITS), (4500.0, MOST_DIGITS)]
)
def test_digits_enough(x: float, digits: int) -> None:
    """The furthest point that is drawn is within the most digits."""
    context = Precise(digits).context
    assert 1 - 1 / (1 + context.exp(-context.mpf(x))) > 0


def test_no_point_is_beyond_the_most_digits() -> None:
    """Numbers drawn from far away stay below 4500."""
    everywhere = (float("-inf"), float("inf"))
    drawn = itertools.islice(candidates([], [everywhere] * 3, (), 5), 20_000)
    assert max(abs(x) for point in drawn for x in point) == 4_500.0

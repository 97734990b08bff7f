"""Balls refute what is wrong, rigorously, and say so; without python-flint the report says that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autodiff as ad
from verify import Verdict, mutate, verify_gradient
from verify.numbers.precise import Precise
from verify.program.limits import DIGITS
from verify.program.literals import with_readings
from verify.program.program import program_of
from verify.rungs.enclosure import MISSING, Enclosure, OnSide
from verify.rungs.process import process
from verify.truth.oracle import whole_function

ROOT = str(Path(__file__).parents[3])


def enclosure(function: Any, gradient: Any, *examples: float) -> Enclosure:
    """A hand-written partial derivative by the first input, against the function."""
    programs = [program_of(ad.trace(f, *examples)) for f in (function, gradient)]
    return Enclosure(programs[0], programs[1:], [0], False)


class TestWithFlint:
    """What needs python-flint."""

    @pytest.fixture(autouse=True)
    def _flint(self) -> None:
        pytest.importorskip("flint", reason="balls need python-flint")

    def test_a_refutation_is_rigorous(self) -> None:
        """A wrong gradient is refuted by balls; the point is stored exactly."""
        report = verify_gradient(
            lambda x: x * ad.sin(x), 1.0, gradient=lambda x: ad.sin(x) - x * ad.cos(x)
        )
        entry = report.entries[0]
        assert entry.verdict is Verdict.REFUTED
        assert entry.method == "balls of 256 bits, Taylor series of the function"
        assert entry.witness is not None
        point = entry.witness.to_json()["point_hex"]
        assert float.fromhex(point["x"]) == entry.witness.point["x"]

    def test_mutants_are_refuted_by_balls(self) -> None:
        """Wrong versions of an emitted gradient are refuted rigorously, not by digits alone."""

        def f(x: float, y: float) -> float:
            return ad.maximum(ad.sin(x * y), y) * ad.exp(-x) + ad.gamma(x) / y

        report = mutate(f, 1.2, 0.7, count=12, seed=5)
        assert len(report.refuted) >= 8
        for trial in report.refuted:
            entries = (trial.report.value, *trial.report.entries)
            wrong = [e for e in entries if e is not None and e.verdict is Verdict.REFUTED]
            assert all(entry.method.startswith("balls of") for entry in wrong)

    def test_no_error_is_too_small(self) -> None:
        """An error far below the 60 digits of the comparison is refuted all the same."""

        def wrong(x: Any) -> Any:
            tiny = 2.0**-10
            for _ in range(5):
                tiny = (x / x * tiny) * tiny  # computed, so that no constant can be blamed
            return 2.0 * x + tiny

        report = verify_gradient(lambda x: x * x, 1.0, gradient=wrong)
        assert report.verdict is Verdict.REFUTED
        assert report.entries[0].method.startswith("balls of")

    def test_a_tiny_difference_of_constants_is_told(self) -> None:
        """Where a constant may be rounded a tiny difference is no refutation, but no secret."""
        report = verify_gradient(lambda x: x * x, 1.0, gradient=lambda x: 2.0 * x + 1e-200)
        assert report.verdict is Verdict.CERTIFIED_NUMERIC
        assert "balls: 1e-200 from the Taylor series" in report.entries[0].method

    def test_a_right_gradient_is_enclosed(self) -> None:
        """The true derivative differs from the series by no more than the balls' size."""
        known = enclosure(ad.gamma, lambda x: ad.gamma(x) * ad.digamma(x), 1.5).outcome([1.5], 0)
        assert known.kind == "same"
        assert known.radius < 1e-200
        assert known.found == known.expected == pytest.approx(0.0323383974488852)

    @pytest.mark.parametrize("point", [[0.0], [float("nan")], [float("inf")]])
    def test_a_kink_and_what_is_no_number_tell_nothing(self, point: list[float]) -> None:
        """On a border, at nan and at infinity nothing is claimed."""
        assert enclosure(abs, lambda x: 1.0 * x, 1.0).outcome(point, 0).kind == "unknown"

    def test_a_literal_of_the_point_is_the_float(self) -> None:
        """Readings of literals concern the text, never the point."""
        size = 0.6931471805599453
        programs = [program_of(ad.trace(f, 1.0)) for f in (lambda x: x * x, lambda x: 2.0 * x)]
        texts = [with_readings(p, {size: "log(2)"}) for p in programs[1:]]
        known = Enclosure(programs[0], texts, [0], False)
        assert known.outcome([size], 0).kind == "same"

    def test_a_side_that_digits_only_seem_to_be_on_measures_nothing(self) -> None:
        """60 digits take 1 - 1 / (1 + exp(-153)) for 0, where another derivative holds."""

        def function(s: Any) -> Any:
            return ad.where(1.0 - 1.0 / (1.0 + ad.exp(-s)) == 0.0, 5.0 * s, s * s)

        program, digits = program_of(ad.trace(function, 1.0)), Precise(DIGITS)
        for s, kinds in ((153.0, {"same"}), (1.0, {"different", "same"})):
            digits.restart()
            digits.run(program, [digits.context.mpf(s)])
            answers = tuple(digits.answers)
            derivatives = whole_function(program, [0]).program(answers)
            assert derivatives is not None
            side = OnSide(derivatives, answers)
            gradients = (lambda x: 2.0 * x, lambda x: 5.0 * x / x)[: len(kinds)]
            asked = [enclosure(function, g, 1.0) for g in gradients]
            assert {known.outcome([s], 0, side).kind for known in asked} == kinds

    def test_a_nan_only_function_is_undecided(self) -> None:
        """Where the function is defined nowhere the answer is UNDECIDED, in time."""
        report = verify_gradient(lambda x: ad.log(-abs(x) - 1.0) + x, 1.0, time_limit=5.0)
        assert report.verdict is Verdict.UNDECIDED


@pytest.fixture
def worker_without_flint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shared worker, in an installation that lacks python-flint."""
    script = (
        f"import sys; sys.path.insert(0, {ROOT!r}); sys.modules['flint'] = None; "
        "sys.argv = ['worker', '4.0']; from verify.rungs.process.worker import main; main()"
    )
    worker = process.Worker([sys.executable, "-P", "-c", script])
    monkeypatch.setattr(process, "_SHARED", worker)
    yield
    worker.stop()


@pytest.mark.usefixtures("worker_without_flint")
def test_without_flint_the_report_says_so() -> None:
    """Without python-flint 60-digit arithmetic refutes, and the method says what is missing."""
    report = verify_gradient(lambda x: x * x, 1.0, gradient=lambda x: 3.0 * x)
    assert report.verdict is Verdict.REFUTED
    assert "60 digits" in report.entries[0].method
    assert MISSING in report.entries[0].method

"""The pytest plugin: a fixture that proves gradients, and an option that says how surely.

pytest finds it by itself once Proofgrad is installed (entry point ``proofgrad``)::

    def test_gradient(assert_gradient_proved):
        assert_gradient_proved(f, 1.0, 2.0)                    # what compile_gradient emits
        assert_gradient_proved(f, 1.0, 2.0, gradient=by_hand)  # what somebody wrote
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from autodiff.errors import ArgumentError, ProofgradError
from autodiff.quoting import plain
from verify.answer.report import Report, Verdict, VerificationError

__all__ = ["AssertGradientProved", "assert_gradient_proved"]

# Each level with the verdicts that reach it, the strictest first.
LEVELS = {
    "proved": (Verdict.PROVED,),
    "certified": (Verdict.PROVED, Verdict.CERTIFIED),
    "numeric": (Verdict.PROVED, Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC),
}
DEFAULT = "certified"


class AssertGradientProved(Protocol):
    """What the fixture ``assert_gradient_proved`` is."""

    def __call__(
        self,
        function: Callable[..., object],
        *examples: object,
        gradient: object = None,
        level: str | None = None,
        time_limit: float = 10.0,
        seed: int = 0,
    ) -> Report:
        """Verify a gradient and fail the test below the level; see the fixture."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--gradient-level``, and ``gradient_level`` in the configuration file."""
    parser.getgroup("proofgrad", "gradients").addoption(
        "--gradient-level",
        choices=list(LEVELS),
        help="fail assert_gradient_proved below this level, whatever a test asks for "
        "(proved, certified: but for a stated tiny probability, numeric: equal at points)",
    )
    parser.addini(
        "gradient_level", f"level of assert_gradient_proved by default ({DEFAULT})", default=DEFAULT
    )


@pytest.fixture
def assert_gradient_proved(pytestconfig: pytest.Config) -> AssertGradientProved:
    """Call it as ``verify_gradient``: the test fails where the gradient is not proved.

    ``level`` ("proved", "certified" or "numeric") says what suffices here; the command line's
    ``--gradient-level`` may only ask for more.  It returns the report.
    """
    usual = _known(pytestconfig.getini("gradient_level"), "gradient_level")
    least = pytestconfig.getoption("gradient_level")

    def check(
        function: Callable[..., object],
        *examples: object,
        gradient: object = None,
        level: str | None = None,
        time_limit: float = 10.0,
        seed: int = 0,
    ) -> Report:
        __tracebackhide__ = True
        from verify.ladder.ladder import verify_gradient  # not before a test needs it

        wanted = usual if level is None else _known(level, "assert_gradient_proved: level")
        wanted = min(filter(None, (wanted, least)), key=list(LEVELS).index)
        try:
            report = verify_gradient(
                function, *examples, gradient=gradient, time_limit=time_limit, seed=seed
            )
        except ProofgradError as error:
            raise error.with_traceback(None) from None  # its frames are ours
        if report.verdict not in LEVELS[wanted]:
            raise VerificationError(
                f"{_in_short(report)}; expected a gradient that is {wanted}\n{report}"
            )
        return report

    return check


def _in_short(report: Report) -> str:
    """The verdict, and the first input that it is owed to with its point: pytest's summary line."""
    owed = next((e for e in report.every_entry() if e.verdict is report.verdict), None)
    if owed is None:
        return report.title
    why = f"{owed.input} {owed.witness}" if owed.witness else f"{owed.input}: {owed.note}"
    return f"{report.title}, {plain(why)}"


def _known(level: str, where: str) -> str:
    if level not in LEVELS:
        raise ArgumentError(f"{where}: found {level!r}; expected {', '.join(LEVELS)}")
    return level

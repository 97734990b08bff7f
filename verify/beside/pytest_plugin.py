"""The pytest plugin: a fixture that proves gradients, and an option that says how surely.

pytest finds it by itself once Proofgrad is installed (entry point ``proofgrad``)::

    def test_gradient(assert_gradient_proved):
        assert_gradient_proved(f, 1.0, 2.0)                    # what compile_gradient emits
        assert_gradient_proved(f, 1.0, 2.0, gradient=by_hand)  # what somebody wrote

    def test_hessian(assert_derivative_proved):
        assert_derivative_proved(f, 1.0, 2.0, what="hessian")
        assert_derivative_proved(f, 1.0, 2.0, what="hessian", claimed=by_hand)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from autodiff.errors import ArgumentError, ProofgradError
from autodiff.quoting import plain
from verify.answer.report import Report, Verdict, VerificationError

__all__ = [
    "AssertDerivativeProved",
    "AssertGradientProved",
    "assert_derivative_proved",
    "assert_gradient_proved",
]

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


class AssertDerivativeProved(Protocol):
    """What the fixture ``assert_derivative_proved`` is."""

    def __call__(
        self,
        function: Callable[..., object],
        *examples: object,
        what: str | tuple[str, ...] | None = None,
        claimed: str | Callable[..., object] | None = None,
        level: str | None = None,
        time_limit: float = 10.0,
        seed: int = 0,
    ) -> Report:
        """Verify derivatives and fail the test below the level; see the fixture."""


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
    judge = _Judge(pytestconfig)

    def check(
        function: Callable[..., object],
        *examples: object,
        gradient: object = None,
        level: str | None = None,
        time_limit: float = 10.0,
        seed: int = 0,
    ) -> Report:
        __tracebackhide__ = True
        from verify.ladder.doors.front import verify_gradient  # not before a test needs it

        wanted = judge.wanted(level, "assert_gradient_proved")
        try:
            report = verify_gradient(
                function, *examples, gradient=gradient, time_limit=time_limit, seed=seed
            )
        except ProofgradError as error:
            raise error.with_traceback(None) from None  # its frames are ours
        return _held(report, wanted, "a gradient")

    return check


@pytest.fixture
def assert_derivative_proved(pytestconfig: pytest.Config) -> AssertDerivativeProved:
    """Call it as ``verify_derivatives``: the test fails where a number is not proved.

    ``level`` is as for ``assert_gradient_proved``.  It returns the report.
    """
    judge = _Judge(pytestconfig)

    def check(
        function: Callable[..., object],
        *examples: object,
        what: str | tuple[str, ...] | None = None,
        claimed: str | Callable[..., object] | None = None,
        level: str | None = None,
        time_limit: float = 10.0,
        seed: int = 0,
    ) -> Report:
        __tracebackhide__ = True
        from verify.ladder.doors.siblings import verify_derivatives  # not before a test needs it

        wanted = judge.wanted(level, "assert_derivative_proved")
        try:
            report = verify_derivatives(
                function, *examples, what=what, claimed=claimed, time_limit=time_limit, seed=seed
            )
        except ProofgradError as error:
            raise error.with_traceback(None) from None  # its frames are ours
        return _held(report, wanted, "derivatives")

    return check


class _Judge:
    """What a test asks for, and the least that the command line does.

    Args:
        config: pytest's configuration.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._usual = _known(config.getini("gradient_level"), "gradient_level")
        self._least: str | None = config.getoption("gradient_level")

    def wanted(self, level: str | None, where: str) -> str:
        """The level to reach.

        Raises:
            ArgumentError: if there is no such level.
        """
        __tracebackhide__ = True
        wanted = self._usual if level is None else _known(level, f"{where}: level")
        return min(filter(None, (wanted, self._least)), key=[*LEVELS].index)


def _held(report: Report, wanted: str, what: str) -> Report:
    """The report, if it reaches the level.

    Raises:
        VerificationError: if it does not.
    """
    __tracebackhide__ = True
    if report.verdict not in LEVELS[wanted]:
        is_wanted = "that is" if what.startswith("a ") else "that are"
        raise VerificationError(
            f"{_in_short(report)}; expected {what} {is_wanted} {wanted}\n{report}"
        )
    return report


def _in_short(report: Report) -> str:
    """The verdict, and the first input that it is owed to with its point: pytest's summary line."""
    owed = next((e for e in report.every_entry() if e.verdict is report.verdict), None)
    if owed is None:
        return report.title
    why = f"{owed.input} {owed.witness}" if owed.witness else f"{owed.input}: {owed.note}"
    return f"{report.title}, {plain(why)}"


def _known(level: str, where: str) -> str:
    __tracebackhide__ = True
    if level not in LEVELS:
        raise ArgumentError(f"{where}: found {level!r}; expected {', '.join(LEVELS)}")
    return level

from __future__ import annotations

import decimal
import inspect
import statistics

import numpy as np
import pytest

import autodiff as ad
from autodiff import errors
from autodiff.errors import location_of, user_expression, user_location
from autodiff.trace.arrays import OperandArray


def here() -> str:
    """``file:line`` of the caller."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return f"test_errors.py:{frame.f_back.f_lineno}"


def test_every_error_is_a_proofgrad_error_with_a_help_page() -> None:
    """One except clause catches all; each class says what causes it and what to do."""
    for name in errors.__all__:
        item = getattr(errors, name)
        if inspect.isclass(item):
            assert issubclass(item, ad.ProofgradError)
            assert len(item.__doc__) > 40
    assert issubclass(ad.TraceError, TypeError)
    assert issubclass(ad.ArgumentError, TypeError)
    assert issubclass(ad.DifferentiationError, ValueError)


def test_user_location_skips_our_frames_and_numpys() -> None:
    """The location is the user's line, however deep NumPy and autodiff are below it."""
    seen = []

    class Spy(ad.primitive.Operand):
        def bind(self, primitive, operands):
            return self

    def note(x):
        seen.append(user_location())
        return x

    assert user_location() == here()
    np.apply_along_axis(note, 0, np.ones(2))
    assert seen == [f"test_errors.py:{note.__code__.co_firstlineno + 1}"] * len(seen)
    with pytest.raises(ad.TraceError, match=r"test_errors.py:\d+: np.nextafter"):
        np.nextafter(np.array([Spy()]).view(OperandArray), 1.0)


def test_user_expression_is_the_expression_at_fault() -> None:
    """The source text of the failing expression is shown, not the whole line."""
    with pytest.raises(ad.TraceError, match=r"in 'range\(int\(x\)\)'\."):
        ad.trace(lambda x: 1.0 + (2.0 * len(range(int(x))) - 3.0), 1.0)
    assert user_expression() == "user_expression()"


def test_location_of_an_error() -> None:
    """location_of gives the innermost user frame of a traceback."""
    line = int(here().split(":")[1])
    with pytest.raises(np.linalg.LinAlgError) as raised:
        np.linalg.inv(np.zeros((2, 2)))
    assert location_of(raised.value) == f"test_errors.py:{line + 2}"
    assert location_of(ValueError("never raised")) == "<unknown>"


def test_errors_from_helpers_point_into_the_helper() -> None:
    """A mistake in a function the traced one calls is located there."""

    def helper(x):
        return x * len(range(int(x)))

    number = helper.__code__.co_firstlineno + 1
    with pytest.raises(ad.TraceError, match=f"test_errors.py:{number}: "):
        ad.trace(lambda x: helper(x) * 2.0, 1.0)
    with pytest.raises(ad.TraceError, match=f"test_errors.py:{number}: "):
        ad.trace(lambda x: sum(map(helper, x)), np.ones(3))


class Empty:
    """Nothing."""


ODD = {
    "np.arange cannot be traced": lambda x: np.arange(x).sum(),
    "np.zeros cannot be traced": lambda x: np.zeros(x).sum(),
    "np.linspace cannot be traced": lambda x: np.linspace(0.0, 1.0, x).sum(),
    "statistics.NormalDist.overlap cannot be traced": lambda x: statistics.NormalDist(x).overlap(
        statistics.NormalDist()
    ),
    "decimal.Decimal cannot be traced": lambda x: decimal.Decimal(x) * 2,
    "a traced value has no attribute 'hex'": lambda x: x.hex(),
    "a traced value is not callable": lambda x: x(),
    "<<: a traced value and 'int'": lambda x: x << 1,
    "@: a traced value and a traced value": lambda x: x @ x,
    "could not convert string to float: a traced value": lambda x: float(str(x)),
}


@pytest.mark.parametrize("message", ODD)
def test_what_needs_a_number_is_named(message: str) -> None:
    """The user's line and what was called there, never a placeholder nor a library's line."""
    with pytest.raises(ad.TraceError, match=r"^test_errors.py:\d+: ") as caught:
        ad.trace(ODD[message], 3.0)
    assert message in str(caught.value)
    assert "Tracer" not in str(caught.value)


def test_an_error_of_the_users_own_stays_what_it_is() -> None:
    """What the function raises by itself, about things of its own, is not ours to reword."""
    with pytest.raises(AttributeError, match="'Empty' object has no attribute"):
        ad.trace(lambda x: x * Empty().nothing, 1.0)


def test_a_value_is_formatted_as_its_number_and_no_integer() -> None:
    """``f"{loss:.2f}"`` shows the number; ``int(loss)`` would lose the derivative."""
    loss = ad.Value(1.236)
    assert f"{loss:.2f}" == "1.24"
    assert f"{loss}" == repr(loss)
    with pytest.raises(ad.TraceError, match="the derivative would be lost"):
        int(loss)

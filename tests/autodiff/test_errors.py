from __future__ import annotations

import inspect

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
    with pytest.raises(ad.TraceError, match=r"in 'x > 0.0'\."):
        ad.trace(lambda x: 1.0 + (2.0 if x > 0.0 else 3.0), 1.0)
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
        return x if x > 0.0 else -x

    number = helper.__code__.co_firstlineno + 1
    with pytest.raises(ad.TraceError, match=f"test_errors.py:{number}: "):
        ad.trace(lambda x: helper(x) * 2.0, 1.0)
    with pytest.raises(ad.TraceError, match=f"test_errors.py:{number}: "):
        ad.trace(lambda x: sum(map(helper, x)), np.ones(3))

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient


def model(x: Any, y: Any) -> Any:
    """Fine, but for the logarithm."""
    ratio = x / y
    level = np.log(ratio)
    return level * level + x


def test_a_nan_is_traced_to_its_first_operation() -> None:
    """What made the first nan is named, with its operands, the user's line and advice."""
    found = ad.trace_nan(model, -1.0, 2.0)
    assert found is not None
    assert (found.primitive, found.operands, found.derivative) == ("log", (-0.5,), False)
    assert (found.name, found.code) == ("level", "level = np.log(ratio)")
    assert found.file == __file__
    assert "positive" in found.advice
    assert "test_nonfinite.py" in str(found)
    assert "value is nan" in str(found)


def test_an_infinite_slope_is_traced_to_the_derivative() -> None:
    """A finite value whose derivative is not is told apart."""
    found = compile_gradient(lambda x: np.sqrt(x) * 1.0, 1.0).trace_nan(0.0)
    assert found is not None
    assert found.derivative
    assert [name for name, _ in found.results] == ["the derivative by x"]
    assert found.results[0][1] == math.inf
    assert "root" in found.advice


def test_what_comes_in_is_blamed_on_the_caller() -> None:
    """An argument that is nan is no operation's fault."""
    found = ad.trace_nan(model, math.nan, 1.0)
    assert found is not None
    assert (found.primitive, found.name) == ("", "x")


def test_branches_not_taken_are_innocent() -> None:
    """A nan behind a selection does not matter, and is not found."""
    assert ad.trace_nan(lambda x: np.where(x > 0.0, np.log(x), x), -1.0) is None


@pytest.mark.parametrize("name", ["div", "log", "sqrt", "exp", "pow", "mul"])
def test_advice_is_about_primitives_that_exist(name: str) -> None:
    """The table of advice names rows of the table of primitives."""
    from autodiff.run.nonfinite import _ADVICE
    from autodiff.table.primitive import REGISTRY

    assert name in _ADVICE
    assert set(_ADVICE) - {"reciprocal"} <= set(REGISTRY)

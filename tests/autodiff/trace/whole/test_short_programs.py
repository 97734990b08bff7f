"""Short programs in the styles that people write: compiled unchanged, with the right gradient."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from codegen import CompiledGradient, compile_gradient
from tests.autodiff.trace.libraries.differences import slopes
from tests.data.programs.short import first, fourth, second, third

_PROGRAMS = [*first.PROGRAMS, *second.PROGRAMS, *third.PROGRAMS, *fourth.PROGRAMS]
# Those that store into plain arrays, choose places, or use SciPy's arrays.
_EVERYWHERE = {
    "robertson_implicit", "kmeans", "heat_banded", "gp_cdist", "spectrum_fit", "spline_curve",
}  # fmt: skip


def parts(value: Any) -> list[Any]:
    """What a container holds, in order; [] for a number or an array."""
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []


def flat(value: Any) -> Any:
    """The numbers of a nested value."""
    inside = parts(value)
    return np.concatenate([flat(x) for x in inside]) if inside else np.ravel(value)


def filled(value: Any, numbers: Iterator[float]) -> Any:
    """The same containers with other numbers."""
    inside = [filled(x, numbers) for x in parts(value)]
    if dataclasses.is_dataclass(value):
        return type(value)(*inside)
    if isinstance(value, dict):
        return dict(zip(value, inside, strict=True))
    if isinstance(value, (list, tuple)):
        return type(value)(*inside) if hasattr(value, "_fields") else type(value)(inside)
    if isinstance(value, np.ndarray):
        return np.fromiter(numbers, float, value.size).reshape(value.shape)
    return next(numbers)


def assert_right(program: tuple[Any, ...], target: str) -> CompiledGradient:
    """Value is the function's own, the gradient by its first argument what differences say."""
    function, args, options = program
    called = (lambda *own: function(*own, **options)) if options else function
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = compile_gradient(called, *args, target=target, wrt=0)
        value, gradient = compiled(*args)
        assert float(value) == pytest.approx(float(called(*args)), rel=1e-11)
        expected = slopes(
            lambda x: called(filled(args[0], iter(np.ravel(x))), *args[1:]), flat(args[0])
        )
    scale = max(1e-3, float(np.max(np.abs(expected))))
    assert np.max(np.abs(flat(gradient) - expected)) <= 2e-6 * scale
    return compiled


@pytest.mark.parametrize("place", range(len(_PROGRAMS)), ids=[p[0].__name__ for p in _PROGRAMS])
def test_a_short_program(place: int) -> None:
    """The unchanged program is compiled to NumPy, checked, and right."""
    assert assert_right(_PROGRAMS[place], "numpy").check is not None


@pytest.mark.parametrize("target", ["python", "native"])
@pytest.mark.parametrize("name", sorted(_EVERYWHERE))
def test_a_short_program_on_other_targets(name: str, target: str) -> None:
    """The unchanged program is right there, too."""
    (program,) = (one for one in third.PROGRAMS if one[0].__name__ == name)
    assert_right(program, target)

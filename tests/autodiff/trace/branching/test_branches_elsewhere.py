"""Branches in methods of bases and in functions of imported modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad


def damped(x):
    """Calls functions of an imported module on both sides."""
    total = 0.0
    for v in x:
        if v > 0.0:
            total = total + np.cos(v)
            continue
        total = total - np.exp(v)
    return total


def test_functions_of_imported_modules_are_called_on_both_sides() -> None:
    """CPython compiles such calls in a way of its own; they are rewritten all the same."""
    x = np.linspace(-1.0, 1.0, 40)
    graph = ad.trace(damped, x)
    assert len(graph) < 40 * 8
    assert ad.evaluate(graph, x) == pytest.approx(damped(x), rel=1e-14)


class _Base:
    def __init__(self, scale: Any) -> None:
        self.state = np.zeros(2)
        self.state[0] = scale

    def output(self, x: Any) -> Any:
        return self.state[0] * x


class _Derived(_Base):
    def __init__(self, scale: Any, shift: float) -> None:
        super().__init__(scale)
        self.shift = shift

    def output(self, x: Any) -> Any:
        return super().output(x) + self.shift

    @classmethod
    def made(cls, scale: Any) -> _Derived:
        return cls(scale, 3.0)


def _of_derived(x: Any) -> Any:
    model = _Derived(x, 2.0)
    assert isinstance(model, _Base)
    assert type(model) is _Derived
    return model.output(x) + _Derived.made(x).output(2.0)


def test_methods_of_bases() -> None:
    """super() finds a method that records, in functions with branches and without."""
    branching = lambda x: _of_derived(x) if x > 0.0 else x  # noqa: E731
    for function in (_of_derived, branching):
        assert ad.value_and_grad(function)(1.5) == (1.5**2 + 3.0 + 5.0, 5.0)

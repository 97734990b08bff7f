"""Mutants of emitted texts of whole arrays, and whether doubles tell them from the text itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from autodiff.errors import EmitError
from codegen import CompiledGradient, compile_gradient
from tests.array_functions import Example
from verify import Report, Verdict
from verify.beside.array_mutants import array_mutants
from verify.beside.array_mutation import checked_text, text_of, with_text
from verify.beside.mutants import Mutant

__all__ = ["Judged", "differs", "judged", "points_around", "whole_gradient"]

_SPREADS = (0.3, 1.0, 2.0)


class Judged(NamedTuple):
    """A mutant, what was found of it, and whether doubles give clearly other numbers."""

    mutant: Mutant
    report: Report
    wrong: bool

    @property
    def escaped(self) -> bool:
        """True if it is wrong, and was not refuted."""
        return self.wrong and self.report.verdict is not Verdict.REFUTED

    @property
    def accused(self) -> bool:
        """True if it was refuted, and doubles see no difference."""
        return not self.wrong and self.report.verdict is Verdict.REFUTED


_MADE: dict[object, tuple[Sequence[Any], CompiledGradient]] = {}


def whole_gradient(example: Example) -> CompiledGradient:
    """The gradient of a function over whole arrays, as NumPy, made once: nobody changes it."""
    function, arguments = example
    made_for, made = _MADE.get(function, (None, None))
    if made is None or made_for is not arguments:
        made = compile_gradient(function, *arguments, target="numpy", expand=False)
        _MADE[function] = arguments, made
    return made


def points_around(arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The example, and points around it."""
    draw = np.random.default_rng(3)
    around = [[x + s * draw.normal(size=np.shape(x)) for x in arguments] for s in _SPREADS]
    return [arguments, *around]


def numbers(gradient: Callable[..., Any], arguments: Sequence[Any]) -> list[Any] | None:
    """The arrays that a gradient gives; None where it raises."""
    copies = [np.copy(x) if np.ndim(x) else x for x in arguments]
    try:
        with np.errstate(all="ignore"), mock.patch.object(np, "empty", _unwritten):
            return list(_arrays(gradient(*copies)))
    except Exception:  # whatever a wrong text may raise
        return None


def _unwritten(shape: Any, *options: Any, **named: Any) -> Any:
    """What nobody wrote is no number: memory may hold the right one from the call before."""
    return np.full(shape, np.nan)


def _arrays(result: Any) -> Iterator[Any]:
    for x in result if isinstance(result, tuple) else (result,):
        yield from _arrays(x) if isinstance(x, tuple) else [np.asarray(x, np.float64)]


def differs(
    right: Callable[..., Any], wrong: Callable[..., Any], points: Sequence[Sequence[Any]]
) -> bool:
    """True if one gives clearly other numbers than the other at one of these points."""
    for point in points:
        expected, found = numbers(right, point), numbers(wrong, point)
        if expected is None:
            continue
        if found is None or [x.shape for x in found] != [x.shape for x in expected]:
            return True
        for x, y in zip(found, expected, strict=True):
            known = np.isfinite(y)
            if not np.allclose(x[known], y[known], rtol=1e-6, atol=1e-9):
                return True
    return False


def judged(example: Example, count: int, seed: int = 0) -> Iterator[Judged]:
    """Mutants of the emitted gradient of a function, each put to the check at compile."""
    compiled, arguments = whole_gradient(example), example[1]
    points = points_around(arguments)
    for mutant in array_mutants(text_of(compiled), count, seed):
        report = checked_text(compiled, mutant.text, arguments)
        try:
            wrong = differs(compiled, with_text(compiled, mutant.text), points)
        except EmitError:  # it is no text that could run
            wrong = True
        yield Judged(mutant, report, wrong)

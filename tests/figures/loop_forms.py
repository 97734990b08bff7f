"""Loops that are recorded once, beside what Python makes of them: none is another function.

``python -m tests.figures.loop_forms [form ...]`` prints a table; ends with 1 if a number is wrong.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autodiff.errors import ProofgradError
from codegen import compile_gradient
from tests.adversary.loop_forms import LOOP_FORMS

__all__ = ["wrong_numbers"]

_STEP, _SLOPE, _VALUE = 1e-6, 1e-4, 1e-9


def slopes(form: Callable[[Any], Any], x: Any) -> Any:
    """Central differences of the function as it is called."""
    if np.ndim(x) == 0:
        return (form(x + _STEP) - form(x - _STEP)) / (2 * _STEP)
    return np.array([(form(x + e) - form(x - e)) / (2 * _STEP) for e in _STEP * np.eye(len(x))])


def wrong_numbers(form: Callable[[Any], Any], example: Any, target: str) -> Iterator[str]:
    """Where value or gradient differ from what calls of the function give."""
    compiled = compile_gradient(form, example, target=target)
    for x in (example, example * 0.5, example + 0.6, example * -1.3):
        value, gradient = compiled(x)
        wanted, slope = form(x), slopes(form, x)
        if not abs(value - wanted) <= _VALUE * max(1.0, abs(wanted)):
            yield f"{form.__name__}, {target}, at {x}: value {value!r} for {wanted!r}"
        if not np.all(np.abs(gradient - slope) <= _SLOPE * np.maximum(1.0, np.abs(slope))):
            yield f"{form.__name__}, {target}, at {x}: gradient {gradient!r} for {slope!r}"


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    wrong: list[str] = []
    for form, example in LOOP_FORMS:
        if sys.argv[1:] and form.__name__ not in sys.argv[1:]:
            continue
        for target in ("numpy", "native", "python"):
            start = time.perf_counter()
            try:
                found = list(wrong_numbers(form, example, target))
                said = "wrong" if found else "right"
            except ProofgradError as error:
                found, said = [], f"refused: {type(error).__name__}"
            wrong += found
            seconds = time.perf_counter() - start
            print(f"{form.__name__:10} {target:7} {said:28} {seconds:6.1f} s", flush=True)
    print(*wrong, sep="\n")
    print(f"{len(wrong)} wrong numbers")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

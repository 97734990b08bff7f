"""Python's lists as a language of loops: its target, and the functions that its files copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import FunctionType

from autodiff.numbers.total import TOTAL
from codegen.language.target import PYTHON, Target
from codegen.language.totalled import PYTHON_TOTAL, total_source

__all__ = ["LISTS", "LISTS_ONCE", "LISTS_TOTAL", "put", "side_by_side"]


def side_by_side(*columns: list[float]) -> list[float]:
    """The elements of columns, row by row."""
    return [x for row in zip(*columns) for x in row]  # noqa: B905


def put(x: list[float], start: int, step: int, count: int) -> list[float]:
    """So many zeros, with the elements of x from a place on."""
    out = [0.0] * count
    for k, value in enumerate(x):
        out[start + step * k] = value
    return out


_LIST_FUNCTIONS: dict[str, Callable[..., object]] = {"put": put, "side_by_side": side_by_side}


def _total(name: str) -> Callable[..., object]:
    """A function that never raises, under the name that it has in files."""
    function = TOTAL[name]
    assert isinstance(function, FunctionType)
    copy = FunctionType(function.__code__, function.__globals__, f"_{name}", function.__defaults__)
    copy.__source__ = total_source(f"_{name}")  # type: ignore[attr-defined]
    return copy


def _with_lists(target: Target, name: str = "lists") -> Target:
    return replace(
        target,
        name=name,
        portable={**target.portable, **_LIST_FUNCTIONS},
        own=target.own | {"range", "reversed", "zip", "enumerate"},
    )


LISTS, LISTS_TOTAL = _with_lists(PYTHON), _with_lists(PYTHON_TOTAL)
# What is long is written once, with operations that never raise, and needs no second form.
_once = _with_lists(PYTHON_TOTAL, "lists once")
LISTS_ONCE = replace(
    _once, portable={**{f"_{name}": _total(name) for name in TOTAL}, **_once.portable}
)

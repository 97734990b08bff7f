"""What every target gives a compiled function.

A target is one class that knows how its code is called; what it runs is written and found in
``derivative.py``, and what users hold (``compiled.py``) asks nothing of a target but this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import Floats

__all__ = [
    "ArrayMachine",
    "Call",
    "FunctionRunner",
    "GradientRunner",
    "LongPointError",
    "MakeRunner",
]


Call: TypeAlias = Callable[..., Any]  # of the arguments that the user's function takes


class LongPointError(ArgumentError):
    """A point takes more operations than a loop over points is written for."""


class FunctionRunner(Protocol):
    """Runs a compiled function: a graph, or derivatives of one."""

    @property
    def machine(self) -> Graph | None:
        """The graph that machine code is written from; None where the loaded text runs."""

    @property
    def llvm(self) -> str:
        """The program as LLVM IR."""

    def entry(self) -> Call:
        """What a call is."""

    def bind(self, *args: object, out: object) -> Callable[[], object]:
        """A callable without arguments over the caller's arrays."""


class GradientRunner(FunctionRunner, Protocol):
    """Runs a compiled gradient."""

    def forward(self, *args: object) -> tuple[Any, object]:
        """``(value, residuals)`` at ``args``."""

    def backward(self, residuals: object, cotangent: object) -> object:
        """Gradient from the residuals, times the cotangent."""


# The class of a target, or one with its options: of a program's code.
MakeRunner: TypeAlias = Callable[..., FunctionRunner]


class ArrayMachine(Protocol):
    """Runs machine code over arrays."""

    def executed(self, parts: Sequence[Floats]) -> list[Floats]:
        """The scalars and arrays of the result, for those of the arguments."""

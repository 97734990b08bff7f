"""What every target gives a compiled function, and the errors for what one cannot.

A target is one class that knows how its code is called; what it runs is written and found in
``derivative.py``, and what users hold (``compiled.py``) asks nothing of a target but this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol, TypeAlias

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from codegen.call.derivative import Emission

__all__ = ["Call", "FunctionRunner", "GradientRunner", "without_bind", "without_llvm"]


Call: TypeAlias = Callable[..., Any]  # of the arguments that the user's function takes


class FunctionRunner(Protocol):
    """Runs a compiled graph."""

    @property
    def machine(self) -> Graph | None:
        """The graph that machine code is written from; None where the loaded text runs."""

    @property
    def llvm(self) -> str:
        """The program as LLVM IR."""

    def entry(self) -> Call:
        """What a call is."""


class GradientRunner(FunctionRunner, Protocol):
    """Runs a compiled gradient."""

    def forward(self, *args: object) -> tuple[Any, object]:
        """``(value, residuals)`` at ``args``."""

    def backward(self, residuals: object, cotangent: object) -> Any:
        """Gradient from the residuals, times the cotangent."""

    def bind(self, *args: object, out: object) -> Callable[[], Any]:
        """A callable without arguments over the caller's arrays."""


def without_llvm(emission: Emission) -> NoReturn:
    """Say that a target has no machine code."""
    raise UnsupportedError(
        f"{emission.name}: llvm: target {emission.target!r} has no machine code; compile with "
        "target='native', or read source"
    )


def without_bind(emission: Emission) -> NoReturn:
    """Say that a target reads no arrays where they lie."""
    raise UnsupportedError(
        f"{emission.name}: bind: target {emission.target!r} reads no arrays where they lie; "
        "compile with target='native'"
    )

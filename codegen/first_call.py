"""Compiling at the first call: what stands for a gradient until its arguments are known.

In: a function without examples.  Out: a callable that compiles once.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Protocol

from autodiff.errors import ArgumentError, UnsupportedError
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from autodiff.run.reverse_plan import Wrt
from autodiff.tracebacks import shortening
from codegen.call.compiled import CompiledFunction
from codegen.call.signature import placed_arguments

__all__ = ["AtFirstCall"]


class Make(Protocol):
    """Compiles a function for examples."""

    @property
    def name(self) -> str:
        """What users call it."""

    def __call__(self, function: Callable[..., object], *examples: object) -> CompiledFunction:
        """The compiled function."""


class AtFirstCall:
    """A compiled function without examples: it is traced when the first arguments come.

    Args:
        function: The user's.
        make: Compiles it.
        batch: Which arguments come with an axis of points.
        wrt: What it will be differentiated by.
    """

    def __init__(
        self, function: Callable[..., object], make: Make, batch: object = None, wrt: Wrt = None
    ) -> None:
        functools.update_wrapper(self, function)  # name, docstring and signature are the user's
        self._function, self._make, self._batch, self._wrt = function, make, batch, wrt
        self._compiled: CompiledFunction | None = None

    @shortening
    def __call__(self, /, *args: object, **kwargs: object) -> object:
        """What the compiled function gives; the first call's arguments are its examples."""
        if self._compiled is None:
            options: dict[str, object] = {
                k: kwargs.pop(k) for k in ("out", "threads") if k in kwargs
            }
            args, kwargs = placed_arguments(self._function, args, kwargs), options
            if not args:
                raise ArgumentError(
                    f"{getattr(self._function, '__name__', 'f')}: called without arguments before "
                    f"it was traced; pass the arguments, or examples to {self._make.name}"
                )
            self._compiled = self._make(self._function, *_examples(args, self._batch))
        return self._compiled(*args, **kwargs)

    def __reduce__(self) -> str | tuple[object, ...]:
        module = sys.modules.get(getattr(self, "__module__", ""))
        name = getattr(self, "__qualname__", "")
        if module is not None and getattr(module, name, None) is self:  # it decorates a function
            return name
        made_from = self._function, self._make, self._batch, self._wrt
        return AtFirstCall, made_from, {"_compiled": self._compiled}

    @shortening
    def __getattr__(self, name: str) -> object:
        compiled = self.__dict__.get("_compiled")
        if compiled is None:
            make = getattr(self.__dict__.get("_make"), "name", "compile")
            raise UnsupportedError(
                f"{name}: not compiled yet; call it once or pass examples to {make}"
            )
        return getattr(compiled, name)


def _examples(args: tuple[object, ...], batch: object) -> tuple[object, ...]:
    """One point of the arguments: batched ones lose their leading axis."""
    flags = batch if isinstance(batch, tuple) else (bool(batch),) * len(args)
    return (
        tuple(_first_point(x) if flag else x for x, flag in zip(args, flags, strict=False))
        + args[len(flags) :]
    )


def _first_point(value: object) -> object:
    """The argument without the leading axis of its scalars and arrays."""
    tree = tree_of(structure_of(value))
    for scalar, shape in zip(tree.scalars, tree.shapes, strict=True):
        if scalar or not shape or shape[0] == 0:
            raise ArgumentError(
                f"batch: found {tree.structure}; expected arrays with a leading axis of points. "
                "Pass the example of one point when it is compiled"
            )
    return tree.build([part[0] for part in tree.numbers(value)])

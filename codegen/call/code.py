"""Emitted functions as callables, loaded when they are first needed, and what they refuse."""

from __future__ import annotations

from functools import cached_property
from typing import NoReturn

import numpy as np

from autodiff.errors import ArgumentError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import number
from autodiff.run.interpret import flatten_arguments
from autodiff.tracebacks import shortening
from codegen.call.arguments import by_position
from codegen.call.derivative import Derivative, takes_scalars
from codegen.call.runner import Call
from codegen.call.symbolic import are_symbolic, recorded
from codegen.load.allowed import ABSENT
from codegen.load.array_loading import ArrayLoaded
from codegen.load.load import Loaded, load
from codegen.text.module import Module
from codegen.text.whole.array_module import ArrayModule

__all__ = [
    "FunctionCode",
    "GradientCode",
    "arguments_first",
    "code_of",
    "placed",
    "refused",
]


class FunctionCode:
    """The function that a call runs.

    Args:
        emission: What it is written from.
    """

    def __init__(self, emission: Derivative) -> None:
        self.emission = self.derivative = emission

    @cached_property
    def main(self) -> Loaded:
        """What a call runs."""
        return self._loaded(self.emission.main)

    @cached_property
    def counting(self) -> Loaded | None:
        """``main`` with one result more, above 0 where switches tie; None where none do."""
        module = self.emission.watched
        return None if module is None else self._loaded(module)

    @cached_property
    def watched(self) -> Loaded | None:
        """What calls run in the place of ``main``, if they do."""
        return self.counting

    def _loaded(self, module: Module) -> Loaded:
        if isinstance(module, ArrayModule):
            return ArrayLoaded(module)
        return load(module, self.refuse)

    def refuse(self, name: str, arguments: tuple[object, ...]) -> object:
        """Raise the error that says what is wrong with the arguments of an emitted function.

        Of traced values there is a result, where these are the arguments of the call themselves.
        """
        given = tuple(x for x in arguments if x is not ABSENT)
        direct = name == "value_and_gradient" and takes_scalars(self.emission.frame)
        if direct and are_symbolic(given):
            return recorded(self.emission, given)
        if name == "backward":
            raise ArgumentError(f"{self.emission.name}: backward: {_wrong_half(*arguments)}")
        return refused(self.emission, arguments)


class GradientCode(FunctionCode):
    """``value_and_gradient`` and its halves.

    Args:
        derivative: What they are written from.
    """

    def __init__(self, derivative: Derivative) -> None:
        super().__init__(derivative)

    @cached_property
    def halves(self) -> Loaded:
        """``forward`` and ``backward``."""
        return self._loaded(self.derivative.halves)


def code_of(derivative: Derivative) -> FunctionCode:
    """The code of what is compiled, with its halves if it has them."""
    return (GradientCode if derivative.kind.in_halves else FunctionCode)(derivative)


def refused(emission: Derivative, arguments: tuple[object, ...], **named: object) -> NoReturn:
    """Raise the error that says what is wrong with the arguments of a call.

    Args:
        emission: What was called.
        arguments: Its arguments by position; what was not given may stand there as ``ABSENT``,
            and what stands behind the arguments may be ``out``.
        named: Its keywords.
    """
    frame = emission.frame
    given = tuple(x for x in arguments if x is not ABSENT)
    count = len(frame.parameters)
    found = "out"
    if len(given) == count + 1 and isinstance(given[count], (np.ndarray, dict, tuple, list)):
        # out= comes this way as well; nothing says which of the two was written.
        found = f"found {count + 1} arguments or out=; expected {count} ({_listed(frame)}) alone"
        given, named = given[:count], {"out": given[count]}
    if "out" in named:
        raise UnsupportedError(
            f"{frame.name}: {found}: target {emission.target!r} makes a new result at each call; "
            "compile with target='numpy' and batch=True, or with target='native', which fill arrays"
        )
    if "threads" in named:
        raise UnsupportedError(
            f"{frame.name}: threads: target {emission.target!r} runs in the caller's thread; "
            "compile with target='native' and batch=True, which takes more"
        )
    if named:
        given_names = [name for name, _ in frame.parameters[: len(given)]] + list(named)
        raise ArgumentError(
            f"{frame.name}: found the arguments {', '.join(given_names)}; expected each once, by "
            f"position or by name ({_listed(frame)})"
        )
    flatten_arguments(frame, given)  # raises the error that names the argument
    raise ArgumentError(f"{frame.name}: found {given!r}; expected ({_listed(frame)})")


def placed(
    emission: Derivative, args: tuple[object, ...], named: dict[str, object]
) -> tuple[object, ...]:
    """All arguments of a call by position, where some came under the user's own names.

    Raises:
        ArgumentError: if they do not fit.
    """
    if not named and len(args) == len(emission.frame.parameters):
        return args
    found = by_position(emission.frame, args, named, emission.defaults)
    if found is None:
        refused(emission, args, **named)
    return found


def arguments_first(call: Call, emission: Derivative) -> Call:
    """``call``; where the function has an argument ``out`` or ``threads``, the name is its own.

    Args:
        call: What a target makes of a call.
        emission: What is called.
    """
    names = {name for name, _ in emission.frame.parameters}
    if not _OPTIONS & names:
        return call

    @shortening
    def named_first(*args: object, **named: object) -> object:
        own = {name: named.pop(name) for name in names & named.keys()}
        return call(*(placed(emission, args, own) if own else args), **named)

    return named_first


_OPTIONS = frozenset({"out", "threads"})


def _listed(frame: Graph) -> str:
    return ", ".join(f"{name}: {structure}" for name, structure in frame.parameters)


def _wrong_half(residuals: object, cotangent: object) -> str:
    found = f"found {type(cotangent).__name__} {cotangent!r}; expected a float"
    try:
        number(cotangent, "cotangent")
    except ArgumentError:
        return f"cotangent: {found}"
    return (
        f"residuals: found {type(residuals).__name__}; expected the second of the two results of "
        "forward"
    )

"""Numbers that are no floats, as arguments of emitted functions, which take floats alone."""

from __future__ import annotations

from autodiff.errors import ArgumentError
from autodiff.graph.tree.leaves import number
from autodiff.table.primitive import Operand
from codegen.load.converted import quick_floats
from codegen.text.function import Function

__all__ = ["as_floats"]


def as_floats(function: Function, arguments: tuple[object, ...]) -> list[object] | None:
    """The arguments with every scalar a float; None if all were floats, or one is no number."""
    scalars = function.scalars
    if len(arguments) == len(function.parameters) == len(scalars):
        floats = quick_floats(arguments)
        if floats is not None:
            return None if floats is arguments else [*floats]
    known = {*scalars}
    wrong = [
        parameter in known and not isinstance(argument, float)
        for parameter, argument in zip(function.parameters, arguments, strict=False)
    ]
    if len(arguments) != len(function.parameters) or not any(wrong):
        return None
    if any(isinstance(argument, Operand) for argument in arguments):
        return None  # a traced value has no number
    try:
        return [
            float(number(argument, "")) if one else argument
            for argument, one in zip(arguments, wrong, strict=True)
        ]
    except ArgumentError:
        return None

"""A compiled function called inside a traced one: its graph is recorded into the outer trace.

Emitted code and machine code need numbers; what they compute is in the graph they were written
from, and that runs on traced values and on Values as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NoReturn

import numpy as np

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.leaves import are_plain, kind_of
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import flatten_arguments, is_symbolic, run_symbolic
from autodiff.run.whole.whole_values import parts_of_arguments, symbolic_result
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.arrays import operand_array
from autodiff.trace.placeholder import Tracer
from autodiff.trace.whole.moving import as_tracer, tracer_in
from codegen.call.derivative import Derivative

__all__ = ["are_symbolic", "batch_refused", "recorded", "recorded_or_raise"]


def are_symbolic(arguments: Sequence[object]) -> bool:
    """True if something among the arguments stands for a number that is not known yet."""
    try:
        doubted = [argument for argument in arguments if not are_plain(argument)]
        return any(_stands_for_numbers(part) for argument in doubted for part in _parts(argument))
    except ArgumentError:  # something else, which the target has an error for
        return False


def _parts(argument: object) -> Sequence[object]:
    """What stands where an argument's structure has scalars and arrays."""
    if type(argument) in (np.ndarray, float):
        return (argument,)
    return tree_of(structure_of(argument)).parts(argument)


def _stands_for_numbers(part: object) -> bool:
    """True if a part records; an array of a numeric type holds numbers, however many."""
    if isinstance(part, np.ndarray):
        return kind_of(part) == "O" and is_symbolic(part.ravel())
    return is_symbolic((part,))


def recorded(emission: Derivative, arguments: Sequence[object]) -> object:
    """What a call gives for traced values, recorded where they come from.

    Args:
        emission: What was called.
        arguments: The arguments of the call.

    Raises:
        ArgumentError: if their structure is not that of the examples.
    """
    if not emission.lowered.expanded:
        parts = parts_of_arguments(emission.frame, arguments)
        _forgive(parts)
        return symbolic_result(replace(emission.lowered, result=emission.result), parts)
    leaves = flatten_arguments(emission.frame, arguments)
    _forgive(leaves)
    values = run_symbolic(emission.lowered, leaves)
    results = [values[i] for i in emission.lowered.outputs]
    whole = tracer_in(arguments)  # where arrays stay whole, so do those that come back
    make = operand_array if whole is None else partial(_stacked, whole)
    return tree_of(emission.result).rebuild(results, make)


def _stacked(like: ArrayOperand, leaves: list[object], shape: tuple[int, ...]) -> object:
    """An array of these numbers, whole as ``like`` is."""
    return as_tracer(leaves, like).reshape(shape) if leaves else np.zeros(shape)


def recorded_or_raise(emission: Derivative, arguments: Sequence[object]) -> object:
    """``recorded`` where that is what a call has failed for; the error that is handled elsewhere.

    Raises:
        ProofgradError: the one that is being handled, if no argument is a traced value.
    """
    if not are_symbolic(arguments):
        raise  # noqa: PLE0704  # called where the exception is handled
    return recorded(emission, arguments)


def batch_refused(emission: Derivative, arguments: Sequence[object]) -> NoReturn:
    """Raise what a batch has failed with: called on traced values, that it needs numbers.

    Raises:
        ProofgradError: the one that is being handled, if no argument is a traced value.
    """
    if not are_symbolic(arguments):
        raise  # noqa: PLE0704  # called where the exception is handled
    name = emission.frame.name
    raise TraceError(
        f"{user_location()}: a batch of {name} cannot be called on traced values; compile {name} "
        "without batch=, or call the function itself"
    ) from None


def _forgive(leaves: Sequence[object]) -> None:
    """Let the trace go on: it was our code, called here, that asked a value for its number."""
    here = f"{user_location()}: "
    for leaf in leaves:
        recorder = leaf.builder.recorder if isinstance(leaf, Tracer) else None
        if recorder is not None and str(recorder.refused).startswith(here):
            recorder.refused = None

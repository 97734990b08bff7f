"""Placeholders for arguments whose arrays are whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.graph.graph import Builder
from autodiff.graph.structure import Structure
from autodiff.graph.tree.tree import tree_of
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["whole_placeholders"]


def whole_placeholders(
    builder: Builder, parameters: Sequence[tuple[str, Structure]], examples: Sequence[object]
) -> list[object]:
    """The arguments, a placeholder for each scalar and array.

    Args:
        builder: Its inputs are those of the parameters.
        parameters: Name and structure of each argument.
        examples: One value per argument; arrays of integers may be used as indices.
    """
    arguments, place = [], 0
    for (name, structure), example in zip(parameters, examples, strict=True):
        tree = tree_of(structure)
        parts = tree.parts(example, name)
        made = [ArrayTracer(builder, place + i, _is_integer(part)) for i, part in enumerate(parts)]
        for one, part in zip(made, parts, strict=True):
            one.is_argument = True
            one.truth = isinstance(part, np.ndarray) and part.dtype == bool
        arguments.append(tree.build(made))
        place += len(made)
    return arguments


def _is_integer(example: object) -> bool:
    return isinstance(example, np.ndarray) and example.ndim > 0 and example.dtype.kind in "iu"

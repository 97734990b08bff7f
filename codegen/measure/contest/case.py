"""The task of a contest: value and gradient of one graph at one point, and at many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.reading.parse import parse
from autodiff.graph.structure import Array, Scalar, leaf_parts, size
from autodiff.graph.tree.tree import leaves_of, tree_of
from codegen.language.naming import Names
from codegen.language.target import NUMPY, Target
from codegen.measure.timing import Call
from codegen.passes import run_passes
from codegen.text.emit import emit_evaluate
from codegen.text.module import Module

__all__ = ["Case", "Contender", "Prepared", "SkipError", "plain_function"]


class SkipError(Exception):
    """A contender cannot do this task; the message says why."""


@dataclass(frozen=True)
class Prepared:
    """A contender ready to run.

    Args:
        call: One call, as ``measure`` takes it: value and gradient at the point, in whatever form
            the library gives them.
        read: The result of ``call`` as value and flat gradient; of a batch, their sums.
        size: Bytes of the code it generated, where there is such a thing.
        keep: What must stay alive as long as ``call`` may run.
    """

    call: Call
    read: Callable[[Any], tuple[float, Sequence[float]]]
    size: int | None = None
    keep: object = None


@dataclass(frozen=True)
class Contender:
    """One way to get value and gradient.

    Args:
        name: As the report shows it.
        module: What must be importable, "" if nothing.
        prepare: Builds what one call needs.
        batch: The same for many points at once; None if it has no such thing.
        ours: True for Proofgrad's own.
        bound: True if a call reads and fills arrays that were given beforehand; others are given
            numbers or an array at each call, and give new ones back.
    """

    name: str
    module: str
    prepare: Callable[[Case], Prepared] | None
    batch: Callable[[Case], Prepared] | None = None
    ours: bool = False
    bound: bool = False


@dataclass(frozen=True)
class Case:
    """A function to differentiate, and where.

    Args:
        text: The traced graph, printed.
        inputs: The point: every input as a flat list.
        points: How many points a batch has.
        seed: Of the points of a batch, which lie within some per cent of the point.
    """

    text: str
    inputs: tuple[float, ...]
    points: int
    seed: int = 0

    @cached_property
    def graph(self) -> Graph:
        """The traced graph."""
        return parse(self.text)

    @cached_property
    def vector(self) -> np.ndarray:
        """The point as one array, shape (n,)."""
        return np.array(self.inputs)

    @cached_property
    def arguments(self) -> tuple[object, ...]:
        """The point as the function's own arguments."""
        return self._arguments(list(self.inputs))

    def _arguments(self, flat: Sequence[object]) -> tuple[object, ...]:
        values, start = [], 0
        for _, structure in self.graph.parameters:
            stop = start + size(structure)
            values.append(tree_of(structure).rebuild(flat[start:stop]))
            start = stop
        return tuple(values)

    @cached_property
    def rows(self) -> np.ndarray:
        """The points of a batch, shape (points, n), row-major."""
        noise = np.random.default_rng(self.seed).standard_normal((self.points, len(self.inputs)))
        return np.ascontiguousarray(self.vector * (1.0 + 0.05 * noise))

    @cached_property
    def columns(self) -> tuple[np.ndarray, ...]:
        """The points of a batch as the function's own arguments, each with a leading axis.

        Raises:
            SkipError: if an argument is neither a float nor an array.
        """
        arguments, start = [], 0
        for name, structure in self.graph.parameters:
            if not isinstance(structure, (Scalar, Array)):
                raise SkipError(f"{name} is {structure}: not measured in batches")
            stop = start + size(structure)
            part = self.rows[:, start:stop]
            shape = structure.shape if isinstance(structure, Array) else ()
            arguments.append(np.ascontiguousarray(part.reshape(self.points, *shape)))
            start = stop
        return tuple(arguments)

    @cached_property
    def flat(self) -> Graph:
        """The graph as a function of one flat array."""
        parameter = ("x", Array((len(self.inputs),)))
        return replace(self.graph, parameters=(parameter,))


def plain_function(
    case: Case, functions: Mapping[str, object], numpy: object = None, target: Target = NUMPY
) -> Callable[[Sequence[object]], Any]:
    """The traced function over another library's numbers.

    Args:
        case: The task.
        functions: What the emitted text may call by plain name (``erf``).
        numpy: What stands for ``np``.
        target: The text to run: NumPy's or Python's.

    Returns:
        A function of a sequence of the library's scalars.

    Raises:
        SkipError: naming a function that the library lacks.
    """
    graph = run_passes(case.flat)
    (function,) = emit_evaluate(
        graph, target, Names(target.functions), leaf_parts("y", graph.result)
    )
    missing = [n for n in sorted(function.calls) if "." not in n and n not in functions]
    if missing:
        raise SkipError(f"has no {missing[0]}")
    scope: dict[str, Any] = {"np": numpy, "__builtins__": {}, **functions}
    exec(compile(function.text, "<contest>", "exec"), scope)
    evaluate = scope["evaluate"]

    def value(x: Sequence[object]) -> Any:
        try:
            return evaluate(x)[0]
        except AttributeError as error:
            raise SkipError(f"has no {error.name}") from None

    return value


def flat_numbers(gradient: object) -> list[float]:
    """A gradient that mirrors the arguments as a flat list."""
    return leaves_of(gradient)


def emitted_size(module: Module) -> int:
    """Bytes of an emitted file."""
    return len(module.source.encode())

"""Several derivatives of a function in one graph, which share the forward work and each other's.

======== ==========================================================================================
value     what the function returns
gradient  of a function that returns one float: mirrors the arguments
jacobian  the result's structure with, in place of each float, the gradient of that float
hessian   of a function that returns one float: the Jacobian of the gradient
jvp       the result's tangent, from a direction ``x_dot`` of each differentiated argument
hvp       the Hessian times the direction
vjp       the gradient of the result times ``cotangent``, which has the result's structure
======== ==========================================================================================

Directions come after the function's arguments, the cotangent after these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from autodiff.errors import ArgumentError, DifferentiationError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Lines, Pattern
from autodiff.graph.structure import Scalar, Sparse, Structure, Tuple, leaf_parts
from autodiff.run.derive.array_entries import array_entries
from autodiff.run.derive.array_extension import extension_of
from autodiff.run.derive.array_matrix import (
    hessian_blocks,
    jacobian_blocks,
    structure_of_matrix,
)
from autodiff.run.derive.extension import Extension
from autodiff.run.derive.matrix import hessian_rows, jacobian_rows, product
from autodiff.run.one_number import one_number
from autodiff.run.reverse_plan import Wrt, mirror_of, select_arguments
from autodiff.run.sparse.entries import hessian_entries, jacobian_entries
from autodiff.run.sparse.sparsity import hessian_pattern, jacobian_pattern
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.float import Float

__all__ = [
    "derivatives",
    "differentiated_by",
    "extra_arguments",
    "fitting",
]

_QUANTITIES = ("value", "gradient", "jacobian", "hessian", "jvp", "hvp", "vjp")
_OF_A_FLOAT = {
    "gradient": "gradient",
    "hessian": "Hessian",
    "hvp": "Hessian-vector product",
}
_DIRECTED = {"jvp", "hvp"}
_SECOND = {"hessian", "hvp"}
_MATRICES = {"jacobian", "hessian"}

Numbers = list[Any]  # tracers, node indices, numbers, None for 0


def fitting(graph: Graph, what: Sequence[str]) -> Graph:
    """The function as these derivatives take it: of an array of one element, the element.

    Raises:
        ArgumentError: if one is unknown, comes twice, or there is none.
        DifferentiationError: if the function returns something else than it takes.
    """
    unknown = [one for one in what if one not in _QUANTITIES]
    if unknown or not what or len(set(what)) < len(what):
        found = repr(unknown[0]) if unknown else repr(tuple(what))
        raise ArgumentError(f"what: found {found}; expected some of {', '.join(_QUANTITIES)}, once")
    if not _OF_A_FLOAT.keys().isdisjoint(what):
        graph = one_number(graph)
    one_float = isinstance(graph.result, Scalar)
    for one in what:
        if one in _OF_A_FLOAT and not one_float:
            raise DifferentiationError(
                f"{graph.name}: returns {graph.result}; a {_OF_A_FLOAT[one]} needs a function that "
                "returns one float. Return a float, or ask for its jacobian, or for its vjp with a "
                "cotangent: compile_jacobian, compile_vjp"
            )
        if one == "jacobian" and one_float:
            raise DifferentiationError(
                f"{graph.name}: returns one float, whose Jacobian is its gradient. Ask for that: "
                "compile_gradient; or return an array"
            )
    return graph


def extra_arguments(
    graph: Graph, what: Sequence[str], wrt: Wrt = None
) -> list[tuple[str, Structure]]:
    """What the graph of these derivatives takes after the function's own arguments."""
    extra = []
    if _DIRECTED.intersection(what):
        positions, _ = select_arguments(graph, wrt)
        extra += [(f"{graph.parameters[p][0]}_dot", graph.parameters[p][1]) for p in positions]
    if "vjp" in what:
        extra.append(("cotangent", graph.result))
    return extra


def differentiated_by(
    graph: Graph, what: Sequence[str], wrt: Wrt = None, sparse: bool = False
) -> list[tuple[int, ...]]:
    """Per scalar or array of the derivatives, positions of the arguments it is a derivative by.

    The entries of a sparse matrix are one array.

    >>> import autodiff as ad
    >>> differentiated_by(ad.trace(lambda x, y: x * y, 1.0, 2.0), ["value", "hessian"], ["y"])
    [(), (1, 1)]
    """
    positions, _ = select_arguments(graph, wrt)
    results = leaf_parts("", graph.result)
    by = [(p,) for p in positions for _ in leaf_parts("", graph.parameters[p][1])]
    found: list[tuple[int, ...]] = []
    for one in what:
        if one in ("value", "jvp"):
            found += [() for _ in results]
        elif sparse and one in _MATRICES:
            found.append(tuple(positions))
        elif one == "jacobian":
            found += by * len(results)
        else:
            found += [i + j for i in by for j in by] if one == "hessian" else by
    return found


def derivatives(
    graph: Graph, what: Sequence[str], wrt: Wrt = None, sparse: Lines | None = None
) -> Graph:
    """Graph of several derivatives, a tuple in this order; of one, just that.

    Args:
        graph: The function.
        what: Which ones, of the table above.
        wrt: Positions or names of the arguments to differentiate; all by default.
        sparse: In which order a matrix gives the entries that can differ from zero; None: whole.

    Raises:
        ArgumentError: if one is unknown, or ``wrt`` names no argument.
        DifferentiationError: if the function has none of a kind.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * x * y, 1.0, 2.0)
    >>> ad.evaluate(derivatives(g, ["value", "gradient", "hessian"]), 3.0, 5.0)
    (45.0, (30.0, 9.0), ((10.0, 6.0), (6.0, 0.0)))
    """
    graph = fitting(graph, what)
    made = _Made(graph, tuple(what), wrt, sparse)
    outputs: Numbers = []
    structures: list[Structure] = []
    derived: list[int] = []
    for one in what:
        start = len(outputs)
        structures.append(made.add(one, outputs))
        own = range(start, len(outputs))
        if one == "value":
            own = range(0) if graph.limits is None else own
            derived += [own[i] for i in graph.limits.outputs] if graph.limits else []
        else:
            derived += own
    result = structures[0] if len(what) == 1 else Tuple(tuple(structures))
    name = f"{graph.name}_{'_'.join(what)}"
    return made.last.finish(name, outputs, result, made.inputs, 0, derived)


@dataclass
class _Made:
    """Derivatives of one function, each made when it is asked for.

    Attributes:
        last: The extension that they all end up in.
        inputs: The inputs it is differentiated by.
    """

    graph: Graph
    what: tuple[str, ...]
    wrt: Wrt
    sparse: Lines | None = None
    last: Extension = field(init=False)
    inputs: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._positions, single = select_arguments(self.graph, self.wrt)
        self._mirror = mirror_of(self.graph, self._positions, single)
        extra = extra_arguments(self.graph, self.what, self.wrt)
        self.last = extension_of(self.graph, extra)
        self.inputs = self.last.graph.inputs.of(self._positions)
        self._values: Numbers = list(self.last.graph.outputs)
        self._first = {one: self._swept(one) for one in self.what if one not in _SECOND}
        if _SECOND.intersection(self.what):
            self._go_on()

    def _extra(self, name: str) -> Numbers:
        """The directions, or the cotangent."""
        count = len(self.graph.parameters)
        positions = range(count, len(self.last.graph.parameters))
        found = positions[-1:] if name == "cotangent" else positions[: len(self._positions)]
        return [x for position in found for x in self.last.input(position)]

    def _swept(self, one: str) -> list[Numbers]:
        """A derivative of first order, row by row."""
        last, inputs = self.last, self.inputs
        if one == "value":
            return [self._values]
        if one == "gradient":
            return [last.pull_back([Float(1.0)], inputs)]
        if one == "vjp":
            return [last.pull_back(self._extra("cotangent"), inputs)]
        if one == "jvp":
            return [last.push_forward(dict(zip(inputs, self._extra("dot"), strict=True)))]
        if not self.graph.expanded:
            whole = last.graph
            if self.sparse is not None:
                known = partial(_known_pattern, jacobian_pattern, self.graph, self.wrt)
                given = last.builder, whole, inputs, whole.outputs, known, self.sparse
                self._pattern, entries = array_entries(*given, symmetric=False)
                return [[entries]]
            return [jacobian_blocks(last.builder, whole, inputs, whole.outputs)]
        if self.sparse is not None:
            self._pattern, entries = jacobian_entries(last, inputs, self.sparse)
            return [entries]
        return jacobian_rows(last, inputs)

    def _second_rows(self) -> list[Numbers]:
        if not self.graph.expanded:
            last = self.last
            return [hessian_blocks(last.builder, last.graph, self.inputs, self._bars)]
        return hessian_rows(self.last, self.inputs, self._bars)

    def _go_on(self) -> None:
        """Extend the graph of everything so far, the gradient last, by its derivatives."""
        bars = self._first.get("gradient") or self._swept("gradient")
        flat = [x for rows in self._first.values() for row in rows for x in row]
        outputs = [*flat, *bars[0]]
        structure = Tuple(())  # nobody reads it
        derived = range(len(self._values) if "value" in self._first else 0, len(outputs))
        slope = self.last.finish(self.graph.name, outputs, structure, self.inputs, 0, list(derived))
        grown = self.last.builder
        self.last = Extension(slope, (), grown) if slope.expanded else extension_of(slope)
        numbers = iter(slope.outputs)
        self._first = {
            one: [[next(numbers) for _ in row] for row in rows] for one, rows in self._first.items()
        }
        self._bars = list(numbers)

    def _entries(self, one: str, by: Lines) -> tuple[Pattern, Numbers]:
        """The entries of a sparse matrix, and where they stand."""
        if one == "jacobian":
            return self._pattern, self._first[one][0]
        if not self.graph.expanded:
            last, known = self.last, partial(_known_pattern, hessian_pattern, self.graph, self.wrt)
            given = last.builder, last.graph, self.inputs, self._bars, known, by
            pattern, numbers = array_entries(*given, symmetric=True)
            return pattern, [numbers]
        return hessian_entries(self.last, self.inputs, self._bars, by)

    def add(self, one: str, outputs: Numbers) -> Structure:
        """Put a derivative's numbers behind ``outputs``; its structure."""
        if self.sparse is not None and one in _MATRICES:
            pattern, entries = self._entries(one, self.sparse)
            outputs += entries
            return Sparse.of(pattern)
        if one in _MATRICES:
            outer = self.graph.result if one == "jacobian" else self._mirror
            rows = self._first[one] if one == "jacobian" else self._second_rows()
            if not self.graph.expanded:
                outputs += rows[0]
                return structure_of_matrix(outer, self._mirror)
            return product(outer, self._mirror, iter(rows), outputs)
        if one == "hvp":
            tangents = dict(zip(self.inputs, self._extra("dot"), strict=True))
            outputs += self.last.push_forward(tangents, self._bars)
            return self._mirror
        outputs += self._first[one][0]
        return self.graph.result if one in ("value", "jvp") else self._mirror


def _known_pattern(
    find: Callable[[Graph, Wrt], Pattern], graph: Graph, wrt: Wrt, most: int
) -> Pattern | None:
    """The pattern that the scalars of a graph of arrays have; None if these are too many."""
    try:
        return find(scalarize(graph, most), wrt)
    except UnsupportedError:
        return None

"""scalarize: a graph of arrays as a graph of scalars, one node for every element.

The bridge from arrays to everything that reads scalars: Python and C, machine code, the proofs.
Sums and products of arrays become sums from left to right.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ProofgradError, UnsupportedError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.loop_nodes import Loop, each_loop, is_region, loop_of
from autodiff.graph.loops.loop_values import Results, loop_results
from autodiff.graph.structure import SCALAR, Array
from autodiff.run.whole.chosen_scalars import AT_PLACES, MOST_PLACES, PLACES
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Objects
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.float import Float
from autodiff.trace.placeholder import Tracer

__all__ = ["MOST_SCALARS", "has_too_many", "lacks_scalars", "scalarize", "scalars_of"]

MOST_SCALARS = 200_000
_TAKING = frozenset({"slice", "gather"})  # what reads a part of an array, however large that is


def scalars_of(graph: Graph) -> int:
    """How many scalar operations the graph stands for, about."""
    loops = [group.loop for group in each_loop(graph)]
    inside = sum(loop.length * scalars_of(loop.body) for loop in loops)
    return inside + sum(_cost(graph, i) for i in range(graph.inputs.count, len(graph.nodes)))


def _cost(graph: Graph, index: int) -> int:
    node = graph.nodes[index]
    if node.primitive is None or is_region(node):
        return 0
    own = math.prod(node.shape)
    if node.primitive.name in _TAKING:
        return own
    inside = max((math.prod(graph.nodes[i].shape) for i in node.operands), default=0)
    if node.primitive.name == "contract":
        one, two = (graph.nodes[i].shape for i in node.operands)
        return int(2 * math.isqrt(math.prod(one) * math.prod(two) * max(own, 1)))
    if isinstance(node.primitive, ArrayRow) and node.primitive.work is not None:
        return node.primitive.work(*(graph.nodes[i].shape for i in node.operands))
    return max(own, inside)


def has_too_many(graph: Graph) -> bool:
    """True if its arrays stand for more scalar operations than are written one by one."""
    return not graph.expanded and scalars_of(graph) > MOST_SCALARS


def lacks_scalars(graph: Graph) -> bool:
    """True where no scalars are written: too many, or what a routine finds, such as eigenvalues."""
    try:
        scalarize(graph)
    except ProofgradError:
        return True
    return False


def scalarize(graph: Graph, most: int = MOST_SCALARS) -> Graph:
    """``graph`` with a node for every element.

    Args:
        graph: Any graph; one that is expanded already is returned as it is.
        most: Refuse above so many scalar operations.

    Raises:
        UnsupportedError: if there are more, or if places of elements depend on numbers.

    >>> import autodiff as ad, numpy as np
    >>> g = ad.trace(lambda x: np.sum(x * x), np.ones(2), expand=False)
    >>> print(scalarize(g))
    graph f(x: float[2]) -> float:
        %2 = square x[0]
        %3 = square x[1]
        %4 = add %2, %3
        return %4
    <BLANKLINE>
    """
    if graph.expanded:
        return graph
    count = scalars_of(graph)
    if count > most:
        raise UnsupportedError(
            f"{graph.name}: its arrays stand for about {count} scalar operations; at most {most} "
            "are written one by one. Use target='numpy', or smaller arrays"
        )
    builder = Builder(Inputs(graph.parameters))
    values: list[Objects] = []
    start = 0
    for part in graph.inputs.parts:
        elements = [Tracer(builder, start + i) for i in range(part.size)]
        values.append(_array(elements, part.shape))
        start += part.size
    values += _after_inputs(graph, values)
    outputs = [_placed(builder, x) for i in graph.outputs for x in values[i].ravel()]
    result = SCALAR if graph.result == Array(()) else graph.result
    return builder.graph(graph.name, graph.parameters, outputs, result)


def _after_inputs(graph: Graph, inputs: Sequence[Objects]) -> list[Objects]:
    """The values of the nodes behind the inputs, arrays of scalars."""
    values = list(inputs)

    def run_loop(loop: Loop, operands: Sequence[object]) -> list[object]:
        def step(inside: list[Objects]) -> list[Objects]:
            given = [_array([*np.asarray(x, dtype=object).ravel()], np.shape(x)) for x in inside]
            made = [*given, *_after_inputs(loop.body, given)]
            return [made[i] for i in loop.body.outputs]

        return loop_results(loop, operands, step, object)

    results = Results(run_loop)
    for index, node in enumerate(graph.nodes[len(values) :], len(values)):
        primitive, operands, _, shape = node
        if primitive is None:
            array = node.array
            numbers: list[Any] = [node.value] if array is None else array.array.ravel().tolist()
            values.append(_array([Float(x) for x in numbers], shape))
            continue
        given = [values[i] for i in operands]
        if isinstance(primitive, RegionRow):
            made = results.of(node, loop_of(node), given)
        elif isinstance(primitive, ArrayRow):
            made = _of_row(_said(graph, index), primitive, given, node.named)
        else:
            each = _where if primitive is ops.where else primitive
            with np.errstate(all="ignore"):  # constants are folded
                made = np.frompyfunc(each, len(given), 1)(*given)
        values.append(_array(list(np.asarray(made, dtype=object).ravel()), shape))
    return values[len(inputs) :]


def _where(condition: float | Tracer, x: object, y: object) -> object:
    """``where`` of an element: nothing is left to ask where the mask is known."""
    if isinstance(condition, Tracer):
        return ops.where(condition, x, y)
    return x if condition != 0.0 else y


def _array(elements: Sequence[object], shape: tuple[int, ...]) -> Objects:
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array.reshape(shape)


_OF_A_SVD = dict.fromkeys(("svdvals", "svdleft", "svdright"), "np.linalg.svd")
_OF_EIGH = dict.fromkeys(("eigvectors", "hermitian_vectors", "gaps"), "np.linalg.eigh")
_CALLED = {**_OF_A_SVD, **_OF_EIGH}  # rows that share what the user calls


def _said(graph: Graph, index: int) -> str:
    """How an error begins: the user's line, and what it calls."""
    row, origin = graph.nodes[index].primitive, graph.origin(index)
    place = f"{os.path.basename(origin.file)}:{origin.line}: " if origin and origin.file else ""
    name = row.name if row else ""
    return f"{place}{graph.name}: {_CALLED.get(name, name)} cannot be written element by element"


def _of_row(said: str, row: ArrayRow, given: list[Any], params: RowParams) -> object:
    """A row over object arrays; places that depend on numbers are numbers."""
    if row.integer and _has_tracers(*given):
        if row.name in PLACES and _compared(row, given, params) <= MOST_PLACES:
            return PLACES[row.name](*given, **params)
        raise UnsupportedError(
            f"{said}: which element comes first depends on the numbers. "
            "Use target='numpy' or 'native', or C: to_c"
        )
    if row.numeric:
        raise UnsupportedError(
            f"{said}: NumPy's routine finds it step by step. "
            "Use target='numpy' or 'native', or C: to_c"
        )
    if len(row.partials) >= 2 and row.partials[1] is None:
        if (
            row.name in AT_PLACES
            and _has_tracers(given[1])
            and _compared(row, given, params) <= MOST_PLACES
        ):
            return AT_PLACES[row.name](*given, **params)
        given[1] = _places(said, given[1])
    return (row.elements or row.impl)(*given, **params)


def _has_tracers(*arrays: object) -> bool:
    return any(isinstance(x, Tracer) for a in arrays for x in np.ravel(np.asarray(a, object)))


def _compared(row: ArrayRow, given: list[Objects], params: RowParams) -> int:
    """How many comparisons it takes to find places, or what is at them."""
    sizes = [int(np.size(x)) for x in given]
    if row.name == "places":  # arithmetic alone
        return max(sizes)
    if row.name == "scatter_add":
        return sizes[0] * int(params["size"])
    return 4 * sizes[0] ** 2 if row.name == "argsort" else math.prod(sizes)


def _places(said: str, index: object) -> NDArray[np.intp]:
    """An index map as whole numbers: a constant, or in a loop an element of one."""
    numbers = np.asarray(index, dtype=object)
    if any(isinstance(x, Tracer) for x in numbers.ravel()):
        raise UnsupportedError(
            f"{said}: its index is an argument, or takes more than {MOST_PLACES} comparisons. "
            "Use target='numpy', or make the indices static"
        )
    return numbers.astype(np.float64).astype(np.intp)


def _placed(builder: Builder, x: float | Tracer) -> int:
    return x.index if isinstance(x, Tracer) else builder.literal(float(x))

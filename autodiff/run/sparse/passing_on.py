"""How much the sweeps of a matrix of derivatives pass on, element by element.

Where a function repeats itself, every repetition passes on what depends on every input before it:
a long simulation has many more such numbers than its matrix has entries.
"""

from __future__ import annotations

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.sparse.flow import flow_of
from autodiff.run.sparse.reach import from_inputs, to_outputs
from autodiff.run.transform import gradient
from autodiff.run.whole.scalarize import scalarize

__all__ = ["passed_on", "passes_on_much"]

_MUCH = 4000  # numbers that are passed on, from which they are too many to be written
_OFTEN = 16  # of them to an entry: terms of a sum, which pass on little, stay below


def passes_on_much(graph: Graph, twice: bool, wrt: Wrt = None) -> bool:
    """True if straight code for the entries is long, and not because these are many.

    Args:
        graph: A graph with loops.
        twice: True for the Hessian, False for the Jacobian.
        wrt: Positions or names of the arguments to differentiate.

    >>> import autodiff as ad, numpy as np
    >>> def steps(x):
    ...     return ad.scan(lambda x, _: (x + 0.1 * np.sin(x) * x[::-1], None), x, np.zeros(3000))[0]
    >>> passes_on_much(ad.trace(steps, np.ones(2), expand=False), twice=False)
    True
    """
    try:
        passed, entries = passed_on(scalarize(graph), twice, wrt)
    except UnsupportedError:  # it would be longer than what is ever written
        return True
    return passed > max(_MUCH, _OFTEN * entries)


def passed_on(graph: Graph, twice: bool, wrt: Wrt = None) -> tuple[int, int]:
    """The numbers that straight code for a matrix of derivatives passes on, and its entries.

    Args:
        graph: A graph of scalars.
        twice: True for the Hessian, False for the Jacobian.
        wrt: Positions or names of the arguments to differentiate.
    """
    graph = gradient(graph, wrt) if twice else graph
    positions, _ = select_arguments(graph, wrt)
    flow = flow_of(graph, graph.inputs.of(positions))
    outputs = set(flow.outputs)
    forwards = entries = 0
    for index, reached in from_inputs(flow, range(len(flow.inputs))):
        forwards += reached.bit_count()
        entries += reached.bit_count() if index in outputs else 0
    backwards = to_outputs(flow, range(len(flow.outputs)))
    return min(forwards, sum(reached.bit_count() for _, reached in backwards)), entries

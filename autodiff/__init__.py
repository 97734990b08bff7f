"""Gradients you can read, prove, and run at machine speed: the mathematics.

With this package one can

- compute with ``Value`` and call ``backward()``, as in micrograd;
- ``trace`` an ordinary Python function into a ``Graph`` and print, ``parse`` and ``check`` it;
- run a graph with ``evaluate`` and differentiate at a point with ``backpropagate``;
- turn a graph into the graph of its ``gradient``, ``jvp``, ``vjp``, ``jacobian``, ``hessian`` or
  ``hvp``;
- find the pattern of a sparse Jacobian or Hessian (``jacobian_pattern``, ``hessian_pattern``), and
  compute its entries alone (``sparse=True``);
- ``draw`` a Value or a Graph as SVG, DOT or Mermaid;
- register a primitive of your own with ``custom``;
- ask ``trace_nan`` where a nan or inf in a gradient begins;
- repeat with ``scan`` and ``while_loop``, which stay loops while arrays are traced, and choose with
  ``cond``;
- solve equations whose solution is differentiated (``root``, ``fixed_point``);
- take ``grad(f)`` and ``value_and_grad(f)`` of a Python function directly.

Functions to differentiate are written with operators, NumPy's functions, or the functions of this
package (``autodiff.sin``, ``autodiff.where``, ...), which are the rows of ``autodiff.ops``.

Only the table of primitives is here at once: Values, tracing, and what is made of graphs are
imported when they are asked for.
"""

from typing import TYPE_CHECKING

from autodiff.doors import late_names as _late_names
from autodiff.doors import put_doors as _put_doors
from autodiff.errors import (
    ArgumentError,
    DifferentiationError,
    EmitError,
    IRError,
    ProofgradError,
    TargetError,
    TraceError,
    TrainingError,
    UnsupportedError,
)
from autodiff.table import ops as ops  # public modules, by their short names
from autodiff.table import primitive as primitive
from autodiff.table.custom import custom
from autodiff.table.primitive import PUBLIC, REGISTRY, Primitive
from autodiff.table.row_help import put_descriptions as _put_descriptions

if TYPE_CHECKING:
    from autodiff.graph.check import check
    from autodiff.graph.graph import Graph
    from autodiff.graph.parse import parse
    from autodiff.graph.pattern import Pattern
    from autodiff.picture.draw import Drawing, draw
    from autodiff.run.grad import grad, value_and_grad
    from autodiff.run.implicit import fixed_point, root
    from autodiff.run.interpret import backpropagate, evaluate
    from autodiff.run.nonfinite import trace_nan
    from autodiff.run.of_functions import (
        gradient,
        hessian,
        hessian_pattern,
        hvp,
        jacobian,
        jacobian_pattern,
        jvp,
        vjp,
    )
    from autodiff.run.values.value import Value
    from autodiff.trace.regions.conditional import cond
    from autodiff.trace.regions.repeated import while_loop
    from autodiff.trace.regions.scan import scan
    from autodiff.trace.trace import trace
else:
    from autodiff import trace as _room

    del trace, _room  # the function has the name of the room: it is found when it is asked for

__all__ = [
    "ArgumentError",
    "DifferentiationError",
    "Drawing",
    "EmitError",
    "Graph",
    "IRError",
    "Pattern",
    "Primitive",
    "ProofgradError",
    "TargetError",
    "TraceError",
    "TrainingError",
    "UnsupportedError",
    "Value",
    "backpropagate",
    "check",
    "cond",
    "custom",
    "draw",
    "evaluate",
    "fixed_point",
    "grad",
    "gradient",
    "hessian",
    "hessian_pattern",
    "hvp",
    "jacobian",
    "jacobian_pattern",
    "jvp",
    "parse",
    "root",
    "scan",
    "trace",
    "trace_nan",
    "value_and_grad",
    "vjp",
    "while_loop",
]

if TYPE_CHECKING:
    from autodiff.table.ops import *

    __all__ += ops.__all__
else:  # The rows, and NumPy's spelling of them: autodiff.sin, autodiff.atan2, autodiff.arctan2.
    _ROWS = {row.ufunc: PUBLIC[row.name] for row in REGISTRY.values() if row.ufunc} | PUBLIC
    globals().update(_ROWS)
    __all__ += sorted(_ROWS)

_put_doors(__name__, globals(), __all__)
_put_descriptions()

_HOMES = {
    "Drawing": "autodiff.picture.draw",
    "Graph": "autodiff.graph.graph",
    "Pattern": "autodiff.graph.pattern",
    "Value": "autodiff.run.values.value",
    "backpropagate": "autodiff.run.interpret",
    "check": "autodiff.graph.check",
    "cond": "autodiff.trace.regions.conditional",
    "draw": "autodiff.picture.draw",
    "evaluate": "autodiff.run.interpret",
    "fixed_point": "autodiff.run.implicit",
    "grad": "autodiff.run.grad",
    "gradient": "autodiff.run.of_functions",
    "hessian": "autodiff.run.of_functions",
    "hessian_pattern": "autodiff.run.of_functions",
    "hvp": "autodiff.run.of_functions",
    "jacobian": "autodiff.run.of_functions",
    "jacobian_pattern": "autodiff.run.of_functions",
    "jvp": "autodiff.run.of_functions",
    "parse": "autodiff.graph.parse",
    "root": "autodiff.run.implicit",
    "scan": "autodiff.trace.regions.scan",
    "trace": "autodiff.trace.trace",
    "trace_nan": "autodiff.run.nonfinite",
    "value_and_grad": "autodiff.run.grad",
    "vjp": "autodiff.run.of_functions",
    "while_loop": "autodiff.trace.regions.repeated",
}
_MODULES = ("losses", "nn", "ops", "optimizers", "primitive", "state", "value")

# Type checkers learn from this that the module has more names than they see.
__getattr__ = _late_names(__name__, globals(), _HOMES, _MODULES)


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__doc__"})

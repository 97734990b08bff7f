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
from autodiff.errors import ArgumentError as ArgumentError
from autodiff.errors import DifferentiationError as DifferentiationError
from autodiff.errors import EmitError as EmitError
from autodiff.errors import IRError as IRError
from autodiff.errors import ProofgradError as ProofgradError
from autodiff.errors import TargetError as TargetError
from autodiff.errors import TraceError as TraceError
from autodiff.errors import TrainingError as TrainingError
from autodiff.errors import UnsupportedError as UnsupportedError
from autodiff.table import ops as ops  # public modules, by their short names
from autodiff.table import primitive as primitive
from autodiff.table.custom import custom as custom
from autodiff.table.primitive import PUBLIC, REGISTRY
from autodiff.table.primitive import Primitive as Primitive
from autodiff.table.row_help import put_descriptions as _put_descriptions

if TYPE_CHECKING:  # without an __all__, what is imported by a star or as itself is exported
    from autodiff.graph.check import check as check
    from autodiff.graph.graph import Graph as Graph
    from autodiff.graph.pattern import Pattern as Pattern
    from autodiff.graph.reading.parse import parse as parse
    from autodiff.picture.draw import Drawing as Drawing
    from autodiff.picture.draw import draw as draw
    from autodiff.run.grad import grad as grad
    from autodiff.run.grad import value_and_grad as value_and_grad
    from autodiff.run.implicit import fixed_point as fixed_point
    from autodiff.run.implicit import root as root
    from autodiff.run.interpret import backpropagate as backpropagate
    from autodiff.run.interpret import evaluate as evaluate
    from autodiff.run.nonfinite import trace_nan as trace_nan
    from autodiff.run.of_functions import gradient as gradient
    from autodiff.run.of_functions import hessian as hessian
    from autodiff.run.of_functions import hessian_pattern as hessian_pattern
    from autodiff.run.of_functions import hvp as hvp
    from autodiff.run.of_functions import jacobian as jacobian
    from autodiff.run.of_functions import jacobian_pattern as jacobian_pattern
    from autodiff.run.of_functions import jvp as jvp
    from autodiff.run.of_functions import vjp as vjp
    from autodiff.run.values.value import Value as Value
    from autodiff.table.ops import *
    from autodiff.trace.regions.conditional import cond as cond
    from autodiff.trace.regions.repeated import while_loop as while_loop
    from autodiff.trace.regions.scan import scan as scan
    from autodiff.trace.trace import trace as trace
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
    # The rows, and NumPy's spelling of them: autodiff.sin, autodiff.atan2, autodiff.arctan2.
    _ROWS = {row.ufunc: PUBLIC[row.name] for row in REGISTRY.values() if row.ufunc} | PUBLIC
    globals().update(_ROWS)
    __all__ += sorted(_ROWS)

    _put_doors(__name__, globals(), __all__)

    def __dir__() -> list[str]:
        return sorted({*__all__, *_MODULES, "__doc__"})


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
    "parse": "autodiff.graph.reading.parse",
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

"""Normal equations of least squares over rows in partitions, for a step of Gauss and Newton.

Half the sum of squares of residuals r has the gradient Jᵀr and, near its minimum, the Hessian JᵀJ
(Nocedal and Wright, "Numerical Optimization", section 10.2).  All three are sums over rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.structure import Structure, Tuple
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.given import given_numbers
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.trace.trace import trace
from codegen import compile as compile_derivatives
from codegen import compile_function
from proofgrad.distributed.partitioned import Partitioned, Wrt, shared_arguments
from proofgrad.distributed.schedulers import scheduler_of

__all__ = ["Equations", "NormalEquations", "normal_equations"]


class Equations(NamedTuple):
    """Half the sum of squares, its gradient Jᵀr, and JᵀJ, by the numbers of the parameters."""

    cost: float
    gradient: Floats
    matrix: Floats

    def step(self, damping: float = 0.0) -> Floats:
        """What to add to the parameters: the step of Levenberg and Marquardt.

        Args:
            damping: λ ≥ 0 in ``(JᵀJ + λ diag(JᵀJ)) step = -Jᵀr``; 0 is Gauss and Newton's.  A
                system that does not determine the step gives its shortest solution.
        """
        given_numbers("damping", damping)
        if not damping >= 0.0:
            raise ArgumentError(f"damping: found {damping:g}; expected a number from 0 on")
        matrix = self.matrix + damping * np.diag(np.diag(self.matrix))
        return np.asarray(np.linalg.lstsq(matrix, -self.gradient, rcond=None)[0], np.float64)


@dataclass(frozen=True)
class _Packing:
    """The shared arguments as one array.

    Args:
        structures: Of each of them.
    """

    structures: Sequence[Structure]

    @property
    def tree(self) -> Tree:
        return tree_of(Tuple(tuple(self.structures)))

    def packed(self, values: Sequence[object]) -> Floats:
        return np.array(self.tree.leaves(tuple(values), "parameters"), dtype=np.float64)

    def unpacked(self, numbers: Any) -> Sequence[object]:
        """The arguments as views of an array, which may be a placeholder."""
        parts, start = list[object](), 0
        for scalar, shape in zip(self.tree.scalars, self.tree.shapes, strict=True):
            stop = start + math.prod(shape)
            parts.append(numbers[start] if scalar else numbers[start:stop].reshape(shape))
            start = stop
        found: Sequence[object] = self.tree.build(parts)
        return found


class NormalEquations(Partitioned):
    """Normal equations of a least-squares problem over rows; made by ``normal_equations``."""

    packing: _Packing

    def packed(self, shared: Sequence[object]) -> Sequence[object]:
        """All parameters in one array."""
        return [self.packing.packed(shared)]

    def __call__(self, *args: object) -> Equations:
        """Cost, gradient and matrix, computed by the current scheduler or cluster.

        Args:
            args: As for ``Distributed``.

        Raises:
            ArgumentError: if an argument is no such collection, or partitions do not fit.
        """
        return Equations(*self.rebuilt(self.scheduler.result(self.lazy(*args))))

    def moved(self, shared: Sequence[object], step: Floats) -> object:
        """The shared arguments after a step, in their structure; a tuple if they are several."""
        found = self.packing.tree.rebuild((self.packing.packed(shared) + step).tolist())
        return found if len(found) > 1 else found[0]


def normal_equations(
    residuals: Callable[..., object],
    *examples: object,
    wrt: Wrt = 0,
    target: str = "numpy",
    on: str = "dask",
) -> NormalEquations:
    """The normal equations of ``residuals`` over rows in partitions.

    Args:
        residuals: What one row contributes: one float, or an array or list of some.  The
            parameters come first; all rows share them.
        examples: One per argument, for one row.
        wrt: Positions or names of the parameters; the other arguments have rows.
        target: As for ``distribute``.
        on: As for ``distribute``.

    Returns:
        A callable of parameters and collections that gives ``(cost, gradient, matrix)``, half the
        sum of squares, Jᵀr and JᵀJ; with the same bits whatever the workers do.

    Raises:
        ProofgradError: if Dask, or Ray, is not installed.
        ArgumentError: if no argument has rows, or the parameters do not come first.

    >>> import numpy as np
    >>> line = normal_equations(lambda p, x, y: p[0] + p[1] * x - y, np.zeros(2), 0.0, 0.0)
    >>> import dask.array as da  # doctest: +SKIP
    >>> x = da.arange(6.0, chunks=2)  # doctest: +SKIP
    >>> found = line(np.zeros(2), x, 1.0 + 3.0 * x)  # doctest: +SKIP
    >>> found.step().round(9)  # doctest: +SKIP
    array([1., 3.])
    """
    scheduler = scheduler_of(on)
    names, shared = shared_arguments("normal_equations", residuals, len(examples), wrt)
    trace(residuals, *examples)  # what is wrong with it is said of the function itself
    count = sum(shared)
    packing = _Packing([structure_of(x, n) for x, n in zip(examples[:count], names, strict=False)])
    start, rows = packing.packed(examples[:count]), examples[count:]

    def listed(parameters: object, *row: object) -> object:
        return _listed(residuals(*packing.unpacked(parameters), *row))

    listed.__name__ = getattr(residuals, "__name__", "residuals")
    both = compile_derivatives(listed, start, *rows, what=("value", "jacobian"), wrt=0)

    def equations(parameters: object, *row: object) -> tuple[object, object, object]:
        found, slopes = both(parameters, *row)
        return 0.5 * (found @ found), slopes.T @ found, slopes.T @ slopes

    equations.__name__ = f"{listed.__name__}_equations"
    flags = (False, *[True for _ in rows])
    compiled = compile_function(equations, start, *rows, batch=flags, reduce="sum", target=target)
    made = NormalEquations(compiled, names, shared, scheduler)
    made.packing = packing
    return made


def _listed(found: Any) -> object:
    """Residuals side by side in one array."""
    return np.hstack(found if isinstance(found, (list, tuple)) else [found]).ravel()

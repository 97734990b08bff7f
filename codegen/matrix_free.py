"""compile_operator: a Jacobian or Hessian as SciPy's linear operator, its products compiled.

The matrix is never made: ``A @ v`` is a compiled tangent, ``A.T @ u`` are compiled cotangents.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias, Unpack

import numpy as np
import numpy.typing as npt

from autodiff.errors import ArgumentError, UnsupportedError, counted
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.run.reverse_plan import select_arguments
from autodiff.run.whole.whole_values import trees
from codegen.asked import compile as compile_derivatives
from codegen.call.compiled import CompiledFunction
from codegen.options import Options

__all__ = ["OperatorAt", "compile_operator"]

_Vector: TypeAlias = npt.NDArray[np.float64]
_PRODUCTS = {"jacobian": ("jvp", "vjp"), "hessian": ("hvp",)}


class _Flat:
    """Vectors <-> values of some structures, side by side.

    Args:
        structures: The structures.
        single: True if a value of the one structure stands alone, not in a tuple.
    """

    def __init__(self, structures: list[Structure], single: bool) -> None:
        self._trees = [tree_of(structure) for structure in structures]
        self._single = single
        self.size = sum(tree.size for tree in self._trees)

    def apart(self, vector: npt.ArrayLike) -> list[object]:
        """The values whose numbers these are."""
        numbers, place, found = np.asarray(vector, dtype=np.float64).ravel(), 0, []
        for tree in self._trees:
            found.append(_built(tree, numbers[place : place + tree.size]))
            place += tree.size
        return found

    def together(self, values: object) -> _Vector:
        """The numbers of values."""
        several: Any = (values,) if self._single else values
        parts = [
            np.ravel(part)
            for tree, value in zip(self._trees, several, strict=True)
            for part in tree.parts(value)
        ]
        return np.concatenate(parts, dtype=np.float64) if parts else np.empty(0)


def _built(tree: Tree, numbers: _Vector) -> object:
    """The value of a structure with these numbers."""
    parts: list[object] = []
    place = 0
    for scalar, shape in zip(tree.scalars, tree.shapes, strict=True):
        length = 1 if scalar else int(np.prod(shape))
        own = numbers[place : place + length]
        parts.append(float(own[0]) if scalar else own.reshape(shape))
        place += length
    return tree.build(parts)


class OperatorAt:
    """A matrix of derivatives at any point, as an operator.

    Args:
        forward: Gives the product with a direction.
        backward: Gives the product of the transpose; None if the matrix is symmetric.
    """

    def __init__(self, forward: CompiledFunction, backward: CompiledFunction | None) -> None:
        self.forward, self.backward = forward, backward
        graph = forward.graph
        positions, single = select_arguments(graph, forward.wrt)
        self._inputs = _Flat([graph.parameters[p][1] for p in positions], single)
        self._outputs = self._inputs if backward is None else _Flat([graph.result], True)
        self.shape = self._outputs.size, self._inputs.size
        self._operator: Any = import_module("scipy.sparse.linalg").LinearOperator

    def __call__(self, *args: object) -> Any:
        """The operator at a point, which is given as to the function."""
        self._require_fitting(args)
        forward = self._product(self.forward, args, self._inputs, self._outputs)
        backward = forward
        if self.backward is not None:
            backward = self._product(self.backward, args, self._outputs, self._inputs)
        return self._operator(self.shape, matvec=forward, rmatvec=backward, dtype=np.float64)

    def _require_fitting(self, args: tuple[object, ...]) -> None:
        """Refuse a point that the function does not take now, not at the first product."""
        graph = self.forward.graph
        if len(args) == len(graph.parameters):
            for value, (name, _), tree in zip(args, graph.parameters, trees(graph), strict=True):
                tree.numbers(value, f"{graph.name}: argument {name}")
            return
        names = ", ".join(name for name, _ in graph.parameters)
        raise ArgumentError(
            f"{graph.name}: found {counted(len(args), 'argument')}; expected "
            f"{len(graph.parameters)} ({names})"
        )

    @staticmethod
    def _product(
        product: CompiledFunction, args: tuple[object, ...], taken: _Flat, given: _Flat
    ) -> Callable[[npt.ArrayLike], _Vector]:
        def times(vector: npt.ArrayLike) -> _Vector:
            return given.together(product(*args, *taken.apart(vector)))

        return times


def compile_operator(
    function: Callable[..., object] | Graph,
    *examples: object,
    what: str = "jacobian",
    target: str = "python",
    **how: Unpack[Options],
) -> OperatorAt:
    """Compile the products of a Jacobian or Hessian, for SciPy's iterative methods.

    ``least_squares(jac=)`` and ``minimize(hess=)`` take such operators, and so do the solvers of
    ``scipy.sparse.linalg``.  Rows are the numbers of the result, columns those of the arguments.

    Args:
        function: As for ``compile``.
        examples: As for ``compile``.
        what: "jacobian", or "hessian" of a function that returns one float.
        target: As for ``compile_gradient``.
        how: The options of ``compile_gradient``.

    Returns:
        A callable of the function's arguments that gives a ``scipy.sparse.linalg.LinearOperator``.

    Raises:
        UnsupportedError: if SciPy is missing.
        ArgumentError: if ``what`` is no matrix.
        DifferentiationError: if the function has no such derivative.
        ProofgradError: as ``compile_gradient``.

    >>> import numpy as np
    >>> J = compile_operator(lambda x: np.array([x[0] * x[1], x[1]]), np.ones(2))
    >>> A = J(np.array([2.0, 3.0]))
    >>> A @ [1.0, 0.0], A.T @ [1.0, 0.0]
    (array([3., 0.]), array([3., 2.]))
    """
    if not isinstance(what, str) or what not in _PRODUCTS:
        raise ArgumentError(f"what: found {what!r:.60}; expected 'jacobian' or 'hessian'")
    if find_spec("scipy") is None:
        raise UnsupportedError(
            "compile_operator: SciPy, whose linear operators it gives, is missing; install it, or "
            "use compile_jvp, compile_vjp and compile_hvp"
        )
    products = [
        compile_derivatives(function, *examples, what=one, target=target, **how)
        for one in _PRODUCTS[what]
    ]
    if not isinstance(products[0], CompiledFunction):
        raise ArgumentError(
            "compile_operator: found no examples; expected one value per argument of the function"
        )
    return OperatorAt(products[0], products[1] if len(products) > 1 else None)

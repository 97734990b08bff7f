"""Loops on target "python": the emitted functions, called with floats and flat lists."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.tree.tree import tree_of
from autodiff.tracebacks import shortening
from codegen.call.arguments import pack
from codegen.call.code import FunctionCode, GradientCode, placed
from codegen.call.in_python import PythonFunction, PythonGradient
from codegen.call.lists.list_derivative import ListDerivative
from codegen.call.runner import Call
from codegen.call.symbolic import are_symbolic
from codegen.call.whole.in_arrays import Kept
from codegen.call.whole.settled_at_ties import AtTies, ties_of

__all__ = ["ListFunction", "ListGradient"]


class _Settling:
    """Derivatives where switches tie or a slope is infinite, for calls that need to ask.

    Args:
        code: The code of what is called.
        ties: What is asked.
    """

    def __init__(self, code: FunctionCode, ties: AtTies) -> None:
        self._emission, self._ties = code.emission, ties
        self._tree = tree_of(code.emission.result)

    def around(self, call: Call) -> Call:
        """``call``, whose derivatives are settled."""
        emission, count = self._emission, len(self._emission.frame.parameters)

        @shortening
        def settled(*args: object, **named: object) -> object:
            if named or len(args) != count:
                args = placed(emission, args, named)
            made = call(*args)
            if are_symbolic(args):
                return made
            items = self._tree.numbers(made)
            better = self._ties.settled(pack(emission.frame, args), items, args)
            return made if better is None else self._tree.build(better)

        return settled


class ListFunction(PythonFunction):
    """A function with loops as Python (as ``PythonFunction``)."""

    def entry(self) -> Call:
        """What a call is."""
        call, ties = super().entry(), ties_of(self._code.derivative)
        return call if ties is None else _Settling(self._code, ties).around(call)


class ListGradient(PythonGradient):
    """Value and gradient of a function with loops as Python (as ``PythonGradient``).

    Args:
        code: Its code.
    """

    def __init__(self, code: GradientCode) -> None:
        super().__init__(code)
        derivative = code.derivative
        assert isinstance(derivative, ListDerivative)
        self._derivative = derivative
        self._ties = ties_of(derivative)
        if self._ties is not None:
            plain_forward, plain_backward = self.forward, self.backward
            ties, frame = self._ties, derivative.frame
            tree = tree_of(derivative.mirror)

            def forward(*args: object) -> tuple[object, object]:
                value, residuals = plain_forward(*args)
                return value, Kept(residuals, list(args))  # type: ignore[arg-type]

            def backward(residuals: object, cotangent: object) -> object:
                made = plain_backward(residuals, cotangent)
                if not isinstance(residuals, Kept):
                    return made
                point: Sequence[object] = residuals.point
                items = (0.0, *tree.numbers(made))
                better = ties.settled(pack(frame, point), items, point)
                if better is None:
                    return made
                return tree.build([x * float(cotangent) for x in better[1:]])  # type: ignore[arg-type]

            self.forward, self.backward = forward, backward

    def entry(self) -> Call:
        """What a call is."""
        call = super().entry()
        return call if self._ties is None else _Settling(self._code, self._ties).around(call)

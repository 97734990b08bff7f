"""``grad`` and ``value_and_grad``: derivatives of a Python function, traced anew at every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.run.agreement import trace_as_called
from autodiff.run.interpret import backpropagate, evaluate, flatten_arguments, is_symbolic
from autodiff.run.transform import Wrt, value_and_gradient

__all__ = ["grad", "value_and_grad"]


def value_and_grad(function: Callable[..., Any], wrt: Wrt = None) -> Callable[..., Any]:
    """Function of the same arguments that returns ``(value, gradient)``.

    The function is traced again at every call, so it may depend on shapes; ``compile_gradient``
    of ``codegen`` traces once and is much faster.

    >>> import autodiff as ad
    >>> ad.value_and_grad(lambda x: ad.exp(x))(0.0)
    (1.0, 1.0)
    """

    def wrapped(*args: Any) -> Any:
        graph = trace_as_called(function, *args)
        leaves = flatten_arguments(graph, args)
        if is_symbolic(leaves):  # called inside another trace: record the gradient there
            return evaluate(value_and_gradient(graph, wrt), *args)
        return backpropagate(graph, *args, wrt=wrt)

    wrapped.__name__ = f"value_and_grad_of_{getattr(function, '__name__', 'f')}"
    return wrapped


def grad(function: Callable[..., Any], wrt: Wrt = None) -> Callable[..., Any]:
    """Function of the same arguments that returns the gradient; it can be nested.

    >>> import autodiff as ad
    >>> ad.grad(ad.grad(lambda x: x ** 3))(2.0)
    12.0
    """
    both = value_and_grad(function, wrt)

    def wrapped(*args: Any) -> Any:
        return both(*args)[1]

    wrapped.__name__ = f"grad_of_{getattr(function, '__name__', 'f')}"
    return wrapped

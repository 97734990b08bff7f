"""``grad`` and ``value_and_grad``: derivatives of a Python function, traced anew at every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.errors import TraceError
from autodiff.graph.graph import Graph
from autodiff.run.agreement import check_agreement
from autodiff.run.interpret import backpropagate, evaluate, flatten_arguments, is_symbolic
from autodiff.run.reverse_plan import Wrt
from autodiff.run.transform import value_and_gradient
from autodiff.run.untraced import settled
from autodiff.trace.functions.named_arguments import by_position, signature_examples
from autodiff.trace.trace import trace, trace_open
from autodiff.trace.whole.moving import tracer_in
from autodiff.tracebacks import shortening

__all__ = ["grad", "value_and_grad"]


def value_and_grad(function: Callable[..., object], wrt: Wrt = None) -> Callable[..., Any]:
    """Function of the same arguments that returns ``(value, gradient)``.

    The function is traced again at every call, so it may depend on shapes; ``compile_gradient``
    of ``codegen`` traces once and is much faster.  Arguments outside ``wrt`` may be anything:
    indices, counts, masks, text, objects; the function gets them as they are.

    Args:
        function: Function of floats, arrays, and nested tuples, lists and dicts of these, that
            returns one float.
        wrt: Positions or names of the arguments to differentiate by; all by default.

    Returns:
        A function of the same arguments, by position or by name; its gradient mirrors those in
        ``wrt``: a float for a float, an array of the same shape for an array, a tuple for several
        arguments.

    Raises:
        DifferentiationError: by the function that is returned, if the result is not one float.
        TraceError: by the function that is returned, if the call cannot be traced.

    >>> import autodiff as ad
    >>> ad.value_and_grad(lambda x: ad.exp(x))(0.0)
    (1.0, 1.0)
    """

    @shortening
    def wrapped(*args: object, **named: object) -> object:
        called = function
        if named:
            called, args = by_position(function, args, named)
        own, args = settled(called, args or signature_examples(called), wrt, _trial)
        if tracer_in(args) is not None:
            # On Values of arrays, which stay whole.
            graph, captured = trace_open(own, *args, expand=False)
            chosen = _own(wrt, len(args)) if captured else wrt
            return evaluate(value_and_gradient(graph, chosen), *args, *captured)
        try:
            graph, captured = trace_open(own, *args)
        except TraceError as refused:
            return _with_whole_arrays(own, args, wrt, refused)
        check_agreement(own, graph, args)
        chosen = _own(wrt, len(args)) if captured else wrt
        whole = (*args, *captured)
        if is_symbolic(flatten_arguments(graph, whole)):
            # Called inside another trace, or on Values: the gradient is recorded there.
            return evaluate(value_and_gradient(graph, chosen), *whole)
        return backpropagate(graph, *whole, wrt=chosen)

    wrapped.__name__ = f"value_and_grad_of_{getattr(function, '__name__', 'f')}"
    return wrapped


def _with_whole_arrays(
    function: Callable[..., object], args: tuple[object, ...], wrt: Wrt, refused: TraceError
) -> object:
    """Value and gradient where numbers do not go, but whole arrays do, as in linear algebra.

    Raises:
        TraceError: ``refused``, if they do not go either; if a call gives something else.
    """
    try:
        graph = trace(function, *args, expand=False)
    except TraceError:
        raise refused from None
    check_agreement(function, graph, args)
    return evaluate(value_and_gradient(graph, wrt), *args)


def _trial(function: Callable[..., object], args: tuple[object, ...]) -> Graph:
    return trace_open(function, *args)[0]


def _own(wrt: Wrt, count: int) -> Wrt:
    """``wrt`` where the graph has further arguments behind the function's own ``count``."""
    if wrt is None:
        return 0 if count == 1 else tuple(range(count))
    if isinstance(wrt, (int, str)):
        return wrt + count if isinstance(wrt, int) and wrt < 0 else wrt
    return [i + count if isinstance(i, int) and i < 0 else i for i in wrt]


def grad(function: Callable[..., object], wrt: Wrt = None) -> Callable[..., Any]:
    """Function of the same arguments that returns the gradient.

    It can be nested to any depth, and an inner function may use the outer one's variables.

    Args:
        function: Function of floats, arrays, and nested tuples, lists and dicts of these, that
            returns one float.
        wrt: Positions or names of the arguments to differentiate by; all by default.

    Returns:
        A function of the same arguments; what it returns mirrors those in ``wrt``.

    Raises:
        DifferentiationError: by the function that is returned, if the result is not one float.
        TraceError: by the function that is returned, if the call cannot be traced.

    >>> import autodiff as ad
    >>> ad.grad(ad.grad(lambda x: x ** 3))(2.0)
    12.0
    >>> ad.grad(lambda x: x * ad.grad(lambda y: x * y * y)(2.0))(3.0)
    24.0
    """
    both = value_and_grad(function, wrt)

    @shortening
    def wrapped(*args: object, **named: object) -> object:
        return both(*args, **named)[1]

    wrapped.__name__ = f"grad_of_{getattr(function, '__name__', 'f')}"
    return wrapped

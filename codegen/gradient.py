"""compile_gradient and compile_graph: from a Python function to a compiled one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Literal, Unpack, cast, overload

from autodiff.errors import ArgumentError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.provers import prover
from codegen.call.blocks import Floats
from codegen.call.code import FunctionCode
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.call.derivative import Derivative
from codegen.call.whole.array_derivative import ArrayDerivative
from codegen.compiling import Front
from codegen.kind import AS_IT_IS, GRADIENT
from codegen.late_runners import NUMPY, PYTHON, runner_of
from codegen.options import Options
from codegen.settings import Settings, known_target
from codegen.stable import GivenDomain

__all__ = ["compile_gradient", "compile_graph"]


def compile_graph(
    graph: Graph,
    target: str = "python",
    *,
    check: bool = True,
    batch: None = None,
    threads: None = None,
) -> CompiledFunction:
    """Compile a graph as it is.

    Args:
        graph: Any graph: traced, or the result of a transform.
        target: "python", "numpy" or "native".
        check: Compare the code that runs with the graph before it is returned; ``verdict`` and
            ``check`` of the result say what was found.
        batch: Only gradients take many points: an error that says so.
        threads: As ``batch``.

    Returns:
        A callable of the graph's parameters that returns its result.

    Raises:
        ArgumentError: if it is given no graph.
        EmitError: if there is no such target.
        UnsupportedError: if it is asked for batches.
        VerificationError: if the code is wrong; the message holds the point that shows it.

    >>> import autodiff as ad
    >>> h = compile_graph(ad.hessian(ad.trace(lambda x, y: x * x * y, 1.0, 1.0)))
    >>> h(3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    if not isinstance(graph, Graph):
        raise ArgumentError(
            f"compile_graph: found {type(graph).__name__} {graph!r:.60}; expected a graph: "
            "ad.trace(f, *examples), or a transform of one"
        )
    if batch is not None or threads is not None:
        raise UnsupportedError(
            f"compile_graph: {'threads' if batch is None else 'batch'}: a compiled graph takes one "
            "point in the caller's thread; compile_gradient(..., batch=True) takes many"
        )
    if not graph.expanded and known_target(target) != PYTHON:
        return _of_arrays(graph, target, check)
    graph = scalarize(graph)
    language = NUMPY if known_target(target) == NUMPY else PYTHON
    derivative = Derivative(graph, AS_IT_IS, target=target, language=language)
    compiled = CompiledFunction(FunctionCode(derivative), runner_of(target, "numbers"))
    if check:
        compiled.certify(prover("compiled graph"))
    return compiled


def _of_arrays(graph: Graph, target: str, check: bool) -> CompiledFunction:
    derivative = ArrayDerivative(graph, AS_IT_IS, None, "exact", target, NUMPY)
    compiled = CompiledFunction(FunctionCode(derivative), runner_of(target, "arrays"))
    if check:
        compiled.certify(prover("compiled arrays"))
    return compiled


@overload
def compile_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    target: Literal["python", "numpy", "native"] = ...,
    batch: Literal[False] | None = ...,
    reduce: None = ...,
    **options: Unpack[Options],
) -> CompiledGradient[float]: ...


@overload
def compile_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    target: Literal["numpy", "native"],
    batch: Literal[True] | Sequence[bool],
    reduce: None = ...,
    **options: Unpack[Options],
) -> CompiledGradient[Floats]: ...


@overload
def compile_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    target: Literal["numpy", "native"],
    batch: Literal[True] | Sequence[bool],
    reduce: Literal["sum", "mean"],
    **options: Unpack[Options],
) -> CompiledGradient[float]: ...


@overload
def compile_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    target: str = ...,
    batch: object = ...,
    reduce: str | None = ...,
    **options: Unpack[Options],
) -> CompiledGradient[object]: ...


def compile_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    target: str = "python",
    wrt: Wrt = None,
    batch: object = None,
    reduce: str | None = None,
    profile: str = "exact",
    check: bool = True,
    comments: bool = False,
    cache: bool | str | os.PathLike[str] | None = None,
    threads: int | None = None,
    expand: bool | None = None,
    effort: str | None = None,
    domain: GivenDomain = None,
) -> CompiledGradient:
    """Compile the value and gradient of an ordinary Python function.

    Args:
        function: Function of floats, arrays, and nested tuples, lists and dicts of these, that
            returns one float; or a graph.
        examples: One per argument: they fix structure and shapes.  Without them the signature's
            defaults serve; without these the function is traced at its first call.
        target: "python" (straight-line Python over ``math``), "numpy", or "native" (machine code
            with the same bits; needs llvmlite).
        wrt: Positions or names of the arguments to differentiate; all by default.  Of the others
            floats and float arrays are inputs.  Text, None, complex numbers, functions and objects
            are *static*, and so are integers, booleans and masks that the function indexes, counts
            or branches with: it gets them as they are, and a call with other ones traces it again
            (the last 32 programs are kept).  ``repr`` and the file's header name them.  Texts,
            enums and functions that lie beside numbers in a dict or list are static in any.
        batch: With target "numpy": True if every argument gains a leading axis of points, or a
            tuple that says which do.
        reduce: With ``batch``: "sum" or "mean" of the value, and of the gradient of arguments
            that are shared by all points.
        profile: "exact": the interpreter's bits; "fast": fewer operations that give the same real
            numbers, rounded differently (``codegen.passes`` lists them); "stable": the same real
            numbers in the form that loses fewest bits and overflows last, as measured on points of
            the domain (``explain()`` and ``accuracy`` say what that changed).
        check: Compare the emitted code with the chain rule before it is returned; ``verdict`` and
            ``check`` of the result say what was found.  With target "native" it is the graph that
            the machine code is written from.
        comments: Say in ``source``, beside each line of a backward section, which line of the
            function it came from, and the local derivative as a formula (SymPy's).
        cache: Keep the compiled gradient on disk, for this and other processes (target "python"):
            True in the platform's cache folder, a path in that folder; None asks the environment
            variable ``PROOFGRAD_CACHE``.  A function that reads what has no fingerprint (files,
            random numbers, objects) is compiled anew each time, with a warning.
        threads: With target "native" and ``batch``: how many a call uses that does not say.
        expand: True: every float is a value of its own, the code straight lines.  False: arrays
            stay arrays of any size, the code calls NumPy on them, or loops over them in machine
            code.  By default small functions are expanded, and large ones keep their arrays on
            the targets that can do it; where one form cannot do it, the other does.  Graphs stay
            what they are.
        effort: With target "native": "quick" compiles a long program several times as fast, "full"
            may make it faster; both give the same bits.  By default a program of more than a
            thousand operations is there quickly, and compiled again in the background once it was
            called some hundred times.
        domain: With profile "stable": where the function is called, an interval (low, high) per
            argument, or a dict of those that are known.  Without it a form must be as good near
            the examples, far from them, at everyday sizes and on random doubles.

    Returns:
        A callable that gives ``(value, gradient)``; see ``CompiledGradient``.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if it does not return one float.
        ArgumentError: if examples and signature do not fit.
        EmitError: if there is no such target.
        UnsupportedError: if an option is none of this target's.
        VerificationError: if the emitted code is wrong; the message holds the point that shows it.

    >>> df = compile_gradient(lambda x, y: x * y + x, 1.0, 1.0)
    >>> df(2.0, 3.0)
    (8.0, (4.0, 2.0))
    >>> str(df.verdict)
    'CERTIFIED'
    """
    how = target, wrt, batch, reduce, profile, check, comments, threads, expand
    settings = Settings(*how, effort=effort, domain=domain)
    front = Front("compile_gradient", GRADIENT, settings, cache)
    return cast("CompiledGradient", front(function, *examples))

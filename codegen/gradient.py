"""compile_gradient and compile_graph: from a Python function to a compiled one."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, Unpack, cast, overload

import numpy as np

from autodiff.errors import ArgumentError, EmitError, UnsupportedError
from autodiff.given import given_count
from autodiff.graph.graph import Graph
from autodiff.run.agreement import trace_as_called
from autodiff.run.reverse_plan import Wrt
from autodiff.run.untraced import Settled, settled
from autodiff.table.provers import prover
from autodiff.trace.filled import Filled
from autodiff.trace.trace import signature_examples, trace
from codegen.call.blocks import Floats
from codegen.call.cached import cached_gradient, store_for
from codegen.call.code import FunctionCode, GradientCode
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.call.derivative import Derivative, Evaluation
from codegen.call.in_numpy import NumpyFunction, NumpyGradient
from codegen.call.in_python import PythonFunction, PythonGradient
from codegen.call.runner import FunctionRunner, GradientRunner
from codegen.call.signature import defaults_of
from codegen.call.variants import StaticGradient, Statics, described
from codegen.first_call import AtFirstCall
from codegen.native.run.batch import NativeBatch
from codegen.native.run.native import NativeFunction, NativeGradient
from codegen.options import Options
from codegen.passes import before_emission

__all__ = ["compile_gradient", "compile_graph"]

PYTHON, NUMPY, NATIVE = "python", "numpy", "native"
_FUNCTIONS: dict[str, Callable[[FunctionCode], FunctionRunner]] = {
    PYTHON: PythonFunction,
    NUMPY: NumpyFunction,
    NATIVE: NativeFunction,
}


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
            f"compile_graph: found {_described(graph)}; expected a graph: ad.trace(f, *examples), "
            "or a transform of one"
        )
    if batch is not None or threads is not None:
        raise UnsupportedError(
            f"compile_graph: {'threads' if batch is None else 'batch'}: a compiled graph takes one "
            "point in the caller's thread; compile_gradient(..., batch=True) takes many"
        )
    language = NUMPY if _known(target) == NUMPY else PYTHON
    compiled = CompiledFunction(
        FunctionCode(Evaluation(graph, target, language)), _FUNCTIONS[target]
    )
    if check:
        compiled.certify(prover("compiled graph"))
    return compiled


def _known(target: str) -> str:
    if not isinstance(target, str) or target not in _FUNCTIONS:
        raise EmitError(f"target: found {target!r}; expected one of {', '.join(_FUNCTIONS)}")
    return target


def _described(value: object) -> str:
    return f"{type(value).__name__} {value!r}"[:80]


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
) -> CompiledGradient[Any]: ...


def compile_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    target: str = "python",
    wrt: Wrt = None,
    batch: Any = None,
    reduce: str | None = None,
    profile: str = "exact",
    check: bool = True,
    comments: bool = False,
    cache: bool | str | os.PathLike[str] | None = None,
    threads: int | None = None,
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
            (the last 32 programs are kept).  ``repr`` and the file's header name them.
        batch: With target "numpy": True if every argument gains a leading axis of points, or a
            tuple that says which do.
        reduce: With ``batch``: "sum" or "mean" of the value, and of the gradient of arguments
            that are shared by all points.
        profile: "exact": the interpreter's bits; "fast": fewer operations that give the same real
            numbers, rounded differently (``codegen.passes`` lists them).
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
    _require_function(function)
    before_emission(profile, _known(target))
    options = {"target": target, "wrt": wrt, "batch": batch, "reduce": reduce}
    options |= {"profile": profile, "check": check, "comments": comments, "threads": threads}
    if not isinstance(function, Graph) and not examples and not signature_examples(function):
        waiting = AtFirstCall(function, compile_gradient, options | {"cache": cache})
        return cast("CompiledGradient", waiting)  # it answers as one once it has been called
    if not isinstance(function, Graph):
        examples = examples or signature_examples(function)
        function, examples = _settled(function, examples, options)
    store = store_for(cache)
    if isinstance(function, Filled):
        if cache:
            warnings.warn(
                "not cached: a gradient with static arguments has a program for each value of them",
                stacklevel=2,
            )
    elif store is not None and target == PYTHON and not comments:  # texts are kept without

        def make() -> CompiledGradient:
            return compile_gradient(function, *examples, cache=False, **options)

        return cached_gradient(store, function, examples, options, make, bool(cache))
    if isinstance(function, Graph):
        graph = function
    else:
        graph = (trace_as_called if check else trace)(function, *examples)
    flags = _batch_flags(graph, target, batch, reduce)
    language = NUMPY if target == NUMPY or flags is not None else PYTHON
    static: list[str] = []
    if isinstance(function, Filled):
        static = described(function, [name for name, _ in graph.parameters])
    defaults = {} if isinstance(function, Graph) else defaults_of(function)
    derivative = Derivative(graph, wrt, profile, target, language, comments, static, defaults)
    code, runner = GradientCode(derivative), _gradient_runner(target, flags, reduce, threads)
    if isinstance(function, Filled):
        others = partial(compile_gradient, function.function, **options)
        compiled: CompiledGradient = StaticGradient(code, runner, Statics(function, others))
    else:
        compiled = CompiledGradient(code, runner)
    if check:
        compiled.certify(functools.partial(prover("compiled gradient"), examples=examples))
    return compiled


def _settled(
    function: Callable[..., object], examples: tuple[object, ...], options: dict[str, Any]
) -> Settled:
    """The function and its examples without static arguments."""
    batch, attempt = options["batch"], trace_as_called if options["check"] else trace
    flags = batch if isinstance(batch, (tuple, list)) else (batch,) * len(examples)
    batched = {p for p, flag in enumerate(flags) if isinstance(flag, (bool, np.bool_)) and flag}

    def traced(own: Callable[..., object], args: tuple[object, ...]) -> Graph:
        return attempt(own, *args)

    return settled(function, examples, options["wrt"], traced, batched)


def _gradient_runner(
    target: str, flags: tuple[bool, ...] | None, reduce: str | None, threads: int | None
) -> Callable[[GradientCode], GradientRunner]:
    """What runs a gradient: the target's class, with its options."""
    if threads is not None:
        given_count("threads", threads)
        if target != NATIVE or flags is None:
            raise UnsupportedError(
                f"threads: target {target!r} without batch= runs in the caller's thread; "
                "target='native' with batch=True takes more"
            )
    if target == NUMPY:
        return partial(NumpyGradient, flags=flags, reduce=reduce)
    if flags is not None:
        return partial(NativeBatch, flags=flags, reduce=reduce, threads=threads)
    return NativeGradient if target == NATIVE else PythonGradient


def _require_function(function: object) -> None:
    """Refuse what can be neither traced nor differentiated."""
    if isinstance(function, str):
        raise ArgumentError(
            f"compile_gradient: found the text {function[:60]!r}; expected a function: "
            "lambda x: ..., or ad.parse(text) if it is a printed graph"
        )
    if not callable(function) and not isinstance(function, Graph):
        raise ArgumentError(
            f"compile_gradient: found {_described(function)}; expected a function or a graph"
        )


def _batch_flags(
    graph: Graph, target: str, batch: Any, reduce: str | None
) -> tuple[bool, ...] | None:
    """Which arguments are batched; None if none is.

    Raises:
        ArgumentError: if target, batch and reduce do not fit together.
    """
    if target == PYTHON:
        if batch is None and reduce is None:
            return None
        raise ArgumentError(
            f"batch: target {target!r} takes one point; use target='numpy' or 'native'"
        )
    if reduce not in (None, "sum", "mean"):
        raise ArgumentError(f"reduce: found {reduce!r}; expected None, 'sum' or 'mean'")
    count = len(graph.parameters)
    if not isinstance(batch, (bool, np.bool_, tuple, list, type(None))):
        batch = (batch,)
    flags = (bool(batch),) * count if batch is None or isinstance(batch, bool) else tuple(batch)
    if len(flags) != count or not all(isinstance(flag, (bool, np.bool_)) for flag in flags):
        names = ", ".join(name for name, _ in graph.parameters)
        raise ArgumentError(
            f"batch: found {batch!r}; expected True, or True or False per argument ({names})"
        )
    if any(flags):
        return tuple(map(bool, flags))
    if reduce is not None:
        raise ArgumentError("reduce: nothing is batched; give batch=True or a tuple")
    return None

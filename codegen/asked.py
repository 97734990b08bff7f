"""compile and its siblings: any derivatives of a function, one or several that share their work.

Each is ``compile`` with the question in its name.  They take the options of ``compile_gradient``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from codegen.call.compiled import CompiledFunction
from codegen.compiling import Front
from codegen.kind import kind_of
from codegen.late_runners import PYTHON
from codegen.options import Options
from codegen.settings import Settings

__all__ = [
    "compile",
    "compile_function",
    "compile_hessian",
    "compile_hvp",
    "compile_jacobian",
    "compile_jvp",
    "compile_vjp",
]


class How(Options, total=False):
    """Options of a compile; ``compile_gradient`` says what each means."""

    target: str
    batch: object
    reduce: str | None
    sparse: bool | str
    drop_zeros: bool


def _compiled(
    name: str,
    what: str | tuple[str, ...],
    function: Callable[..., object] | Graph,
    examples: tuple[object, ...],
    how: How,
) -> CompiledFunction:
    known = How.__optional_keys__
    unknown = [option for option in how if option not in known]
    if unknown:
        raise ArgumentError(
            f"{name}: found {unknown[0]}=; expected a function, examples and some of "
            f"{', '.join(sorted(known))}"
        )
    settings = Settings(
        how.get("target", PYTHON),
        how.get("wrt"),
        how.get("batch"),
        how.get("reduce"),
        how.get("profile", "exact"),
        how.get("check", True),
        how.get("comments", False),
        how.get("threads"),
        how.get("expand"),
        effort=how.get("effort"),
        domain=how.get("domain"),
    )
    kind = kind_of(what, how.get("sparse", False), how.get("drop_zeros", False))
    return Front(name, kind, settings, how.get("cache"))(function, *examples)


def compile(  # noqa: A001  # what it does; Python's own is seldom called
    function: Callable[..., object] | Graph,
    *examples: object,
    what: str | tuple[str, ...] = ("value", "gradient"),
    **how: Unpack[How],
) -> CompiledFunction:
    """Compile derivatives of an ordinary Python function: several share the forward work.

    Args:
        function: Function of floats, arrays, and nested tuples, lists and dicts of these; or a
            graph.
        examples: One per argument; see ``compile_gradient``.
        what: Names among "value", "gradient", "jacobian", "hessian", "jvp" (the tangent), "hvp"
            and "vjp" (the cotangents): a call gives a tuple of these in this order.  A single name
            gives just that.  After the function's own arguments a call takes a direction for each
            differentiated argument (jvp, hvp), then a cotangent in the result's structure (vjp).
        how: The options of ``compile_gradient``, ``sparse=`` and ``drop_zeros=``, as for
            ``compile_jacobian``.

    Returns:
        A callable; of value and gradient the ``CompiledGradient`` of ``compile_gradient``.

    Raises:
        DifferentiationError: if the function has no such derivative: a gradient or Hessian needs
            one float, a Jacobian another result.
        ArgumentError: if names, examples or options do not fit.
        ProofgradError: as ``compile_gradient``.

    >>> f = compile(lambda x, y: x * x * y, 1.0, 1.0, what=("value", "gradient", "hessian"))
    >>> f(3.0, 5.0)
    (45.0, (30.0, 9.0), ((10.0, 6.0), (6.0, 0.0)))
    >>> str(f.verdict)
    'CERTIFIED'
    """
    return _compiled("compile", what, function, examples, how)


def compile_function(
    function: Callable[..., object] | Graph, *examples: object, **how: Unpack[How]
) -> CompiledFunction:
    """Compile a function itself, with any result.

    Args:
        function: As for ``compile``.
        examples: As for ``compile``.
        how: The options of ``compile_gradient``.

    Returns:
        The function as a callable of its own arguments; ``source``, ``verdict`` and the rest as for
        a gradient.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if its result has a form that has no such derivative.
        ArgumentError: if examples and signature do not fit.
        VerificationError: if the emitted code is wrong.

    >>> f = compile_function(lambda x: (x * x, 2.0 * x), 1.0)
    >>> f(3.0)
    (9.0, 6.0)
    """
    return _compiled("compile_function", "value", function, examples, how)


def compile_jacobian(
    function: Callable[..., object] | Graph, *examples: object, **how: Unpack[How]
) -> CompiledFunction:
    """Compile the Jacobian: the result's structure with, in place of each float, its gradient.

    An array result of shape ``s`` differentiated by an array of shape ``t`` gives ``s + t``.

    Args:
        function: As for ``compile``; it returns something else than one float.
        examples: As for ``compile``.
        how: The options of ``compile_gradient``, and ``sparse=``: True or "csr", "csc": a call
            gives SciPy's matrix of a fixed structure, whose values alone are computed (rows,
            columns and values where SciPy is missing, and for batches); "coo": these three.
            ``drop_zeros=True``: without entries that cancel whatever the arguments are, as in
            ``x[0] + x[1] - x[0]``; over real numbers: where such a sum has an infinite term the
            derivative is nan, and here 0.

    Returns:
        A callable of the function's arguments that gives the matrix.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if its result has a form that has no such derivative.
        ArgumentError: if examples and signature do not fit.
        VerificationError: if the emitted code is wrong.

    >>> import numpy as np
    >>> J = compile_jacobian(lambda x: np.array([x[0] * x[1], x[1]]), np.ones(2))
    >>> J(np.array([2.0, 3.0]))
    array([[3., 2.],
           [0., 1.]])
    >>> J = compile_jacobian(lambda x: np.sin(x) * x[0], np.ones(3), sparse="coo")
    >>> rows, columns, values = J(np.zeros(3))
    >>> rows, columns
    (array([0, 1, 1, 2, 2], dtype=int32), array([0, 0, 1, 0, 2], dtype=int32))
    """
    return _compiled("compile_jacobian", "jacobian", function, examples, how)


def compile_hessian(
    function: Callable[..., object] | Graph, *examples: object, **how: Unpack[How]
) -> CompiledFunction:
    """Compile the Hessian of a function that returns one float.

    One array argument of n elements gives an (n, n) array; several arguments give a tuple of
    tuples, entry ``[i][j]`` the derivative of the gradient by argument i with respect to j.

    Args:
        function: As for ``compile``; it returns one float.
        examples: As for ``compile``.
        how: The options of ``compile_gradient``, ``sparse=`` and ``drop_zeros=``, as for
            ``compile_jacobian``.

    Returns:
        A callable of the function's arguments that gives the matrix.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if its result has a form that has no such derivative.
        ArgumentError: if examples and signature do not fit.
        VerificationError: if the emitted code is wrong.

    >>> H = compile_hessian(lambda x, y: x * x * y, 1.0, 1.0)
    >>> H(3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    return _compiled("compile_hessian", "hessian", function, examples, how)


def compile_hvp(
    function: Callable[..., object] | Graph, *examples: object, **how: Unpack[How]
) -> CompiledFunction:
    """Compile the Hessian times a direction, as ``hessp=`` of ``scipy.optimize.minimize`` wants it.

    A call takes, after the function's arguments, a direction for each differentiated argument.

    Args:
        function: As for ``compile``; it returns one float.
        examples: As for ``compile``, without directions.
        how: The options of ``compile_gradient``.

    Returns:
        A callable that gives the product, in the structure of the gradient.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if its result has a form that has no such derivative.
        ArgumentError: if examples and signature do not fit.
        VerificationError: if the emitted code is wrong.

    >>> product = compile_hvp(lambda x, y: x * x * y, 1.0, 1.0)
    >>> product(3.0, 5.0, 1.0, 0.0)
    (10.0, 6.0)
    """
    return _compiled("compile_hvp", "hvp", function, examples, how)


def compile_jvp(
    function: Callable[..., object] | Graph, *examples: object, **how: Unpack[How]
) -> CompiledFunction:
    """Compile ``(value, tangent)``: the Jacobian times a direction.

    A call takes, after the function's arguments, a direction for each differentiated argument.

    Args:
        function: As for ``compile``.
        examples: As for ``compile``, without directions.
        how: The options of ``compile_gradient``.

    Returns:
        A callable that gives the value, and the tangent in the result's structure.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if its result has a form that has no such derivative.
        ArgumentError: if examples and signature do not fit.
        VerificationError: if the emitted code is wrong.

    >>> product = compile_jvp(lambda x, y: x * y, 1.0, 1.0)
    >>> product(3.0, 4.0, 1.0, 0.0)
    (12.0, 4.0)
    """
    return _compiled("compile_jvp", ("value", "jvp"), function, examples, how)


def compile_vjp(
    function: Callable[..., object] | Graph, *examples: object, **how: Unpack[How]
) -> CompiledFunction:
    """Compile ``(value, cotangents)``: a cotangent of the result times the Jacobian.

    A call takes, after the function's arguments, the cotangent, in the result's structure.

    Args:
        function: As for ``compile``.
        examples: As for ``compile``, without a cotangent.
        how: The options of ``compile_gradient``.

    Returns:
        A callable that gives the value, and cotangents in the structure of the gradient.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if its result has a form that has no such derivative.
        ArgumentError: if examples and signature do not fit.
        VerificationError: if the emitted code is wrong.

    >>> product = compile_vjp(lambda x: (x * x, 2.0 * x), 1.0)
    >>> product(3.0, (1.0, 10.0))
    ((9.0, 6.0), 26.0)
    """
    return _compiled("compile_vjp", ("value", "vjp"), function, examples, how)

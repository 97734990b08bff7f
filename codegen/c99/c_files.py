"""to_c: value and gradient of a function, or other derivatives, as a C99 file and its header."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt
from autodiff.trace.functions.named_arguments import signature_examples
from codegen.c99.c_forms import forms_of
from codegen.c99.c_scalars import scalar_source
from codegen.c99.c_source import CSource
from codegen.c99.whole.c_array_file import array_source
from codegen.call.derivative import NOTES
from codegen.kind import kind_of
from codegen.language.lines import safe_name
from codegen.stable import GivenDomain, domain_in

__all__ = ["CSource", "to_c"]


def to_c(
    function: Callable[..., object] | Graph,
    *examples: object,
    wrt: Wrt = None,
    profile: str = "exact",
    what: str | tuple[str, ...] = ("value", "gradient"),
    sparse: bool | str = False,
    drop_zeros: bool = False,
    expand: bool | None = None,
    domain: GivenDomain = None,
) -> CSource:
    """Value and gradient of a function in C99, or other derivatives.

    Small functions are straight lines of numbers; large ones keep their arrays and loops, as loops
    of C.  The bits are the interpreter's, at every level of optimisation, but for ``hypot``
    (CPython has an algorithm of its own) and for sums over arrays, which C takes one number after
    the other; the text refuses ``-ffast-math``.

    Args:
        function: As for ``compile_gradient``.
        examples: As for ``compile_gradient``.
        wrt: As for ``compile_gradient``.
        profile: As for ``compile_gradient``.
        what: As for ``codegen.compile``.  The file defines one function that writes each quantity
            into an array of its own; a float value that comes first is returned.
        sparse: As for ``compile_jacobian``: the file computes the entries of a matrix that can
            differ from zero alone, and the header has constant arrays that say where they stand:
            True or "csr": ``starts`` of the rows, and ``columns``; "csc": ``starts`` of the
            columns, and ``rows``; "coo": ``rows`` and ``columns``.
        drop_zeros: As for ``compile_jacobian``: without entries that cancel identically.
        expand: True: straight lines of numbers; False: arrays stay whole and loops stay loops;
            None: as is shorter.
        domain: As for ``compile_gradient``.

    Returns:
        The two texts; ``save("f.c")`` writes both.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if the function has no such derivative.
        EmitError: if it calls a custom primitive whose text C cannot have.
        UnsupportedError: if more is closed over than a file can have.

    >>> def f(x, y):
    ...     return x * y + x
    >>> text = to_c(f, 1.0, 1.0).source()
    >>> print(text[text.index("double f_value_and") :])
    double f_value_and_gradient(double x, double y, double *gradient)
    {
        const double v1 = x * y + x;
        const double x_bar = 1.0 + y;
        gradient[0] = x_bar;
        gradient[1] = x;
        return v1;
    }
    <BLANKLINE>
    >>> def chain(x):
    ...     return x[0] * x[1] * x[1]
    >>> header = to_c(chain, [1.0, 1.0, 1.0], what="hessian", sparse=True).header
    >>> print(header[header.index("#define CHAIN") : header.index("void")])
    #define CHAIN_HESSIAN_SIZE 3
    #define CHAIN_HESSIAN_ROWS 3
    #define CHAIN_HESSIAN_COLUMNS 3
    <BLANKLINE>
    /* The entries of row i are hessian[k] from k = chain_hessian_starts[i] up to, but
     * without, k = chain_hessian_starts[i + 1]; they stand in columns chain_hessian_columns[k]. */
    static const int chain_hessian_starts[4] = {0, 1, 3, 3};
    static const int chain_hessian_columns[3] = {1, 0, 1};
    <BLANKLINE>
    <BLANKLINE>
    """
    examples = examples or (() if isinstance(function, Graph) else signature_examples(function))
    kind = kind_of(what, sparse, drop_zeros)
    note = f" *\n * {NOTES[profile]}\n" if profile in NOTES else ""
    refused: UnsupportedError | None = None
    for form in forms_of(function, examples, kind, profile, expand):
        graph = kind.fitting(form)
        name = safe_name(graph.name).lstrip("_") or "f"
        try:
            if not graph.expanded:
                return array_source(name, graph, kind, wrt, profile, note)
            called = () if isinstance(function, Graph) else examples
            where = domain_in(profile, graph, domain, called)
            return scalar_source(name, graph, kind, wrt, profile, note, where)
        except UnsupportedError as error:
            refused = refused or error
    assert refused is not None
    raise refused

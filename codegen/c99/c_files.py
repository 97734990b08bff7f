"""to_c: value and gradient of a function, or other derivatives, as a C99 file and its header."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autodiff.errors import ArgumentError
from autodiff.files import is_stream, write_together, write_whole
from autodiff.graph.graph import Graph, Limits
from autodiff.graph.structure import Tuple
from autodiff.run.agreement import trace_as_called
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.functions.named_arguments import signature_examples
from codegen.c99.c_function import CFunction, Part
from codegen.c99.c_header import gradient_header, header_of, written_by
from codegen.c99.c_ties import SETTLING, AtTies
from codegen.call.derivative import NOTES
from codegen.kind import Kind, kind_of
from codegen.language.lines import safe_name
from codegen.passes import before_emission, run_passes
from codegen.stable import Domain, domain_of, in_profile
from codegen.subset.to_c import definitions
from codegen.text.at_ties import lowered
from codegen.text.parameters import parts_of

__all__ = ["CSource", "to_c"]


@dataclass(frozen=True)
class CSource:
    """A C99 source file and its header.

    Args:
        name: The function's name: the files define ``{name}_value`` and
            ``{name}_value_and_gradient``, or the one function of another kind.
        header: Text of the header.
        body: Text of the source file below its ``#include`` of the header.
    """

    name: str
    header: str
    body: str

    def source(self, header: str = "") -> str:
        """Text of the source file that includes the header of this name (default ``name.h``)."""
        return f'#include "{header or self.name + ".h"}"\n\n{self.body}'

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the source file, and the header beside it: both, each whole, or neither.

        Args:
            path: Of the source file; the header has the same name and the ending ``.h``.  A
                stream ("-", a device, a pipe) gets the header and then the source.

        Returns:
            Path of the header; of the stream, where both went there.

        Raises:
            ArgumentError: if the path ends in ``.h``: the header would lie over the source.
            OSError: if the folder does not exist or cannot be written.
        """
        if is_stream(path):
            write_whole(path, self.header + self.source())
            return Path(path)
        header = Path(path).with_suffix(".h")
        if header == Path(path):
            raise ArgumentError(f"{path}: is the header's name; expected a name such as f.c")
        write_together({header: self.header, path: self.source(header.name)})
        return header


def to_c(
    function: Callable[..., object] | Graph,
    *examples: object,
    wrt: Wrt = None,
    profile: str = "exact",
    what: str | tuple[str, ...] = ("value", "gradient"),
    sparse: bool | str = False,
) -> CSource:
    """Value and gradient of a function in C99, or other derivatives.

    The bits are the interpreter's, at every level of optimisation, but for ``hypot`` (CPython has
    an algorithm of its own); the text refuses ``-ffast-math``.

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

    Returns:
        The two texts; ``save("f.c")`` writes both.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if the function has no such derivative.
        EmitError: if it calls a custom primitive whose text C cannot have.

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
    if isinstance(function, Graph):
        graph = scalarize(function)
    else:
        graph = trace_as_called(function, *examples)
    kind = kind_of(what, sparse)
    kind.require_fitting(graph)
    name = safe_name(graph.name).lstrip("_") or "f"
    fast = f" *\n * {NOTES[profile]}\n" if profile in NOTES else ""
    domain = domain_of(graph, None, () if isinstance(function, Graph) else examples)
    if not kind.in_halves:
        return _of_kind(name, graph, kind, wrt, profile, fast, domain)
    positions, _ = select_arguments(graph, wrt)
    made = in_profile(profile, graph, lambda g: value_and_gradient(g, wrt), domain)
    whole = made.whole
    only = replace(whole, outputs=whole.outputs[:1], result=graph.result, limits=_of_value(whole))
    bars = parts_of([graph.parameters[p] for p in positions])
    file = _File(profile)
    file.add(f"{name}_value", only, only, [])
    file.add(f"{name}_value_and_gradient", whole, made.given, bars)
    header = gradient_header(name, graph, file.functions, bars, fast, file.allocates)
    return CSource(name, header, file.text)


def _of_kind(
    name: str, graph: Graph, kind: Kind, wrt: Wrt, profile: str, fast: str, domain: Domain
) -> CSource:
    """One function that writes each quantity into an array of its own."""
    made = in_profile(profile, graph, lambda g: kind.whole(g, wrt), domain)
    whole = made.whole
    frame = kind.frame(graph, wrt)
    one = len(kind.what) < 2
    kind.say_what_is_full(whole.result)
    parts = [whole.result] if one or not isinstance(whole.result, Tuple) else whole.result.items
    arrays = written_by(kind, frame, parts, kind.parts(graph, wrt))
    if kind.leads_with_value(graph):
        arrays = arrays[1:]
    file = _File(profile)
    writes = [(array.name, array.count) for array in arrays]
    function = file.add(f"{name}_{kind.entry}", whole, made.given, [], writes)
    header = header_of(name, kind, frame, function, arrays, fast, file.allocates)
    return CSource(name, header, file.text)


class _File:
    """The functions of one C file.

    Args:
        profile: "exact", "fast" or "stable".
    """

    def __init__(self, profile: str) -> None:
        self._passes = before_emission(profile, "c")
        self._fast = profile == "fast"
        self.functions: list[CFunction] = []
        self._at_ties: list[AtTies] = []

    def add(
        self,
        name: str,
        whole: Graph,
        given: Graph,
        bars: Sequence[Part],
        writes: Sequence[tuple[str, int]] = (),
    ) -> CFunction:
        """Add the function of a graph, and what it calls, of the given one, where switches tie."""
        flagged = lowered(whole, lambda graph: run_passes(graph, self._passes))
        settles = ""
        if flagged.limits is not None:
            self._at_ties.append(AtTies(name, given))
            settles = self._at_ties[-1].name
        self.functions.append(CFunction(name, flagged, bars, settles, writes=writes))
        return self.functions[-1]

    @property
    def _every(self) -> list[CFunction | AtTies]:
        return [*self.functions, *self._at_ties]

    @property
    def allocates(self) -> bool:
        """True if a function asks for memory."""
        return any(one.in_parts for one in self._every)

    @property
    def text(self) -> str:
        """The text below the ``#include`` of the header."""
        calls = sorted({call for one in self._every for call in one.calls})
        includes = "#include <math.h>\n" + ("#include <stdlib.h>\n" if self.allocates else "")
        if self._at_ties and not self.allocates:
            includes += "#include <stddef.h>\n"
        settling = [SETTLING] if any(one.leaves for one in self._at_ties) else []
        texts = [one.text for one in self._at_ties] + [one.text for one in self.functions]
        renamed = {a: text for function in self.functions for a, text in function.renamed().items()}
        pieces = [
            includes,
            _OPTIONS,
            *definitions(calls, self._fast),
            *renamed.values(),
            *settling,
            *texts,
        ]
        return "\n".join(pieces)


def _of_value(whole: Graph) -> Limits | None:
    """What is said of ties of the value: it may be a derivative itself."""
    limits = whole.limits
    if limits is None or limits.outputs[0] != 0:
        return None
    return replace(limits, outputs=(0,))


_OPTIONS = """\
#ifdef __FAST_MATH__
#error "compile without -ffast-math: it changes what infinities, nan and sums are"
#endif
/* Every operation is rounded by itself: no product is fused with a sum. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif
"""

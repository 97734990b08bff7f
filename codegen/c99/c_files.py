"""to_c: value and gradient of a function as a C99 source file and its header."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autodiff.errors import ArgumentError
from autodiff.files import is_stream, write_together, write_whole
from autodiff.graph.graph import Graph, Limits
from autodiff.graph.structure import Array, Structure, size
from autodiff.quoting import quoted
from autodiff.run.agreement import trace_as_called
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import signature_examples
from codegen.c99.c_function import CFunction, Part
from codegen.c99.c_ties import SETTLING, AtTies
from codegen.call.derivative import FAST
from codegen.language.lines import safe_name
from codegen.passes import before_emission, run_passes
from codegen.subset.to_c import definitions
from codegen.text.at_ties import lowered
from codegen.text.parameters import parts_of

__all__ = ["CSource", "to_c"]


@dataclass(frozen=True)
class CSource:
    """A C99 source file and its header.

    Args:
        name: The function's name: the files define ``{name}_value`` and
            ``{name}_value_and_gradient``.
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
) -> CSource:
    """Value and gradient of a function in C99.

    The bits are the interpreter's, at every level of optimisation, but for ``hypot`` (CPython has
    an algorithm of its own); the text refuses ``-ffast-math``.

    Args:
        function: As for ``compile_gradient``.
        examples: As for ``compile_gradient``.
        wrt: As for ``compile_gradient``.
        profile: As for ``compile_gradient``.

    Returns:
        The two texts; ``save("f.c")`` writes both.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if it does not return one float.
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
    """
    examples = examples or (() if isinstance(function, Graph) else signature_examples(function))
    if isinstance(function, Graph):
        graph = scalarize(function)
    else:
        graph = trace_as_called(function, *examples)
    positions, _ = select_arguments(graph, wrt)
    whole = value_and_gradient(graph, wrt)
    only = replace(whole, outputs=whole.outputs[:1], result=graph.result, limits=_of_value(whole))
    name = safe_name(graph.name).lstrip("_") or "f"
    bars = parts_of([graph.parameters[p] for p in positions])

    functions: list[CFunction] = []
    at_ties: list[AtTies] = []
    for own, made, parts in (
        (f"{name}_value", only, []),
        (f"{name}_value_and_gradient", whole, bars),
    ):
        flagged = lowered(made, lambda graph: run_passes(graph, before_emission(profile, "c")))
        at_ties += [] if flagged.limits is None else [AtTies(own, made)]
        settles = "" if flagged.limits is None else at_ties[-1].name
        functions.append(CFunction(own, flagged, parts, settles))
    every: list[CFunction | AtTies] = [*functions, *at_ties]
    calls = sorted({call for one in every for call in one.calls})
    allocates = any(one.in_parts for one in every)
    includes = "#include <math.h>\n" + ("#include <stdlib.h>\n" if allocates else "")
    if at_ties and not allocates:
        includes += "#include <stddef.h>\n"
    settling = [SETTLING] if any(one.leaves for one in at_ties) else []
    texts = [one.text for one in at_ties] + [one.text for one in functions]
    renamed = {alias: text for function in functions for alias, text in function.renamed().items()}
    pieces = [includes, _OPTIONS, *definitions(calls), *renamed.values(), *settling, *texts]
    fast = "" if profile == "exact" else f" *\n * {FAST}\n"
    header = _header(name, graph, functions, bars, fast, allocates)
    return CSource(name, header, "\n".join(pieces))


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


# --- the header ------------------------------------------------------------------------------


_ALLOCATES = " * They allocate memory for a while; where there is none, every result is nan.\n"


def _header(
    name: str,
    graph: Graph,
    functions: Sequence[CFunction],
    bars: Sequence[Part],
    fast: str,
    allocate: bool,
) -> str:
    guard = f"PROOFGRAD_{name.upper()}_H"
    count = sum(size(structure) for _, structure in bars)
    inputs = [
        f" *   {quoted(part, 'c comment')}: {_shape(structure)}"
        for part, structure in parts_of(graph.parameters)
    ]
    entries, place = [], 0
    for part, structure in bars:
        length = size(structure)
        last = f" to [{place + length - 1}]" if length > 1 else ""
        by = quoted(part, "c comment")
        entries.append(f" *   gradient[{place}]{last}: derivative by {by}" if length else "")
        place += length
    allocates = _ALLOCATES if allocate else ""
    return f"""\
/* Value and gradient of {name}, written by Proofgrad.
{fast} *
 * Arguments:
{chr(10).join(inputs) or " *   none"}
 *
 * {name}_value returns the value.  {name}_value_and_gradient returns it too, and writes
 * {name.upper()}_GRADIENT_SIZE numbers:
{chr(10).join(filter(None, entries)) or " *   none"}
 *
 * The functions are pure, re-entrant, and never raise: results are those of IEEE 754, infinities
 * and nan included.  gradient may lie over an argument.
{allocates} * Compile as C99 without -ffast-math; link with -lm.  A compiler that is neither gcc nor
 * clang must be told not to fuse products with sums.
 *
 * What is proven: this text comes from the same graph and the same rewrites as the Python text of
 * the function, on which "proofgrad verify" gives its verdict.  The C text itself is not read.
 */
#ifndef {guard}
#define {guard}

#ifdef __cplusplus
extern "C" {{
#endif

#define {name.upper()}_GRADIENT_SIZE {count}

{functions[0].prototype};

{functions[1].prototype};

#ifdef __cplusplus
}}
#endif

#endif
"""


def _shape(structure: Structure) -> str:
    if not isinstance(structure, Array):
        return "a number"
    shape = " by ".join(map(str, structure.shape))
    return f"an array of {shape} numbers" + (", row by row" if len(structure.shape) > 1 else "")

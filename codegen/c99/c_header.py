"""The header of a C file: what its functions take, give, and promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Array, Part, Sparse, Structure, leaf_parts, size
from autodiff.quoting import quoted
from codegen.c99.c_pattern import described_pattern, pattern_arrays
from codegen.kind import Kind
from codegen.text.parameters import parts_of

__all__ = ["ALLOCATES", "Promises", "Written", "gradient_header", "header_of", "written_by"]

_OF_SCALARS = """\
 * What is proven: this text comes from the same graph and the same rewrites as the Python text of
 * the function, on which "proofgrad verify" gives its verdict.  The C text itself is not read."""
_COMPILING = """\
 * Compile as C99 without -ffast-math; link with -lm.  A compiler that is neither gcc nor
 * clang must be told not to fuse products with sums."""
ALLOCATES = " * They allocate memory for a while; where there is none, every result is nan.\n"


class Declared(Protocol):
    """A function that a header declares."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def prototype(self) -> str:
        """Its declaration."""
        ...


@dataclass(frozen=True)
class Promises:
    """What a header says of its functions.

    Args:
        overlap: Which arrays may overlap, as a sentence.
        more: Lines of a comment, about memory, sums, faults.
        sizes: Definitions of sizes, besides those of the results.
        proven: Which text is proven.
    """

    overlap: str
    more: str = ""
    sizes: str = ""
    proven: str = _OF_SCALARS


@dataclass(frozen=True)
class Written:
    """An array that a C function writes.

    Args:
        name: Its name.
        count: How many numbers it has.
        lines: What is said of them.
        pattern: Where they stand, if they are the entries of a sparse matrix.
    """

    name: str
    count: int
    lines: tuple[str, ...]
    pattern: Pattern | None = None


def written_by(
    kind: Kind, frame: Graph, parts: Sequence[Structure], by: Sequence[tuple[int, ...]]
) -> list[Written]:
    """The arrays that the function of a kind writes, one a quantity.

    Args:
        kind: What is written.
        frame: Has the arguments' names.
        parts: Structure of each quantity.
        by: Per scalar or array of all of them, the arguments it is differentiated by.
    """
    found, start = [], 0
    for one, structure in zip(kind.what or ("value",), parts, strict=True):
        lines, place = [], 0
        for _, part in leaf_parts("", structure):
            length = size(part)
            last = f" to [{place + length - 1}]" if length > 1 else ""
            names = ", ".join(quoted(frame.parameters[p][0], "c comment") for p in by[start])
            said = f", by {names}" if names else ""
            if length:
                lines.append(f" *   {one}[{place}]{last}: {_shape(part, kind.sparse)}{said}")
            place, start = place + length, start + 1
        pattern = structure.pattern if isinstance(structure, Sparse) else None
        found.append(Written(one, place, tuple(lines), pattern))
    return found


def header_of(
    name: str,
    kind: Kind,
    frame: Graph,
    function: Declared,
    arrays: Sequence[Written],
    fast: str,
    promises: Promises,
) -> str:
    """The header of a file with one function.

    Args:
        name: The user's function.
        kind: What the C function gives.
        frame: Has the arguments.
        function: The C function.
        arrays: What it writes.
        fast: What is said of a profile.
        promises: What is said of it besides.
    """
    gives = "returns the value, and writes" if function.prototype.startswith("double") else "writes"
    lines = [line for array in arrays for line in array.lines]
    sizes = "\n".join(
        f"#define {name.upper()}_{array.name.upper()}_SIZE {array.count}" for array in arrays
    )
    for array in arrays:
        if array.pattern is not None:
            sizes += "\n" + pattern_arrays(name, array.name, array.pattern, kind.sparse)
    described = f" * {function.name} {gives}\n{chr(10).join(lines) or ' *   nothing'}"
    return _framed(name, kind.title, frame, described, sizes, [function], fast, promises)


def gradient_header(
    name: str,
    graph: Graph,
    functions: Sequence[Declared],
    bars: Sequence[Part],
    fast: str,
    promises: Promises,
) -> str:
    """The header of a file with the value, and with value and gradient."""
    count = sum(size(structure) for _, structure in bars)
    entries, place = [], 0
    for part, structure in bars:
        length = size(structure)
        last = f" to [{place + length - 1}]" if length > 1 else ""
        by = quoted(part, "c comment")
        entries.append(f" *   gradient[{place}]{last}: derivative by {by}" if length else "")
        place += length
    described = f"""\
 * {name}_value returns the value.  {name}_value_and_gradient returns it too, and writes
 * {name.upper()}_GRADIENT_SIZE numbers:
{chr(10).join(filter(None, entries)) or " *   none"}"""
    sizes = f"#define {name.upper()}_GRADIENT_SIZE {count}"
    title = "Value and gradient"
    return _framed(name, title, graph, described, sizes, functions, fast, promises)


def _framed(
    name: str,
    title: str,
    graph: Graph,
    described: str,
    sizes: str,
    functions: Sequence[Declared],
    fast: str,
    promises: Promises,
) -> str:
    guard = f"PROOFGRAD_{name.upper()}_H"
    inputs = [
        f" *   {quoted(part, 'c comment')}: {_shape(structure)}"
        for part, structure in parts_of(graph.parameters)
    ]
    prototypes = "\n\n".join(f"{function.prototype};" for function in functions)
    return f"""\
/* {title} of {name}, written by Proofgrad.
{fast} *
 * Arguments:
{chr(10).join(inputs) or " *   none"}
 *
{described}
 *
 * The functions are pure, re-entrant, and never raise: results are those of IEEE 754, infinities
 * and nan included.  {promises.overlap}
{promises.more}{_COMPILING}
 *
{promises.proven}
 */
#ifndef {guard}
#define {guard}

#ifdef __cplusplus
extern "C" {{
#endif

{sizes}{promises.sizes}

{prototypes}

#ifdef __cplusplus
}}
#endif

#endif
"""


def _shape(structure: Structure, form: str = "") -> str:
    if isinstance(structure, Sparse):
        return described_pattern(structure.pattern, form)
    if not isinstance(structure, Array):
        return "a number"
    shape = " by ".join(map(str, structure.shape))
    return f"an array of {shape} numbers" + (", row by row" if len(structure.shape) > 1 else "")

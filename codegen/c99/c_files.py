"""to_c: value and gradient of a function as a C99 source file and its header.

A function of a few thousand operations is one C function.  Compilers take more than linear time
for a long one, so above a limit it is written in parts, as in ``chunks.py``: values that cross a
border live in an array, inputs first, then outputs, then the rest.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autodiff.errors import ArgumentError
from autodiff.files import is_stream, write_together, write_whole
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Structure, leaf_names, size
from autodiff.quoting import quoted
from autodiff.run.agreement import trace_as_called
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.transform import value_and_gradient
from autodiff.trace.trace import signature_examples
from codegen.c99.c_target import C99
from codegen.call.derivative import FAST
from codegen.language.lines import INDENT, LINE, safe_name
from codegen.language.naming import Names
from codegen.language.wrap import broken
from codegen.passes import before_emission, run_passes
from codegen.subset.spelling_c import KEYWORDS
from codegen.subset.to_c import definitions, own_names
from codegen.text.chunks import Slots, copies
from codegen.text.emit import parts_of, split
from codegen.text.write import Writer, count_uses

__all__ = ["CSource", "to_c"]

LIMIT = 4_000  # operations above which a function is written in parts
PART = 250  # operations a part

Part = tuple[str, Structure]


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
    graph = function if isinstance(function, Graph) else trace_as_called(function, *examples)
    positions, _ = select_arguments(graph, wrt)
    slope = value_and_gradient(graph, wrt)
    both = run_passes(slope, before_emission(profile, "c"))
    value = replace(both, outputs=both.outputs[:1], result=graph.result)
    name = safe_name(graph.name).lstrip("_") or "f"
    bars = parts_of([graph.parameters[p] for p in positions])
    functions = [
        _Function(f"{name}_value", value, []),
        _Function(f"{name}_value_and_gradient", both, bars),
    ]
    calls = sorted({call for function in functions for call in function.calls})
    long = any(function.in_parts for function in functions)
    includes = "#include <math.h>\n" + ("#include <stdlib.h>\n" if long else "")
    pieces = [includes, _OPTIONS, *definitions(calls), *(f.text for f in functions)]
    fast = "" if profile == "exact" else f" *\n * {FAST}\n"
    fast += _TIES if slope.limits is not None and slope.limits.places else ""
    return CSource(name, _header(name, graph, functions, bars, fast), "\n".join(pieces))


_TIES = """\
 *
 * Where several switches (fabs, max, a condition) tie at once, each follows its own convention, and
 * a derivative may belong to no side; the Python text settles it there, this one does not.
"""
_CONSTANTS = {"inf", "nan"}
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


class _Function:
    """One C function of the inputs.

    Args:
        name: Its name.
        graph: The value, then the gradient.
        bars: The scalars and arrays inside the gradient; none for the value alone.
    """

    def __init__(self, name: str, graph: Graph, bars: Sequence[Part]) -> None:
        self.name, self.graph = name, graph
        self.calls: set[str] = set()
        self._names = Names([*KEYWORDS, *dir(math), *own_names()])
        self.parameters: list[str] = []
        self._parts = parts_of(graph.parameters)
        self._claimed = [self._names.claim(part) for part, _ in self._parts]
        for claimed, (_, structure) in zip(self._claimed, self._parts, strict=True):
            pointer = "const double *" if isinstance(structure, Array) else "double "
            self.parameters.append(pointer + claimed)
        if bars:
            self.parameters.append("double *gradient")
        self._bars = [f"{leaf}_bar" for part, s in bars for leaf in leaf_names(part, s)]
        self._forward, self._backward = split(graph, 1)
        order = [*self._forward, *self._backward]
        self.in_parts = len(order) > LIMIT
        self.text = self._long(order) if self.in_parts else self._short(order)

    @property
    def prototype(self) -> str:
        """What the header declares."""
        line = f"double {self.name}({', '.join(self.parameters) or 'void'})"
        if len(line) <= LINE:
            return line
        return f"double {self.name}(\n{INDENT}" + f",\n{INDENT}".join(self.parameters) + ")"

    # --- one function ---

    def _short(self, order: Sequence[int]) -> str:
        graph, names = self.graph, self._names
        uses = count_uses(graph, order)
        for output in graph.outputs:
            uses[output] += 1
        head, texts, place = [], {}, 0
        for claimed, (part, structure) in zip(self._claimed, self._parts, strict=True):
            if not isinstance(structure, Array):
                texts[place] = claimed
                head += [] if uses[place] else [f"(void){claimed};"]
                place += 1
                continue
            leaves = leaf_names(part, structure)
            if not any(uses[place : place + len(leaves)]):
                head.append(f"(void){claimed};")
            for i, leaf in enumerate(leaves):
                if uses[place + i]:
                    texts[place + i] = names.claim(leaf)
                    head.append(_declared(f"{texts[place + i]} = {claimed}[{i}]"))
            place += len(leaves)
        kept = {i: "" for i in graph.outputs if graph.nodes[i].primitive is not None}
        reverse = set(self._backward)
        for output, wish in zip(graph.outputs[1:], self._bars, strict=True):
            if output in reverse and not kept[output]:
                kept[output] = names.claim(wish)
        writer = Writer(graph, C99, names, texts)
        writer.write(order, kept, count_uses(graph, order))
        results = [writer.number(i) for i in graph.outputs]
        self.calls |= writer.calls - _CONSTANTS
        stores = [_broken(f"gradient[{i}]", text) for i, text in enumerate(results[1:])]
        lines = [*head, *map(_declared, writer.lines), *stores, f"return {results[0]};"]
        return _braced(self.prototype, lines)

    # --- in parts ---

    def _long(self, order: Sequence[int]) -> str:
        graph = self.graph
        pieces = [order[i : i + PART] for i in range(0, len(order), PART)]
        slots = Slots(graph, pieces)
        writer = Writer(graph, C99, self._names, slots.texts(range(graph.inputs.count)))
        uses = count_uses(graph, order)
        texts: list[str] = []
        for piece in pieces:
            writer.write(piece, slots.texts(i for i in piece if slots.of[i] >= 0), uses)
            texts.append(self._part(len(texts), [_stored(line) for line in writer.lines]))
            self.calls |= writer.calls - _CONSTANTS
            for index in piece:
                if slots.of[index] < 0:
                    writer.texts.pop(index, None)
            writer.restart()
        last = [f"{line};" for line in copies(graph, slots, writer, slice(None))]
        for i in range(0, len(last), PART):
            texts.append(self._part(len(texts), last[i : i + PART]))
        return "\n".join([*texts, _braced(self.prototype, self._driver(slots, len(texts)))])

    def _part(self, number: int, lines: Sequence[str]) -> str:
        return _braced(f"static void {self.name}_{number + 1}(double *w)", lines)

    def _driver(self, slots: Slots, parts: int) -> list[str]:
        count, first = len(self.graph.outputs) - 1, slots.outputs[0]
        lines = [
            f"double *w = malloc({slots.count} * sizeof *w);",
            "double value = NAN;",
            "if (w == NULL) {",
            *([f"{INDENT}for (long i = 0; i < {count}; ++i) {{",
               f"{INDENT * 2}gradient[i] = NAN;", f"{INDENT}}}"] if count else []),
            f"{INDENT}return value;",
            "}",
        ]  # fmt: skip
        place = 0
        for claimed, (_, structure) in zip(self._claimed, self._parts, strict=True):
            length = size(structure)
            if isinstance(structure, Array):
                lines += [f"for (long i = 0; i < {length}; ++i) {{",
                          f"{INDENT}w[{place} + i] = {claimed}[i];", "}"]  # fmt: skip
            else:
                lines.append(f"w[{place}] = {claimed};")
            place += length
        lines += [f"{self.name}_{i + 1}(w);" for i in range(parts)]
        lines.append(f"value = w[{first}];")
        if count:
            lines += [f"for (long i = 0; i < {count}; ++i) {{",
                      f"{INDENT}gradient[i] = w[{first + 1} + i];", "}"]  # fmt: skip
        return [*lines, "free(w);", "return value;"]


def _braced(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, "{", *(INDENT + line for line in lines), "}"]) + "\n"


def _declared(line: str) -> str:
    """``v1 = x`` as a declaration."""
    name, _, text = line.partition(" = ")
    return _broken(f"const double {name}", text)


def _broken(left: str, text: str) -> str:
    """``left = text;``, broken after the sign where it is long."""
    whole = f"{left} = {text};"
    if len(INDENT + whole) <= LINE:
        return whole
    lines = broken(text, LINE - len(INDENT * 2))
    return "\n".join([f"{left} =", *(INDENT * 2 + line for line in lines)]) + ";"


def _stored(line: str) -> str:
    return f"{line};" if line.startswith("w[") else _declared(line)


# --- the header ------------------------------------------------------------------------------


_ALLOCATES = " * They allocate memory for a while; where there is none, every result is nan.\n"


def _header(
    name: str, graph: Graph, functions: Sequence[_Function], bars: Sequence[Part], fast: str
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
    allocates = _ALLOCATES if functions[1].in_parts else ""
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

"""Value and gradient, or other derivatives, in C99 over whole arrays and loops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Tuple
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.array_flags import moving_inputs
from autodiff.run.whole.array_sides import array_sides, has_array_sides
from autodiff.run.whole.array_ties import tied_graph
from codegen.c99.c_function import FIXED
from codegen.c99.c_header import Promises, Written, gradient_header, header_of, written_by
from codegen.c99.c_source import OPTIONS, CSource
from codegen.c99.whole.c_array_function import ArrayFunction, Results
from codegen.c99.whole.c_provided import PROVIDED, provided
from codegen.c99.whole.c_tables import Tables
from codegen.kind import Kind
from codegen.language.naming import Names
from codegen.passes.array_passes import array_passes
from codegen.subset.spelling_c import DIRECT, KEYWORDS
from codegen.subset.to_c import definitions
from codegen.text.emit import split
from codegen.text.parameters import kept_names, parts_of

__all__ = ["array_source"]

_OWN = frozenset({"size_t", "memcpy", "work", "wrong", *PROVIDED})
_CONSTANTS = {"inf", "nan"}
_STEPS = 1000  # numbers that move up to which a file has their steps


def array_source(name: str, graph: Graph, kind: Kind, wrt: Wrt, profile: str, note: str) -> CSource:
    """The file of a graph of arrays.

    Args:
        name: What its functions are named after.
        graph: The graph.
        kind: What is computed.
        wrt: The arguments it is differentiated by.
        profile: "exact" or "fast".
        note: What is said of the profile.

    Raises:
        UnsupportedError: if more is closed over than a file can have.
    """
    file = _File(name, kind.frame(graph, wrt), profile)
    if kind.in_halves:
        header = _in_halves(file, graph, wrt, note)
    else:
        header = _of_kind(file, graph, kind, wrt, note)
    return CSource(name, header, file.text)


def _in_halves(file: _File, graph: Graph, wrt: Wrt, note: str) -> str:
    """Add the value, and value and gradient; the header."""
    positions, _ = select_arguments(graph, wrt)
    bars = parts_of([graph.parameters[p] for p in positions])
    whole = value_and_gradient(graph, wrt)
    only = replace(whole, outputs=whole.outputs[:1], result=SCALAR, limits=None)
    file.add(f"{file.name}_value", array_passes(only), True, [])
    results = [Results("gradient", _parts(whole, [f"{part}_bar" for part, _ in bars], 1))]
    file.add(f"{file.name}_value_and_gradient", array_passes(whole), True, results)
    moving = moving_inputs(graph, graph.inputs.of(positions))
    if file.add_ties(graph, moving):
        file.add_settled(whole, moving, results)
    return gradient_header(file.name, graph, file.functions, bars, note, file.promises)


def _of_kind(file: _File, graph: Graph, kind: Kind, wrt: Wrt, note: str) -> str:
    """Add the function that writes each quantity into an array of its own; the header."""
    whole = kind.whole(graph, wrt)
    parts = [whole.result]
    if len(kind.what) > 1 and isinstance(whole.result, Tuple):
        parts = list(whole.result.items)
    arrays = written_by(kind, file.frame, parts, kind.parts(graph, wrt))
    returns = kind.leads_with_value(graph)
    written = arrays[1:] if returns else arrays
    file.add(
        f"{file.name}_{kind.entry}", array_passes(whole), returns, _results(whole, written, returns)
    )
    if kind.what:
        inputs = graph.inputs.of(select_arguments(graph, wrt)[0])
        file.add_ties(graph, moving_inputs(graph, inputs), kind.twice)
    return header_of(file.name, kind, file.frame, file.functions[0], written, note, file.promises)


def _parts(graph: Graph, wishes: Sequence[str], start: int) -> list[tuple[str, int]]:
    """Name and size of the outputs from one on."""
    sizes = [_size(graph.nodes[i].shape) for i in graph.outputs[start : start + len(wishes)]]
    return list(zip(wishes, sizes, strict=True))


def _results(whole: Graph, arrays: Sequence[Written], returns: bool) -> list[Results]:
    """Which outputs stand in which array."""
    sizes = [_size(whole.nodes[i].shape) for i in whole.outputs[int(returns) :]]
    found, place = [], 0
    for array in arrays:
        own: list[tuple[str, int]] = []
        while sum(size for _, size in own) < array.count or (
            place < len(sizes) and not sizes[place]
        ):
            own.append((f"{array.name}_{len(own) + 1}", sizes[place]))
            place += 1
        found.append(Results(array.name, own))
    return found


def _size(shape: Sequence[int]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


class _File:
    """The functions of one C file over whole arrays.

    Args:
        name: What they are named after.
        frame: Has the arguments of them all.
        profile: "exact" or "fast".
    """

    def __init__(self, name: str, frame: Graph, profile: str) -> None:
        self.name, self.frame, self._fast = name, frame, profile == "fast"
        self.functions: list[ArrayFunction] = []
        self._reserved = [*KEYWORDS, *FIXED, *_OWN]
        names = Names(self._reserved)
        names.keep(kept_names(frame.parameters))
        self._tables = Tables(name, names)
        self._ties = self._settled = ""

    def add(self, name: str, graph: Graph, returns: bool, results: Sequence[Results]) -> None:
        """Add the function of a graph."""
        derived = split(graph, 1)[1] if returns else ()
        reserved = self._reserved
        self.functions.append(
            ArrayFunction(name, graph, derived, returns, results, self._tables, reserved)
        )

    def add_ties(self, graph: Graph, moving: Sequence[int], twice: bool = False) -> bool:
        """Add what counts the switches that tie, if a convention may be wrong where some do."""
        ties = tied_graph(graph, twice, moving)
        if ties is None:
            return False
        self._ties = f"{self.name}_ties"
        self.add(self._ties, array_passes(ties), True, [])
        return True

    def add_settled(self, whole: Graph, moving: Sequence[int], results: Sequence[Results]) -> None:
        """Add value and gradient as they are where switches tie, if arrays can tell."""
        count = sum(_size(whole.nodes[i].shape) for i in moving)
        if count > _STEPS or not has_array_sides(whole):
            return
        sides = array_sides(whole, moving, whole.outputs[1:])
        settled = replace(sides, outputs=sides.outputs[:-1])
        self._settled = f"{self.name}_settled"
        self.add(self._settled, array_passes(settled), True, results)

    @property
    def promises(self) -> Promises:
        """What the header says of the functions."""
        said = [_SUMS]
        for function in self.functions:
            if function.work:
                said.append(_WORK.format(name=function.name, macro=_macro(function)))
        if any(function.faulty for function in self.functions):
            said.append(_FAULTY)
        called = {name for function in self.functions for name in function.helpers}
        said += [text for names, text in _ROWS if not names.isdisjoint(called)]
        if self._ties:
            text = _SETTLED if self._settled else _TIES
            said.append(text.format(name=self._ties, settled=self._settled))
        overlap = "No array that is written may overlap another one."
        return Promises(overlap, "".join(said), self._sizes, _PROVEN)

    @property
    def _sizes(self) -> str:
        """Definitions of the sizes of workspaces."""
        return "".join(
            f"\n#define {_macro(function)} {function.work}"
            for function in self.functions
            if function.work
        )

    @property
    def text(self) -> str:
        """The text below the ``#include`` of the header."""
        functions = self.functions
        calls = sorted({call for one in functions for call in one.calls} - _CONSTANTS)
        named = sorted({call for one in functions for call in one.helpers})
        headers = sorted({"math.h", "stddef.h"}.union(*(one.includes for one in functions)))
        renamed = {
            alias: DIRECT[name].format(alias=alias)
            for one in functions
            for name, alias in one.aliases.items()
            if re.search(rf"\b{alias}\(", one.text)
        }
        pieces = [
            "".join(f"#include <{one}>\n" for one in headers),
            OPTIONS,
            *filter(None, [self._tables.text("".join(one.text for one in functions))]),
            *definitions(calls, self._fast),
            *renamed.values(),
            *provided(named),
            *(one.text for one in functions),
        ]
        return "\n".join(pieces)


def _macro(function: ArrayFunction) -> str:
    return f"{function.name.upper()}_WORK_SIZE"


_PROVEN = """\
 * What is proven: this text comes from the same graph and the same rewrites as the NumPy text of
 * the function, on which the check at compile gives its verdict.  The C text itself is not read."""
_SUMS = """\
 * A sum is taken one number after the other, in the order in which the loops stand: its bits are
 * the same at every level of optimisation, and it is off by at most n 2^-53 times the sum of the
 * magnitudes of its n numbers.
"""
_WORK = """\
 * {name}: work has room for {macro} numbers; they mean nothing
 * before and after the call.
"""
_FAULTY = " * Where an index does not fit its axis, every result is nan.\n"
_ROWS = (
    (
        {"proofgrad_solve", "proofgrad_inv", "proofgrad_cholesky"},
        " * Where a matrix is singular, or not positive definite, results are infinite or nan.\n",
    ),
    (
        {"proofgrad_eigvectors", "proofgrad_svdleft", "proofgrad_svdright"},
        " * A vector of a matrix may have the opposite sign of NumPy's: neither is more right.\n",
    ),
)
_SETTLED = """\
 * {name} says how many numbers tie in a comparison or another choice between two sides.
 * Where some do, derivatives are those of the sides that are taken; {settled} takes the
 * same arguments and gives value and gradient as they are where sides meet.
"""
_TIES = """\
 * {name} says how many numbers tie in a comparison or another choice between two sides.
 * Where some do, derivatives are those of the sides that are taken; they are settled where sides
 * meet in the C text that expand=True gives, and by the targets "numpy" and "native".
"""

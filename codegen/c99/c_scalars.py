"""Value and gradient, or other derivatives, in C99 of straight lines: numbers one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph, Limits
from autodiff.graph.structure import Part, Tuple
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.transform import value_and_gradient
from codegen.c99.c_function import CFunction
from codegen.c99.c_header import ALLOCATES, Promises, gradient_header, header_of, written_by
from codegen.c99.c_source import OPTIONS, CSource
from codegen.c99.c_ties import SETTLING, AtTies
from codegen.kind import Kind
from codegen.passes import before_emission, run_passes
from codegen.stable import Domain, in_profile
from codegen.subset.to_c import definitions
from codegen.text.at_ties import lowered
from codegen.text.parameters import parts_of

__all__ = ["scalar_source"]


def scalar_source(
    name: str, graph: Graph, kind: Kind, wrt: Wrt, profile: str, fast: str, domain: Domain
) -> CSource:
    """The file of a graph of scalars.

    Args:
        name: What its functions are named after.
        graph: The graph.
        kind: What is computed.
        wrt: The arguments it is differentiated by.
        profile: "exact", "fast" or "stable".
        fast: What is said of the profile.
        domain: Where the function is called, for the stable profile.
    """
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
    header = gradient_header(name, graph, file.functions, bars, fast, file.promises("gradient"))
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
    header = header_of(name, kind, frame, function, arrays, fast, file.promises("Results"))
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

    def promises(self, results: str) -> Promises:
        """What the header says of the functions, which write ``results``."""
        memory = ALLOCATES if self.allocates else ""
        return Promises(f"{results} may lie over an argument.", memory)

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
            OPTIONS,
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

"""The modules of a program as LLVM IR: groups of chunks, and the one with the entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure
from codegen.call.derivative import Derivative
from codegen.native.host import LAYOUT
from codegen.native.run.jit import Source
from codegen.native.write.entry import declarations, entries, settling
from codegen.native.write.kernel import Kernel

__all__ = ["FAST_FLAGS", "kernel_of", "modules_of", "replacing", "text_of"]

FAST_FLAGS = " reassoc contract"


def kernel_of(
    graph: Graph, profile: str, settles: int | None = None, clears: bool = True
) -> Kernel:
    """What writes a graph; ``settles`` and ``clears`` as for ``Program``."""
    return Kernel(graph, FAST_FLAGS if profile == "fast" else "", settles is not None, clears)


def modules_of(
    kernel: Kernel, graph: Graph, result: Structure, leads: bool, settles: int | None = None
) -> tuple[Iterator[Source], Source]:
    """The modules of chunks, made one by one, and the one with the entries."""
    parameters = [structure for _, structure in graph.parameters]
    text = kernel.main() + entries(kernel, parameters, result, LAYOUT, leads)
    if settles is not None:
        derivatives = len(kernel.outputs) - 1
        text += settling(kernel, len(kernel.inputs) - derivatives, settles)
    (main,) = _sources(kernel, (text,))
    if kernel.in_chunks:
        main = replace(main, called={})
    return _sources(kernel, kernel.groups()), main


def replacing(kernel: Kernel) -> Iterator[Source]:
    """The modules, made one by one, whose ``group`` takes the place of one of a tiered program."""
    return _sources(kernel, kernel.replacing())


def _sources(kernel: Kernel, texts: Iterable[str]) -> Iterator[Source]:
    shared, library = declarations(), kernel.library
    for text in texts:
        yield Source(shared + text, library.symbols, library.called, library.slots)


def text_of(emission: Derivative) -> str:
    """The program as LLVM IR, written anew."""
    leads = emission.given is not emission.result
    kernel = kernel_of(emission.flagged, emission.profile)
    groups, main = modules_of(kernel, emission.flagged, emission.result, leads)
    return "\n".join(source.text for source in (*groups, main))

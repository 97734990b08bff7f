"""Text of whole arrays as a subject: what it does to each element.

Such a text is straight lines over NumPy, so that tracing it is reading it.  What a file copies to
fill arrays is traced as well, on arrays that may hold placeholders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace
from codegen import CompiledGradient
from codegen.language.numpy.placing import PLACING
from verify.program.program import program_of
from verify.subjects.subject import Subject, places_of

__all__ = ["arrays_subject"]

Integers = NDArray[np.int_]
_ENTRY = "value_and_gradient"


class _ObjectArrays:
    """NumPy, whose new arrays may hold placeholders."""

    def __getattr__(self, name: str) -> object:
        return getattr(np, name)

    @staticmethod
    def zeros(shape: tuple[int, ...], dtype: object = None) -> object:
        """Zeros."""
        return np.full(shape, 0.0, dtype=object)

    @staticmethod
    def array(x: object, dtype: object = None) -> object:
        """A copy."""
        return np.array(x, dtype=object)

    @staticmethod
    def bincount(index: Integers, weights: NDArray[np.object_], minlength: int) -> object:
        """The weights of each place, added up."""
        found = np.full(minlength, 0.0, dtype=object)
        np.add.at(found, index, weights)
        return found


def arrays_subject(compiled: CompiledGradient, title: str) -> Subject:
    """The text of whole arrays at the graph's own shapes, element by element.

    Args:
        compiled: The gradient.
        title: What to call it.

    Raises:
        UnsupportedError: if there are too many elements, or the text does what cannot be traced.
    """
    whole = compiled.graph
    graph = scalarize(whole)
    inputs = places_of(graph, compiled.positions)
    program = program_of(_traced(whole, compiled.loaded.functions))
    if len(program.outputs) != 1 + len(inputs):
        raise UnsupportedError(
            f"{whole.name}: its text gives {len(program.outputs)} numbers; expected the value and "
            f"{len(inputs)} derivatives"
        )
    subject = Subject(graph, title, inputs, [program], [_ENTRY], compiled_here=True)
    what, runs = "", "this text, compiled by Python"
    if compiled.machine_graph is not None:
        check = compiled.check
        tied = "unchecked" if check is None else f"{check.verdict}: {check.method}"
        what = ", not the machine code"
        runs = f"machine code written from the graph that the text is written from ({tied})"
    subject.remarks.append(
        f"read: {_ENTRY} of the NumPy text in source{what}, each array element by element; a call "
        f"runs {runs}"
    )
    return subject


def _traced(whole: Graph, functions: Mapping[str, Callable[..., Any]]) -> Graph:
    """What the text does to numbers of which nothing is known."""
    emitted = functions[_ENTRY]
    assert isinstance(emitted, FunctionType)
    arrays = {"np": _ObjectArrays()}
    used = [name for name in PLACING if name in emitted.__globals__]
    fills = {name: _copied(emitted.__globals__[name], arrays) for name in used}
    emitted = _copied(emitted, {**fills, **arrays})
    examples = [np.full(shape, 0.5) if shape else 0.5 for shape in whole.inputs.shapes]
    try:
        return trace(emitted, *examples)
    except TraceError as error:
        raise UnsupportedError(
            f"{whole.name}: its text cannot be read element by element ({error}); what the check "
            "at compile found is in df.check"
        ) from None


def _copied(function: object, names: Mapping[str, object]) -> FunctionType:
    """A function whose globals have other values."""
    assert isinstance(function, FunctionType)
    space = {**function.__globals__, **names}
    return FunctionType(function.__code__, space, function.__name__, function.__defaults__)

"""Compiled gradients from a store: neither traced, nor differentiated, nor compiled again.

An entry holds the emitted file in its parts, the compiled code, the graph's text, and what the
check at compile found.  Reading it is as much as running code, which is why a store is private and
checks its entries (``store.py``); what an entry may be used for, its key decides
(``fingerprint.py``).
"""

from __future__ import annotations

import copy
import marshal
import math
import os
import pickle
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autodiff.errors import ArgumentError, warn
from autodiff.graph.graph import Graph
from autodiff.graph.reading.parse import unpacked
from autodiff.graph.structure import Structure, records_of
from autodiff.graph.tree.describe import structure_of
from autodiff.origins.origin import Stored
from autodiff.run.agreement import check_agreement
from autodiff.trace.collection import collection_paused
from codegen.call.code import FunctionCode, GradientCode
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.call.derivative import Derivative
from codegen.call.in_python import PythonFunction, PythonGradient
from codegen.kind import Kind
from codegen.load.fingerprint import UnknownError, fingerprint
from codegen.load.load import Loaded
from codegen.load.store import Store, default_folder
from codegen.text.module import Module

if TYPE_CHECKING:
    from verify.answer.compile_check import Check

__all__ = ["CachedFunction", "CachedGradient", "from_store", "store_for"]

_RELATIVE = 1e-9
_VARIABLE = "PROOFGRAD_CACHE"


def store_for(cache: bool | str | os.PathLike[str] | None) -> Store | None:
    """The store that ``cache=`` means: True the platform's folder, a path that folder.

    None asks the environment: ``PROOFGRAD_CACHE`` is a path, or 1, or 0 (as if it were not set).
    """
    if cache is None:
        text = os.environ.get(_VARIABLE, "")
        cache = {"": False, "0": False, "1": True}.get(text, text)
    if cache is False:
        return None
    try:
        folder = default_folder() if cache is True else Path(os.fsdecode(cache))
        if "\0" in str(folder):
            raise ValueError("no path holds a null character")
        return Store(folder)
    except (TypeError, ValueError, OSError) as error:
        raise ArgumentError(
            f"cache: found {cache!r}: {error}; expected True, False, None or the path of a folder"
        ) from None


def from_store(
    store: Store,
    function: Callable[..., object] | Graph,
    examples: Sequence[object],
    options: dict[str, object],
    make: Callable[[], CompiledFunction],
    asked: bool,
) -> CompiledFunction:
    """What is compiled, from the store; made, and stored, where it is not there yet.

    Args:
        store: The store.
        function: The function or graph.
        examples: Its examples.
        options: Everything else that decides what is compiled.
        make: Compiles it.
        asked: Whether the user asked for this one to be cached: then a function that cannot be is
            worth a warning.
    """
    try:
        structures = [structure_of(x, "x") for x in examples]
        for record in (found for structure in structures for found in records_of(structure)):
            raise UnknownError(f"an argument is of class {record.name}, whose methods may change")
        key = fingerprint(function, list(map(str, structures)), sorted(options.items()))
    except (UnknownError, RecursionError) as error:
        if asked:
            warn(f"not cached: {error}, so its gradient may change without its code changing")
        return make()
    content = store.get(key)
    if content is not None:
        compiled = _cached(content)
        if options.get("check") and not isinstance(function, Graph):
            _check_call(function, compiled, examples)
        return compiled
    compiled = make()
    if not compiled.graph.expanded:  # its loops are found again as quickly
        return compiled
    store.put(key, _entry_of(compiled))
    return compiled


def _check_call(
    function: Callable[..., object], compiled: CompiledFunction, examples: Sequence[object]
) -> None:
    """Call a function at the examples, as whoever traces it does: an entry is of other examples.

    Raises:
        TraceError: if it gives another number than its trace.
    """
    if compiled.kind.in_halves:
        try:
            with np.errstate(all="ignore"):
                value = cast("float", function(*copy.deepcopy(tuple(examples))))
                found = compiled(*examples)[0]
            if math.isclose(found, value, rel_tol=_RELATIVE):
                return  # and the graph need not be read
        except Exception:  # whatever it is, the comparison with the trace knows it
            pass
    check_agreement(function, compiled.graph, examples)


def _entry_of(compiled: CompiledFunction) -> bytes:
    graph, file, loaded = compiled.graph, compiled.file, compiled.loaded
    inputs, stored = graph.nodes[: graph.inputs.count], None
    home = None
    if graph.origins is not None:
        stored = graph.origins.stored(len(graph.nodes))
        home = Stored({}, {}, [], [], [], {}, stored.home, set())
    return pickle.dumps(
        {
            "frame": (graph.name, graph.parameters, inputs, (0,), graph.result, home),
            "graph": str(graph),
            "origins": pickle.dumps(stored),
            "kind": astuple(compiled.kind),
            "result": compiled.result,
            "options": (compiled.wrt, compiled.profile),
            "defaults": compiled.defaults,
            "functions": file.functions,
            "fallbacks": file.fallbacks,
            "fused": [function.name for function in loaded.module.functions],
            "codes": marshal.dumps(loaded.codes),
            "check": pickle.dumps(compiled.check),
        },
        protocol=pickle.HIGHEST_PROTOCOL,
    )


class StoredDerivative(Derivative):
    """A derivative whose texts are read and not written; its graph is parsed when it is asked for.

    Args:
        content: What ``from_store`` stored.
    """

    def __init__(self, content: bytes) -> None:
        with collection_paused():
            self.stored: dict[str, Any] = pickle.loads(content)
        wrt, profile = self.stored["options"]
        defaults = self.stored["defaults"]
        frame, kind = Graph(*self.stored["frame"]), Kind(*self.stored["kind"])
        super().__init__(frame, kind, wrt, profile, defaults=defaults)

    @cached_property
    def result(self) -> Structure:
        """Structure of what a call gives."""
        found: Structure = self.stored["result"]
        return found

    @cached_property
    def graph(self) -> Graph:
        """The traced function."""
        return unpacked(self.stored["graph"], pickle.loads(self.stored["origins"]))

    @cached_property
    def file(self) -> Module:
        """The emitted file in its parts."""
        functions, fallbacks = self.stored["functions"], self.stored["fallbacks"]
        return Module(self.language.name, self.summary, functions, second=fallbacks)

    @cached_property
    def main(self) -> Module:
        """The text of ``value_and_gradient``."""
        return self._part(fused=True)

    @cached_property
    def halves(self) -> Module:
        """The text of ``forward`` and ``backward``."""
        return self._part(fused=False)

    def _part(self, fused: bool) -> Module:
        file, names = self.file, set(self.stored["fused"])
        functions = tuple(f for f in file.functions if (f.name in names) is fused)
        return Module(self.language.name, self.summary, functions, second=file.second)


class _Stored:
    """The code that was compiled before."""

    emission: Derivative
    refuse: Callable[..., object]

    @cached_property
    def main(self) -> Loaded:
        """What a call runs."""
        assert isinstance(self.emission, StoredDerivative)
        codes = marshal.loads(self.emission.stored["codes"])
        return Loaded(self.emission.main, self.refuse, codes)


class _StoredFunction(_Stored, FunctionCode):
    """Of a function without halves."""


class _StoredGradient(_Stored, GradientCode):
    """Of a gradient."""


class _Cached(CompiledFunction):
    """Compiled before, from a store."""

    _derivative: StoredDerivative

    def __reduce__(self) -> tuple[object, ...]:
        return _cached, (pickle.dumps(self._derivative.stored),)

    @property
    def check(self) -> Check | None:  # read late, because verify is large
        """What the check at compile found."""
        if self._check is None:
            self._check = pickle.loads(self._derivative.stored["check"])
        return self._check


class CachedFunction(_Cached):
    """Derivatives of a function, or the function, from a store."""


class CachedGradient(_Cached, CompiledGradient):
    """A compiled gradient from a store."""


def _cached(content: bytes) -> CompiledFunction:
    """What an entry of the store holds."""
    derivative = StoredDerivative(content)
    if derivative.kind.in_halves:
        return CachedGradient(_StoredGradient(derivative), PythonGradient)
    return CachedFunction(_StoredFunction(derivative), PythonFunction)

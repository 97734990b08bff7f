"""Compiled gradients from a store: neither traced, nor differentiated, nor compiled again.

An entry holds the emitted file in its parts, the compiled code, the graph's text, and what the
check at compile found.  Reading it is as much as running code, which is why a store is private and
checks its entries (``store.py``); what an entry may be used for, its key decides
(``fingerprint.py``).
"""

from __future__ import annotations

import marshal
import os
import pickle
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.graph.parse import unpacked
from autodiff.graph.structure import records_of
from autodiff.graph.tree import structure_of
from autodiff.origins.origin import Stored
from autodiff.trace.collection import collection_paused
from codegen.call.compiled import CompiledGradient
from codegen.load.fingerprint import UnknownError, fingerprint
from codegen.load.load import Loaded
from codegen.load.store import Store, default_folder
from codegen.text.module import Module

__all__ = ["CachedGradient", "cached_gradient", "store_for"]

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
    return Store(default_folder() if cache is True else Path(os.fspath(cache)))


def cached_gradient(
    store: Store,
    function: Callable[..., Any] | Graph,
    examples: Sequence[Any],
    options: dict[str, Any],
    make: Callable[[], CompiledGradient],
    asked: bool,
) -> CompiledGradient:
    """The gradient from the store; made, and stored, where it is not there yet.

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
            warnings.warn(
                f"not cached: {error}, so its gradient may change without its code changing",
                stacklevel=3,
            )
        return make()
    content = store.get(key)
    if content is not None:
        return CachedGradient(content)
    compiled = make()
    store.put(key, _entry_of(compiled))
    return compiled


def _entry_of(compiled: CompiledGradient) -> bytes:
    graph, file, loaded = compiled.graph, compiled.file, compiled.loaded
    inputs, stored = graph.nodes[: graph.inputs.count], None
    home = None
    if graph.origins is not None:
        stored = graph.origins.stored(len(graph.nodes))
        home = Stored({}, {}, [], [], [], {}, stored.home, set())
    frame = Graph(graph.name, graph.parameters, inputs, (0,), graph.result, home)
    return pickle.dumps(
        {
            "frame": frame,
            "graph": str(graph),
            "origins": pickle.dumps(stored),
            "made": (compiled.target, compiled.wrt, compiled.profile),
            "functions": file.functions,
            "fallbacks": file.fallbacks,
            "fused": [function.name for function in loaded.module.functions],
            "codes": marshal.dumps(loaded.codes),
            "check": pickle.dumps(compiled.check),
        },
        protocol=pickle.HIGHEST_PROTOCOL,
    )


class CachedGradient(CompiledGradient):
    """A compiled gradient from a store; its graph is parsed when it is asked for.

    Args:
        content: What ``cached_gradient`` stored.
    """

    def __init__(self, content: bytes) -> None:
        with collection_paused():
            self._stored: dict[str, Any] = pickle.loads(content)
        super().__init__(self._stored["frame"], *self._stored["made"])

    def __reduce__(self) -> tuple[Any, ...]:
        return CachedGradient, (pickle.dumps(self._stored),)

    @cached_property
    def _whole(self) -> Graph:
        return unpacked(self._stored["graph"], pickle.loads(self._stored["origins"]))

    @property
    def graph(self) -> Graph:  # an attribute there, parsed late here
        """The traced function."""
        return self._whole

    @graph.setter
    def graph(self, frame: Graph) -> None:
        pass

    @property
    def check(self) -> Any:  # read late, because verify is large
        """What the check at compile found."""
        if self._check is None:
            self._check = pickle.loads(self._stored["check"])
        return self._check

    @property
    def file(self) -> Module:
        """The emitted file in its parts."""
        functions, fallbacks = self._stored["functions"], self._stored["fallbacks"]
        return Module(self.target, self._summary, functions, second=fallbacks)

    def _part(self, fused: bool) -> Module:
        file, names = self.file, set(self._stored["fused"])
        functions = tuple(f for f in file.functions if (f.name in names) is fused)
        return Module(self.target, self._summary, functions, second=file.second)

    def _load(self) -> Loaded:
        return Loaded(self._part(True), self._refuse, marshal.loads(self._stored["codes"]))

    def _split(self) -> Loaded:
        if self._halves is None:
            self._halves = Loaded(self._part(False), self._refuse)
        return self._halves

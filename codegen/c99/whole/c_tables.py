"""Arrays of constants of a C file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from codegen.c99.c_function import listed
from codegen.language.naming import Names
from codegen.nests.lower.builder import Builder, Numbers
from codegen.nests.lower.loop_statement import Home
from codegen.subset.spelling_c import c_literal

__all__ = ["Tables"]

_MOST = 1_000_000  # numbers of a file


class Tables:
    """Arrays of constants, each once.

    Args:
        name: The function's, which begins the names of them all.
        names: Identifiers of the file.
    """

    def __init__(self, name: str, names: Names) -> None:
        self._name, self._names = name, names
        self._known: dict[tuple[bytes, tuple[int, ...]], str] = {}
        self._arrays: dict[str, Numbers] = {}

    def of(self, lowered: Builder, graph: Graph) -> Mapping[int, str]:
        """Names of the constants among the tensors of a graph.

        Raises:
            UnsupportedError: if they are too many.
        """
        labels = {} if graph.origins is None else graph.origins.labels
        found = {}
        for tensor, known in enumerate(lowered.tensors):
            if known.home is Home.DATA and known.place < len(lowered.data):
                label = labels.get(known.node)
                array = lowered.data[known.place]
                found[tensor] = self._named(array, "data" if label is None else label.base)
        return found

    def _named(self, array: Numbers, wish: str) -> str:
        key = array.tobytes(), array.shape
        if key not in self._known:
            name = self._known[key] = self._names.claim(f"{self._name}_{wish}")
            self._arrays[name] = array
            count = sum(one.size for one in self._arrays.values())
            if count > _MOST:
                raise UnsupportedError(
                    f"{self._name}: {count} numbers are closed over, and a C file can have "
                    f"{_MOST}; pass these arrays as arguments"
                )
        return self._known[key]

    @property
    def taken(self) -> Sequence[str]:
        """The names of all."""
        return list(self._arrays)

    def text(self, functions: str) -> str:
        """Definitions of those that functions name."""
        words = set(re.findall(r"\w+", functions))
        named = [(name, array) for name, array in self._arrays.items() if name in words]
        return "\n".join(_defined(name, array) for name, array in named)


def _defined(name: str, array: Numbers) -> str:
    numbers = [c_literal(float(x)).strip("()") for x in np.ravel(array)] or ["0.0"]
    shape = " by ".join(map(str, array.shape))
    lines = [f"/* {shape} numbers, row by row */"] if array.ndim > 1 else []
    lines += listed(f"static const double {name}[{len(numbers)}]", numbers)
    return "\n".join(lines) + "\n"

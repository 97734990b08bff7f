"""The system's C compiler, as strict as it can be, and its functions called from Python."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from codegen.c99 import CSource
from codegen.text.parameters import parts_of

__all__ = ["FLAGS", "arrays_in_c", "compiled", "in_c", "needs_compiler", "work_size"]

FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def compiled(
    sources: Sequence[CSource], folder: Path, *options: str, compiler: str = "cc"
) -> ctypes.CDLL:
    """The sources, saved, compiled (with ``-O0`` if nothing else is said) and loaded."""
    for source in sources:
        source.save(folder / f"{source.name}.c")
    library = folder / "library.so"
    names = [f"{source.name}.c" for source in sources]
    built = [*FLAGS, *(options or ("-O0",)), "-shared", "-fPIC", *names, "-o", library.name, "-lm"]
    command = [compiler, *built]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]
    return ctypes.CDLL(str(library))


def in_c(
    library: ctypes.CDLL, name: str, graph: Graph, count: int
) -> Callable[[Sequence[float]], tuple[float, list[float]]]:
    """The compiled value and gradient as a function of the graph's flat inputs."""
    both = library[f"{name}_value_and_gradient"]
    only = library[f"{name}_value"]
    both.restype = only.restype = ctypes.c_double

    def call(point: Sequence[float]) -> tuple[float, list[float]]:
        arguments, place, kept = [], 0, []
        for _, structure in parts_of(graph.parameters):
            if isinstance(structure, Array):
                length = int(np.prod(structure.shape))
                kept.append((ctypes.c_double * length)(*point[place : place + length]))
                arguments.append(kept[-1])
                place += length
            else:
                arguments.append(ctypes.c_double(point[place]))
                place += 1
        gradient = (ctypes.c_double * count)()
        value = both(*arguments, gradient)
        alone = only(*arguments)
        assert value == alone or value != value != alone
        return value, list(gradient)

    return call


def work_size(source: CSource, function: str) -> int:
    """Numbers of the workspace that a function asks for."""
    found = re.search(rf"#define {function.upper()}_WORK_SIZE (\d+)", source.header)
    return int(found[1]) if found else 0


def arrays_in_c(
    library: ctypes.CDLL, source: CSource, entry: str, *counts: int
) -> Callable[..., tuple[float, list[Any]]]:
    """A compiled function as one of numbers and arrays.

    Args:
        library: Where it is.
        source: Its text.
        entry: What its name ends with.
        counts: How many numbers it writes into each array.
    """
    name = f"{source.name}_{entry}"
    function, size = library[name], work_size(source, name)
    function.restype = ctypes.c_double

    def call(*arguments: Any) -> tuple[float, list[Any]]:
        given = [np.require(x, np.float64, ("C", "A")) for x in arguments]
        written = [np.full(count, 7.0) for count in counts]
        work = [np.full(size, np.nan)] if size else []
        value = function(
            *(ctypes.c_double(float(x)) if x.ndim == 0 else _pointer(x) for x in given),
            *map(_pointer, (*written, *work)),
        )
        return value, written

    return call


def _pointer(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)

"""The system's C compiler, as strict as it can be, and its functions called from Python."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from codegen.c99 import CSource
from codegen.text.parameters import parts_of

__all__ = ["FLAGS", "compiled", "in_c", "needs_compiler"]

FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def compiled(
    sources: Sequence[CSource], folder: Path, *options: str, compiler: str = "cc"
) -> ctypes.CDLL:
    """The sources, saved, compiled (with ``-O1`` if nothing else is said) and loaded."""
    for source in sources:
        source.save(folder / f"{source.name}.c")
    library = folder / "library.so"
    names = [f"{source.name}.c" for source in sources]
    built = [*FLAGS, *(options or ("-O1",)), "-shared", "-fPIC", *names, "-o", library.name, "-lm"]
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

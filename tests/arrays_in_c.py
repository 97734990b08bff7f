"""Graphs of whole arrays in C, held to the interpreter, and run under the compiler's own checks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from codegen.c99 import CSource
from tests.autodiff.trace.whole.test_programs import flat
from tests.c_compiler import FLAGS, arrays_in_c, work_size

__all__ = ["BOTH", "assert_right", "graph_of", "normalised", "run_alone", "same"]

BOTH = "value_and_gradient"


def graph_of(name: str, function: Callable[..., Any], *examples: Any) -> Graph:
    """The trace over whole arrays, under a name of its own."""
    return replace(ad.trace(function, *examples, expand=False), name=name)


def same(found: Any, expected: Any, relative: float = 1e-10) -> None:
    """Numbers agree."""
    scale = max(1.0, float(np.max(np.abs(np.nan_to_num(flat(expected))), initial=0.0)))
    np.testing.assert_allclose(flat(found), flat(expected), rtol=relative, atol=1e-12 * scale)


def assert_right(library: Any, source: CSource, graph: Graph, *arguments: Any) -> None:
    """Value and gradient are the interpreter's, and so is the value alone."""
    value, slope = ad.backpropagate(graph, *arguments)
    found, (gradient,) = arrays_in_c(library, source, BOTH, flat(slope).size)(*arguments)
    same(found, value)
    same(gradient, slope)
    same(arrays_in_c(library, source, "value")(*arguments)[0], value)


def normalised(x: Any, g: Any) -> Any:
    """Columns normalised by their mean and spread."""
    centred = x - np.mean(x, axis=0)
    return np.sum(np.tanh(g * centred / np.sqrt(np.mean(centred**2, axis=0) + 0.1)))


def _main(source: CSource, arrays: list[Any], gradient: int) -> str:
    """A program that calls a function on memory that has exactly the room it needs."""
    names, lines, tables = [], [], []
    sizes = [*(x.size for x in arrays), gradient]
    sizes += [n for n in [work_size(source, f"{source.name}_{BOTH}")] if n]
    for k, size in enumerate(sizes):
        lines.append(f"double *x{k} = malloc({max(size, 1)} * sizeof(double));")
        if k < len(arrays) and size:
            numbers = ", ".join(map(repr, np.ravel(arrays[k]).astype(float).tolist()))
            tables.append(f"static const double d{k}[] = {{{numbers}}};\n")
            lines.append(f"memcpy(x{k}, d{k}, sizeof d{k});")
        names.append(f"x{k}")
    lines.append(f"double v = {source.name}_{BOTH}({', '.join(names)});")
    lines.append(f'printf("%.17g %.17g\\n", v, x{len(arrays)}[0]);')
    lines += [f"free({name});" for name in names]
    body = "\n    ".join([*lines, "return 0;"])
    headers = ("<stdio.h>", "<stdlib.h>", "<string.h>", f'"{source.name}.h"')
    included = "".join(f"#include {header}\n" for header in headers)
    return f"{included}\n{''.join(tables)}\nint main(void)\n{{\n    {body}\n}}\n"


def run_alone(source: CSource, graph: Graph, arrays: list[Any], folder: Path) -> None:
    """Run a program of its own under the checks of the compiler, and compare what it prints."""
    source.save(folder / "f.c")
    expected = ad.backpropagate(graph, *arrays)
    (folder / "main.c").write_text(_main(source, arrays, flat(expected[1]).size))
    checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"]
    command = ["cc", *FLAGS, *checks, "main.c", "f.c", "-o", "f", "-lm"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "cannot find" in built.stderr:
        pytest.skip("the compiler's checks are not installed")
    assert built.returncode == 0, built.stderr
    ran = subprocess.run(["./f"], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    value, first = map(float, ran.stdout.split())
    same([value, first], [expected[0], flat(expected[1])[0]])

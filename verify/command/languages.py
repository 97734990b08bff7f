"""What ``proofgrad compile`` writes, by target: one text, or a C source and its header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt
from verify.command.output import write_file

__all__ = ["texts", "write_texts"]


def texts(graph: Graph, target: str, wrt: Wrt, profile: str = "exact") -> dict[str, str]:
    """Text of the gradient: ``source``, and ``header`` where the language has one."""
    from codegen import compile_gradient
    from codegen.c99 import to_c
    from codegen.latex import to_latex

    if target == "c":
        code = to_c(graph, wrt=wrt, profile=profile)
        return {"source": code.source(), "header": code.header, "include": f"{code.name}.h"}
    if target == "latex":
        return {"source": to_latex(graph, wrt=wrt, profile=profile)}
    batch = True if target == "numpy" else None
    compiled = compile_gradient(graph, target=target, wrt=wrt, batch=batch, profile=profile)
    return {"source": str(compiled.source)}


def write_texts(output: Path, code: dict[str, Any], sources: Sequence[Path]) -> list[Path]:
    """Write ``source`` to a file, and a header beside it; never over the user's own ``sources``."""
    source, written = code["source"], [output]
    if "header" in code:
        header = output.with_suffix(".h")
        if header == output:
            raise ArgumentError(f"{output}: is the header's name; expected a name such as f.c")
        write_file(header, code["header"], sources)
        source = source.replace(f'"{code["include"]}"', f'"{header.name}"', 1)
        written.append(header)
    write_file(output, source, sources)
    return written

"""Flat, readable gradient code from traced functions.

With this package one can

- ``compile_gradient`` a Python function into value-and-gradient code (Python, or NumPy batches);
- ``compile_jacobian``, ``compile_hessian``, products of these with vectors, the function itself;
- ``compile`` several of them at once, which share the forward work; ``compile_graph`` any graph;
- ``compile_operator``: these products as SciPy's linear operators;
- ``to_c``: write value and gradient as a C99 source file and its header, ``to_latex``: as formulas;
- ``compile_step``, ``train`` and ``predict``: networks of ``autodiff.nn``, compiled;
- ``bench`` interpreted against generated code, and ``measure`` any callables side by side.

Nothing here is imported before it is asked for, so that a program starts at once and loads what
it uses; LLVM only for machine code.
"""

from typing import TYPE_CHECKING

from autodiff.doors import late_names as _late_names
from autodiff.doors import put_doors as _put_doors
from codegen.measure.timing import measure  # now: the room it is in has the same name

if TYPE_CHECKING:
    from codegen.asked import (
        compile,
        compile_function,
        compile_hessian,
        compile_hvp,
        compile_jacobian,
        compile_jvp,
        compile_vjp,
    )
    from codegen.c99 import CSource, to_c
    from codegen.call.compiled import CompiledFunction, CompiledGradient
    from codegen.gradient import compile_gradient, compile_graph
    from codegen.latex import to_latex
    from codegen.matrix_free import compile_operator
    from codegen.measure.bench import BenchReport, bench
    from codegen.training.training import predict, train
    from codegen.training.training_step import compile_step

__all__ = [
    "BenchReport",
    "CSource",
    "CompiledFunction",
    "CompiledGradient",
    "bench",
    "compile",
    "compile_function",
    "compile_gradient",
    "compile_graph",
    "compile_hessian",
    "compile_hvp",
    "compile_jacobian",
    "compile_jvp",
    "compile_operator",
    "compile_step",
    "compile_vjp",
    "measure",
    "predict",
    "to_c",
    "to_latex",
    "train",
]

_put_doors(__name__, globals(), __all__)

_HOMES = {
    "BenchReport": "codegen.measure.bench",
    "CSource": "codegen.c99",
    "CompiledFunction": "codegen.call.compiled",
    "CompiledGradient": "codegen.call.compiled",
    "bench": "codegen.measure.bench",
    "compile": "codegen.asked",
    "compile_function": "codegen.asked",
    "compile_gradient": "codegen.gradient",
    "compile_graph": "codegen.gradient",
    "compile_hessian": "codegen.asked",
    "compile_hvp": "codegen.asked",
    "compile_jacobian": "codegen.asked",
    "compile_jvp": "codegen.asked",
    "compile_operator": "codegen.matrix_free",
    "compile_step": "codegen.training.training_step",
    "compile_vjp": "codegen.asked",
    "predict": "codegen.training.training",
    "to_c": "codegen.c99",
    "to_latex": "codegen.latex",
    "train": "codegen.training.training",
}
_MODULES = ("contest", "passes", "plot")

if not TYPE_CHECKING:
    __getattr__ = _late_names(__name__, globals(), _HOMES, _MODULES)


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__doc__"})

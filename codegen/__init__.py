"""Flat, readable gradient code from traced functions.

With this package one can

- ``compile_gradient`` a Python function into value-and-gradient code (Python, or NumPy batches);
- ``compile_jacobian``, ``compile_hessian``, products of these with vectors, the function itself;
- ``compile`` several of them at once, which share the forward work; ``compile_graph`` any graph;
- ``to_c``: write value and gradient as a C99 source file and its header, ``to_latex``: as formulas;
- ``compile_step``, ``train`` and ``predict``: networks of ``autodiff.nn``, compiled;
- ``bench`` interpreted against generated code, and ``measure`` any callables side by side.
"""

from autodiff.doors import put_doors as _put_doors
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
from codegen.measure.bench import BenchReport, bench, measure
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
    "compile_step",
    "compile_vjp",
    "measure",
    "predict",
    "to_c",
    "to_latex",
    "train",
]

_put_doors(__name__, globals(), __all__)

_MODULES = ("contest", "passes", "plot")


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__doc__"})

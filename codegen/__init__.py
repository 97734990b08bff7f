"""Flat, readable gradient code from traced functions.

With this package one can

- ``compile_gradient`` a Python function into value-and-gradient code (Python, or NumPy batches);
- ``compile_graph`` any graph, such as a Hessian;
- ``bench`` interpreted against generated code, and ``measure`` any callables side by side.
"""

from codegen.bench import BenchReport, bench, measure
from codegen.compiled import CompiledFunction, CompiledGradient
from codegen.gradient import compile_gradient, compile_graph

__all__ = [
    "BenchReport",
    "CompiledFunction",
    "CompiledGradient",
    "bench",
    "compile_gradient",
    "compile_graph",
    "measure",
]

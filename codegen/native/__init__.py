"""The native target: the same lowered graph as LLVM IR, compiled in process for this machine.

In the order data flows: ``subset`` and ``functions`` (a primitive's row -> IR), ``ir`` (graph ->
``compute``), ``entry`` (what Python calls), ``jit`` (IR -> machine code), ``callable`` (machine
code -> Python callables), ``native`` (what ``compile_gradient`` returns).  ``layout`` and ``libm``
verify what the host offers.  llvmlite is needed, at first use.
"""

from codegen.native.native import NativeFunction, NativeGradient

__all__ = ["NativeFunction", "NativeGradient"]

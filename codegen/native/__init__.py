"""The native target: the same lowered graph as LLVM IR, compiled in process for this machine.

In the order data flows: ``subset`` and ``functions`` (a primitive's row -> IR), ``ir`` (graph ->
``compute``), ``entry`` (what Python calls), ``jit`` (IR -> machine code), ``callable`` (machine
code -> Python callables), ``native`` (what ``compile_gradient`` returns).  For batches ``flat`` and
``lanes`` widen the same IR to registers of points, ``batch_ir`` walks over them, ``batch`` is what
``compile_gradient(batch=...)`` returns.  ``layout``, ``libm`` and
``vector_math`` verify what the host offers.  llvmlite is needed, at first use.
"""

from codegen.native.run.batch import NativeBatch
from codegen.native.run.native import NativeFunction, NativeGradient

__all__ = ["NativeBatch", "NativeFunction", "NativeGradient"]

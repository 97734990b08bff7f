"""The native target: the same lowered graph as LLVM IR, compiled in process for this machine.

In the order data flows: ``form`` (a primitive's row -> IR; ``widen.py`` for registers of points),
``write`` (graph -> kernel, ``entry.py``: what Python calls; ``batch_kernel.py`` walks over points),
``run`` (``jit.py``: IR -> machine code; ``native.py`` and ``batch.py``: what ``compile_gradient``
returns).  ``host.py``, ``libm.py`` and ``vector_math.py`` verify what the host offers.  llvmlite is
needed, at first use.

In: a graph after the passes.  Out: callables that run as machine code.
"""

from codegen.native.run.batch import NativeBatch
from codegen.native.run.native import NativeFunction, NativeGradient

__all__ = ["NativeBatch", "NativeFunction", "NativeGradient"]

"""LLVM IR to callables that own their machine code.

In: the IR of a module.  Out: what ``compile_gradient`` returns for this target.
"""

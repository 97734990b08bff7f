"""LLVM IR to callables that own their machine code."""

"""Primitive to machine code: each row's form in LLVM IR, for one number and for many."""

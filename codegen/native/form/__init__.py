"""Primitive to machine code: each row's form in LLVM IR, for one number and for many.

In: rows of the table.  Out: instructions, and the functions that they call.
"""

"""Graph to LLVM IR: kernels, their order, and the entries that Python calls.

In: a graph after the passes, and the forms of its rows.  Out: the IR of a module.
"""

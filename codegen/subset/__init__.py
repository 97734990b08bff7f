"""The subset of Python in which rows and portable functions are written, and what it becomes.

In: Python text of one primitive, which ``read_python`` makes a small typed tree (``grammar``).
Out: C, LLVM IR, or a form without branches (``branch_free``) in LLVM IR and in NumPy.
"""

"""The subset of Python in which rows and portable functions are written, and what it becomes.

In: Python text of one primitive.  Out: LLVM IR, C, or a flat form without branches.
"""

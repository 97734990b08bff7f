"""NumPy's and SciPy's functions as a traced function sees them, as compositions of primitives.

In: a function of a library, or its arguments.  Out: what to call instead, on traced values.
"""

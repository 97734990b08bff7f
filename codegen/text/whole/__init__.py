"""Text of graphs of arrays: flat statements over NumPy, one for each value that deserves a name.

In: a graph of arrays, after its passes.  Out: emitted functions, and the file they stand in.
"""

"""Text of graphs whose loops are over numbers: Python's loops, floats and lists, and no library.

In: a graph of arrays that was spread.  Out: emitted functions, and the file they stand in.
"""

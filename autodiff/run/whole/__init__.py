"""Graphs of arrays run, compared with what they were traced from, and expanded to scalars.

In: graphs in which arrays are nodes.  Out: NumPy arrays, verdicts of agreement, graphs of scalars.
"""

"""Loops inside graphs of arrays: which nodes are one, and what of it is needed.

In: a graph.  Out: its loops; a loop that gives some of its results.
"""

"""Compiled functions of arrays that are whole: their texts, and calls with NumPy's arrays.

In: a graph of arrays.  Out: what a compiled function needs of its target.
"""

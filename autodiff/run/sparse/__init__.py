"""Sparse Jacobians and Hessians: their patterns, and graphs that compute what is not zero alone.

In: a graph.  Out: a pattern, or a graph whose result is the entries of one.
"""

"""Derivatives of whole arrays by their structure: products with many directions at once.

In: a graph that is linear in a direction.  Out: what it gives for every direction, as arrays in
which what is a diagonal stays one.
"""

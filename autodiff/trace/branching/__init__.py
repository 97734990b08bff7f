"""Branches on traced values: a function that asks whether a condition holds runs along each path.

In: a way to run the function, and its traced conditions.  Out: one result, in which all paths meet.
"""

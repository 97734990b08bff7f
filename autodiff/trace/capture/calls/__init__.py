"""Calls that repeat something, as loops: what is called for each element is recorded once.

In: what rewritten code goes over without a statement.  Out: the list, or the number, it gives.
"""

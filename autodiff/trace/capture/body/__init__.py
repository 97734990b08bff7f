"""The body of a loop, which one repetition records.

In: the variables and objects that it begins with.  Out: what there is of them after the loop.
"""

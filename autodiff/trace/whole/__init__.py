"""NumPy on whole arrays: its functions as rows of arrays, indices, updates in place.

In: whole arrays and numbers.  Out: array tracers.
"""

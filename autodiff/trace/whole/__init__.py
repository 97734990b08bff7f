"""NumPy on whole arrays: its functions as rows of arrays, indices, updates in place.

In: array tracers and numbers.  Out: array tracers.
"""

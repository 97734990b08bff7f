"""SciPy's functions on whole arrays, by what they compute; found by the identity of SciPy's own.

In: whole arrays that are traced, and numbers.  Out: what the function gives, recorded.
"""

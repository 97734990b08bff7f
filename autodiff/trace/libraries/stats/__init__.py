"""Distributions of ``scipy.stats``.

In: their methods, called with traced numbers.  Out: values made of rows, nan where SciPy's are.
``distributions`` and ``masses`` are the kinds, ``densities`` the table of those that SciPy has.
"""

"""Functions of cylinders: Bessel's of real orders, those of spheres, Airy's and Struve's.

In: orders that are known, traced places.  Out: what SciPy calls by these names.
"""

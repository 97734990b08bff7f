"""Scalar functions on doubles: IEEE 754 results that never raise.

In: floats.  Out: floats.  ``ieee`` is what every target's results are measured by; ``total`` holds
Python's operators without exceptions, ``special`` and ``bessel`` the functions ``math`` lacks.
"""

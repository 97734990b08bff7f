"""The numbers a Program is run on: symbols, high precision, balls, power series.

In: a Program and a point, or symbols.  Out: what it computes there, rigorously or with many digits.
"""

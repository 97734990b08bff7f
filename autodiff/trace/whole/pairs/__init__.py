"""Complex numbers inside a function of real ones: pairs of arrays, real and imaginary parts.

In: whole arrays that are traced, and known complex numbers.  Out: pairs, and real arrays of them.
"""

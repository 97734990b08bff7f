"""Special functions of SciPy that no row has: series, fractions and means of enough steps.

In: traced numbers.  Out: their values, made of rows, so that every target and every derivative, by
each operand, follows.  What the steps do not reach is nan, never another number.  And NumPy's
polynomials.
"""

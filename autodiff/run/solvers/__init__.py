"""Solvers of SciPy's on traced values: equations by Newton's method, differential ones by steps.

In: what a traced function gives a solver of ``scipy.optimize`` or ``scipy.integrate``.  Out: the
solution as operations of the trace, with the derivative of the equation's solution.  They are
imported when the first is called.
"""

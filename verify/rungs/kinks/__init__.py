"""Points without a derivative: which steps are on a kink there, and what a number there is.

In: a function's steps and a point.  Out: derivatives by side, and whether a gradient is one.
"""

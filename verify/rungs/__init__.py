"""The rungs of the ladder, each on its own, and the process that they run in.

In: a Program under proof, the function's own, points.  Out: a witness, a proof or a bound, if any.
"""

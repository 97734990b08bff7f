"""source: the source of a function, rewritten so that both sides of its branches run.

In: code.  Out: code that calls functions of ours where it branches or is left early.
"""

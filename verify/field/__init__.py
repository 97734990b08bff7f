"""Programs over large prime fields: conditions, square roots, the loaded code itself.

In: a Program or a callable.  Out: residues, and a bound on the chance of an accident.
"""

"""Repeated: loops over residues: which repetitions are run, what they carry and what they fill.

In: the lengths of loops, and emitted text with loops.  Out: the places that are visited, stacks of
what repetitions leave, and text that says what each begins with.
"""

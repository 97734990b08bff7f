"""What users call: compiled functions and gradients, and how their arguments become parameters.

In: a graph and a target's name.  Out: callables that know their text.
"""

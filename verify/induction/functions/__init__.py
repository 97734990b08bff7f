"""Functions of each other: what follows for roots, angles, exponentials and logarithms.

In: nodes that composition left apart.  Out: whether they are one number by such relations.
"""

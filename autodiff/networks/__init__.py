"""Neural networks of Values: layers, losses, optimisers, saved states.

In: Values.  Out: Values, updated parameters, JSON.
"""

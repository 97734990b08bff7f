"""A whole call: its lines as one would write them by hand, and what Python calls without a detour.

In: the structures of arguments and result, and an emitted function.  Out: the function users call.
"""

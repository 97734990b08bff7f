"""A whole call as the lines one would write by hand, generated once for a structure.

In: the structures of arguments and result, and an emitted function.  Out: the function users call.
"""

"""Values of nested tuples, lists, dicts, dataclasses and arrays, taken apart and put together.

In: a value, or the floats of one, and its structure.  Out: flat floats, or the value.
"""

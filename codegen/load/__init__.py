"""Text to callables, checked before it is compiled, and the store of checked texts.

In: a module's text.  Out: Python functions.
"""

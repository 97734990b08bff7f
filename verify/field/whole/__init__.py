"""Whole: the field's identity test over arrays, every array at once and no element apart.

In: graphs of arrays and the text that was emitted for them.  Out: whether both are the same
expressions, and how likely an agreement by accident is.
"""

"""Loops inside loops: ranges that differ each time, and arrays that go on as a whole.

In: bounds, places and arrays as a repetition has them.  Out: conditions, elements, other arrays.
"""

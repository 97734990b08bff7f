"""Rows of whole arrays that no loops over elements compute: functions that C files get.

In the order data flows: ``row_calls.py`` says which function computes a row, ``sorting_in_c.py``,
``elimination_in_c.py``, ``rotations_in_c.py`` and ``matrices_in_c.py`` hold their texts.

In: a row with its shapes.  Out: the name of a function, its numbers, and the memory it needs.
"""

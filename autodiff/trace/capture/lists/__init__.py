"""Python's lists while a loop is recorded: what they hold in each repetition, and behind it.

In: lists that a loop reads, fills or appends to.  Out: numbers of one array, taken where they are
used (``listed_rows.py``).
"""

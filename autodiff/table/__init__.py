"""The table of primitives: one row each, with value, derivative rules and spellings.

In: numbers.  Out: rows, and the public functions that they are.  ``custom`` adds rows of the
user's own; whatever computes, records or proves reads this table.
"""

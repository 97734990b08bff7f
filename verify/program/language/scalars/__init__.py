"""Single numbers: Python's arithmetic on them, and what is known of each.

In: numbers, Python's or places of the Program.  Out: the same.
"""

"""functions: the function that is traced, what it is called, and the copies that run in its place.

In: a function of the user's.  Out: its name and arguments; a copy that finds functions of ours.
"""

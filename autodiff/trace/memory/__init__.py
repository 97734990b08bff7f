"""How arrays of a trace lie in memory, and which of them share it.

In: arrays as NumPy's functions make them.  Out: what an assignment to one changes in others, and
what is refused because that hangs on how NumPy would lay them out.
"""

"""What constants of function and text stand for, and whether that matters.

In: Programs with doubles.  Out: what each double is read as; whether a reading may decide anything.
"""

"""What calls give that is more than numbers and arrays.

In: the arrays that code has filled.  Out: what users get.
"""

"""What graphs are for: interpret, differentiate, find where a nan began; and Value, which does
all of it at once.

In: graphs and numbers.  Out: numbers, and graphs of derivatives.
"""

"""Loops that are said: ``scan`` on numbers repeats, while arrays are traced it records one loop.

In: a body, a carry and streams.  Out: what the loop gives, or placeholders for it.
"""

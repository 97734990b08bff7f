"""Loops on target "python": what is compiled of them, and what runs it.

In: a graph whose loops are over numbers.  Out: texts, and what a call is.
"""

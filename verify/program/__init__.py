"""The text under proof as data: a flat program read from Python without running it.

In: text.  Out: a Program.
"""

"""What is under proof: our text, somebody else's text, an opaque callable.

In: what the user hands over.  Out: a Subject, which the ladder can read or run.
"""

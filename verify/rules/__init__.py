"""Every row's derivative rules proven against ``sympy.diff``, and their digests.

In: rows of the table.  Out: verdicts on their rules.
"""

"""Verdicts, reports and certificates: what a proof says, and its file.

In: what was found for each number.  Out: a Report, its text, its certificate as JSON.
"""

"""Timing: interpreted against generated code, and against every rival library found.

In: callables and arguments.  Out: times, as reports.
"""

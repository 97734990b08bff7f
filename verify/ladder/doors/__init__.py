"""The front doors of the ladder: ``front.py`` of gradients, ``siblings.py`` of other derivatives.

In: functions, examples, gradients that somebody wrote.  Out: reports.
"""

"""Programs that measure what is promised: ``python -m tests.figures.NAME`` prints a table.

They are no tests: machines are noisy, so a figure is a median over interleaved rounds, and a ratio
wherever something is compared.
"""

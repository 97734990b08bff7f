"""Beside the proof: accuracy, rounding bounds, domains, mutants, SymPy in and out, pytest.

In: rows, functions and gradients.  Out: tables, bounds, wrong texts, SymPy expressions, fixtures.
"""

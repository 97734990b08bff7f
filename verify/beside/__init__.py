"""Beside the proof: accuracy, rounding bounds, domains, mutants, SymPy in and out, pytest."""

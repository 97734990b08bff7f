"""Verdicts, reports and certificates: what a proof says, and its file."""

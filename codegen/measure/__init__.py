"""Timing: interpreted against generated code, and against every rival library found."""

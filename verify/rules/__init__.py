"""Every row's derivative rules proven against ``sympy.diff``, and their digests."""

"""How exact a comparison is."""

__all__ = ["DIGITS", "MORE_DIGITS", "ROUNDING"]

DIGITS = 60  # of every evaluation
MORE_DIGITS = 300  # where 60 digits differ: cancellation goes away, an error stays
ROUNDING = 1e-13  # relative error granted to constants that are doubles of something else

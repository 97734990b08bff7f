"""How exact a comparison is, and up to which size it is affordable."""

__all__ = [
    "DIGITS",
    "KINKS_UP_TO",
    "LARGE",
    "MORE_DIGITS",
    "MOST_DIGITS",
    "MOST_UP_TO",
    "ROUNDING",
    "TOO_MANY_SIDES",
]

DIGITS = 60  # of every evaluation
MORE_DIGITS = 300  # where 60 digits differ: cancellation goes away, an error stays
MOST_DIGITS = 2_000  # where 300 still round exp(-x) beside 1 away: x is at most 4500
MOST_UP_TO = 1_000  # nodes of a graph for which so many are affordable
ROUNDING = 1e-13  # relative error granted to constants that are doubles of something else
LARGE = 5_000  # nodes of a graph from which many digits at many points take too long
KINKS_UP_TO = 20_000  # nodes of a graph in which kinks at the example are looked for
TOO_MANY_SIDES = "conditions with more than"  # so many sides, for a proof by symbols

"""roll: the repetitions of an unrolled trace, found and put back into loops, arrays and sums.

``in_numbers.py`` reads a trace as numbers, ``columns.py`` says where an operand comes from in all
repetitions at once, ``repetition.py`` finds stretches that repeat, ``step_kinds.py`` sorts their
steps, ``rolled.py`` writes the graph, ``large.py`` says which traces are worth it.

In: a graph of scalars or arrays.  Out: a graph of arrays with the same values.
"""

"""Graphs of arrays as loops over numbers: what a language without arrays is written from.

In: a graph of arrays with loops.  Out: the same graph, whose loops carry and read numbers; what
goes over the repetitions is a list with an element for each.
"""

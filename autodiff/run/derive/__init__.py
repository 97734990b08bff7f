"""What transforms are made of: sweeps over a graph, and the structures their numbers are put into.

In: a graph.  Out: the same graph, extended by derivatives.
"""

"""Python function to graph: placeholders, NumPy's protocols, ties.

In: a function and examples.  Out: a graph.
"""

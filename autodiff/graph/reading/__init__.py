"""What ``print.py`` prints, read back.

In: the text of a graph.  Out: the graph, checked as it is read.
"""

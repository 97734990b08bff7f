"""Graphs of arrays as nests of loops, which any language with loops can be written from.

In the order data flows: ``sharing.py`` (loops keep results for later ones), ``lower`` (rows of
arrays -> statements), ``fusing.py`` (statements -> trees of loops), ``storing.py`` (which values
need memory).

In: a graph of arrays, after its passes.  Out: trees of loops over stretches of numbers.
"""

"""Values: micrograd's surface, on numbers and on arrays.

In: what the user's program computes, at once.  Out: ``data``, and ``grad`` after ``backward()``.
``value.py`` is the class, ``array_value.py`` that of arrays; ``remembered.py`` what stands for a
primitive in what they remember, ``array_sweep.py`` goes backwards over it where arrays are in it,
``recorded_graph.py`` writes it down as a graph, ``value_ties.py`` settles switches that tie.
"""

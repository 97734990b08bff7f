"""Rows of arrays as statements over loops.

``row_lowering.py`` says what each row is made of, ``views.py`` what costs nothing, ``ordering.py``
in which order a sum runs, ``blas_products.py`` what is left to BLAS, ``running.py`` what
runs in order, ``expanding.py`` which
rows are written element by element, ``repeating.py`` how a loop of the graph becomes one step with
statements of its own.

In: a graph of arrays, after its passes.  Out: statements, and the tensors that they read and write.
"""

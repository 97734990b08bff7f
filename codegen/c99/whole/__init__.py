"""C99 of whole arrays and of loops: trees of loops as a person would write them.

In the order data flows: ``c_terms.py`` (expressions and places), ``c_sheet.py`` (the lines of a
function and its memory), ``c_trees.py`` (trees of loops), ``c_branches.py`` and ``c_sides.py``
(what stands in an ``if``), ``c_repeat.py`` (loops of the graph), ``c_tables.py`` (constants),
``c_array_function.py`` (the function), ``c_array_file.py`` (both files).

In: a graph of arrays, after its passes.  Out: the text of both files.
"""

"""Graphs of arrays as loops of machine code.

In the order data flows: ``codegen/nests`` (rows of arrays -> statements -> trees of loops),
``planning.py`` (which loops run in lanes), ``loop_writer.py`` (trees -> LLVM IR),
``repeat_writer.py`` (what is repeated, and functions), ``calling.py`` (what others compute),
``array_kernel.py`` (the function of it all).

In: a graph of arrays, after its passes.  Out: the function ``compute`` as LLVM IR.
"""

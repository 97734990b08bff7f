"""Graphs of arrays as loops of machine code.

In the order data flows: ``sharing.py`` (loops keep results for later ones), ``lower`` (rows of
arrays -> statements), ``fusing.py`` (statements -> trees of loops), ``storing.py`` (which values
need memory), ``planning.py`` (which loops run in lanes), ``loop_writer.py`` (trees -> LLVM IR),
``repeat_writer.py`` (what is repeated, and functions), ``calling.py`` (what others compute),
``array_kernel.py`` (the function of it all).

In: a graph of arrays, after its passes.  Out: the function ``compute`` as LLVM IR.
"""

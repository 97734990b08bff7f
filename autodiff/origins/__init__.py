"""Where a node comes from in the user's code.

In: frames and bytecode, while a function is traced.  Out: the line, the function and the variable
of each node.
"""

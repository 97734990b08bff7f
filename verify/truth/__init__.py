"""What a gradient is compared with: a chain rule written apart from the transforms, and SymPy.

In: a traced function.  Out: its derivative, as a Program, an expression or numbers.
"""

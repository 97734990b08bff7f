"""capture: ``for`` loops of a traced function that are recorded once, as loops.

The body of the loop runs once, with a placeholder for every variable that it changes
(``variables.py``) and with all values of its index at once (``by_repetition.py``); what it recorded
becomes the body of a loop (``segment.py``).  Where that is not possible, the loop is left unrolled.

In: a function.  Out: a graph of arrays with loops, whose size does not depend on the repetitions.
"""

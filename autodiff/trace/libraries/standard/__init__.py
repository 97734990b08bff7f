"""Python's own library as a traced function sees it: ``math``, ``heapq``, the world outside.

In: what a module offers under a name.  Out: what stands there in a trace: the same on numbers,
recorded on traced values, and a warning where the answer is baked in.
"""

"""Where functions switch: what transforms note about kinks, jumps and infinite slopes.

In: the nodes of a graph.  Out: the places at which its derivatives have to be settled.
"""

"""The composition kernel: equal nodes are proven equal by induction over the program.

In: two Programs, axioms and conditions.  Out: which results are one node, and what that rests on.
"""

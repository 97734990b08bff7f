"""The composition kernel: equal nodes are proven equal by induction over the program."""

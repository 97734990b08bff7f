"""The rungs of the ladder, each on its own, and the process that they run in."""

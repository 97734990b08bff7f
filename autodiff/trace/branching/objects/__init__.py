"""Values that are no numbers, where the sides of a branch meet: objects of users' classes, text.

In: what two sides leave behind.  Out: one value, whose parts are chosen.
"""

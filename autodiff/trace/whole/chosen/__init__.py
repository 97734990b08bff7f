"""What masks of traced values choose: parts of arrays whose length is not known.

In: whole arrays and masks.  Out: selections, of which sums, means and extremes are arrays again.
"""

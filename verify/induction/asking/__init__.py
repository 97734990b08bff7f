"""What texts ask that their functions do not, and texts in which nobody answers that.

In: a function's chain rule and a text, as Programs.  Out: the text, open questions unanswered.
"""

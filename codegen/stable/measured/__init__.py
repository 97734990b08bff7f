"""How good a form is: bits lost against true numbers, on points drawn where the function is used.

In: graphs and a domain.  Out: points, true outputs there, and what each form loses.
"""

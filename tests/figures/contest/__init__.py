"""The contest: one table of problems, one of contenders, and the page and the chart of both."""

"""Networks compiled to one training step; plots of what they learned."""

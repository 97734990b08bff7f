"""What is under proof: our text, somebody else's text, an opaque callable."""

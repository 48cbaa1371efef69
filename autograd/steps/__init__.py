"""The event log of a forward and a backward pass, and each step in words."""

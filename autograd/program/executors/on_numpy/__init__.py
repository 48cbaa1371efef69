"""Programs by NumPy: blocks as calls of its functions."""

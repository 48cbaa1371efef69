"""A program as a file of its own, in NumPy, PyTorch or JAX."""

"""A recorded graph, replayed on many examples at the speed of matrix code."""

from ..leaves.exchange import numpy

if numpy() is None:  # this room's first import of it
    raise ModuleNotFoundError("a program computes with NumPy, which is not installed: pip install numpy")

"""A recorded graph, replayed on many examples at the speed of matrix code."""

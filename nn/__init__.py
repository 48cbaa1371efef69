"""Neurons, layers and training, built from ``autograd.Value``."""

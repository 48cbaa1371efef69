"""What runs a program: one file an engine."""

"""A program as a listing in the notes' notation."""

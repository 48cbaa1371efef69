"""The table of operations, and what makes code of its rows."""

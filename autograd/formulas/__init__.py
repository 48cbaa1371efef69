"""Text to graph to text: the grammar, the printers, the names of nodes."""

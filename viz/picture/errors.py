"""What a picture may fail with."""


class RenderError(RuntimeError):
    """Graphviz is missing, or could not draw."""

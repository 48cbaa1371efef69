"""The exceptions of the engine. Each message says what is wrong, why, and what to write instead."""


class OpRowError(ValueError):
    """A row of the table of operations is misspelt; raised at import, names the row and the formula."""


class FormulaError(ValueError):
    """A formula cannot be read; carries one clear line."""


class StaleGraphError(RuntimeError):
    """A leaf's ``data`` changed after the forward pass, so the recorded values no longer belong together."""


class AnomalyError(ArithmeticError):
    """Raised inside ``detect_anomaly()`` by the first node that turns finite numbers into inf or nan."""


class RecordingError(TypeError):
    """A function cannot be recorded: what it computes would depend on the numbers that it was recorded with."""

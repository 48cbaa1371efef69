"""What training was like: a ``History`` of its epochs, and the error that ends it where numbers run away."""

from __future__ import annotations

from autograd import AnomalyError

from .execution import ENGINES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class DivergenceError(AnomalyError):
    """The loss, a gradient or a parameter became inf or nan; ``history`` holds the epochs before."""

    history: History


class History:
    """What ``fit`` returns: one number per epoch in each list; a list stays empty where there is no such number.

    ``loss``, ``validation_loss``          the cost J, without the regulariser's term
    ``accuracy``, ``validation_accuracy``  the share of examples that were right
    ``errors``                             of a perceptron: how many examples were wrong
    ``learning_rate``                      at the beginning of the epoch
    ``stopped``                            why it ended early: "early stopping", "callback", "interrupted",
                                           "no errors"; else ""
    ``engine``                             what made the steps: "program", "jax" or "eager"; "eager: ..." says why a
                                           program could not

    ``loss`` and ``accuracy`` come from the forward passes of the training: each batch as it was met, before
    its update. Those of the validation are taken at the end of the epoch.
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_accuracy: list[float] = []
        self.errors: list[int] = []
        self.learning_rate: list[float] = []
        self.stopped = ""
        self.engine = ""

    def __len__(self) -> int:
        return len(self.learning_rate)

    def columns(self) -> dict[str, Sequence[float]]:
        """The lists that are not empty, by name."""
        return {name: column for name, column in vars(self).items() if column and isinstance(column, list)}

    def record(self, **numbers: float | None) -> None:
        """Add the numbers of an epoch: all of them or, if it is interrupted, none. A None adds nothing."""
        columns = [(getattr(self, name), x) for name, x in numbers.items() if x is not None]
        lengths = [len(column) for column, _ in columns]
        try:
            for column, x in columns:
                column.append(x)
        except BaseException:
            for (column, _), length in zip(columns, lengths, strict=True):
                del column[length:]
            raise

    def __repr__(self) -> str:
        parts = [f"{len(self)} epoch{'' if len(self) == 1 else 's'}"]
        for name, column in self.columns().items():
            if name != "learning_rate":
                parts.append(f"{name.replace('_', ' ')} {column[0]:.4g} → {column[-1]:.4g}")
        remarks = [remark for remark in (self.stopped, self.engine) if remark not in ("", *ENGINES)]
        return f"History({'; '.join([', '.join(parts), *remarks])})"

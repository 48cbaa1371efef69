"""Whether a prediction is right, as the loss of a classifier understands it."""

from __future__ import annotations

from .losses import bce, bce_with_logits, cross_entropy, cross_entropy_with_logits, hinge, is_list, per_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .types import Loss, Prediction, Target

    Right = Callable[..., bool]  # of a prediction, in numbers, and its target


def beyond(cut: float, label_cut: float) -> Right:
    """Right if prediction and target lie on the same side; of several outputs, all must."""

    def right(prediction: Prediction, target: Target) -> bool:
        if not is_list(prediction) and not is_list(target):
            return (prediction > cut) == (target > label_cut)
        return all(right(p, t) for p, t in zip(per_unit(prediction), per_unit(target), strict=True))

    return right


def right_class(prediction: list[float], target: int | Sequence[float]) -> bool:
    """Right if the largest output is that of the target's class."""
    k = target.index(max(target)) if is_list(target) else target
    return bool(prediction.index(max(prediction)) == k)


RIGHT: dict[Loss, Right] = {
    bce: beyond(0.5, 0.5),
    bce_with_logits: beyond(0.0, 0.5),
    hinge: beyond(0.0, 0.0),
    cross_entropy: right_class,
    cross_entropy_with_logits: right_class,
}

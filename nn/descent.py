"""Gradient descent, one step at a time: forward · cost · backward · update. A step is made whole or not at all."""

from __future__ import annotations

import math

from autograd import AnomalyError, Value, detect_anomaly, graph
from autograd.contexts.anomaly import advice, describe
from autograd.interrupts import all_or_none, finished
from autograd.leaves.exchange import Exchange, numpy
from autograd.number import shortened, shown

from .history import DivergenceError
from .module import modules_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.leaves.exchange import Array

    from .execution import Eager, Engine
    from .optim import Checkpoint, Optimizer
    from .types import Prediction

    Moment = tuple[Array, list[int], Checkpoint]  # of parameters, of the counters of modules, of the optimiser


class Descent:
    """Gradient descent, step by step: forward · cost · backward · update, each whole or not at all."""

    def __init__(self, eager: Eager, optimizer: Optimizer) -> None:
        self.eager, self.optimizer = eager, optimizer
        self.engine: Engine = eager
        self.parameters: list[Value] = list(eager.model.parameters())
        self.exchange = Exchange(self.parameters)
        self.modules = modules_of(eager.model)
        self.counters = [(module, name) for module in self.modules for name in module.counters]
        if bad := self.not_finite():
            raise ValueError(f"the model cannot be trained: its parameter {bad}")
        self.good = self.state()  # the last one known to give a finite loss

    def step(self, batch: Sequence[int]) -> tuple[float, list[Prediction]]:
        """One batch learned; returns its cost and predictions from before the update."""
        before = goal = self.state()
        try:
            try:
                J, total, predictions = self.engine.forward_backward(batch, self.exchange)
                if not math.isfinite(total):
                    raise self.divergence(f"the loss is {total}. {self.first_bad_node(batch, before)}")
                self.good = before
                if not all_finite(self.exchange.grads()):
                    raise self.divergence(f"a gradient is not finite. {self.first_bad_node(batch, before)}")
                self.optimizer.step()
                if bad := self.not_finite():
                    raise self.divergence(f"the update was too large: {bad}")
            except DivergenceError:
                goal = self.good
                self.restore(goal)
                raise
        except BaseException:  # also an interrupt of the restoring above
            self.restore(goal)
            raise
        return J, predictions

    def first_bad_node(self, batch: Sequence[int], before: Moment) -> str:
        """Run the batch once more, and say which node was the first to make inf or nan of finite numbers, and how.

        The forward pass is searched when its graph is finished: only then do all nodes have their labels.
        """
        self.restore(before)  # so that dropout draws the same masks
        _, total, _ = self.eager.forward(batch)
        for node in graph.topological(total):
            if not math.isfinite(node.data) and all(math.isfinite(v.data) for v in node.inputs):
                where = f" in {shown(node.scope)}" if node.scope else ""
                origin = ", from finite inputs" if node.inputs else ""
                return f"forward: {shortened(describe(node), 150)} is {node.data}{where}{origin}{advice(node)}"
        try:
            with detect_anomaly():
                total.backward()
        except AnomalyError as error:
            return str(error)
        return "The same batch again showed no culprit: does the model draw random numbers of its own?"

    def divergence(self, what: str) -> DivergenceError:
        return DivergenceError(
            f"training diverged: {what}. The model has the parameters of the last good step; "
            f"a lower learning rate than {self.optimizer.lr:g} often helps"
        )

    def switch(self, training: bool) -> None:
        """Switch dropout on or off."""
        all_or_none([(module, "training", training) for module in self.modules])

    def not_finite(self) -> str:
        """The first parameter that is inf or nan, in words; else nothing."""
        if all_finite(self.exchange.data()):
            return ""
        i, p = next((i, p) for i, p in enumerate(self.parameters) if not math.isfinite(p.data))
        return f"{shown(p.label) or f'number {i}'} is {p.data}"

    def state(self) -> Moment:
        """Everything that a step changes."""
        counts = [getattr(module, name) for module, name in self.counters]
        return self.exchange.data(), counts, self.optimizer.checkpoint()

    def restore(self, state: Moment) -> None:
        data, counts, optimizer = state

        def put() -> None:
            self.exchange.set_data(data)
            for (module, name), count in zip(self.counters, counts, strict=True):
                setattr(module, name, count)
            self.optimizer.go_back(optimizer)

        finished(put)


def all_finite(array: Array) -> bool:
    np = numpy()
    return all(map(math.isfinite, array)) if np is None else bool(np.isfinite(array).all())

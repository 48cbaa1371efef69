"""Optimisers (docs/lectures.md, "Optimisation"): from gradients to the next parameters, w := w − α · direction.

    from nn import MLP, SGD
    model = MLP(2, [4, 1])
    optimizer = SGD(model, lr=0.1)
    J = ...                    # forward
    optimizer.zero_grad()
    J.backward()
    optimizer.step()

Whether that is gradient descent, mini-batch or stochastic is decided by the examples in J: all, some, one.
The state of an optimiser saves with the model, and training that goes on from it is, bit for bit, training
that was never interrupted.
"""

from __future__ import annotations

import math

from autograd import Value
from autograd.leaves.exchange import Exchange, unwarned
from autograd.number import number, quoted, shown

from .module import Module
from .names import find
from .settings import whole, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from numpy.typing import ArrayLike

    from autograd.leaves.exchange import Array

    from .types import State

    Checkpoint = dict[str, Any]  # all attributes, of the memories copies


# --- the learning rate over time --------------------------------------------------------------------


class Schedule:
    """A factor on the learning rate: ``schedule(t)`` after t steps. Any function of t will do as well."""

    def __call__(self, t: int) -> float:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in vars(self).items())})"


class ConstantSchedule(Schedule):
    """The factor is 1 throughout."""

    def __call__(self, t: int) -> float:  # noqa: ARG002
        return 1.0


class StepSchedule(Schedule):
    """The factor is multiplied by ``factor`` after every ``every`` steps."""

    def __init__(self, every: int, factor: float = 0.1) -> None:
        self.every = whole("every", every)
        self.factor = within("factor", factor, "(0, inf)")

    def __call__(self, t: int) -> float:
        return self.factor ** (t // self.every)


class LinearSchedule(Schedule):
    """The factor falls from 1 in a straight line to ``end``, which it reaches after ``steps`` steps.

    >>> [LinearSchedule(10, end=0.5)(t) for t in (0, 5, 10, 99)]
    [1.0, 0.75, 0.5, 0.5]
    """

    def __init__(self, steps: int, end: float = 0.0) -> None:
        self.steps = whole("steps", steps)
        self.end = within("end", end, "[0, inf)")

    def __call__(self, t: int) -> float:
        return 1 + (self.end - 1) * min(t, self.steps) / self.steps


class CosineSchedule(Schedule):
    """From 1 to ``end`` along half a cosine (Loshchilov & Hutter 2017, arXiv 1608.03983, eq. 5; no restart)."""

    def __init__(self, steps: int, end: float = 0.0) -> None:
        self.steps = whole("steps", steps)
        self.end = within("end", end, "[0, inf)")

    def __call__(self, t: int) -> float:
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * min(t, self.steps) / self.steps)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": ConstantSchedule,
    "step": StepSchedule,
    "linear": LinearSchedule,
    "cosine": CosineSchedule,
}


def schedule_of(state: object, steps: int) -> Schedule:
    """The schedule that ``{"name": "step", "every": 10}`` describes, if it has a factor after so many steps.

    ValueError, TypeError or OverflowError where it is none.
    """
    if not isinstance(state, dict) or not isinstance(state.get("name"), str):
        raise ValueError(f'a schedule is written {{"name": "step", "every": 10}}, not {quoted(state)}')
    schedule = find(SCHEDULES, state["name"], "schedule")(**{name: x for name, x in state.items() if name != "name"})
    schedule(steps)
    return schedule


# --- the optimisers ---------------------------------------------------------------------------------


class Optimizer:
    """What all have in common: w := w − lr · schedule(t) · direction(w).

    ``parameters`` a Module, or a list of leaves; ``steps`` counts the steps made.
    A subclass names its settings and its memories, and says the direction: a rule for all P parameters at once, where
    w, the gradient and each memory are float64 arrays (P,), in the order of ``parameters``. The gradient is a copy.

    >>> class SignDescent(Optimizer):
    ...     def direction(self, g):
    ...         return g / (abs(g) + 1e-300)
    >>> SignDescent([Value(1.0), Value(2.0)], lr=0.5).update(theta=[1.0, 2.0], g=[-30.0, 0.1])
    array([1.5, 1.5])
    """

    settings: tuple[str, ...] = ("lr",)
    memories: tuple[str, ...] = ()

    def __init__(
        self, parameters: Module | Iterable[Value], lr: float, schedule: Callable[[int], float] | None = None
    ) -> None:
        self.parameters = learnable(parameters)
        self.lr = within("the learning rate", lr, "(0, inf)")
        self.schedule = ConstantSchedule() if schedule is None else schedule
        if not callable(self.schedule):
            raise TypeError(f"a schedule is a function of the number of steps, not {quoted(schedule)}")
        self.steps = 0
        self.exchange = Exchange(self.parameters)
        for name in self.memories:
            setattr(self, name, self.exchange.zeros())

    def direction(self, g: Array) -> Array:
        """The direction to step in, for the gradient g; updates the memories."""
        raise NotImplementedError

    def update(self, theta: ArrayLike, g: ArrayLike) -> Array:
        """One step, of arrays: the next parameters from these and their gradient. The Values are not touched.

        Arithmetic is IEEE: what overflows is inf, without a warning.
        """
        updated: Array = unwarned()(self._updated, self.exchange.checked(theta), self.exchange.checked(g).copy())
        return updated

    def _updated(self, theta: Array, g: Array) -> Array:
        rate = self.lr * self.schedule(self.steps)
        self.steps += 1
        return theta - rate * self.direction(g)

    def step(self) -> None:
        """Update every parameter from its ``grad``; interrupted, nothing has changed, parameters and memories."""
        (theta, g), before = self.exchange.both(), self.checkpoint()
        try:
            self.exchange.set_data(unwarned()(self._updated, theta, g), copy=False)
        except BaseException:
            self.exchange.set_data(theta)
            self.go_back(before)
            raise

    def zero_grad(self) -> None:
        """Set every parameter's gradient to 0: ``backward()`` adds to what is there."""
        self.exchange.zero_grads()

    def checkpoint(self) -> Checkpoint:
        """What a step may change, a copy, for ``go_back``: cheaper than ``state_dict``, and for this object only."""
        return vars(self) | {name: getattr(self, name).copy() for name in self.memories}

    def go_back(self, checkpoint: Checkpoint) -> None:
        """Return to the state of the checkpoint."""
        vars(self).update(checkpoint | {name: checkpoint[name].copy() for name in self.memories})

    def state_dict(self) -> State:
        """What it takes to go on: settings, schedule, steps, memories; a copy.

        A schedule that is your own function cannot be written down; it is left out, and has to be given to
        the optimiser that is to go on.
        """
        state: State = {"optimizer": type(self).__name__, "steps": self.steps}
        for name, kind in SCHEDULES.items():
            if type(self.schedule) is kind:
                state["schedule"] = {"name": name, **vars(self.schedule)}
        state |= {name: getattr(self, name) for name in self.settings}
        return state | {name: getattr(self, name).tolist() for name in self.memories}

    def load_state_dict(self, state: State) -> None:
        """Go on from a ``state_dict()``; ValueError, with nothing changed, if it is not of such an optimiser."""
        who = type(self).__name__
        if not isinstance(state, dict):
            raise TypeError(f"a state is a dict of names, as state_dict() makes it, not {quoted(state)}")
        if state.get("optimizer") != who:
            raise ValueError(f"the state is one of {shown(state.get('optimizer', 'no optimiser'))}, this is {who}")
        if missing := {"steps", *self.settings, *self.memories} - state.keys():
            raise ValueError(f"the state of {who} lacks {', '.join(sorted(missing))}")
        try:
            # A new one of the same kind checks the settings; only when all is right does this one become it.
            steps = whole("steps", state["steps"], least=0)
            if steps > 2**53:
                raise ValueError(f"steps are counted to 2^53, not to {quoted(steps)}")
            schedule = schedule_of(state["schedule"], steps) if "schedule" in state else self.schedule
            loaded = type(self)(self.parameters, schedule=schedule, **{name: state[name] for name in self.settings})
            loaded.steps = steps
            for name in self.memories:
                setattr(loaded, name, loaded.exchange.checked(memory(name, state[name], len(self.parameters))))
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"the state of {who} does not fit: {error}") from None
        vars(self).update(vars(loaded))  # in one step, which no interrupt divides

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name):g}" for name in self.settings)
        return f"{type(self).__name__}({len(self.parameters)} parameters, {settings})"


class SGD(Optimizer):
    """Gradient descent, w := w − αg; with momentum β: v := βv + (1−β)g, w := w − αv (the lectures' form).

    PyTorch's momentum is v := βv + g: the same path for α(1−β) in place of α.

    >>> from autograd import parameter
    >>> w = parameter(1.0)
    >>> optimizer = SGD([w], lr=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.0
    """

    settings = ("lr", "momentum")
    memories = ("v",)
    v: Array

    def __init__(
        self,
        parameters: Module | Iterable[Value],
        lr: float,
        momentum: float = 0.0,
        schedule: Callable[[int], float] | None = None,
    ) -> None:
        super().__init__(parameters, lr, schedule)
        self.momentum = within("momentum β", momentum, "[0, 1)")

    def direction(self, g: Array) -> Array:
        self.v = self.momentum * self.v + (1 - self.momentum) * g if self.momentum else g
        return self.v


class RMSprop(Optimizer):
    """s := βs + (1−β)g², w := w − αg/(√s + ε). Defaults as in PyTorch, which calls β alpha.

    Source: Tieleman & Hinton 2012, COURSERA Neural Networks, lecture 6.5.
    """

    settings = ("lr", "beta", "eps")
    memories = ("s",)
    s: Array

    def __init__(
        self,
        parameters: Module | Iterable[Value],
        lr: float = 0.01,
        beta: float = 0.99,
        eps: float = 1e-8,
        schedule: Callable[[int], float] | None = None,
    ) -> None:
        super().__init__(parameters, lr, schedule)
        self.beta = within("β", beta, "[0, 1)")
        self.eps = within("ε", eps, "(0, inf)")

    def direction(self, g: Array) -> Array:
        self.s = self.beta * self.s + (1 - self.beta) * g * g
        return g / (self.s**0.5 + self.eps)


class Adam(Optimizer):
    """m := β₁m + (1−β₁)g, s := β₂s + (1−β₂)g², w := w − α·m̂/(√ŝ + ε), m̂ = m/(1−β₁ᵗ), ŝ = s/(1−β₂ᵗ).

    Defaults as in PyTorch. Source: Kingma & Ba 2015 (arXiv 1412.6980), algorithm 1.
    """

    settings = ("lr", "beta1", "beta2", "eps")
    memories = ("m", "s")
    m: Array
    s: Array

    def __init__(
        self,
        parameters: Module | Iterable[Value],
        lr: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        schedule: Callable[[int], float] | None = None,
    ) -> None:
        super().__init__(parameters, lr, schedule)
        self.beta1 = within("β₁", beta1, "[0, 1)")
        self.beta2 = within("β₂", beta2, "[0, 1)")
        self.eps = within("ε", eps, "(0, inf)")

    def direction(self, g: Array) -> Array:
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.s = self.beta2 * self.s + (1 - self.beta2) * g * g
        m_hat = self.m / (1 - self.beta1**self.steps)
        s_hat = self.s / (1 - self.beta2**self.steps)
        return m_hat / (s_hat**0.5 + self.eps)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam}


def memory(name: str, numbers: object, n: int) -> list[float]:
    """What an optimiser remembers of n parameters, as floats; ValueError for anything but a list of n numbers."""
    numbers = numbers.tolist() if hasattr(numbers, "tolist") else numbers
    if not isinstance(numbers, list | tuple) or len(numbers) != n:
        found = f"for {len(numbers)}" if isinstance(numbers, list | tuple) else quoted(numbers)
        raise ValueError(f"its {name} is {found}, here are {n} parameters")
    return [number(x) for x in numbers]


def learnable(parameters: Module | Iterable[Value]) -> list[Value]:
    """The parameters as a list, checked: each is a leaf, and none comes twice."""
    found = parameters.parameters() if isinstance(parameters, Module) else list(parameters)
    if not found:
        raise ValueError("there are no parameters to learn")
    for w in found:
        if not isinstance(w, Value):
            raise TypeError(f"a parameter is a Value, not {quoted(w)} ({type(w).__name__})")
        if w.kind not in ("parameter", "input"):
            raise ValueError(f"only leaves can be learned, {quoted(w)} is a {w.kind}")
    if len(set(found)) < len(found):
        raise ValueError("a parameter is in the list twice: it would be updated twice in a step")
    return found

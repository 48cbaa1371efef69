"""micrograd's ``Neuron``, ``Layer`` and ``MLP``: its arguments and its initial weights, on nn's own classes.

A notebook written for micrograd needs other import lines, ``from autograd import Value`` and
``from nn.micrograd import MLP``, and no other change: weights are drawn from U(−1, 1), as ``random.seed`` decides
and in micrograd's order, biases start at 0, hidden units are ReLU, the last layer is linear. nn's own classes start
from weights that fit the activation instead.

>>> import random
>>> random.seed(1337)
>>> model = MLP(2, [16, 16, 1])
>>> len(model.parameters()), model.layers[0].neurons[0].w[0].data == 2 * random.Random(1337).random() - 1
(337, True)
"""

from __future__ import annotations

from typing import Any

from . import neuron
from .module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .neuron import Activating

__all__ = ["Layer", "MLP", "Module", "Neuron"]


class Neuron(neuron.Neuron):
    """``nin`` inputs; a ReLU, or with False linear; else as ``nn.Neuron``."""

    def __init__(self, nin: int, *nonlin: Activating, **more: Any) -> None:
        super().__init__(nin, *nonlin, **{"init": "micrograd"} | more)


class Layer(neuron.Layer):
    """``nout`` neurons of ``nin`` inputs; else as ``nn.Layer``."""

    def __init__(self, nin: int, nout: int, *nonlin: Activating, **more: Any) -> None:
        super().__init__(nin, nout, *nonlin, **{"init": "micrograd"} | more)


class MLP(neuron.MLP):
    """``nin`` inputs, layers of ``nouts`` units, the last one linear; else as ``nn.MLP``."""

    def __init__(self, nin: int, nouts: Iterable[int], *activations: Activating, **more: Any) -> None:
        super().__init__(nin, nouts, *activations, **{"init": "micrograd"} | more)

"""Neurons, layers and training, built from ``autograd.Value``.

>>> from nn import MLP, SGD, cost
>>> model = MLP(2, [4, 1], "tanh", "sigmoid", seed=1)
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> optimizer = SGD(model, lr=2.0)
>>> for _ in range(200):  # what fit(model, X, y, loss="bce", optimizer=optimizer, epochs=200) does
...     J = cost("bce", [model(x) for x in X], y)
...     model.zero_grad()
...     J.backward()
...     optimizer.step()
>>> [round(model(x).data) for x in X]
[0, 1, 1, 0]
"""

from . import datasets, metrics
from .activations import ACTIVATIONS, Activation
from .convolution import Conv2d, Flatten, MaxPool2d, MeanPool2d, Sequential, Softmax, Unflatten
from .diagnosis import Diagnosis, Finding, diagnose
from .history import DivergenceError, History
from .init import INITIALIZERS, Initializer, constant, normal, uniform
from .losses import (
    LOSSES,
    bce,
    bce_with_logits,
    cost,
    cross_entropy,
    cross_entropy_with_logits,
    hinge,
    mse,
    squared_error,
)
from .module import Module
from .neuron import MLP, Layer, LogisticRegression, Neuron, Perceptron
from .normalisation import BatchNorm
from .optim import (
    OPTIMIZERS,
    SCHEDULES,
    SGD,
    Adam,
    ConstantSchedule,
    CosineSchedule,
    LinearSchedule,
    Optimizer,
    RMSprop,
    Schedule,
    StepSchedule,
)
from .recurrence import GRU, LSTM, RNN, Cell, Embedding, GRUCell, LSTMCell, RNNCell
from .regularize import L1, L2, Dropout, EarlyStopping
from .train import fit

__all__ = [
    "Neuron",
    "Perceptron",
    "LogisticRegression",
    "Layer",
    "MLP",
    "Sequential",
    "Conv2d",
    "MaxPool2d",
    "MeanPool2d",
    "Flatten",
    "Unflatten",
    "Softmax",
    "BatchNorm",
    "RNN",
    "LSTM",
    "GRU",
    "RNNCell",
    "LSTMCell",
    "GRUCell",
    "Cell",
    "Embedding",
    "Module",
    "Activation",
    "ACTIVATIONS",
    "Initializer",
    "INITIALIZERS",
    "constant",
    "normal",
    "uniform",
    "squared_error",
    "mse",
    "bce",
    "bce_with_logits",
    "cross_entropy",
    "cross_entropy_with_logits",
    "hinge",
    "LOSSES",
    "cost",
    "L1",
    "L2",
    "Dropout",
    "EarlyStopping",
    "Optimizer",
    "SGD",
    "RMSprop",
    "Adam",
    "OPTIMIZERS",
    "Schedule",
    "ConstantSchedule",
    "StepSchedule",
    "LinearSchedule",
    "CosineSchedule",
    "SCHEDULES",
    "fit",
    "History",
    "DivergenceError",
    "diagnose",
    "Diagnosis",
    "Finding",
    "datasets",
    "metrics",
]

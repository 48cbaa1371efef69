"""Models that several tests share."""

from autograd import Value, parameter, tanh
from nn import Module, Neuron


class Formula(Module):
    """ŷ = f(w x), with labels."""

    def __init__(self, f, w=1.0):
        self.w, self.f = parameter(w, "w"), f

    def __call__(self, x):
        z = self.w * x[0]
        z.label = "z"
        y = self.f(z)
        y.label = "yhat"
        return y


class Cell(Module):
    def __init__(self):
        self.w, self.u = parameter(0.5, "w"), parameter(-0.3, "u")

    def forward(self, x, h):
        return tanh(self.w * x + self.u * h)


class Recurrent(Module):
    """The state is read by a neuron after the last step."""

    def __init__(self):
        self.cell = Cell()
        self.read = Neuron(1, seed=1)

    def forward(self, xs):
        h = Value(0.0)
        for x in xs:
            h = self.cell(x, h)
        return self.read([h])

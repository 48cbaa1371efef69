"""Models that several tests share."""

import autograd
from autograd import Value, parameter, tanh
from nn import Layer, Module, Neuron


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


class Convolution(Module):
    """``count`` kernels of 2×2 over one image: feature maps."""

    def __init__(self, count):
        self.W = [[[[parameter(0.1 * (i + 1) * (r - c)) for c in range(2)] for r in range(2)]] for i in range(count)]

    def forward(self, image):
        def at(kernel, i, j):
            return autograd.sum(kernel[r][c] * image[i + r][j + c] for r in range(2) for c in range(2))

        side = len(image) - 1
        return [[[at(kernel, i, j) for j in range(side)] for i in range(side)] for (kernel,) in self.W]


class Flat(Module):
    def forward(self, maps):
        return [v for m in maps for row in m for v in row]


class Classifier(Module):
    """Convolution, pooling by a plain function, a layer."""

    def __init__(self):
        self.convolution = Convolution(3)
        self.flat = Flat()
        self.layer = Layer(12, 2, seed=1)

    def forward(self, image):
        maps = self.convolution(image)
        pooled = [[[autograd.maximum(m[i][j], m[i + 1][j + 1]) for j in (0, 2)] for i in (0, 2)] for m in maps]
        return self.layer(self.flat(pooled))

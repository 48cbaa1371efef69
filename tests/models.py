"""Models that tests of training share."""

from autograd import parameter
from nn import Module


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

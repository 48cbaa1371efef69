"""Batch normalisation: by its definition, by differences of many digits, and by PyTorch."""

import math

import mpmath
import pytest

from autograd import Value, record
from autograd import sum as total
from nn import MLP, SGD, BatchNorm, Layer, Module, Sequential, cost, fit

BATCH = [[0.5, -1.2], [0.8, 0.3], [-0.4, 1.1], [2.0, 0.7]]


def norm():
    made = BatchNorm(2)
    for p, x in zip(made.parameters(), (1.5, -0.7, 0.2, 0.4), strict=True):
        p.data = x
    return made


def weighted(batch):
    return total([math.cos(2 * i + k) * y for i, row in enumerate(batch) for k, y in enumerate(row)])


def test_mean_and_variance_are_learned_ones():
    made = norm()
    ys = [[y.data for y in row] for row in made(BATCH)]
    for k, (mean, scale) in enumerate([(0.2, 1.5), (0.4, -0.7)]):
        column = [row[k] for row in ys]
        variance = sum((x[k] - sum(z[k] for z in BATCH) / 4) ** 2 for x in BATCH) / 4
        assert sum(column) / 4 == pytest.approx(mean, rel=1e-13)
        spread = sum((y - mean) ** 2 for y in column) / 4
        assert spread == pytest.approx(scale**2 * variance / (variance + 1e-5), rel=1e-12)


def test_gradients_by_differences_of_many_digits():
    made, batch = norm(), [[Value(x) for x in row] for row in BATCH]
    leaves = [*made.parameters(), *(x for row in batch for x in row)]
    L = weighted(made(batch))
    L.backward()

    def exact(theta):
        gamma, beta, x = theta[:2], theta[2:4], theta[4:]
        y = mpmath.mpf(0)
        for k in (0, 1):
            column = x[k::2]
            mu = mpmath.fsum(column) / 4
            var = mpmath.fsum((x_i - mu) ** 2 for x_i in column) / 4
            scale = gamma[k] / mpmath.sqrt(var + mpmath.mpf(1e-5))
            y += mpmath.fsum(
                mpmath.mpf(math.cos(2 * i + k)) * (scale * (x_i - mu) + beta[k]) for i, x_i in enumerate(column)
            )
        return y

    with mpmath.workdps(50):
        theta, e = [mpmath.mpf(leaf.data) for leaf in leaves], mpmath.mpf(10) ** -18
        slopes = []
        for i in range(len(theta)):
            up, down = ([*theta[:i], theta[i] + by, *theta[i + 1 :]] for by in (e, -e))
            slopes.append(float((exact(up) - exact(down)) / (2 * e)))
        assert L.data == pytest.approx(float(exact(theta)), rel=1e-13)
    assert [leaf.grad for leaf in leaves] == pytest.approx(slopes, rel=1e-9, abs=0)


@pytest.mark.oracle
def test_pytorch_computes_the_same():
    torch = pytest.importorskip("torch")
    made, theirs = norm(), torch.nn.BatchNorm1d(2, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor([1.5, -0.7], dtype=torch.float64))
        theirs.bias.copy_(torch.tensor([0.2, 0.4], dtype=torch.float64))
    x = torch.tensor(BATCH, dtype=torch.float64)
    scale = torch.tensor([[math.cos(2 * i + k) for k in (0, 1)] for i in range(4)], dtype=torch.float64)
    for _ in range(2):
        ours, other = weighted(made(BATCH)), (theirs(x) * scale).sum()
    assert ours.data == pytest.approx(other.item(), rel=1e-12)
    ours.backward()
    other.backward()
    assert [g.grad for g in made.gamma] == pytest.approx(theirs.weight.grad.tolist(), rel=1e-9, abs=0)
    assert [b.grad for b in made.beta] == pytest.approx(theirs.bias.grad.tolist(), rel=1e-9, abs=0)
    assert made.mean == pytest.approx(theirs.running_mean.tolist(), rel=1e-12)
    assert made.variance == pytest.approx(theirs.running_var.tolist(), rel=1e-12)
    made.eval()
    theirs.eval()
    assert [y.data for y in made(BATCH[0])] == pytest.approx(theirs(x[:1])[0].tolist(), rel=1e-12)


def test_what_it_remembers_is_saved(tmp_path):
    made, other = norm(), BatchNorm(2)
    made(BATCH)
    made.save(tmp_path / "norm.json")
    other.load(tmp_path / "norm.json")
    assert (other.mean, other.variance) == (made.mean, made.variance)
    state = made.state_dict()
    state["mean"][0] = 99.0  # a copy
    assert made.mean[0] != 99.0
    with pytest.raises(ValueError, match=r"mean has shape \(3,\), the model's is \(2,\)"):
        other.load_state_dict(made.state_dict() | {"mean": [1, 2, 3]})
    assert other.mean == made.mean


def test_one_example_is_enough_after_eval_only():
    made = norm()
    with pytest.raises(TypeError, match=r"BatchNorm\(2\) takes a whole batch while training"):
        made(BATCH[0])
    with pytest.raises(ValueError, match="needs at least 2 examples while training"):
        made(BATCH[:1])
    made.eval()
    before = (made.mean, made.variance)
    assert len(made(BATCH[0])) == 2
    assert len(made(BATCH)) == 4
    assert (made.mean, made.variance) == before
    program = record(lambda x: made(x)[0], BATCH[0], parameters=made.parameters())
    assert program([BATCH[1]])[0] == pytest.approx(made(BATCH[1])[0].data, rel=1e-12)


def test_fit_says_why_it_cannot():
    with pytest.raises(TypeError, match="fit has one at a time: write the loop yourself"):
        fit(Sequential(Layer(2, 2, seed=1), BatchNorm(2)), BATCH, BATCH, loss="mse", lr=0.1, progress=False)


class Centred(Module):
    """A network with batch normalisation, which takes a batch."""

    def __init__(self):
        self.first, self.norm, self.last = Layer(2, 4, "linear", seed=1), BatchNorm(4), Layer(4, 1, "linear", seed=2)

    def forward(self, batch):
        return [self.last([h.tanh() for h in row]) for row in self.norm([self.first(x) for x in batch])]


def test_a_network_with_it_learns():
    model, y = Centred(), [1.0, -1.0, 0.5, 0.0]
    optimizer = SGD(model, lr=0.1)
    costs = []
    for _ in range(60):
        J = cost("mse", model(BATCH), y)
        model.zero_grad()
        J.backward()
        optimizer.step()
        costs.append(J.data)
    assert costs[-1] < 0.05 * costs[0]


def test_regularisers_leave_gamma_and_beta_alone():
    assert BatchNorm(2).weights() == []
    assert len(MLP(2, [2, 1]).weights()) == 6

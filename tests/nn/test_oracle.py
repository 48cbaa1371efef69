"""PyTorch as an oracle: gradients of networks, trajectories of optimisers, factors of schedules."""

import math

import pytest

import autograd
import nn
from nn import (
    ACTIVATIONS,
    LOSSES,
    MLP,
    SGD,
    Adam,
    CosineSchedule,
    LinearSchedule,
    RMSprop,
    StepSchedule,
    cost,
)

torch = pytest.importorskip("torch", reason="needs the oracle extra")
F = torch.nn.functional

TORCH_ACTIVATIONS = {
    "linear": lambda z, _: z,
    "sigmoid": lambda z, _: torch.sigmoid(z),
    "tanh": lambda z, _: torch.tanh(z),
    "relu": lambda z, _: torch.relu(z),
    "leaky_relu": lambda z, _: F.leaky_relu(z, 0.01),
    "prelu": lambda z, slope: F.prelu(z, slope),
    "softplus": lambda z, _: F.softplus(z, threshold=1000),
    "step": lambda z, _: torch.heaviside(z.detach(), torch.zeros((), dtype=z.dtype)),
    "softmax": lambda z, _: torch.softmax(z, dim=1),
    "log_softmax": lambda z, _: torch.log_softmax(z, dim=1),
}
TORCH_LOSSES = {
    "squared_error": ("linear", lambda a, y: ((a - y) ** 2).sum(dim=1).mean() / 2),
    "mse": ("tanh", F.mse_loss),
    "bce": ("sigmoid", lambda a, y: F.binary_cross_entropy(a, y, reduction="none").sum(dim=1).mean()),
    "bce_with_logits": (
        "linear",
        lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none").sum(dim=1).mean(),
    ),
    "cross_entropy": ("softmax", lambda p, y: F.nll_loss(torch.log(p), y)),
    "cross_entropy_with_logits": ("linear", F.cross_entropy),
    "hinge": ("linear", lambda s, y: torch.relu(1 - y * s).sum(dim=1).mean()),
}


def tensor(x):
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


def targets(loss, n, m):
    r = torch.Generator().manual_seed(m)
    if "cross_entropy" in loss:
        return torch.randint(n, (m,), generator=r)
    if loss == "hinge":
        return torch.randint(2, (m, n), generator=r).double() * 2 - 1
    return torch.rand((m, n), generator=r, dtype=torch.float64)


def assert_same(ours, theirs, largest):
    ours = torch.tensor(ours, dtype=torch.float64)
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max().item() <= 1e-9 * largest


@pytest.mark.parametrize("loss", TORCH_LOSSES)
@pytest.mark.parametrize("activation", TORCH_ACTIVATIONS)
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_gradients(depth, activation, loss):
    n, m = [[3, 3], [3, 4, 3], [3, 4, 2, 3], [3, 4, 2, 5, 3]][depth - 1], 5
    output, torch_loss = TORCH_LOSSES[loss]
    # Small weights for bce: near 0 and 1 a probability has no digits left, hence bce_with_logits.
    init = nn.normal(0.3 if loss == "bce" else 1.0)
    model = MLP(n[0], n[1:], activation, output, init=init, bias=-0.2, seed=depth)
    X = torch.randn((m, n[0]), generator=torch.Generator().manual_seed(depth), dtype=torch.float64)
    y = targets(loss, n[-1], m)
    cost(loss, [model(x) for x in X.tolist()], y.tolist()).backward()

    a, theirs = X, []
    for layer in model.layers:
        W = tensor([[w.data for w in row] for row in layer.W])
        b = tensor([v.data for v in layer.b])
        slope = None if layer.slope is None else tensor([layer.slope.data])
        z = a @ W.T + b
        a = TORCH_ACTIVATIONS[layer.activation.name](z, slope)
        theirs.append((W, b, slope))
    torch_loss(a, y).backward()
    for layer, (W, b, slope) in zip(model.layers, theirs, strict=True):
        if W.grad is None:  # below a step nothing flows
            assert {w.grad for row in layer.W for w in row} == {0.0}
            continue
        assert_same([[w.grad for w in row] for row in layer.W], W.grad, W.grad.abs().max().item())
        assert_same([v.grad for v in layer.b], b.grad, b.grad.abs().max().item())
        if slope is not None:
            assert_same([layer.slope.grad], slope.grad, slope.grad.abs().item())


def test_every_activation_and_loss_is_compared():
    assert set(TORCH_ACTIVATIONS) == set(ACTIVATIONS)
    assert set(TORCH_LOSSES) == set(LOSSES)


OPTIMIZERS = {
    "sgd": (lambda ws: SGD(ws, lr=0.05), lambda ws: torch.optim.SGD(ws, lr=0.05)),
    # PyTorch's v := βv + g is ours divided by 1 − β.
    "momentum": (
        lambda ws: SGD(ws, lr=0.05, momentum=0.9),
        lambda ws: torch.optim.SGD(ws, lr=0.05 * (1 - 0.9), momentum=0.9),
    ),
    "rmsprop": (lambda ws: RMSprop(ws), lambda ws: torch.optim.RMSprop(ws)),
    "rmsprop with settings": (
        lambda ws: RMSprop(ws, lr=0.03, beta=0.9, eps=1e-6),
        lambda ws: torch.optim.RMSprop(ws, lr=0.03, alpha=0.9, eps=1e-6),
    ),
    "adam": (lambda ws: Adam(ws), lambda ws: torch.optim.Adam(ws)),
    "adam with settings": (
        lambda ws: Adam(ws, lr=0.1, beta1=0.7, beta2=0.95, eps=1e-5),
        lambda ws: torch.optim.Adam(ws, lr=0.1, betas=(0.7, 0.95), eps=1e-5),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_trajectory_over_50_steps(name):
    start = [1.5, -2.0, 0.3, -0.7, 4.0]
    ours = [autograd.parameter(w) for w in start]
    theirs = [tensor(w) for w in start]
    ours_step, theirs_step = OPTIMIZERS[name][0](ours), OPTIMIZERS[name][1](theirs)
    for _ in range(50):
        ours_step.zero_grad()
        theirs_step.zero_grad()
        for w, sin, exp in ((ours, autograd.sin, autograd.exp), (theirs, torch.sin, torch.exp)):
            f = (w[0] - w[1]) ** 2 + sin(w[1] * w[2]) + exp(-w[3] * w[3]) + w[0] * w[3] * 0.5 + 0.0 * w[4]
            f.backward()
        ours_step.step()
        theirs_step.step()
        assert [w.data for w in ours] == pytest.approx([w.item() for w in theirs], rel=1e-9, abs=0)


SCHEDULES = {
    "step": (StepSchedule(7, 0.3), lambda o: torch.optim.lr_scheduler.StepLR(o, 7, 0.3)),
    "linear": (LinearSchedule(20, end=0.1), lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.1, 20)),
    "cosine": (CosineSchedule(40, end=0.25), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 40, 0.25)),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name):
    ours, make = SCHEDULES[name]
    optimizer = torch.optim.SGD([tensor(0.0)], lr=1.0)
    theirs = make(optimizer)
    for t in range(40):
        assert math.isclose(ours(t), theirs.get_last_lr()[0], rel_tol=1e-9)
        optimizer.step()
        theirs.step()

"""What a user typed stands in an error short, and without anything that a terminal would obey or hide."""

import re

import pytest

import autograd
import viz
from autograd import Value, graph, parameter, parse, record
from autograd.number import quoted, shown
from autograd.steps.trace import Trace, trace
from chainrule.__main__ import main
from nn import MLP, SGD, Module, Neuron, Perceptron, fit, losses
from nn.diagnosis import diagnose
from nn.regularize import Dropout

HOSTILE = "\x1b[2J\x1b]0;title\x07\r\n\u202e\x9b" + "x" * 10**6


class Odd:
    """Something whose repr is hostile."""

    def __repr__(self):
        return HOSTILE


def stale():
    x = Value(1.0, "x")
    y = x * 2
    y.label = HOSTILE
    x.data = 2.0
    return y


def diverging(label):
    class Diverging(Module):
        def __init__(self):
            self.w = parameter(float("nan"), label)

        def __call__(self, x):
            return self.w * x[0]

    return Diverging()


def labelled():
    x = Value(1.0, HOSTILE)
    return record(x * 2 + x, [x])


def xor(**options):
    fit(Neuron(1), [[1.0]], [1.0], **({"loss": "mse", "lr": 0.1, "progress": False} | options))


CALLS = {
    "an equality": lambda: Value(1.0, HOSTILE) == 1,
    "a conversion": lambda: float(Value(1.0, HOSTILE)),
    "a comparison inside of a function": lambda: max(Value(1.0, HOSTILE), 0),
    "a label": lambda: Value(1.0, Odd()),
    "an operation's name": lambda: autograd.operation(HOSTILE, "x", "x", ["1"]),
    "a scope": lambda: autograd.scope(Odd()),
    "a stale graph": lambda: graph.require_fresh(stale()),
    "a number": lambda: Value(Odd()),
    "a list": lambda: autograd.sum(Odd()),
    "a trace of": lambda: trace(Odd()),
    "a trace's format": lambda: Trace({"format": HOSTILE, "version": Odd()}),
    "a trace as text": lambda: Trace.from_json('"' + "\x7f" * 1000 + '"'),
    "frames by": lambda: trace(Value(1.0) * 2).frames(HOSTILE),
    "a given name": lambda: parse("a", **{HOSTILE: 1}),
    "a given number": lambda: parse("a", **{HOSTILE: "1"}),
    "defined twice": lambda: parse(f"{'x' * 10**4} = 1; {'x' * 10**4} = 2"),
    "defined and given": lambda: parse(f"{'x' * 10**4} = 1", **{"x" * 10**4: 1}),
    "a program's label": lambda: labelled().read(HOSTILE, [1.0]),
    "an executor": lambda: labelled().using(HOSTILE),
    "a schedule": lambda: SGD([Value(1.0)], 0.1, schedule=HOSTILE),
    "a parameter": lambda: SGD([Odd()], 0.1),
    "a result": lambda: SGD([stale()], 0.1),
    "a learning rate": lambda: SGD([Value(1.0)], HOSTILE),
    "diagnose": lambda: diagnose(Odd(), [[1.0]]),
    "an activation": lambda: Neuron(2, HOSTILE),
    "no activation": lambda: Neuron(2, Odd()),
    "an activation's result": lambda: Neuron(2, lambda _: Odd()),
    "an initialiser": lambda: Neuron(2, init=HOSTILE),
    "no initialiser": lambda: Neuron(2, init=Odd()),
    "a seed": lambda: Neuron(2, seed=Odd()),
    "sizes": lambda: MLP(2, HOSTILE),
    "a size": lambda: MLP(2, [Odd()]),
    "a probability": lambda: Dropout(HOSTILE),
    "inputs": lambda: Neuron(2)(HOSTILE),
    "an input": lambda: Neuron(1)([Odd()]),
    "a perceptron's target": lambda: Perceptron(1).learn([1.0], HOSTILE),
    "a loss": lambda: losses.find_loss(HOSTILE),
    "no loss": lambda: losses.find_loss(Odd()),
    "a class": lambda: losses.cross_entropy([0.5, 0.5], HOSTILE),
    "a prediction": lambda: losses.cross_entropy(HOSTILE, 0),
    "fit's model": lambda: fit(Odd(), [[1.0]], [1.0]),
    "fit's optimizer": lambda: xor(optimizer=HOSTILE),
    "fit's other optimizer": lambda: xor(optimizer=Odd()),
    "fit's targets": lambda: fit(Neuron(1), [[1.0]], [HOSTILE], loss="mse", lr=0.1),
    "fit's validation": lambda: xor(validation=HOSTILE),
    "fit's parameters": lambda: fit(diverging(HOSTILE), [[1.0]], [1.0], loss="mse", lr=0.1),
    "draw": lambda: viz.draw(Odd()),
    "draw's direction": lambda: viz.draw(Value(1.0), rankdir=HOSTILE),
    "a picture's format": lambda: viz.draw(Value(1.0)).render_bytes(HOSTILE),
    "a picture's folder": lambda: viz.draw(Value(1.0)).save(f"{HOSTILE[:200]}/a.svg"),
    "a stepper's ending": lambda: viz.stepper(Value(1.0) * 2).save(f"a.{HOSTILE}"),
    "a stepper's folder": lambda: viz.stepper(Value(1.0) * 2).save(f"{HOSTILE[:200]}/a.html"),
    "a model's ending": lambda: Neuron(1).save(f"a.{HOSTILE}"),
    "a model's folder": lambda: Neuron(1).save(f"{HOSTILE}/a.json"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_errors_are_short_and_printable(call):
    with pytest.raises((TypeError, ValueError, RuntimeError, OSError)) as caught:
        call()
    message = str(caught.value)
    assert len(message) < 600
    assert message.isprintable(), message


@pytest.mark.parametrize(
    "arguments",
    [
        ["a", HOSTILE],
        ["a", f"a={HOSTILE}"],
        [HOSTILE],
        ["--svg", HOSTILE, "a", "a=1"],
        ["--svg", f"{HOSTILE}/a.svg", "a", "a=1"],
        ["--sv", HOSTILE, "a", "a=1"],
        [f"--{HOSTILE}", "a"],
        ["check", "a", "--at", "a=1", "--claim", HOSTILE],
        ["check", "a", "--at", "a=1", "--claim", f"{HOSTILE}=1", "--claim", f"{HOSTILE}=1"],
    ],
)
def test_the_commands_errors_are_short_and_printable(arguments, capsys):
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) < 700
    assert line.isprintable(), line


def test_shown_and_quoted():
    assert shown("a\x1b[0m") == r"a\x1b[0m"
    assert quoted("a\n") == r"'a\n'"
    assert shown("ŷ = a·b") == "ŷ = a·b"
    assert quoted(["ŷ"]) == "['ŷ']"
    assert shown("x" * 61) == "x" * 59 + "…"
    assert shown("\x1b" * 60) == r"\x1b" * 14 + r"\x1" + "…"
    assert quoted("x" * 61) == f"'{'x' * 58}…"
    assert quoted(Odd()).startswith(r"\x1b[2J\x1b]0;title\x07\r\n\u202e\x9bxxx")
    assert len(quoted(Odd())) == 60
    assert quoted(10**5000) == "a int too long to show"
    assert re.fullmatch(r"10{58}…", quoted(10**400))

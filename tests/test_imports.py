"""What an import costs and brings: `import autograd` needs neither NumPy nor anything outside Python."""

import subprocess
import sys


def modules_after(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in result.stdout.split()}


def test_autograd_loads_nothing_heavy():
    loaded = modules_after("import autograd; autograd.Value(2.0).tanh().backward()")
    assert "autograd" in loaded
    assert not loaded & {"numpy", "graphviz", "pygraphviz", "sympy", "nn", "viz", "typing", "dataclasses", "inspect"}


def test_nn_loads_no_numpy():
    assert "numpy" not in modules_after("import nn; nn.MLP(2, [3, 1])([1.0, 2.0])")

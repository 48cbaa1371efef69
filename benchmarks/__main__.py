"""``make bench``: the engine beside its peers, all in one run, as ratios."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time

import autograd
from autograd import Value
from viz import draw

from . import eager
from .timing import duration, report, seconds


def pictures() -> None:
    """From graph to SVG: 1,000 nodes drawn whole, 100,000 collapsed."""
    x = Value(0.5, "x")
    nodes = [x]
    for i in range(999):
        nodes.append(nodes[-1].tanh() if i % 3 else nodes[-1] * nodes[i // 2])
    nodes[-1].backward()
    whole = statistics.median(seconds(lambda: draw(nodes[-1], max_nodes=None).svg, 1) for _ in range(5))
    long = eager.chain(Value, 10**5)
    folded = statistics.median(seconds(lambda: draw(long).svg, 1) for _ in range(3))
    print(f"\ndraw\n  1,000 nodes, whole: {duration(whole)}\n  100,000 nodes, collapsed: {duration(folded)}")


def imports() -> None:
    """Whole processes: Python that does nothing, and Python that imports one thing."""
    statements = {"nothing": "pass", "chainrule": "import autograd", "numpy": "import numpy", "torch": "import torch"}
    times: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(15):
        for name, statement in statements.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(t) for name, t in times.items()}
    nothing = medians.pop("nothing")
    report("import: more than Python itself", {name: t - nothing for name, t in medians.items()})


def main() -> None:
    peers = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("micrograd", "xad", "torch", "numpy"))
    print(f"chainrule {autograd.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores; {peers}")
    eager.expression()
    eager.training_step()
    eager.long_chain()
    pictures()
    imports()


if __name__ == "__main__":
    main()

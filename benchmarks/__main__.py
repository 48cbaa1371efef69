"""``make bench``: the engine beside its peers, all in one run, as ratios.

python -m benchmarks                all parts
python -m benchmarks program gpt    these
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time

from threadpoolctl import threadpool_limits

import autograd
from autograd import Value
from viz import draw

from . import eager, gpt, program
from .timing import duration, report, seconds


def pictures() -> None:
    """From graph to SVG: a network on one example drawn whole, a long chain collapsed."""
    root = eager.one_example()
    root.backward()
    count = len(autograd.graph.topological(root))
    whole = statistics.median(seconds(lambda: draw(root, max_nodes=None).svg, 1) for _ in range(5))
    long = eager.chain(Value, 10**5)
    folded = statistics.median(seconds(lambda: draw(long).svg, 1) for _ in range(3))
    print(f"\ndraw\n  {count:,} nodes, whole: {duration(whole)}\n  100,000 nodes, collapsed: {duration(folded)}")


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


PARTS = {"eager": eager.main, "program": program.main, "gpt": gpt.main, "draw": pictures, "import": imports}
PEERS = ("micrograd", "xad", "torch", "jax", "numpy", "numba", "scikit-learn")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="chainrule beside its peers.")
    choices = (*PARTS, [])  # Python 3.11 asks whether no parts at all are one of them
    parser.add_argument("parts", nargs="*", choices=choices, metavar="part", help=f"{', '.join(PARTS)}; all by default")
    parts = parser.parse_args().parts or PARTS
    peers = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    print(f"chainrule {autograd.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores; {peers}")
    gc.freeze()  # the peers' modules are no garbage: their size must not slow everybody's collections
    with threadpool_limits(1):  # NumPy's threads and PyTorch's, in one process, take each other's cores
        for part in parts:
            PARTS[part]()


if __name__ == "__main__":
    main()

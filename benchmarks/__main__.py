"""``make bench``: the engine beside its peers, all in one run, as ratios.

python -m benchmarks                all parts
python -m benchmarks program gpt    these

What each part reports is written to ``results/<part>.json``, with the machine and the versions.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

import autograd
from autograd import Value
from viz import draw

from . import eager, expression, first, gpt, jax_engine, program, training
from .timing import RESULTS, Time, report, seconds


def pictures() -> None:
    """From graph to SVG: a network on one example drawn whole, a long chain collapsed."""
    root = eager.one_example()
    root.backward()
    count = len(autograd.graph.topological(root))
    whole = Time.of([seconds(lambda: draw(root, max_nodes=None).svg, 1) for _ in range(5)])
    long = eager.chain(Value, 10**5)
    folded = Time.of([seconds(lambda: draw(long).svg, 1) for _ in range(3)])
    drawn = f"{count:,} nodes, whole"
    report("draw", {drawn: whole, "100,000 nodes, collapsed": folded}, against=drawn)


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


PARTS = {
    "eager": eager.main,
    "program": program.main,
    "training": training.main,
    "expression": expression.main,
    "jax": jax_engine.main,
    "gpt": gpt.main,
    "first": first.main,
    "draw": pictures,
    "import": imports,
}
PEERS = ("micrograd", "xad", "torch", "jax", "numpy", "numba", "scikit-learn")
FOLDER = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """What the figures were taken on, and with."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {"chainrule": autograd.__version__} | {name: importlib.metadata.version(name) for name in PEERS},
    }


def processor() -> str:
    """Its name, where the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="chainrule beside its peers.")
    choices = (*PARTS, [])  # Python 3.11 asks whether no parts at all are one of them
    parser.add_argument("parts", nargs="*", choices=choices, metavar="part", help=f"{', '.join(PARTS)}; all by default")
    parts = parser.parse_args().parts or PARTS
    here = machine()
    versions = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    print(f"{here['processor']}, {here['cores']} cores, Python {here['python']}; {versions}")
    gc.freeze()  # the peers' modules are no garbage: their size must not slow everybody's collections
    FOLDER.mkdir(exist_ok=True)
    with threadpool_limits(1):  # NumPy's threads and PyTorch's, in one process, take each other's cores
        for part in parts:
            RESULTS.clear()
            PARTS[part]()
            text = json.dumps(here | {"results": RESULTS}, indent=1, ensure_ascii=False)
            (FOLDER / f"{part}.json").write_text(text + "\n", encoding="utf-8")
    print(f"\nThe figures are in {FOLDER}")


if __name__ == "__main__":
    main()

"""Where a gradient is a residual, ``dz = a − y``, as in docs/lectures.md, "Logistic regression".

Found by its numbers, however the loss was written: at a few random valuations of the leaves the gradient of z is
(a − y)/m, with a the sigmoid of z, y a leaf, and the same whole m.
"""

from __future__ import annotations

import math
import random

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trace import Trace

MOST = 2000  # nodes; larger graphs are not searched
POINTS = 3


def residuals(trace: Trace) -> dict[int, tuple[int, int, int]]:
    """z -> (a, y, m), by node ids, for each z whose gradient is (a − y)/m."""
    nodes = trace.record["nodes"]
    sigmoids = {node["inputs"][0]: at for at, node in enumerate(nodes) if node["op"] == "sigmoid"}
    targets = [at for at, node in enumerate(nodes) if node["kind"] in ("input", "constant")]
    if not sigmoids or len(nodes) > MOST:
        return {}
    rng = random.Random(0)  # the points are the same each time
    leaves = [at for at, node in enumerate(nodes) if node["op"] is None and node["kind"] != "constant"]
    points = [trace.revalued({at: rng.uniform(0.1, 0.9) for at in leaves}) for _ in range(POINTS)]
    gradients = [point.gradients() for point in points]
    data = [[float(node["data"]) for node in point.record["nodes"]] for point in points]

    found: dict[int, tuple[int, int, int]] = {}
    for z, a in sigmoids.items():
        for y in targets:
            differences = [numbers[a] - numbers[y] for numbers in data]
            wanted = [gradient.get(z, math.nan) for gradient in gradients]
            share = round(differences[0] / wanted[0]) if wanted[0] and math.isfinite(wanted[0]) else 0
            if share >= 1 and all(
                math.isclose(d, w * share, rel_tol=1e-9) for d, w in zip(differences, wanted, strict=True)
            ):
                found[z] = a, y, share
                break
    return found

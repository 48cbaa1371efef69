"""Random graphs: every gradient against mpmath at 60 digits, and against PyTorch where it is installed."""

import mpmath as mp
import pytest
from oracles import DIGITS, assert_close, central_difference, textbook_value, torch_functions
from random_graphs import OF_ALL_ROWS, SEEDS, blocks, of_all_rows, recipe

from autograd import graph
from autograd.table.ops import OPS

BLOCKS = [[recipe, *seeds] for seeds in blocks(SEEDS)] + [[of_all_rows, *seeds] for seeds in blocks(OF_ALL_ROWS)]


def test_the_graphs_are_what_they_claim():
    counts: dict[str, int] = {}
    sizes, fan_out = [], 0
    for made in (*map(recipe, SEEDS), *map(of_all_rows, OF_ALL_ROWS)):
        _, root = made.build()
        for name, n in graph.count_ops(root).items():
            counts[name] = counts.get(name, 0) + n
        sizes.append(sum(graph.count_ops(root).values()))
        fan_out = max(fan_out, *graph.users(root).values())
    assert set(counts) == set(OPS)  # every row of the table occurs
    assert min(counts.values()) >= 5
    assert min(sizes) >= 5
    assert max(sizes) > 150
    assert fan_out >= 5


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block[1]}-{block[-1]}")
def test_gradients_equal_mpmath(block):
    make, *seeds = block
    with mp.workdps(DIGITS):
        for seed in seeds:
            made = make(seed)
            leaves, root = made.build()
            root.backward()

            def value(x):
                return made.follow(x, textbook_value, mp.mpf)[-1]  # noqa: B023

            x = made.leaves
            assert_close(root.data, value(map(mp.mpf, x)), 1e-11, f"graph {seed}")
            for i, leaf in enumerate(leaves):
                assert_close(leaf.grad, central_difference(value, x, i), 1e-9, f"graph {seed}, leaf {i}")


@pytest.mark.oracle
def test_gradients_equal_pytorch():
    functions = torch_functions()
    import torch

    for made in (*map(recipe, SEEDS), *map(of_all_rows, OF_ALL_ROWS)):
        if any(functions[op.name] is None for op, _ in made.steps):  # a row that PyTorch does not have
            continue
        leaves, root = made.build()
        root.backward()
        x = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in made.leaves]
        y = made.follow(
            x, lambda op, flat: functions[op.name](*op.split(flat)), lambda v: torch.tensor(v, dtype=torch.float64)
        )[-1]
        y.backward()
        assert root.data == pytest.approx(y.item(), rel=1e-9, abs=0)
        for leaf, other in zip(leaves, x, strict=True):
            want = 0.0 if other.grad is None else other.grad.item()
            noise = 1e-13 if abs(want) < 1e-13 else 0  # PyTorch's own rounding of a 0; mpmath, above, is strict there
            assert leaf.grad == pytest.approx(want, rel=1e-9, abs=noise)

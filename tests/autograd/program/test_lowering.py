"""Each pass of lowering by itself, on small tapes: what goes in, and what comes out, to the last node."""

import sys
from textwrap import dedent

import numpy as np
import pytest

import autograd
from autograd import Value, dot, exp, log, parameter, relu, softmax, take, tanh
from autograd.program.blocks import Blocks
from autograd.program.fuse import fuse_products
from autograd.program.lower import (
    drop_dead,
    fold_constants,
    fuse_all,
    lowered,
    order_operands,
    separate_parameters,
    share,
    spread_lists,
    spread_operands,
    sum_products,
)
from autograd.program.recording import record_function, record_graph
from autograd.program.tape import AFFINE
from autograd.table.ops import ADD, OPS

w, b, u = (parameter(x, name) for x, name in [(2.0, "w"), (1.0, "b"), (3.0, "u")])
W = [parameter(float(k), f"w{k}") for k in (1, 2, 3, 4)]
B = [parameter(float(k), f"b{k}") for k in (1, 2)]


def tape(f, *examples, parameters=None):
    """The tape of a function, before any pass."""
    return record_function(f, examples, parameters, False)[0]


def assert_reads(made, text):
    assert str(made) == dedent(text).strip()


def layer(x):
    """Two neurons without an activation."""
    return [dot(W[:2], x) + B[0], dot(W[2:], x) + B[1]]


# --- the tape itself ----------------------------------------------------------------------------------


def test_a_tape_is_what_was_recorded():
    made = tape(lambda x: log(w * x + 2.0) - Value(0.5, "half"), 1.0)
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = *(%1, %0)
        %3 = 2.0
        %4 = +(%2, %3)
        %5 = log(%4)
        %6 = 0.5  # half
        %7 = -(%5, %6)
        """,
    )
    assert (made.inputs, made.parameters, made.outputs) == ([0], [1], [7])


def test_a_number_is_one_node_and_the_two_zeros_are_two():
    made = tape(lambda x: (x + 0.0) * (x + -0.0) + 0.0, 1.0)
    assert [x.hex() for x in made.constants.values()] == ["0x0.0p+0", "-0x0.0p+0"]


@pytest.mark.parametrize(("chosen", "order"), [(None, "ub"), ([b, w, u], "bwu"), ([b], "b"), ([], "")])
def test_parameters_stand_in_the_order_of_first_use_or_as_they_are_given(chosen, order):
    made = tape(lambda x: u * x + b, 1.0, parameters=chosen)
    assert "".join(made.leaves[i].label for i in made.parameters) == order


def test_what_depends_on_an_input_varies_and_what_depends_on_a_parameter_learns():
    made = tape(lambda x: [w * b + exp(x), w * 2.0], 1.0, parameters=[w])
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = leaf  # b
        %3 = *(%1, %2)
        %4 = exp(%0)
        %5 = +(%3, %4)
        %6 = 2.0
        %7 = *(%1, %6)
        """,
    )
    assert list(made.varying()) == [1, 0, 0, 0, 1, 1, 0, 0]
    assert list(made.learning()) == [0, 1, 0, 1, 0, 1, 0, 1]


# --- fold_constants, share, drop_dead -----------------------------------------------------------------


def test_what_is_computed_from_numbers_alone_becomes_a_number():
    made = fold_constants(tape(lambda x: x * (Value(2.0) * 3.0 + log(Value(1.0))), 0.5))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = 2.0
        %2 = 3.0
        %3 = 6.0
        %4 = 1.0
        %5 = 0.0
        %6 = *(%0, %3)
        """,
    )


def test_folding_keeps_to_ieee_754():
    made = fold_constants(tape(lambda x: x + log(Value(0.0)) + (1 / Value(0.0)) + log(Value(-1.0)), 0.5))
    assert [repr(x) for x in made.constants.values()] == ["0.0", "-inf", "1.0", "inf", "-1.0", "nan"]


def test_folding_does_no_algebra():
    """0·x is nan where x is inf, and x + 0.0 is another zero than −0.0."""
    made = tape(lambda x: 0.0 * x + x * 1.0 + (x + 0.0) + (x - x), 0.5)
    assert str(fold_constants(made)) == str(made)


def test_common_subexpressions_are_computed_once():
    made = share(tape(lambda x: (w * x + b) * (w * x - b) + exp(w * x + b), 0.5))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = *(%1, %0)
        %3 = parameter  # b
        %4 = +(%2, %3)
        %5 = -(%2, %3)
        %6 = *(%4, %5)
        %7 = exp(%4)
        %8 = +(%6, %7)
        """,
    )


def test_the_same_operands_in_another_order_or_place_are_not_the_same():
    made = tape(lambda x: [x - w, w - x, x * w, w * x, x / w, relu(x), exp(x)], 0.5)
    assert str(share(made)) == str(made)


def test_sums_and_products_in_another_order_are_computed_once():
    made = order_operands(tape(lambda x, y: (x + y) * (y + x) - (y - x) / (y * x), 0.5, 1.0))
    assert_reads(
        share(made),
        """
        %0 = input  # x
        %1 = input  # y
        %2 = +(%0, %1)
        %3 = *(%2, %2)
        %4 = -(%1, %0)
        %5 = *(%0, %1)
        %6 = /(%4, %5)
        %7 = -(%3, %6)
        """,
    )
    assert order_operands(made) is made


def test_a_shared_node_keeps_the_label_it_had_first():
    def f(x):
        y, z = exp(x), exp(x)
        y.label, z.label = "y", "z"
        return y * z

    assert share(tape(f, 0.5)).labels == {0: "x", 1: "y"}


def test_what_no_output_needs_is_dropped_but_inputs_and_parameters_stay():
    def f(x, y):  # noqa: ARG001
        exp(w * x)
        return w * x

    made = drop_dead(tape(f, 0.5, 1.0, parameters=[b, w]))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = input  # y
        %2 = parameter  # b
        %3 = parameter  # w
        %4 = *(%3, %0)
        """,
    )
    assert (made.inputs, made.parameters, made.outputs) == ([0, 1], [2, 3], [4])
    assert drop_dead(made) is made


def test_another_output_keeps_other_nodes_alive():
    made = tape(lambda x: exp(x) * log(x), 0.5)
    assert_reads(drop_dead(made.computing([2])), "%0 = input  # x\n%1 = log(%0)")


# --- fuse_products ------------------------------------------------------------------------------------

NEURON = """
%0 = input  # x1
%1 = input  # x2
%2 = parameter  # w1
%3 = parameter  # w2
%4 = parameter  # b
%5 = affine(%2, %3, %0, %1, %4)
"""


def test_a_dot_and_a_bias_are_a_neuron():
    assert_reads(fuse_products(tape(lambda x: dot(W[:2], x) + b, [1.0, 2.0])), NEURON)
    assert_reads(fuse_products(tape(lambda x: dot(x, W[:2]) + b, [1.0, 2.0])), NEURON)


def test_the_sum_that_micrograd_writes_is_the_same_neuron():
    made = fuse_products(tape(lambda x: sum((wk * xk for wk, xk in zip(W[:2], x, strict=True)), b), [1.0, 2.0]))
    assert_reads(
        made,
        """
        %0 = input  # x1
        %1 = input  # x2
        %2 = parameter  # w1
        %3 = parameter  # b
        %4 = parameter  # w2
        %5 = affine(%2, %4, %0, %1, %3)
        """,
    )


def test_a_sum_of_a_list_is_one_too():
    made = fuse_products(tape(lambda x: autograd.sum([W[0] * x[0], b, W[1] * x[1], u]), [1.0, 2.0]))
    assert str(made).splitlines()[-2:] == ["%6 = +(%4, %5)", "%7 = affine(%2, %3, %0, %1, %6)"]


def test_a_dot_of_parameters_and_inputs_in_any_order():
    made = fuse_products(tape(lambda x, y: dot([w, b, x], [y, u, w]), 1.0, 2.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = input  # y
        %2 = parameter  # w
        %3 = parameter  # b
        %4 = parameter  # u
        %5 = *(%3, %4)
        %6 = affine(%2, %2, %1, %0, %5)
        """,
    )


def test_without_a_bias_it_is_zero():
    made = fuse_products(tape(lambda x: dot(W[:2], x), [1.0, 2.0]))
    assert str(made).splitlines()[-2:] == ["%4 = 0.0", "%5 = affine(%2, %3, %0, %1, %4)"]


def test_what_is_subtracted_gets_its_sign():
    made = fuse_products(tape(lambda x, y: b - (w * x - u) - y * u, 1.0, 2.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = input  # y
        %2 = parameter  # w
        %3 = parameter  # u
        %4 = parameter  # b
        %5 = neg(%2)
        %6 = neg(%3)
        %7 = +(%4, %3)
        %8 = affine(%5, %6, %0, %1, %7)
        """,
    )


def test_a_subtracted_dot_of_all_kinds_of_pairs_keeps_its_sign():
    """Of parameters with inputs, in either order, and of two parameters, which is a part of the bias."""

    def f(x, y):
        return tanh(y - dot([w, x, b], [x, u, u]))

    program = autograd.record(f, 0.3, -0.4, parameters=[w, b, u])
    assert "affine(" in str(fuse_products(tape(f, 0.3, -0.4)))
    x, y = [0.3, -1.2, 2.0], [-0.4, 0.7, 1.1]
    value, gradients = program.value_and_grad(x, y)
    leaves = [parameter(v.data) for v in (w, b, u)]

    def eager(x, y):
        p, q, r = leaves
        return tanh(y - (p * x + x * r + q * r))

    J = autograd.mean([eager(*pair) for pair in zip(x, y, strict=True)])
    J.backward()
    assert value == pytest.approx(J.data, rel=1e-12)
    assert list(gradients) == pytest.approx([leaf.grad for leaf in leaves], rel=1e-9)


def test_terms_that_do_not_vary_add_up_to_the_bias():
    made = fuse_products(tape(lambda x: w * x + b - u + w * u, 1.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = parameter  # b
        %3 = parameter  # u
        %4 = *(%1, %3)
        %5 = neg(%3)
        %6 = sum(%2, %5, %4)
        %7 = affine(%1, %0, %6)
        """,
    )


def test_the_x_of_a_residual_connection_stays_outside():
    """So that x[j] + W[j]·h reads the same inputs h for all j."""
    made = fuse_products(tape(lambda x, h: [x[0] + layer(h)[0], x[1] + layer(h)[1]], [1.0, 2.0], [3.0, 4.0]))
    x, h = made.inputs[:2], made.inputs[2:]
    for j, output in enumerate(made.outputs):
        neuron, residual = made.args[output]
        assert (made.ops[output], made.ops[neuron], residual) == (ADD, AFFINE, x[j])
        assert list(made.args[neuron][2:4]) == h


def test_a_sum_that_is_used_twice_stays():
    def f(x):
        z = w * x + b
        return u * x + z + exp(z)

    made = fuse_products(tape(f, 1.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = parameter  # b
        %3 = affine(%1, %0, %2)
        %4 = parameter  # u
        %5 = exp(%3)
        %6 = 0.0
        %7 = affine(%4, %0, %6)
        %8 = +(%7, %3)
        %9 = +(%8, %5)
        """,
    )


def test_an_output_inside_a_sum_stays():
    def f(x, y):
        z = w * x + b
        return [z, z + u * y]

    made = fuse_products(tape(f, 1.0, 2.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = input  # y
        %2 = parameter  # w
        %3 = parameter  # b
        %4 = affine(%2, %0, %3)
        %5 = parameter  # u
        %6 = 0.0
        %7 = affine(%5, %1, %6)
        %8 = +(%7, %4)
        """,
    )
    assert made.outputs == [4, 8]


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: 2.0 * x + y,
        lambda x, y: 0.5 * x - y,
        lambda x, y: x * y + b,
        lambda x, y: dot([x, y], [y, x]),
        lambda x, y: autograd.sum([x, y, b]),
        lambda x, y: exp(x) + y,
        lambda x, y: [w * x, u * y],
        lambda x, y: w * b + exp(u) + [x, y][0],
    ],
)
def test_what_is_no_sum_of_parameters_times_inputs_is_left_alone(f):
    made = tape(f, 1.0, 2.0)
    assert str(fuse_products(made)) == str(made)


def test_a_product_with_a_plain_number_stays_outside_of_a_neuron():
    made = fuse_products(tape(lambda x, y: 2.0 * x + w * y + b, 1.0, 2.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = input  # y
        %2 = 2.0
        %3 = *(%2, %0)
        %4 = parameter  # w
        %5 = parameter  # b
        %6 = affine(%4, %1, %5)
        %7 = +(%6, %3)
        """,
    )


def test_a_long_chain_of_additions_is_one_sum():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    total = x
    for _ in range(10_000):
        total = total + y + x
    made = fuse_products(record_graph(total, [x, y], None)[0])
    assert made.ops == [None, None, OPS["sum"]]
    assert made.args[2] == (0, *[1, 0] * 10_000)


def test_a_short_chain_that_varies_is_one_sum_only_for_readers():
    """Its rows are added faster one by one, where they stand."""
    made = tape(lambda x, y: exp(x) + y + x * y, 1.0, 2.0)
    assert fuse_products(made) is made
    assert str(fuse_all(made)).splitlines()[-1] == "%4 = sum(%2, %1, %3)"


def test_the_sum_of_squares_that_micrograd_writes():
    """``sum`` starts with 0; what all examples share is one sum, however short, and apart from what varies."""
    made = fuse_products(tape(lambda x: exp(x) + 0.1 * sum(p * p for p in W[:3]), 1.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = exp(%0)
        %2 = parameter  # w1
        %3 = *(%2, %2)
        %4 = 0.0
        %5 = parameter  # w2
        %6 = *(%5, %5)
        %7 = parameter  # w3
        %8 = *(%7, %7)
        %9 = sum(%4, %3, %6, %8)
        %10 = 0.1
        %11 = *(%10, %9)
        %12 = +(%1, %11)
        """,
    )


def test_what_is_added_in_a_loop_is_added_up_apart():
    def loss(x):
        y = exp(x)
        for p in W:
            y = y + p * p
        for p in B:
            y = y + abs(p)
        return y

    made = blocks(loss, 0.5)
    assert [(block.op.name, block.size) for block in made.shared] == [("*", 4), ("abs", 2), ("sum", 1)]
    assert [(block.op.name, block.size) for block in made.varying] == [("exp", 1), ("+", 1)]


def test_of_a_list_the_numbers_that_all_examples_share_are_added_up_apart():
    made = blocks(lambda x: autograd.sum([exp(x), *W]), 0.5)
    assert [block.op.name for block in (*made.shared, *made.varying)] == ["sum", "exp", "+"]


def test_a_sum_below_a_sign_is_one():
    made = blocks(lambda x: x - sum(W) + (-sum(B, u)), 1.0)
    assert [block.op.name for block in made.shared] == ["sum", "sum", "neg"]
    assert [block.op.name for block in made.varying] == ["-", "+"]


def test_differences_are_taken_apart_only_in_the_order_in_which_they_are_written():
    """So that nothing cancels that did not before."""
    made = fuse_products(tape(lambda x: x * (W[0] + W[1] - W[2] + W[3] - B[0]), 1.0))
    names = [op.name for op in made.ops if op]
    assert names == ["neg", "neg", "sum", "*"]
    made = fuse_products(tape(lambda x: x * ((W[0] - W[1]) + (W[2] - W[3]) + (B[0] - B[1])), 1.0))
    assert [op.name for op in made.ops if op] == ["-", "-", "-", "sum", "*"]
    made = fuse_products(tape(lambda x: x * ((W[0] + u - W[1]) + (W[2] + u - W[3])), 1.0))
    assert [op.name for op in made.ops if op] == ["+", "-", "neg", "sum", "*"]

    def f(x, y):
        return sum([(a + u - b) for a, b in zip(x, y, strict=True)], u)

    program = autograd.record(f, [0.0] * 12, [0.0] * 12)
    x = np.linspace(1e12, 2e12, 12)[None]
    assert program(x, x - 0.25).tolist() == [3.0 + 12 * 3.25]


def test_a_part_of_a_sum_that_somebody_else_uses_stays():
    def f(x):
        part = W[0] + W[1] + W[2]
        return x * (part + W[3] + u) + part

    made = fuse_products(tape(f, 1.0))
    assert [(op.name, len(args)) for op, args in zip(made.ops, made.args, strict=True) if op] == [
        ("sum", 3),
        ("sum", 3),
        ("affine", 3),
    ]


@pytest.mark.parametrize("executor", ["numpy", "numba"])
@pytest.mark.parametrize("m", [1, 5, 100])
def test_sums_that_were_written_with_signs_agree_with_values(executor, m):
    if executor == "numba":
        pytest.importorskip("numba")
    ps = [parameter(0.3 * k - 1.0, f"p{k}") for k in range(12)]

    def loss(x, y):
        total = x * ps[0]
        for k, p in enumerate(ps):
            total = total + p * p - abs(p) * 0.1 + (y - p) * (1 if k % 3 else -1) - tanh(x + k)
        return total - (ps[1] + ps[2] - ps[3] * 2 + exp(x)) - sum([p**2 for p in ps], y)

    rng = np.random.default_rng(m)
    x, y = rng.normal(size=m), rng.normal(size=m)
    value, gradients = autograd.record(loss, 0.5, 0.5).using(executor).value_and_grad(x, y)
    mean = autograd.mean([loss(Value(a), Value(b)) for a, b in zip(x, y, strict=True)])
    mean.backward()
    assert value == pytest.approx(mean.data, rel=1e-12)
    assert list(gradients) == pytest.approx([p.grad for p in ps], rel=1e-12)


# --- sum_products ----------------------------------------------------------------------------------------


def test_a_sum_of_products_that_all_examples_share_is_a_dot():
    made = sum_products(tape(lambda x: x * autograd.sum([w * w, w * b]), 1.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = parameter  # b
        %3 = dot(%1, %1, %1, %2)
        %4 = *(%0, %3)
        """,
    )


@pytest.mark.parametrize(
    "f",
    [
        lambda x: autograd.sum([w * x, b * x]),
        lambda x: x * autograd.sum([w * w, b]),
        lambda x: (lambda square: autograd.sum([square, b * b]) * square * x)(w * w),
        lambda x: (lambda square: autograd.sum([square, square]) * x)(w * w),
    ],
    ids=["varies", "no product", "used again", "used twice"],
)
def test_other_sums_are_no_dots(f):
    made = tape(f, 1.0)
    assert sum_products(made) is made


# --- spread_lists, spread_operands, separate_parameters -----------------------------------------------


def test_a_list_is_of_one_kind():
    made = spread_lists(tape(lambda x: autograd.sum([x, w, 2.0, w]) + dot([w, b], [x, x]), 1.0))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = parameter  # w
        %2 = 2.0
        %3 = spread(%1)
        %4 = spread(%2)
        %5 = sum(%0, %3, %4, %3)
        %6 = parameter  # b
        %7 = dot(%1, %6, %0, %0)
        %8 = +(%5, %7)
        """,
    )
    assert list(made.varying()) == [1, 0, 0, 1, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    "f", [lambda x: take([w, b], x), lambda x: softmax([w, b])[0] * x, lambda x: autograd.sum([x, x]) + w]
)
def test_lists_that_are_of_one_kind_are_left_alone(f):
    made = tape(f, 1.0)
    assert str(spread_lists(made)) == str(made)


def test_all_operands_can_be_made_to_vary_but_tables_and_neurons():
    made = spread_operands(fuse_products(tape(lambda x, k: relu(w * x + b) * w + take([w, b], k) + w * b, 1.0, 0)))
    assert_reads(
        made,
        """
        %0 = input  # x
        %1 = input  # k
        %2 = parameter  # w
        %3 = parameter  # b
        %4 = affine(%2, %0, %3)
        %5 = relu(%4)
        %6 = take(%2, %3, %1)
        %7 = *(%2, %3)
        %8 = affine(%2, %5, %7)
        %9 = +(%8, %6)
        """,
    )
    made = spread_operands(tape(lambda x, y: exp(x * w) / w + y, 1.0, 0.0))
    assert str(made).splitlines()[3:6] == ["%3 = spread(%2)", "%4 = *(%0, %3)", "%5 = exp(%4)"]
    assert str(made).splitlines()[6] == "%6 = /(%5, %3)"


def test_parameters_can_be_made_inputs_of_every_example():
    made = tape(lambda x: u * x + b, 1.0)
    separate = separate_parameters(made)
    assert separate.inputs == made.inputs + made.parameters
    assert separate.parameters == made.parameters
    assert all(separate.varying())
    assert made.inputs == [0]  # as it was


# --- blocks -------------------------------------------------------------------------------------------


def blocks(f, *examples):
    return Blocks(lowered(tape(f, *examples)))


def test_neurons_that_read_the_same_inputs_are_one_block():
    made = blocks(lambda x: dot([w, u], [tanh(z) for z in layer(x)]) + b, [1.0, 2.0])
    assert_reads(
        made,
        """
        rows 2:4 = affine (1×2)
        rows 4:6 = tanh (2)
        rows 6:7 = affine (1×1)
        """,
    )
    hidden = made.varying[0]
    place = {leaf.label: made.at[i] for i, leaf in made.tape.leaves.items()}
    w_at, x_at, b_at = (operand.at.tolist() for operand in hidden.operands)
    assert w_at == [[place["w1"], place["w2"]], [place["w3"], place["w4"]]]
    assert x_at == [[place["x1"], place["x2"]]] == [[0, 1]]
    assert b_at == [place["b1"], place["b2"]]
    assert [operand.varying for operand in hidden.operands] == [False, True, False]


def test_the_same_neurons_at_several_places_are_one_block():
    made = blocks(lambda X: autograd.sum([tanh(z) for x in X for z in layer(x)]), [[1.0, 2.0]] * 3)
    assert_reads(
        made,
        """
        rows 6:12 = affine (3×2)
        rows 12:18 = tanh (6)
        rows 18:19 = sum (1)
        """,
    )
    w_at, x_at, _ = made.varying[0].operands
    assert w_at.at.shape == (2, 2)
    assert x_at.at.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_other_neurons_that_read_other_inputs_are_another_block():
    made = blocks(lambda x: [dot(W[:2], x[:2]) + b, dot(W[2:], x[1:]) + b], [1.0, 2.0, 3.0])
    assert_reads(made, "rows 3:4 = affine (1×1)\nrows 4:5 = affine (1×1)")


def test_the_rest_is_grouped_by_operation_and_by_distance_from_the_leaves():
    made = blocks(lambda x: [exp(x[0]), exp(x[1] * 2.0), exp(x[2]) * exp(exp(x[0]))], [1.0, 2.0, 3.0])
    assert_reads(
        made,
        """
        rows 3:5 = exp (2)
        rows 5:6 = * (1)
        rows 6:8 = exp (2)
        rows 8:9 = * (1)
        """,
    )


def test_a_product_with_a_number_that_is_shared_is_not_one_with_a_row():
    made = blocks(lambda x, y: [w * x, x * y, x * x, y * w], 1.0, 2.0)
    assert sorted((block.size, [o.varying for o in block.operands]) for block in made.varying) == [
        (2, [False, True]),
        (2, [True, True]),
    ]


def test_rows_stand_in_the_order_in_which_they_are_read():
    """So that a block reads one piece of memory."""
    made = blocks(lambda x: [exp(x[2]), exp(x[0]), exp(x[1])], [1.0, 2.0, 3.0])
    (block,) = made.varying
    assert block.operands[0].at.tolist() == [0, 1, 2]
    assert [made.at[i] for i in made.tape.outputs] == [5, 3, 4]


def test_what_all_examples_share_is_computed_apart():
    made = blocks(lambda x: x * (W[0] * W[1] + W[2] * W[3]), 1.0)
    assert_reads(
        made,
        """
        shared 4:6 = * (2)
        shared 6:7 = + (1)
        rows 1:2 = * (1)
        """,
    )
    assert (made.n_shared, made.n_rows) == (7, 2)


def test_every_node_has_a_place_of_its_own_and_reads_what_comes_before():
    made = blocks(
        lambda x, k: dot(layer(x), softmax([*layer(x), w])[:2]) + take([*x, *layer(x)], k) * (w * b).exp(),
        [1.0, 2.0],
        0,
    )
    kinds = [(bool(kind), at) for kind, at in zip(made.is_varying, made.at, strict=True)]
    assert sorted(kinds) == [(False, i) for i in range(made.n_shared)] + [(True, i) for i in range(made.n_rows)]
    for block in (*made.shared, *made.varying):
        for operand in block.operands:
            assert operand.varying != block.varying or operand.at.max() < block.start


# --- large graphs -------------------------------------------------------------------------------------


def chain(length):
    """A graph as deep as it is long: four nodes for each step."""
    x, a = Value(0.5, "x"), parameter(0.999, "a")
    y = x
    for _ in range(length // 4):
        y = ((a * y).sin() + 0.001) / a
    return x, a, y


@pytest.fixture
def shallow_stack():
    """Python may call no deeper than a test needs."""
    limit = sys.getrecursionlimit()
    yield lambda: sys.setrecursionlimit(150)
    sys.setrecursionlimit(limit)


def test_a_chain_of_20_000_nodes_is_recorded_and_lowered_without_recursion(shallow_stack):
    x, _, y = chain(20_000)
    shallow_stack()
    made = lowered(record_graph(y, [x], None)[0])
    assert len(made) == 20_003  # and x, a, 0.001


def test_a_chain_of_20_000_nodes_is_replayed_without_recursion(shallow_stack):
    x, a, y = chain(20_000)
    y.backward()
    program = autograd.record(y, inputs=[x])
    shallow_stack()
    value, (grad,) = program.value_and_grad([0.5, 0.5])
    assert value == pytest.approx(y.data, rel=1e-12)
    assert grad == pytest.approx(a.grad, rel=1e-12, abs=0)

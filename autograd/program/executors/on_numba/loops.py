"""The loops of the Numba executor that follow from no row of the table: neurons, numbers to rows, a whole replay.

These are plain functions. ``kernels`` puts their text, and what it makes of the rows, into the module that Numba
compiles.

All numbers stand in one array ``v``, their adjoints in ``a``, at the same places: first the numbers that all examples
share, then, from ``base`` on, the rows, one after another, each of ``width`` numbers. Shared numbers are computed like
rows of width 1 from place 0 on. The ends of ``v`` and ``a`` are scratch; the last two numbers of ``v`` are for an index
that is out of range.

Places are unsigned (``U``): a signed one is tested for being negative at each access, which keeps LLVM from using SIMD.
So literals beside them have to be unsigned as well; of a signed and an unsigned number Numba makes a float.
"""

from __future__ import annotations

import math

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...types import Array, Code

    U = int
else:
    U = np.uint64

TILE, BASE, INPUTS, OUTPUTS, SHARED, VARYING, BACK, SHARED_BACK, EMPTY, HEADER = map(U, range(10))
"""Where it stands in the code: the width of a tile; the place of the first row; how many inputs there are; and where
lists begin, their length before them: of outputs (whether it varies, and where it stands); of the places of
instructions, forward and backward; and of rows whose adjoints are added to (the first row, and how many)."""

SPREAD, AFFINE = U(0), U(1)
"""The opcodes of what is written by hand."""
FIRST_VALUE = U(0)
"""The first opcode whose operation has no lists; ``kernels`` puts the number here."""


# --- lists ----------------------------------------------------------------------------------------------------------


def position(v: Array, k: float, n: int) -> int:
    """The index ``k`` into a list of n, as a whole number. One that is out of range is noted, and 0 taken instead."""
    if 0 <= k < n and k == math.floor(k):
        return U(k)
    if v[-2] == 0:
        v[-2], v[-1] = n, k
    return U(0)


# --- matrices: each stands in an array, from some place on, with a step from row to row ------------------------------
#
# Equal rows in give equal rows out, to the bit: so what is left over of pairs goes through the loop of a pair, not
# through one of its own, in which the compiler may round or add up otherwise.


def add_product(
    c_in: Array, c: int, c_step: int, w_in: Array, w: int, w_step: int, w_next: int, x_in: Array, x: int, x_step: int,
    rows: int, terms: int, length: int, spare: int,
) -> None:  # fmt: skip
    """C += W·X: ``rows`` rows of some length, each a sum of ``terms`` rows of X; W has a step to the next number, too.

    Two rows and four terms at once, for then there is more to compute than to load and store. What is left over of
    pairs has itself as its partner, whose result goes to ``spare``, a place in C's array. A single row goes alone.
    """
    r = U(0)
    while r < rows and rows > U(1):
        c0, w0, xs = c + r * c_step, w + r * w_step, x
        c1, w1 = (c0 + c_step, w0 + w_step) if r + U(1) < rows else (spare, w0)
        s = U(0)
        while s + U(3) < terms:
            w00, w01, w02, w03 = w_in[w0], w_in[w0 + w_next], w_in[w0 + U(2) * w_next], w_in[w0 + U(3) * w_next]
            w10, w11, w12, w13 = w_in[w1], w_in[w1 + w_next], w_in[w1 + U(2) * w_next], w_in[w1 + U(3) * w_next]
            x0, x1, x2, x3 = xs, xs + x_step, xs + U(2) * x_step, xs + U(3) * x_step
            for e in range(length):
                u0, u1, u2, u3 = x_in[x0 + e], x_in[x1 + e], x_in[x2 + e], x_in[x3 + e]
                c_in[c0 + e] += w00 * u0 + w01 * u1 + w02 * u2 + w03 * u3
                c_in[c1 + e] += w10 * u0 + w11 * u1 + w12 * u2 + w13 * u3
            w0, w1, xs, s = w0 + U(4) * w_next, w1 + U(4) * w_next, xs + U(4) * x_step, s + U(4)
        while s < terms:
            w00, w10 = w_in[w0], w_in[w1]
            for e in range(length):
                c_in[c0 + e] += w00 * x_in[xs + e]
                c_in[c1 + e] += w10 * x_in[xs + e]
            w0, w1, xs, s = w0 + w_next, w1 + w_next, xs + x_step, s + U(1)
        r += U(2)
    if rows == U(1):
        c0, w0, xs = c, w, x
        s = U(0)
        while s + U(3) < terms:
            w00, w01, w02, w03 = w_in[w0], w_in[w0 + w_next], w_in[w0 + U(2) * w_next], w_in[w0 + U(3) * w_next]
            x0, x1, x2, x3 = xs, xs + x_step, xs + U(2) * x_step, xs + U(3) * x_step
            for e in range(length):
                c_in[c0 + e] += w00 * x_in[x0 + e] + w01 * x_in[x1 + e] + w02 * x_in[x2 + e] + w03 * x_in[x3 + e]
            w0, xs, s = w0 + U(4) * w_next, xs + U(4) * x_step, s + U(4)
        while s < terms:
            w00 = w_in[w0]
            for e in range(length):
                c_in[c0 + e] += w00 * x_in[xs + e]
            w0, xs, s = w0 + w_next, xs + x_step, s + U(1)


def add_product_transposed(
    c_in: Array, c: int, c_step: int, c_next: int, x_in: Array, x: int, x_step: int, y_in: Array, y: int, y_step: int,
    rows: int, columns: int, length: int,
) -> None:  # fmt: skip
    """C += X·Yᵀ: each number the sum of the products of a row of X and a row of Y, both of some length.

    Two rows and four columns at once, or one if there is only one. For those that are missing the last ones are taken
    again, and their results dropped.
    """
    r = U(0)
    while r < rows:
        paired = r + U(1) < rows
        x0 = x + r * x_step
        x1 = x0 + x_step if paired else x0
        s = U(0)
        while s < columns and columns > U(1):
            y0 = y + s * y_step
            y1 = y0 + y_step if s + U(1) < columns else y0
            y2 = y1 + y_step if s + U(2) < columns else y1
            y3 = y2 + y_step if s + U(3) < columns else y2
            t00 = t01 = t02 = t03 = t10 = t11 = t12 = t13 = 0.0
            for e in range(length):
                u0, u1 = x_in[x0 + e], x_in[x1 + e]
                w0, w1, w2, w3 = y_in[y0 + e], y_in[y1 + e], y_in[y2 + e], y_in[y3 + e]
                t00, t01, t02, t03 = t00 + u0 * w0, t01 + u0 * w1, t02 + u0 * w2, t03 + u0 * w3
                t10, t11, t12, t13 = t10 + u1 * w0, t11 + u1 * w1, t12 + u1 * w2, t13 + u1 * w3
            c0 = c + r * c_step + s * c_next
            for t0, t1 in ((t00, t10), (t01, t11), (t02, t12), (t03, t13)):
                if s < columns:
                    c_in[c0] += t0
                    if paired:
                        c_in[c0 + c_step] += t1
                c0, s = c0 + c_next, s + U(1)
        if columns == U(1):
            t00 = t10 = 0.0
            for e in range(length):
                t00, t10 = t00 + x_in[x0 + e] * y_in[y + e], t10 + x_in[x1 + e] * y_in[y + e]
            c_in[c + r * c_step] += t00
            if paired:
                c_in[c + r * c_step + c_step] += t10
        r += U(2)


# --- instructions: an operation, which operands get adjoints, ... ----------------------------------------------------


def spread(v: Array, code: Code, at: int, base: int, width: int) -> None:
    """Rows of equal numbers."""
    for _ in range(code[at + U(2)]):
        row, x, step = base + code[at + U(7)] * width, code[at + U(10)], code[at + U(11)]
        for _ in range(code[at + U(6)]):
            v[row : row + width] = v[x]
            row, x = row + width, x + step
        at += U(6)


def spread_back(a: Array, code: Code, at: int, base: int, width: int) -> None:
    """The sum of a row, to the number that it repeats, if that gets an adjoint."""
    for _ in range(code[at + U(2)]):
        row, x, step = base + code[at + U(7)] * width, code[at + U(10)], code[at + U(11)]
        for _ in range(code[at + U(6)] * code[at + U(8)]):
            total = 0.0
            for e in range(width):
                total += a[row + e]
            a[x] += total
            row, x = row + width, x + step
        at += U(6)


def affine(v: Array, code: Code, at: int, base: int, width: int) -> None:
    """Neurons, Z = W·A + b. The instruction goes on: how many places, neurons, inputs; the first row of the results;

    of the inputs the first row, and the steps from place to place and from input to input; of W the first number and
    the step from neuron to neuron; of b the first number and the step.
    """
    places, k, n, z = code[at + U(2)], code[at + U(3)], code[at + U(4)], base + code[at + U(5)] * width
    x, x_place, x_step = base + code[at + U(6)] * width, code[at + U(7)] * width, code[at + U(8)] * width
    w, w_step, b, b_step = code[at + U(9)], code[at + U(10)], code[at + U(11)], code[at + U(12)]
    row = z
    for _ in range(places):
        for j in range(k):
            for e in range(width):
                v[row + e] = v[b + j * b_step]
            row += width
    if width > U(1):
        for _ in range(places):
            add_product(v, z, width, v, w, w_step, U(1), v, x, x_step, k, n, width, U(v.size) - U(2) - width)
            z, x = z + k * width, x + x_place
        return
    transposed = U(v.size) - U(2) - n * k  # one number per neuron and place: the loops go over the neurons
    for i in range(n):
        for j in range(k):
            v[transposed + i * k + j] = v[w + j * w_step + i]
    add_product(v, z, k, v, x, x_place, x_step, v, transposed, k, places, n, k, transposed - k)


def affine_back(v: Array, a: Array, code: Code, at: int, base: int, width: int) -> None:
    """dW = dZ·Aᵀ, dA = Wᵀ·dZ, db = the row sums of dZ; summed over the places."""
    wanted = code[at + U(1)]
    places, k, n, z = code[at + U(2)], code[at + U(3)], code[at + U(4)], base + code[at + U(5)] * width
    x, x_place, x_step = base + code[at + U(6)] * width, code[at + U(7)] * width, code[at + U(8)] * width
    w, w_step, b, b_step = code[at + U(9)], code[at + U(10)], code[at + U(11)], code[at + U(12)]
    if wanted & U(4):
        row = z
        for _ in range(places):
            for j in range(k):
                total = 0.0
                for e in range(width):
                    total += a[row + e]
                a[b + j * b_step] += total
                row += width
    if width == U(1):
        if wanted & U(1):
            add_product(a, w, w_step, a, z, U(1), k, v, x, x_place, k, places, n, U(a.size) - n)
        if wanted & U(2):
            add_product(a, x, x_place, a, z, k, U(1), v, w, w_step, places, k, n, U(a.size) - n)
        return
    for _ in range(places):
        if wanted & U(1):
            if n < U(4) or k == U(1):
                add_product_transposed(a, w, U(1), w_step, v, x, x_step, a, z, width, n, k, width)
            else:
                add_product_transposed(a, w, w_step, U(1), a, z, width, v, x, x_step, k, n, width)
        if wanted & U(2):
            add_product(a, x, x_step, v, w, U(1), w_step, a, z, width, n, k, width, U(a.size) - width)
        z, x = z + k * width, x + x_place


# --- a replay --------------------------------------------------------------------------------------------------------


def rounded(n: int, lanes: int) -> int:
    """n, or the next multiple."""
    return (n + lanes - U(1)) // lanes * lanes


def instructions(code: Code, where: int) -> Code:
    """The places of the instructions of a list."""
    start = code[where]
    return code[start + U(1) : start + U(1) + code[start]]


def values(v: Array, code: Code, at: int, base: int, width: int) -> None:
    """The values of an operation. ``kernels`` makes four functions from the rows: with lists, and without."""


def flows(v: Array, a: Array, code: Code, at: int, base: int, width: int) -> None:
    """What flows from the results of an operation to its operands."""


list_values, list_flows = values, flows


def forward(v: Array, code: Code, at: int, base: int, width: int) -> None:
    """Do an instruction."""
    op = code[at]
    if op == SPREAD:
        spread(v, code, at, base, width)
    elif op == AFFINE:
        affine(v, code, at, base, width)
    elif op < FIRST_VALUE:
        list_values(v, code, at, base, width)
    else:
        values(v, code, at, base, width)


def backward(v: Array, a: Array, code: Code, at: int, base: int, width: int) -> None:
    """Hand the adjoints of an instruction's results to its operands."""
    op = code[at]
    if op == SPREAD:
        spread_back(a, code, at, base, width)
    elif op == AFFINE:
        affine_back(v, a, code, at, base, width)
    elif op < FIRST_VALUE:
        list_flows(v, a, code, at, base, width)
    else:
        flows(v, a, code, at, base, width)


def fill_inputs(v: Array, code: Code, x: Array, start: int, count: int, width: int) -> None:
    """Some examples into the first rows; what is left of a row repeats the last one."""
    for i in range(code[INPUTS]):
        row = code[BASE] + i * width
        for e in range(count):
            v[row + e] = x[i, start + e]
        v[row + count : row + width] = v[row + count - U(1)]


def fill_outputs(v: Array, code: Code, outputs: Array, start: int, count: int, width: int) -> None:
    """The outputs for these examples."""
    where = code[OUTPUTS]
    for i in range(code[where]):
        out = code[where + U(2) + U(2) * i]
        if code[where + U(1) + U(2) * i]:
            for e in range(count):
                outputs[i, start + e] = v[code[BASE] + out * width + e]
        else:
            outputs[i, start : start + count] = v[out]


def fill_adjoints(a: Array, code: Code, count: int, width: int) -> None:
    """Of the rows of a tile, before the way back: 1 for the first output of each example, and 0 where is added."""
    where = code[EMPTY]
    for i in range(code[where]):
        row = code[BASE] + code[where + U(1) + U(2) * i] * width
        a[row : row + code[where + U(2) + U(2) * i] * width] = 0
    root = code[BASE] + code[code[OUTPUTS] + U(2)] * width
    a[root : root + count], a[root + count : root + width] = 1.0, 0.0


def fill_gradients(a: Array, outputs: Array, gradients: Array) -> None:
    """The gradients from the parameters' adjoints; the mean of the first output; whether one is inf or nan."""
    m, parameters, total = U(outputs.shape[1]), U(gradients.size) - U(2), 0.0
    for e in range(m):
        total += outputs[0, e]
    gradients[-2], gradients[-1] = total / m, 0
    for i in range(parameters):
        gradients[i] = a[i] / m
        if not math.isfinite(gradients[i]):
            gradients[-1] = 1


def replay(code: Code, v: Array, a: Array, x: Array, outputs: Array, gradients: Array, first: int) -> float:
    """Run the code on some of m examples, those from ``first`` on; all have to come, one part after another.

    x are their inputs (n, some). Fills their outputs in an array (number of them, m), and with the last part the
    gradients, if there is room; after these come the mean of the first output, and whether one of them is inf or nan.

    Returns 0, or the length of the list in which an index was out of range.
    """
    base, where = code[BASE], code[OUTPUTS]
    m = U(x.shape[1])
    tiles = (m + code[TILE] - U(1)) // code[TILE]
    lanes = min(code[TILE], U(8))
    widest = rounded((m + tiles - U(1)) // tiles, lanes)
    learning = gradients.size > 0
    if first == 0:
        v[-2] = 0
        for at in instructions(code, SHARED):
            forward(v, code, at, U(0), U(1))
        if learning:
            a[:base] = 0
    start = width = U(0)
    while start < m:
        count, before = min(widest, m - start), width
        width = rounded(count, lanes)
        fill_inputs(v, code, x, start, count, width)
        for at in instructions(code, VARYING):
            if code[at] != SPREAD or width != before:  # else its rows are still there
                forward(v, code, at, base, width)
        fill_outputs(v, code, outputs, U(first) + start, count, width)
        if learning and code[where + U(1)]:
            fill_adjoints(a, code, count, width)
            for at in instructions(code, BACK):
                backward(v, a, code, at, base, width)
        start += count
    if learning and U(first) + m == U(outputs.shape[1]):
        if not code[where + U(1)]:
            a[code[where + U(2)]] = float(outputs.shape[1])
        for at in instructions(code, SHARED_BACK):
            backward(v, a, code, at, U(0), U(1))
        fill_gradients(a, outputs, gradients)
    return float(v[-2])

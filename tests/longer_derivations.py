"""Graphs of longer derivations, the right lines of each, and wrong ones as students write them, with their mistakes."""

# ruff: noqa: E501
from __future__ import annotations

import autograd
from autograd import Value, parameter, parse

BCE = "-(y*log(a) + (1 - y)*log(1 - a))"


def lstm():
    """One step of an LSTM cell; c0 and h0 are the state before it."""
    text = """
        J = (h - t)**2; h = o*q; q = tanh(c); c = f*c0 + i*g
        f = sigmoid(zf); i = sigmoid(zi); o = sigmoid(zo); g = tanh(zg)
        zf = wf*x + uf*h0; zi = wi*x + ui*h0; zo = wo*x + uo*h0; zg = wg*x + ug*h0
    """
    weights = {"wf": 0.3, "uf": 0.5, "wi": -0.6, "ui": 0.2, "wg": 0.8, "ug": -0.7, "wo": 0.4, "uo": 0.9}
    return parse(text, t=0.3, c0=0.6, h0=-0.4, x=0.9, **weights), None


def batch_normalisation():
    """Over four examples, with one unit: Ioffe and Szegedy 2015, algorithm 1."""
    gamma, beta, eps = parameter(1.3, "gamma"), parameter(-0.2, "beta"), 0.01
    x = [Value(v, "x") for v in (0.5, -1.2, 0.8, 1.9)]
    t = [Value(v, "t") for v in (0.3, -0.7, 1.1, 0.4)]
    mu = autograd.mean(x)
    var = autograd.mean([(v - mu) ** 2 for v in x])
    mu.label, var.label = "mu", "var"
    losses = []
    for v, target in zip(x, t, strict=True):
        xhat = (v - mu) / autograd.sqrt(var + eps)
        y = gamma * xhat + beta
        xhat.label, y.label = "xhat", "y"
        losses.append((y - target) ** 2)
    J = autograd.sum(losses)
    J.label = "J"
    return J, {"eps": eps, "m": 4}


def linear_regression():
    """Three examples, J = 1/(2m) Σ (a − y)²."""
    w, b = parameter(0.7, "w"), parameter(-0.3, "b")
    squares = []
    for x, y in [(1.5, 0.4), (-0.8, -1.1), (2.2, 1.9)]:
        a = w * Value(x, "x") + b
        a.label = "a"
        squares.append((a - Value(y, "y")) ** 2)
    J = autograd.sum(squares) / 6
    J.label = "J"
    return J, {"m": 3}


def text(graph, **numbers):
    return lambda: (parse(graph, **numbers), None)


LONGER = {
    "lstm": lstm,
    "batchnorm": batch_normalisation,
    "linear": linear_regression,
    "ridge": text(f"J = {BCE} + lam/2*(w1**2 + w2**2); a = sigmoid(z); z = w1*x1 + w2*x2 + b",
                  y=1, x1=0.5, x2=-0.7, w1=0.3, w2=0.8, b=0.1, lam=0.2),
    "tied": text("J = (r1 - x1)**2 + (r2 - x2)**2; r1 = w1*h + c1; r2 = w2*h + c2; h = sigmoid(z); z = w1*x1 + w2*x2 + b",
                 x1=0.9, x2=-0.6, w1=0.4, w2=-1.1, b=0.2, c1=0.1, c2=-0.3),
    "rnn": text("J = (o - t)**2; o = v*h2; h2 = tanh(s2); s2 = w*h1 + u*x2; h1 = tanh(s1); s1 = w*h0 + u*x1",
                t=0.5, v=1.2, w=0.7, u=-0.9, x1=0.6, x2=-1.3, h0=0.4),
    "softmax": text("L = -(y1*log(p1) + y2*log(p2) + y3*log(p3)); p1 = e1/s; p2 = e2/s; p3 = e3/s; s = e1 + e2 + e3; "
                    "e1 = exp(z1); e2 = exp(z2); e3 = exp(z3)", y1=0, y2=1, y3=0, z1=0.3, z2=-0.5, z3=1.1),
    "gauss": text("L = r**2/(2*s**2) + log(s); r = x - mu", x=1.4, mu=0.3, s=0.8),
    "swish": text("J = 1/2*(a - y)**2; a = z*s; s = sigmoid(z); z = w*x", w=0.8, x=1.7, y=0.2),
    "residual": text("J = (o - t)**2; o = x + g; g = w2*r; r = tanh(q); q = w1*x", x=0.7, t=1.5, w1=-0.6, w2=1.4),
    "quotient": text("f = u/v; u = x**2; v = 1 + x", x=1.3),
    "product": text("f = p*q; p = sin(k); q = exp(-x); k = x*y", x=0.6, y=1.9),
    "attention": text("J = (c - t)**2; c = a1*v1 + a2*v2; a1 = e1/s; a2 = e2/s; s = e1 + e2; e1 = exp(q*k1); e2 = exp(q*k2)",
                      t=0.2, v1=0.9, v2=-0.4, q=1.1, k1=0.5, k2=-0.8),
}  # fmt: skip

# graph, a derivation, line by line, of which every line is right
RIGHT_LINES = {
    "lstm": """
        dh = 2*(h - t)
        do = dh*q;  dq = dh*o
        dc = dq*(1 - q²) = dh*o*(1 - tanh(c)**2)
        df = dc*c0;  dc0 = dc*f;  di = dc*g;  dg = dc*i
        dzf = df*f*(1 - f);  dzi = di*i*(1 - i);  dzo = do*o*(1 - o);  dzg = dg*(1 - g**2)
        dwf = dzf*x;  duf = dzf*h0;  dwg = dzg*x
        dx = dzf*wf + dzi*wi + dzo*wo + dzg*wg
        dh0 = dzf*uf + dzi*ui + dzo*uo + dzg*ug
    """,
    "batchnorm": """
        dy = 2*(y - t)
        dgamma = sum(dy*xhat);  dbeta = sum(dy)
        dxhat = dy*gamma
        dvar = sum(dxhat*(x - mu))*(-1/2)*(var + eps)**(-3/2)
        dmu = -sum(dxhat)/sqrt(var + eps) = -sum(dxhat)/sqrt(var + eps) - dvar*2*mean(x - mu)
        dx = dxhat/sqrt(var + eps) + dvar*2*(x - mu)/m + dmu/m
        dx = gamma/sqrt(var + eps)*(dy - mean(dy) - xhat*mean(dy*xhat))
    """,
    "linear": "da = (a - y)/m; dw = mean(x*(a - y)) = sum(da*x); db = mean(a - y)",
    "ridge": "dz = a - y; dw1 = x1*dz + lam*w1 = x1*(a - y) + lam*w1; db = dz; dlam = (w1**2 + w2**2)/2",
    "tied": """
        dr1 = 2*(r1 - x1); dr2 = 2*(r2 - x2); dc1 = dr1
        dh = dr1*w1 + dr2*w2; dz = dh*h*(1 - h); db = dz
        dw1 = dr1*h + dz*x1; dw2 = dr2*h + dz*x2
        dx1 = -dr1 + dz*w1
    """,
    "rnn": """
        do = 2*(o - t); dv = do*h2; dh2 = do*v; ds2 = dh2*(1 - h2**2)
        dh1 = ds2*w; ds1 = dh1*(1 - h1**2)
        dw = ds2*h1 + ds1*h0; du = ds2*x2 + ds1*x1; dh0 = ds1*w
    """,
    "softmax": "dp2 = -y2/p2; dz1 = p1 - y1; dz2 = p2 - y2; dz3 = p3 - y3",
    "gauss": "dr = r/s**2; dmu = -r/s**2 = -(x - mu)/s**2; ds = -r**2/s**3 + 1/s; dx = dr",
    "swish": "da = a - y; ds = da*z; dz = da*(s + z*s*(1 - s)) = da*(s + a*(1 - s)); dw = dz*x",
    "residual": "do = 2*(o - t); dg = do; dw2 = do*r; dr = do*w2; dq = dr*(1 - r**2); dw1 = dq*x; dx = do + dq*w1",
    "quotient": "du = 1/v; dv = -u/v**2; dx = 2*x/v - u/v**2 = (2*x*v - x**2)/v**2",
    "product": "dp = q; dk = cos(k)*q; dy = dk*x; dx = y*cos(k)*q - p*q = exp(-x)*(y*cos(x*y) - sin(x*y))",
    "attention": """
        dc = 2*(c - t); da1 = dc*v1; da2 = dc*v2
        ds = -(da1*e1 + da2*e2)/s**2
        de1 = da1/s + ds = dc*(v1 - c)/s
        dq = de1*e1*k1 + de2*e2*k2; dk1 = de1*e1*q
    """,
}

# graph, a wrong line, its mistake (several, where they have the same value), what must be said
WRONG_LINES = [
    # an LSTM cell
    ("lstm", "dc = dh*(1 - q**2)", "missing factor", "∂h/∂q = o"),
    ("lstm", "dc = dq", "missing factor", "∂q/∂c"),
    ("lstm", "dc = dq*(1 - c**2)", "wrong rule", "takes the activation|not z"),
    ("lstm", "di = dc*zg", "another name", "zg stands where g belongs"),
    ("lstm", "dzo = dh*o*(1 - o)", "missing factor", "∂h/∂o = q"),
    ("lstm", "dzf = df*f", "wrong rule", "the factor 1 − σ is missing"),
    ("lstm", "dwi = dzi*h0", "another gradient", "∂J/∂ui"),
    ("lstm", "dx = dzf*wf + dzi*wi + dzg*wg", "missing path", "zo"),
    # batch normalisation
    ("batchnorm", "dbeta = 2*(y - t)", "shape|unreadable", ""),
    ("batchnorm", "dgamma = sum(dy*y)", "another name", "y⁽¹⁾ stands where xhat⁽¹⁾ belongs"),
    ("batchnorm", "dxhat = dy*xhat", "wrong rule|another name", "operands|xhat stands where gamma belongs"),
    ("batchnorm", "dvar = sum(dxhat*(x - mu))*(-1/2)*(var + eps)**(-3)", "another number", "3 stands where 1.5 belongs, in (var + eps)^(−3)"),
    ("batchnorm", "dvar = sum(dxhat*(x - mu))*(-1)*(var + eps)**(-3/2)", "wrong rule|factor", "2"),
    ("batchnorm", "dmu = sum(dxhat)/sqrt(var + eps)", "sign", "sign|minus"),
    ("batchnorm", "dx = dxhat/sqrt(var + eps) + dvar*2*(x - mu)/m + dmu", "one term|missing factor|wrong rule", "1/4|last term"),
    ("batchnorm", "dx = dxhat/sqrt(var + eps) + dvar*(x - mu)*2/m - dmu/m", "one term|sign", "sign|its minus is lost"),
    # linear regression
    ("linear", "dw = sum(x*(a - y))", "factor|missing factor", "3 times too large|1/m"),
    ("linear", "dw = 2*mean(x*(a - y))", "factor|missing factor|wrong rule", "twice|2"),
    ("linear", "dw = mean(a - y)", "missing factor|another gradient", "∂a⁽¹⁾/∂w = x⁽¹⁾ is missing"),
    ("linear", "dw = mean(x*(y - a))", "sign", "Only the sign"),
    ("linear", "dw = mean(y*(a - y))", "another name", "y⁽¹⁾ stands where x⁽¹⁾ belongs"),
    ("linear", "db = mean(x*(a - y))", "another gradient", "∂J/∂w, not ∂J/∂b"),
    # a penalty
    ("ridge", "dw1 = x1*(a - y)", "missing path", "lam"),
    ("ridge", "dw1 = x1*(a - y) + 2*lam*w1", "one term|missing factor", "2 times too large"),
    ("ridge", "dw1 = x1*(a - y) + lam*w1**2", "wrong rule|one term|two mistakes|extra factor", ""),
    ("ridge", "dw1 = x1*(a - y) + lam/2*w1", "one term|wrong rule", "the exponent comes down as a factor"),
    ("ridge", "dw1 = x1*(a - y) + lam*w2", "another name", "w2 stands where w1 belongs"),
    ("ridge", "dw1 = x1*(a - y) - lam*w1", "sign|one term", "sign"),
    ("ridge", "dw1 = x2*(a - y) + lam*w1", "another name", "x2 stands where x1 belongs"),
    ("ridge", "dw1 = x1*(a - y) + lam", "one term|missing factor|wrong rule", "w1|power"),
    ("ridge", "db = a - y + lam*b", "one term", "does not belong there"),
    # tied weights
    ("tied", "dw1 = dr1*h", "missing path", "z"),
    ("tied", "dw1 = dz*x1", "missing path", "r1"),
    ("tied", "dh = dr1*w1", "missing path", "r2"),
    ("tied", "dh = dr1*w1 + dr2*w1", "another name", "w1 stands where w2 belongs"),
    ("tied", "dw2 = dr2*h + dz*x1", "another name", "x1 stands where x2 belongs"),
    ("tied", "dx1 = dz*w1", "missing path", "−2|J"),
    ("tied", "dx1 = dr1 + dz*w1", "sign|one term", "sign|its minus is lost"),
    # a recurrent network, two steps
    ("rnn", "dw = ds2*h1", "missing path", "s1"),
    ("rnn", "dw = ds1*h0", "missing path|overwritten", "s2"),
    ("rnn", "dw = ds2*h1 + ds1*h1", "another name", "h1 stands where h0 belongs"),
    ("rnn", "du = ds2*x1 + ds1*x2", "swapped names", "x1 and x2 are swapped"),
    ("rnn", "du = ds2*x1 + ds1*x1", "another name", "x1 stands where x2 belongs"),
    ("rnn", "ds2 = dh2*(1 - h1**2)", "another name", "h1 stands where h2 belongs"),
    ("rnn", "ds2 = dh2*h2*(1 - h2)", "wrong rule", "derivative of the sigmoid"),
    ("rnn", "dh1 = ds2*u", "another gradient", "This is ∂J/∂x2, not ∂J/∂h1"),
    ("rnn", "dh1 = dh2*w", "missing factor", "∂h2/∂s2"),
    ("rnn", "ds1 = ds2*(1 - h1**2)", "missing factor", "∂s2/∂h1 = w"),
    # softmax with cross-entropy
    ("softmax", "dz2 = y2 - p2", "sign", "sign"),
    ("softmax", "dz1 = p1*(1 - p1)", "no match|upstream missing|missing factor|wrong rule|another gradient|right here only", ""),
    ("softmax", "dp2 = y2/p2", "sign", "sign|minus"),
    ("softmax", "dz2 = -y2*(1 - p2)", "right here only|overwritten", "Right only because y1 = 0"),
    ("softmax", "dp2 = -y2*p2", "wrong rule", "log′ is 1/x, not x"),
    # a normal distribution
    ("gauss", "dmu = r/s**2", "sign", "sign"),
    ("gauss", "ds = -r**2/s**3", "missing path", "1/s"),
    ("gauss", "ds = r**2/s**3 + 1/s", "sign|one term", "sign"),
    ("gauss", "ds = -2*r**2/s**3 + 1/s", "one term|extra factor", "The factor 2 is there once too often"),
    ("gauss", "ds = -r**2/s**2 + 1/s", "one term|wrong rule|two mistakes|no match", ""),
    ("gauss", "dmu = -r/s", "extra factor", "times s"),
    # swish
    ("swish", "dz = da*s", "missing path", "s"),
    ("swish", "dz = da*s*(1 - s)", "missing factor|missing path|two mistakes|no match", ""),
    ("swish", "dz = da*(s + s*(1 - s))", "missing factor", "z"),
    ("swish", "dz = da*(s + z*(1 - s))", "wrong rule", "the factor σ is missing"),
    ("swish", "dz = da*(s - z*s*(1 - s))", "sign|one term", "sign"),
    ("swish", "dw = dz*w", "wrong rule", "operands are swapped"),
    # a residual connection
    ("residual", "dx = dq*w1", "missing path", "o"),
    ("residual", "dx = do", "missing path", "q"),
    ("residual", "dw1 = dq*q", "extra factor", "times w1"),
    ("residual", "dr = do*w1", "another name", "w1 stands where w2 belongs"),
    ("residual", "dq = dr*(1 - q**2)", "wrong rule", "not z"),
    # rules of calculus
    ("quotient", "dx = (2*x*v + x**2)/v**2", "sign|one term", "sign"),
    ("quotient", "dx = 2*x", "upstream missing", "what comes from above, ∂f/∂u, is missing"),
    ("quotient", "dx = 2*x/v", "missing path", "v"),
    ("quotient", "dv = u/v**2", "sign", "sign"),
    ("quotient", "dv = -u/v", "extra factor", "times v"),
    ("product", "dx = y*cos(k)*q + p*q", "sign", "sign|minus"),
    ("product", "dx = cos(k)*q - p*q", "missing factor|one term", "∂k/∂x = y"),
    ("product", "dx = y*cos(k)*-q", "missing factor|two mistakes|no match|missing path", ""),
    ("product", "dk = sin(k)*q", "wrong rule", "sin′ is cos"),
    ("product", "dk = -cos(k)*q", "sign", "sign"),
    # attention
    ("attention", "de1 = da1/s", "missing path", "s"),
    ("attention", "da1 = dc*v2", "another gradient|another name", "v2|a2"),
    ("attention", "dq = de1*e1*k1", "missing path", "e2"),
    ("attention", "dq = de1*e1*k2 + de2*e2*k2", "another name", "k2 stands where k1 belongs"),
    ("attention", "dk1 = de1*q", "missing factor|wrong rule", "e1|"),
    # a slip of the pen
    ("rnn", "dw = ds2*h1 + ds2*h0", "another name", "ds2 stands where ds1 belongs, in ds2·h0"),
    ("rnn", "dw = ds2*h1 + s1*h0", "another name", "s1 stands where ds1 belongs"),
    ("tied", "dh = dr1*w1 + dr1*w2", "another name", "dr1 stands where dr2 belongs, in dr1·w2"),
    ("ridge", "dw1 = x1*(a + y) + lam*w1", "another operation", "a + y stands where a − y belongs"),
    ("product", "dx = exp(-x)*(y*cos(x*y) - cos(x*y))", "another function", "cos(x·y) stands where sin(x·y) belongs"),
    ("product", "dx = exp(x)*(y*cos(x*y) - sin(x*y))", "sign", "x stands where −x belongs, in exp(x)"),
    ("quotient", "dx = (2*x*v - u**2)/v**2", "another name", "u stands where x belongs"),
    ("batchnorm", "dx = gamma/sqrt(var - eps)*(dy - mean(dy) - xhat*mean(dy*xhat))", "another operation", "var − eps stands where var + eps belongs"),
    ("batchnorm", "dx = gamma/sqrt(var + eps)*(dy - sum(dy) - xhat*sum(dy*xhat))", "another function", "sum stands where mean belongs"),
    ("attention", "ds = -(da1*e1 + da2*e2)/s", "wrong rule|missing factor|factor|extra factor", ""),
]  # fmt: skip

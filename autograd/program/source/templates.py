"""What stands around the function: the head of the file, and the training by plain gradient descent."""

HEADS = {
    "np": (),
    "torch": ("", "torch.set_default_dtype(torch.float64)"),
    "jnp": ("", 'jax.config.update("jax_enable_x64", True)'),
}

VALUE_AND_GRAD = "value_and_grad = jax.jit(jax.value_and_grad(forward{has_aux}))"

TRAINING = {
    "np": '''\
def train(parameters, {arguments}, steps=20, learning_rate=0.1):
    """Gradient descent: prints the loss before each step, returns the parameters after the last."""
    for step in range(steps):
        {J}, gradients = value_and_grad(parameters, {arguments})
        print(f"step {{step:2}}: J = {{J:.6g}}")
        parameters = {{name: p - learning_rate * gradients[name] for name, p in parameters.items()}}
    return parameters''',
    "torch": '''\
def train(parameters, {arguments}, steps=20, learning_rate=0.1):
    """Gradient descent: prints the loss before each step, changes the parameters and returns them."""
    optimizer = torch.optim.SGD([p.requires_grad_() for p in parameters.values()], lr=learning_rate)
    for step in range(steps):
        optimizer.zero_grad()
        {J} = forward(parameters, {arguments})
        J.backward()
        optimizer.step()
        print(f"step {{step:2}}: J = {{J.item():.6g}}")
    return parameters''',
    "jnp": '''\
def train(parameters, {arguments}, steps=20, learning_rate=0.1):
    """Gradient descent: prints the loss before each step, returns the parameters after the last."""
    for step in range(steps):
        {J}, gradients = value_and_grad(parameters, {arguments})
        print(f"step {{step:2}}: J = {{J:.6g}}")
        parameters = jax.tree.map(lambda p, g: p - learning_rate * g, parameters, gradients)
    return parameters''',
}

DATA = {
    "np": ("rng = np.random.default_rng(0)", "rng.random({shape})", "rng.integers({n}, size={shape})"),
    "torch": ("torch.manual_seed(0)", "torch.rand({shape})", "torch.randint({n}, {shape})"),
    "jnp": (
        "keys = iter(jax.random.split(jax.random.key(0), {count}))",
        "jax.random.uniform(next(keys), {shape})",
        "jax.random.randint(next(keys), {shape}, 0, {n})",
    ),
}
"""Made-up data: what comes before it, numbers between 0 and 1, indices below n."""

"""Elman, LSTM and GRU cells in jnp, with PyTorch's equations, gate order, parameter names and initialization.

A model is a dict of arrays named as in PyTorch (`weight_ih_l0`, ..., `weight`, `bias` of the head), a state is a tuple
of arrays per layer: (h,) or, for the LSTM, (h, c).
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def init(w, key):
    """Parameters, uniform in ±1/√hidden, as PyTorch's."""
    gates = GATES[w.cell] * w.hidden
    shapes = {}
    for k in range(w.layers):
        shapes[f"weight_ih_l{k}"] = (gates, w.hidden if k else w.inputs)
        shapes[f"weight_hh_l{k}"] = (gates, w.hidden)
        shapes[f"bias_ih_l{k}"] = shapes[f"bias_hh_l{k}"] = (gates,)
    if w.head:
        shapes |= {"weight": (1, w.hidden), "bias": (1,)}
    keys = jax.random.split(key, len(shapes))
    bound = w.hidden**-0.5
    draw = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return {name: draw(k, shape) for k, (name, shape) in zip(keys, shapes.items())}


def zero_state(w):
    """The state before the first timestep."""
    zeros = jnp.zeros((w.batch, w.hidden), jnp.float32)
    return tuple((zeros,) * (2 if w.cell == "LSTM" else 1) for _ in range(w.layers))


def project(w, params, k, x):
    """The part of layer k's pre-activations that does not wait for the previous timestep.

    b_hh belongs here too, but for the GRU's, which the reset gate multiplies.
    """
    a = x @ params[f"weight_ih_l{k}"].T + params[f"bias_ih_l{k}"]
    return a if w.cell == "GRU" else a + params[f"bias_hh_l{k}"]


def step(w, params, k, a, state):
    """One timestep of layer k: from the projected input and the state to the next state."""
    u = state[0] @ params[f"weight_hh_l{k}"].T
    if w.cell == "RNN":
        return (jnp.tanh(a + u),)
    if w.cell == "LSTM":
        i, f, g, o = jnp.split(a + u, 4, axis=-1)
        c = jax.nn.sigmoid(f) * state[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c
    a_r, a_z, a_n = jnp.split(a, 3, axis=-1)
    u_r, u_z, u_n = jnp.split(u + params[f"bias_hh_l{k}"], 3, axis=-1)
    r, z = jax.nn.sigmoid(a_r + u_r), jax.nn.sigmoid(a_z + u_z)
    return ((1 - z) * jnp.tanh(a_n + r * u_n) + z * state[0],)


def forward(w, params, x, unroll=1):
    """Hidden states of the last layer, (time, batch, hidden), of x (batch, time, inputs).

    The input projection of all timesteps is one product before the scan; `unroll` is lax.scan's.
    """
    h = jnp.swapaxes(x, 0, 1)
    for k, state in enumerate(zero_state(w)):

        def body(state, a, k=k):
            state = step(w, params, k, a, state)
            return state, state[0]

        _, h = lax.scan(body, state, project(w, params, k, h), unroll=unroll)
    return h


def timestep(w, params, x, state):
    """One timestep of the whole model, for streams: x (batch, inputs) and a state to the output and the next state."""
    h, new = x, []
    for k, before in enumerate(state):
        new.append(step(w, params, k, project(w, params, k, h), before))
        h = new[-1][0]
    return (h @ params["weight"].T + params["bias"] if w.head else h), tuple(new)


def loss(params, w, x, y, unroll=1):
    """Mean squared error of the head's outputs over all timesteps."""
    prediction = forward(w, params, x, unroll) @ params["weight"].T + params["bias"]
    return jnp.mean((prediction - jnp.swapaxes(y, 0, 1)) ** 2)


def batch(w, key):
    """x ~ N(0, 1), and y the cumulative average over time of the mean over features."""
    x = jax.random.normal(key, (w.batch, w.time, w.inputs))
    steps = jnp.arange(1, w.time + 1, dtype=x.dtype)[:, None]
    return x, jnp.cumsum(x.mean(axis=2, keepdims=True), axis=1) / steps


def adam_init(params):
    """Adam's state: the step count and both moments."""
    m, v = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    return jnp.zeros((), jnp.int32), m, v


def adam(params, gradients, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, PyTorch's formula and defaults."""
    count, m, v = state
    count += 1
    m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradients)
    v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
    bias1, bias2 = 1 - beta1**count, jnp.sqrt(1 - beta2**count)
    params = jax.tree.map(lambda p, m, v: p - lr / bias1 * m / (jnp.sqrt(v) / bias2 + eps), params, m, v)
    return params, (count, m, v)


def train_step(w, carry, unroll=1):
    """A fresh batch, loss, gradients, Adam. The carry is (parameters, Adam's state, random key)."""
    params, optimizer, key = carry
    key, fresh = jax.random.split(key)
    x, y = batch(w, fresh)
    value, gradients = jax.value_and_grad(loss)(params, w, x, y, unroll)
    params, optimizer = adam(params, gradients, optimizer)
    return (params, optimizer, key), value

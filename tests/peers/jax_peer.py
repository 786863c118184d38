"""JAX's side of the comparison. Speaks the protocol of README.md."""

import os
import platform
from functools import partial

import jax
import jax.numpy as jnp
import jaxlib
from jax import lax

from jax_model import adam_init, forward, init, timestep, train_step, zero_state
from protocol import Variant, claim_stdout, serve, threads

STREAM_CALLS = 20

VARIANTS = [
    "one scan over steps: many training steps, batches included, in one jitted lax.scan (W1-W7)",
    "jit step: one call of a jitted function a step, its parameters as arguments, block_until_ready (W1-W7, I1-I5)",
    "jit step, packed: parameters as constants, input and state in one array (I1-I5)",
    "jit forward: one call a batch, block_until_ready (B1)",
]

# Measured on a CPU with AVX-512: up to a tenth faster, never slower.
jit = partial(jax.jit, compiler_options={"xla_cpu_prefer_vector_width": 512})


def configure(count):
    """Sets the number of threads, which must be done before JAX makes its CPU client, and runs calls on this thread."""
    os.environ["PJRT_NPROC"] = str(count)
    jax.config.update("jax_platforms", "cpu")
    # Otherwise each call hands over to another thread, and a small one waits several times as long as it computes.
    jax.config.update("jax_cpu_enable_async_dispatch", False)


def unroll(w):
    """lax.scan's unroll that was fastest: all ten timesteps of a small Elman network, none of anything else."""
    return w.small and w.cell == "RNN" or 1


class Training:
    """A carry of parameters, Adam's state and random key, and a jitted function from one to the next."""

    def __init__(self, w, steps=None):
        params = init(w, jax.random.key(0))
        self.carry = (params, adam_init(params), jax.random.key(1))

        def one(carry, _=None):
            return train_step(w, carry, unroll(w))

        many = one if steps is None else lambda carry: lax.scan(one, carry, length=steps)
        self.function = jit(many, donate_argnums=0)

    def step(self):
        self.carry, losses = self.function(self.carry)
        return losses.block_until_ready()


def training(w):
    """Training steps: many in one call, and a call each."""
    steps = 100 if w.small else 2
    yield Variant("one scan over steps", Training(w, steps).step, steps)
    yield Variant("jit step", Training(w).step)


def forward_only(w):
    """The layer over a whole batch, the same batch each time."""
    params = init(w, jax.random.key(0))
    x = jax.random.normal(jax.random.key(1), (w.batch, w.time, w.inputs))
    function = jit(lambda params, x: forward(w, params, x, unroll(w)))
    yield Variant("jit forward", lambda: function(params, x).block_until_ready())


class Stream:
    """Timesteps of one sequence. An output, or as much of it as there are inputs, is the next input."""

    def __init__(self, w, params):
        self.params, self.x, self.state = params, jnp.ones((1, w.inputs)), zero_state(w)

        def one(params, x, state):
            output, state = timestep(w, params, x, state)
            return output[:, : w.inputs], state

        self.function = jit(one)

    def run(self, calls=STREAM_CALLS):
        x, state, params, function = self.x, self.state, self.params, self.function
        for _ in range(calls):
            x, state = function(params, x, state)
            x.block_until_ready()
        self.x, self.state = x, state
        return x


class PackedStream:
    """The same with a single array in and out, input first, then the state; the parameters are constants."""

    def __init__(self, w, params):
        def pack(x, state):
            return jnp.concatenate([part.ravel() for part in (x, *sum(state, ()))])

        def one(packed):
            x, rest = packed[None, : w.inputs], packed[None, w.inputs :]
            parts = iter(jnp.split(rest, rest.shape[1] // w.hidden, axis=1))
            state = tuple(tuple(next(parts) for _ in layer) for layer in zero_state(w))
            output, state = timestep(w, params, x, state)
            return pack(output[:, : w.inputs], state)

        self.packed = pack(jnp.ones((1, w.inputs)), zero_state(w))
        self.function = jit(one)

    def run(self, calls=STREAM_CALLS):
        packed, function = self.packed, self.function
        for _ in range(calls):
            packed = function(packed).block_until_ready()
        self.packed = packed
        return packed


def streams(w):
    """One timestep with carried state."""
    params = init(w, jax.random.key(0))
    yield Variant("jit step", Stream(w, params).run, STREAM_CALLS)
    yield Variant("jit step, packed", PackedStream(w, params).run, STREAM_CALLS)


def variants_of(w):
    return list({"train": training, "forward": forward_only, "stream": streams}[w.kind](w))


def main():
    out = claim_stdout()
    count = threads()
    configure(count)
    hello = {
        "peer": "JAX",
        "version": jax.__version__,
        "threads": count,
        "variants": VARIANTS,
        "details": {
            "python": platform.python_version(),
            "jaxlib": jaxlib.__version__,
            "devices": [str(device) for device in jax.devices()],
            "thread_pool": f"PJRT_NPROC={count}",
            "xla_flags": os.environ.get("XLA_FLAGS", ""),
        },
    }
    serve(hello, variants_of, out)


if __name__ == "__main__":
    main()

"""Do the peers compute what they say? Run by hand: .venv/bin/python check.py [--compile]

With the same parameters and batch, PyTorch and JAX must agree on loss and gradients, on parameters after some steps of
Adam, on a forward pass and on streams; and the loss must fall in 200 steps of each. --compile checks torch.compile's
losses and gradients too, which takes minutes the first time.
"""

import sys
from dataclasses import replace

import jax
import numpy as np
import torch

import jax_model
import jax_peer
import torch_model
import torch_peer
from workloads import WORKLOADS

TOLERANCE = 1e-4
failures = 0


def report(what, error, limit):
    """One line, and a failure if the number is not below its limit."""
    global failures
    good = bool(error < limit)  # not so for NaN
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {what}: {error:.1e} (limit {limit:.0e})", flush=True)


def difference(ours, theirs):
    """The largest difference of two sets of arrays, each relative to the largest number in its array."""
    assert ours.keys() == theirs.keys(), (ours.keys(), theirs.keys())
    worst = 0.0
    for name, ours_array in ours.items():
        a, b = np.asarray(ours_array), np.asarray(theirs[name])
        assert a.shape == b.shape, (name, a.shape, b.shape)
        worst = np.maximum(worst, np.abs(a - b).max() / np.abs(b).max())  # keeps a NaN
    return worst


def parameters(model):
    """A PyTorch model's parameters under the names of jax_model."""
    return {name.split(".")[1]: p.detach().numpy().copy() for name, p in model.named_parameters()}


def gradients(model):
    return {name.split(".")[1]: p.grad.numpy().copy() for name, p in model.named_parameters()}


def check_training(label, w, loss=torch_model.loss, unroll=1):
    """Loss, gradients, and parameters after five steps of Adam."""
    training = torch_model.Training(w, loss)
    params = {name: jax.numpy.asarray(p) for name, p in parameters(training.model).items()}
    optimizer = jax_model.adam_init(params)
    function = jax.jit(lambda params, x, y: jax.value_and_grad(jax_model.loss)(params, w, x, y, unroll))
    for step in range(5):
        x, y = torch_model.batch(w, training.steps)
        value = training.step_on(x, y)
        jax_value, jax_gradients = function(params, x.numpy(), y.numpy())
        if step == 0:
            report(f"{label}, loss", abs(float(jax_value) / value.item() - 1), TOLERANCE)
            report(f"{label}, gradients", difference(jax_gradients, gradients(training.model)), TOLERANCE)
        params, optimizer = jax_model.adam(params, jax_gradients, optimizer)
    report(f"{label}, five steps of Adam", difference(params, parameters(training.model)), TOLERANCE)


def check_batch(w):
    """JAX's batch has the moments of N(0, 1) and the targets that PyTorch's formula gives for it."""
    x, y = map(np.asarray, jax_model.batch(w, jax.random.key(5)))
    expected = x.mean(axis=2, keepdims=True).cumsum(axis=1) / np.arange(1, w.time + 1)[:, None]
    report("batch, target", difference({"y": y}, {"y": expected}), TOLERANCE)
    report("batch, mean and deviation", max(abs(x.mean()), abs(x.std() - 1)), 0.02)


def check_forward(w):
    model = torch_model.Model(w)
    x = torch.randn(w.batch, w.time, w.inputs)
    with torch.inference_mode():
        theirs = model(x)[0].transpose(0, 1).numpy()
    ours = jax_model.forward(w, parameters(model), x.numpy())
    report("B1, hidden states", difference({"h": ours}, {"h": theirs}), TOLERANCE)


def check_stream(name, w):
    """Forty timesteps as a sequence, as a cell, and in JAX both ways."""
    model = torch_model.Model(w)
    cell = torch_peer.cell_of(model.rnn)
    params = {key: jax.numpy.asarray(p) for key, p in parameters(model).items()}
    expected = torch_peer.Stream(w, model.rnn, model.head, torch.ones(1, 1, w.inputs)).run(40)[0, :, : w.inputs].numpy()
    outputs = {
        "cell": torch_peer.Stream(w, cell, model.head, torch.ones(1, w.inputs)).run(40)[:, : w.inputs].numpy(),
        "jit step": jax_peer.Stream(w, params).run(40),
        "jit step, packed": jax_peer.PackedStream(w, params).run(40)[None, : w.inputs],
    }
    worst = np.max([difference({"y": output}, {"y": expected}) for output in outputs.values()])
    report(f"{name}, stream of {len(outputs) + 1} kinds", worst, TOLERANCE)


def check_learning(name, w):
    """200 steps, exactly those that are measured: the last ten losses against the first ten."""
    eager = torch_model.Training(w)
    torch_losses = np.array([eager.step().item() for _ in range(200)])
    jitted = jax_peer.Training(w)
    jax_losses = np.array([float(jitted.step()) for _ in range(200)])
    scanned = np.asarray(jax_peer.Training(w, 200).step())
    report(f"{name}, the scan's losses are those of single steps", np.abs(scanned / jax_losses - 1).max(), 1e-3)
    for peer, losses in (("PyTorch", torch_losses), ("JAX", jax_losses)):
        report(f"{name}, loss after 200 steps of {peer}, of the first", losses[-10:].mean() / losses[:10].mean(), 0.5)


def main():
    jax_peer.configure(1)
    torch.manual_seed(0)
    small = {name: WORKLOADS[name] for name in ("W1", "W2", "W3", "W4")}
    for name, w in small.items():
        check_training(f"{name} {w.cell}", w)
    check_training("W2 RNN, unrolled", small["W2"], unroll=True)
    for name in ("W3", "W4"):
        w = replace(small[name], layers=2, inputs=3)
        check_training(f"{w.cell}, two layers, three inputs", w)
    check_training("W5 LSTM", WORKLOADS["W5"])
    check_batch(WORKLOADS["W5"])
    check_forward(WORKLOADS["B1"])
    for name in ("I1", "I2", "I3", "I4", "I5"):
        check_stream(name, WORKLOADS[name])
    for name, w in small.items():
        check_learning(name, w)
    if "--compile" in sys.argv[1:]:
        for name, w in small.items():
            check_training(f"{name} {w.cell}, torch.compile", w, torch_model.compiled(torch_model.loss))
    print("all good" if not failures else f"{failures} FAILED")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())

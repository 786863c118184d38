"""PyTorch's side of the comparison. Speaks the protocol of README.md."""

import platform
from functools import partial

import torch
from torch import nn

from protocol import Variant, claim_stdout, serve, threads
from torch_model import Model, Training, compiled, loss, timestep

STREAM_CALLS = 20

VARIANTS = [
    "nn.RNN, nn.LSTM, nn.GRU: eager; training with torch.optim.Adam(fused=True), otherwise under inference_mode",
    "nn.RNNCell, nn.LSTMCell, nn.GRUCell: eager, inference_mode (I1-I5)",
    "torch.compile: forward and loss, and with them backward, compiled; Adam(fused=True) (W1-W4)",
    "..., 1 thread: the same after torch.set_num_threads(1)",
]


def training(w, count):
    """One training step, eager, and for small models compiled and on one thread."""
    eager, name = Training(w), f"nn.{w.cell}"
    yield name, eager.step, 1, count
    if w.small:
        if count > 1:
            yield name, eager.step, 1, 1
        # Kernels of this size are not split among threads: one thread is torch.compile's best case.
        yield f"{name}, torch.compile", Training(w, compiled(loss)).step, 1, 1


def forward(w, count):
    """The layer over a whole batch, the same batch each time."""
    model, x = Model(w), torch.randn(w.batch, w.time, w.inputs)

    @torch.inference_mode()
    def sample():
        model(x)

    yield f"nn.{w.cell}", sample, 1, count


class Stream:
    """Timesteps of one sequence. An output, or as much of it as there are inputs, is the next input."""

    def __init__(self, w, rnn, head, x):
        self.w, self.step, self.x, self.state = w, timestep(rnn, head), x, None

    @torch.inference_mode()
    def run(self, calls=STREAM_CALLS):
        x, state, step, inputs = self.x, self.state, self.step, self.w.inputs
        whole = self.w.head or self.w.hidden == inputs  # then there is nothing to cut
        for _ in range(calls):
            output, state = step(x, state)
            x = output if whole else output[..., :inputs]
        self.x, self.state = x, state
        return output


def cell_of(rnn):
    """The nn.*Cell with the parameters of a single layer."""
    cell = getattr(nn, rnn.mode.removesuffix("_TANH") + "Cell")(rnn.input_size, rnn.hidden_size)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in rnn.state_dict().items()})
    return cell


def streams(w, count):
    """One timestep with carried state, as a sequence of length 1 and as a cell."""
    model = Model(w)
    layer = Stream(w, model.rnn, model.head, torch.ones(1, 1, w.inputs))
    cell = Stream(w, cell_of(model.rnn), model.head, torch.ones(1, w.inputs))
    for n in sorted({count, 1}, reverse=True):
        yield f"nn.{w.cell}", layer.run, STREAM_CALLS, n
        yield f"nn.{w.cell}Cell", cell.run, STREAM_CALLS, n


def variants_of(w, count):
    make = {"train": training, "forward": forward, "stream": streams}[w.kind]
    return [
        Variant(name if n == count else f"{name}, {n} thread", sample, calls, partial(torch.set_num_threads, n))
        for name, sample, calls, n in make(w, count)
    ]


def main():
    out = claim_stdout()
    count = threads()
    torch.set_num_threads(count)
    torch.set_num_interop_threads(1)  # nothing here runs two operations at once
    info = torch.__config__.show()
    details = {
        "python": platform.python_version(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "blas": next((line.strip(" -") for line in info.splitlines() if "Math Kernel" in line), None),
        "onednn": next((line.strip(" -") for line in info.splitlines() if "MKL-DNN" in line), None),
        "openmp": torch.backends.openmp.is_available(),
    }
    hello = {
        "peer": "PyTorch",
        "version": torch.__version__.split("+")[0],
        "threads": count,
        "variants": VARIANTS,
        "details": details,
    }
    serve(hello, lambda w: variants_of(w, count), out)


if __name__ == "__main__":
    main()

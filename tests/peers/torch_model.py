"""The workloads' models in PyTorch: its own layers, its own Adam."""

import torch
import torch.nn.functional as F
from torch import nn


class Model(nn.Module):
    """A stack of recurrent layers over (batch, time, inputs), and a linear head on every timestep."""

    def __init__(self, w):
        super().__init__()
        self.rnn = getattr(nn, w.cell)(w.inputs, w.hidden, w.layers, batch_first=True)
        self.head = nn.Linear(w.hidden, 1) if w.head else None

    def forward(self, x, state=None):
        h, state = self.rnn(x, state)
        return h if self.head is None else self.head(h), state


def timestep(rnn, head):
    """One timestep as a function of x and the state (None at first), for streams.

    `rnn` is a layer such as nn.LSTM, or a cell such as nn.LSTMCell. The modules are called directly: around a call as
    short as this one, a module of our own would add a fifth.
    """
    is_cell, is_lstm = isinstance(rnn, nn.RNNCellBase), isinstance(rnn, nn.LSTMCell)

    def function(x, state):
        result = rnn(x, state)
        if not is_cell:
            h, state = result
        elif is_lstm:
            h, state = result[0], result
        else:
            h = state = result
        return h if head is None else head(h), state

    return function


def batch(w, steps):
    """x ~ N(0, 1), and y the cumulative average over time of the mean over features. `steps` is 1..time, a column."""
    x = torch.randn(w.batch, w.time, w.inputs)
    return x, x.mean(dim=2, keepdim=True).cumsum(dim=1) / steps


def loss(model, x, y):
    """Mean squared error of the head's outputs over all timesteps."""
    return F.mse_loss(model(x)[0], y)


def compiled(function):
    """torch.compile of a function of a Model, loops over time and all. The first call compiles.

    Two switches make it work at all: `allow_rnn` lets nn.RNN, nn.LSTM and nn.GRU into the graph, and without oneDNN the
    LSTM is decomposed as the others are (torch 2.15.0 compiles a call of oneDNN's LSTM that fails). The latter matters
    to the compiler only, but it may compile again, so it holds during every call; setting it costs half a microsecond.
    """
    import torch._dynamo

    torch._dynamo.config.allow_rnn = True
    inner = torch.compile(function, dynamic=False)

    def call(*arguments):
        onednn = torch.backends.mkldnn.enabled
        torch.backends.mkldnn.enabled = False
        try:
            return inner(*arguments)
        finally:
            torch.backends.mkldnn.enabled = onednn

    return call


class Training:
    """A model, its optimizer, and `step`: a fresh batch, loss, gradients, Adam."""

    def __init__(self, w, loss=loss):
        self.w = w
        self.model = Model(w)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
        self.steps = torch.arange(1.0, w.time + 1)[:, None]
        self.loss = loss

    def step(self):
        return self.step_on(*batch(self.w, self.steps))

    def step_on(self, x, y):
        self.optimizer.zero_grad()
        value = self.loss(self.model, x, y)
        value.backward()
        self.optimizer.step()
        return value

"""The table of workloads: what every peer runs, and what the numbers of one row mean."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """One row. All numbers are float32; all layers of a stack have `hidden` units.

    kind: "train" is one training step, "forward" one pass without gradients, "stream" one timestep with carried state.
    """

    kind: str
    cell: str
    inputs: int
    hidden: int
    layers: int = 1
    batch: int = 1
    time: int = 1
    head: bool = True

    @property
    def small(self) -> bool:
        """Steps so short that calls, not arithmetic, take much of the time."""
        return self.hidden <= 32


def _small(cell: str, layers: int = 1) -> Workload:
    return Workload("train", cell, 1, 32, layers, batch=32, time=10)


WORKLOADS = {
    "W1": _small("RNN"),
    "W2": _small("RNN", layers=2),
    "W3": _small("LSTM"),
    "W4": _small("GRU"),
    "W5": Workload("train", "LSTM", 64, 256, batch=32, time=100),
    "W6": Workload("train", "RNN", 64, 512, layers=2, batch=64, time=100),
    "W7": Workload("train", "LSTM", 128, 512, layers=2, batch=64, time=50),
    "I1": Workload("stream", "RNN", 1, 32),
    "I2": Workload("stream", "LSTM", 1, 32),
    "I3": Workload("stream", "GRU", 1, 32),
    "I4": Workload("stream", "LSTM", 1, 16, head=False),
    "I5": Workload("stream", "LSTM", 64, 128, head=False),
    "B1": Workload("forward", "LSTM", 64, 256, batch=32, time=100, head=False),
}

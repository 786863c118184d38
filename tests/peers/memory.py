"""How much memory W7 takes in PyTorch: the same training as `cargo run --release -p rnn-core-tests --example memory`."""

import resource

import torch


def peak_megabytes():
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


class Model(torch.nn.Module):
    """Two LSTM layers and a linear head."""

    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.LSTM(128, 512, num_layers=2, batch_first=True)
        self.head = torch.nn.Linear(512, 1)

    def forward(self, x):
        return self.head(self.rnn(x)[0])


def main():
    """Trains for five steps and says what they took beyond the interpreter and the library."""
    before = peak_megabytes()
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = torch.randn(64, 50, 128), torch.zeros(64, 50, 1)
    for _ in range(5):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    after = peak_megabytes()
    print(f"PyTorch {torch.__version__}: peak {after:.1f} MB, {before:.1f} MB of them from before, {after - before:.1f} MB for W7")


if __name__ == "__main__":
    main()

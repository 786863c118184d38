"""Our safetensors files in PyTorch, and PyTorch's for us: `check_safetensors.py FOLDER`."""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


class Net(torch.nn.Module):
    def __init__(self, case):
        super().__init__()
        kind = case["cell"]
        sizes = dict(input_size=case["input"], hidden_size=case["hidden"], num_layers=case["layers"])
        flags = dict(bias=case["bias"], bidirectional=case["bidirectional"], batch_first=True)
        if kind in ("rnn-tanh", "rnn-relu"):
            self.rnn = torch.nn.RNN(**sizes, **flags, nonlinearity=kind[4:])
        else:
            self.rnn = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](**sizes, **flags)
        directions = 2 if case["bidirectional"] else 1
        self.head = torch.nn.Linear(case["hidden"] * directions, case["output"])

    def forward(self, x):
        return self.head(self.rnn(x)[0])


def main(folder):
    cases = json.loads((folder / "cases.json").read_text())
    worst = 0.0
    torch.manual_seed(0)
    for case in cases:
        dtype = {"f32": torch.float32, "f64": torch.float64}[case["dtype"]]
        net = Net(case).to(dtype)
        data = load_file(folder / f"{case['name']}.data.safetensors")
        net.load_state_dict(load_file(folder / f"{case['name']}.safetensors"), strict=True)
        with torch.no_grad():
            difference = (net(data["x"]) - data["y"]).abs().max().item()
        tolerance = 1e-5 if case["dtype"] == "f32" else 1e-13
        if not difference <= tolerance:
            sys.exit(f"{case['name']}: outputs differ by {difference:.1e}, more than {tolerance:.0e}")
        worst = max(worst, difference / tolerance)

        other = Net(case).to(dtype)
        with torch.no_grad():
            y = other(data["x"])
        save_file(other.state_dict(), folder / f"{case['name']}.torch.safetensors")
        save_file({"x": data["x"], "y": y}, folder / f"{case['name']}.torch.data.safetensors")
    print(f"PyTorch {torch.__version__}: {len(cases)} models, the worst at {worst:.0%} of its tolerance")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Our ONNX files in onnxruntime: `check_onnx.py FOLDER`."""

import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file


def main(folder):
    cases = json.loads((folder / "onnx.json").read_text())
    worst = 0.0
    for case in cases:
        path = folder / f"{case['name']}.onnx"
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        data = load_file(folder / f"{case['name']}.onnx.data.safetensors")
        for k in range(case["runs"]):
            x, y = data[f"x{k}"].astype(numpy.float32), data[f"y{k}"]  # a model in f64 is exported in f32
            (found,) = session.run(None, {"x": x})
            if found.shape != y.shape:
                sys.exit(f"{case['name']}: the output for {x.shape} has shape {found.shape}, expected {y.shape}")
            difference = float(numpy.abs(found - y).max())
            if not difference <= 1e-5:
                sys.exit(f"{case['name']}: outputs for {x.shape} differ by {difference:.1e}")
            worst = max(worst, difference)
    print(f"onnxruntime {onnxruntime.__version__}: {len(cases)} models, outputs differ by at most {worst:.1e}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

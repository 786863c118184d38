#!/bin/sh
# Makes tests/peers/.venv with the pinned PyTorch and JAX of requirements.txt. Run it again at any time: what is
# already there stays. PYTHON=... chooses the interpreter (3.11 or later).
set -eu
cd "$(dirname "$0")"

if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "setup: .venv is there, kept"
else
    python=${PYTHON:-$(command -v python3.11 || command -v python3)}
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "setup: $python is older than Python 3.11; set PYTHON=..." >&2
        exit 1
    }
    "$python" -m venv --clear .venv
    echo "setup: made .venv with $("$python" --version)"
fi

echo "setup: installing requirements.txt (about 6 GB the first time: torch's PyPI wheel brings its CUDA libraries)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt

.venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

names = ", ".join(f"{name} {version(name)}" for name in ("torch", "jax", "jaxlib", "numpy"))
print(f"setup: ready: Python {sys.version.split()[0]}, {names}")
PYTHON
command -v g++ >/dev/null || echo "setup: no g++: PyTorch's torch.compile variants will be reported as unsupported"

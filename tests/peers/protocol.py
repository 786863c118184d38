"""JSON lines over stdin and stdout: what both peers have in common. README.md describes the messages."""

import argparse
import gc
import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns

from workloads import WORKLOADS, Workload

MAX_SAMPLES = 2000
WARM_UP_SECONDS = 0.2


@dataclass
class Variant:
    """One way to run a workload. A sample is one call of `sample`, which makes `calls` steps."""

    name: str
    sample: Callable[[], object]
    calls: int = 1
    enter: Callable[[], object] = lambda: None  # called before a series of samples, e.g. to set the number of threads
    failure: str | None = None


def warm_up(variant: Variant) -> None:
    """Compiles and takes the first steps; a variant that cannot run says why in `failure`."""
    try:
        variant.enter()
        begin = perf_counter()
        for calls in range(1000):
            variant.sample()
            if calls and perf_counter() - begin > WARM_UP_SECONDS:
                break
    except Exception as error:
        traceback.print_exc()
        variant.failure = f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]


def measure(variant: Variant, seconds: float) -> dict:
    """Samples of a warm variant for about `seconds`, at least one. As in timeit, Python's garbage collector is off."""
    variant.enter()
    samples = []
    gc.collect()
    gc.disable()
    try:
        end = perf_counter() + seconds
        while not samples or (perf_counter() < end and len(samples) < MAX_SAMPLES):
            begin = perf_counter_ns()
            variant.sample()
            samples.append(round((perf_counter_ns() - begin) / 1e3 / variant.calls, 3))
    finally:
        gc.enable()
    return {"name": variant.name, "calls_per_sample": variant.calls, "samples_us": samples}


def answer(request: dict, variants_of: Callable[[Workload], list[Variant]], warm: dict[str, list[Variant]]) -> dict:
    """The reply to one request. `warm` keeps the variants, with their models and compiled functions, for the next."""
    name = request["workload"]
    if name not in WORKLOADS:
        return {"unsupported": "not in the table of workloads"}
    if name not in warm:
        variants = variants_of(WORKLOADS[name])
        for variant in variants:
            warm_up(variant)
        warm[name] = variants
        gc.collect()
        gc.freeze()  # what is alive now lives long: later collections, between the measurements, need not look at it

    running = [v for v in warm[name] if v.failure is None]
    if not running:
        return {"unsupported": "; ".join(f"{v.name}: {v.failure}" for v in warm[name])}
    share = float(request.get("seconds", 1.0)) / len(running)
    return {
        "variants": [
            measure(v, share) if v.failure is None else {"name": v.name, "unsupported": v.failure} for v in warm[name]
        ]
    }


def threads() -> int:
    """The --threads of the command line, all cores that this process may use by default."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    count = parser.parse_args().threads
    if count < 1:
        parser.error("--threads must be 1 or more")
    return count


def serve(hello: dict, variants_of: Callable[[Workload], list[Variant]], out) -> None:
    """Says hello, then answers each line until the input ends. No request can end the peer."""
    print(json.dumps(hello), file=out, flush=True)
    warm = {}
    for line in sys.stdin:
        if not line.strip():
            continue
        name = None
        try:
            request = json.loads(line)
            name = request["workload"]
            reply = answer(request, variants_of, warm)
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps({"workload": name} | reply), file=out, flush=True)


def claim_stdout():
    """The real stdout, for JSON only: whatever else writes to file descriptor 1 from now on goes to stderr."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return out

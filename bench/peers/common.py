"""What every peer is given and must tell. No engine is imported here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any

FAST, SLOW, SHARES, CASH, FEE = 10, 30, 100, 10_000_000, 0.0001


def peak_mb() -> int:
    """The most memory of this process in MB; Linux counts that of its parent in, but not there."""
    told = Path("/proc/self/status")
    lines = told.read_text().splitlines() if told.exists() else []
    found = next((line for line in lines if line.startswith("VmHWM")), None)
    return (int(found.split()[1]) if found else getrusage(RUSAGE_SELF).ru_maxrss) // 1024


def tell(engine: str, play: Callable[[dict[str, Any]], Callable[[], int]]) -> None:
    """`play` gets a frame a symbol and gives what is timed, which gives how many fills there were."""
    import pandas

    frames = {}
    for path in sorted(Path(sys.argv[1]).glob("*.csv")):
        frame = pandas.read_csv(path).drop(columns=["symbol", "timeframe"])
        at = "starts_at" if "starts_at" in frame else "session_on"
        frame.index = pandas.to_datetime(frame.pop(at), utc=True)
        frames[path.stem] = frame
    run = play(frames)
    began, before = perf_counter(), process_time()
    fills = run()
    line = {
        "version": version(engine),
        "bars": sum(map(len, frames.values())),
        "seconds": perf_counter() - began,
        "cpu_seconds": process_time() - before,
        "fills": fills,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(line))

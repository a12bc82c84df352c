"""Ours: python mqk_.py URL DATASET CONFIG_FILE, by the doors; the peak is the client's and its server's."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from bench.ingest import peak, used  # noqa: E402
from bench.peers.common import peak_mb  # noqa: E402
from mqk.backtesting import open_play  # noqa: E402
from mqk.db import connect  # noqa: E402

NOW = datetime(2034, 1, 1, tzinfo=UTC)


def main() -> None:
    """Play a frozen dataset; opening, signals, fills, lots, curve, digest and commit are timed."""
    url, dataset, config = sys.argv[1:]
    with connect(url, "bench") as conn:
        play = open_play(conn, lambda: NOW, Path(config).read_text(encoding="utf-8"))
        began, before = perf_counter(), process_time() + used(conn)
        row = play.run(UUID(dataset))
        conn.commit()
        seconds, cpu = perf_counter() - began, process_time() + used(conn) - before
        mine = peak_mb()
        line = {
            "version": version("mqk"),
            "status": row["backtest_status"],
            "seconds": seconds,
            "cpu_seconds": cpu,
            "fills": row["fills"],
            "peak_mb": mine + peak(conn),
            "client_mb": mine,
        }
    print(json.dumps(line))


if __name__ == "__main__":
    main()

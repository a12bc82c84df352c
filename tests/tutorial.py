"""The operator's walk: every command of docs/tutorial.md is typed, and the page is what it answered.

python -m tutorial            write docs/tutorial.md
The test tests/python/cli/test_tutorial.py compares. What differs from day to day is masked.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support import SERVER, group_url, worker_url

ROOT = Path(__file__).resolve().parents[1]
TEXT = ROOT / "tests" / "tutorial.md"
PAGE = ROOT / "docs" / "tutorial.md"
MQK = str(Path(sys.executable).with_name("mqk"))
SESSIONS = 90
CONFIG = """\
engine: {engine_id: WALK}
runtime: {deadman_ttl_seconds: 3600, lease_seconds: 3600, gate_ttl_seconds: 86400}
reconcile: {max_age_ms: 600000}
broker: {account_id: PAPER-WALK-0001, initial_cash: 100000}
data: {benchmark_symbol: IDX}
strategy: {strategy_id: sma_trend, symbols: [AAA, BBB]}
"""
MASKS = (
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "ID"),
    (r"\bWALK_[0-9a-f]{32}\b", "WALK_NAME"),
    (r"\btest_mqk_operator\b", "you"),
    (r"\btest_mqk_(\w+)\b", r"the login of \1"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d)?", "TIME"),
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"\b[0-9a-f]{12,64}\b", "HASH"),
    (r"─{3,}", "───"),
    (r"\S+/\.mqk/", "~/.mqk/"),
    (r"[ \t]+", " "),
    (r"TIME \d+ (?=\d+ (yes|NO))", "TIME MS "),
)
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def write_csv(path: Path, header: str, rows: list[tuple[Any, ...]]) -> None:
    """A CSV file."""
    with path.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([header.split(","), *rows])


def write_market(folder: Path) -> None:
    """A market around now: sessions of a day each, the last of which closed a minute ago."""
    now = datetime.now(UTC).replace(
        second=30, microsecond=0
    )  # a day does not end at its first moment
    closes = [now + timedelta(days=n, minutes=-1) for n in range(-SESSIONS + 1, 15)]
    write_csv(
        folder / "calendar.csv",
        "exchange_id,time_zone,session_on,opens_at,closes_at,is_half_day",
        [
            (
                "XTST",
                "UTC",
                c.date(),
                c.replace(hour=0, minute=0, second=0).isoformat(),
                c.isoformat(),
                "false",
            )
            for c in closes
        ],
    )
    write_csv(
        folder / "instruments.csv",
        "symbol,exchange_id,instrument_kind,name,listed_on,delisted_on",
        [
            (s, "XTST", k, s, "", "")
            for s, k in (("AAA", "EQUITY"), ("BBB", "EQUITY"), ("IDX", "INDEX"))
        ],
    )
    write_csv(
        folder / "bars.csv",
        "symbol,timeframe,session_on,open,high,low,close,volume",
        [
            (symbol, "1D", c.date(), p, p, p, p, 1_000_000)
            for symbol, first in (("AAA", 100), ("BBB", 300), ("IDX", 1000))
            for p, c in enumerate(closes[:SESSIONS], first)
        ],
    )
    (folder / "own.yaml").write_text(CONFIG, encoding="utf-8")


def mask(text: str) -> str:
    """A text without what differs from day to day, machine to machine, login to login."""
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


class Walk:
    """A shell in a folder of its own: types a command, remembers the run's id."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder, self.run_id, self.url = folder, "", url
        self.env = {
            **os.environ,
            "MQK_DATABASE_URL": group_url(url, "mqk_operator"),
            "MQK_ENGINE": "WALK",
            "MQK_HALT_DIR": str(folder / "halt"),
            "MQK_HOME": str(folder / ".mqk"),
            "MQK_WORKER_NAME": "here",
            "COLUMNS": "240",
        }

    def type(self, line: str) -> str:
        """Type one line; give what stands on the screen, and the exit code when it is not 0."""
        words = shlex.split(line.partition("#")[0])
        words = [self.run_id if word == "RUN" else word for word in words]
        env = self.env
        if words[1] == "worker":
            env = {**env, "MQK_DATABASE_URL": worker_url(self.url, words[2])}
        done = subprocess.run(
            [MQK, *words[1:]], env=env, cwd=self.folder, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        said = done.stdout + "".join(
            f"{row}\n" for row in done.stderr.splitlines() if not row.startswith("{")
        )
        if found := re.search(MASKS[0][0], done.stdout if words[1:3] == ["run", "create"] else ""):
            self.run_id = found[0]
        return mask(said.replace(self.run_id or "\0", "RUN")) + (
            f"\n[exit {done.returncode}]" if done.returncode else ""
        )


def walk(url: str, folder: Path) -> str:
    """Type every command of the text, in order; give the page with the answers."""
    write_market(folder)
    shell = Walk(url, folder)

    def answer(block: re.Match[str]) -> str:
        lines = [line for line in block[1].splitlines() if line.startswith("$ ")]
        said = [f"{line}\n{shell.type(line[2:])}".rstrip() for line in lines]
        return "```console\n" + "\n\n".join(said) + "\n```"

    page = BLOCK.sub(answer, TEXT.read_text(encoding="utf-8"))
    return "<!-- generated by `make tutorial`: edit tests/tutorial.md -->\n" + page


def main() -> None:
    """Walk, and write the page."""
    with SERVER.clone() as database, tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(walk(database.url, Path(folder)), encoding="utf-8")
    SERVER.close()


if __name__ == "__main__":
    main()

"""The rate of durable commits of one small row: what every rate of the bench is divided by."""

from __future__ import annotations

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import perf_counter

import psycopg

TABLE = "create table if not exists public.bench_commits (payload text not null)"
ROW = (
    "insert into public.bench_commits (payload) values ('a row of no interest, 40 bytes long ...')"
)


def count_commits(url: str, folder: Path, clients: int, seconds: int) -> float:
    """Commits a second of `clients` sessions at once; by the pgbench in `folder`, else by us."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(TABLE)
    pgbench = folder / "pgbench"
    found = str(pgbench) if pgbench.exists() else shutil.which("pgbench")
    return by_pgbench(found, url, clients, seconds) if found else by_us(url, clients, seconds)


def by_pgbench(program: str, url: str, clients: int, seconds: int) -> float:
    """Commits a second as pgbench counts them. Raises CalledProcessError."""
    options = f"-n -M prepared -c {clients} -j {clients} -T {seconds}"
    with NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"{ROW};\n")
        script.flush()
        said = subprocess.run(
            [program, *options.split(), "-f", script.name, url],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    rate = re.search(r"tps = ([\d.]+) \(without", said) or re.search(r"tps = ([\d.]+)", said)
    assert rate, said
    return float(rate[1])


def by_us(url: str, clients: int, seconds: int) -> float:
    """Commits a second of a loop of our own."""

    def commit(_: int) -> int:
        done, end = 0, perf_counter() + seconds
        with psycopg.connect(url, autocommit=True) as conn:
            while perf_counter() < end:
                conn.execute(ROW, prepare=True)
                done += 1
        return done

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(commit, range(clients))) / seconds

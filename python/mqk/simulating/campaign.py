"""Many seeds on one throw-away server: a few processes, a fresh database every so many lives."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from mqk.build import find_build, find_commit
from mqk.embedded import Cluster
from mqk.simulating.life import Life, Step, draw_steps, live
from mqk.simulating.shrink import shrink
from mqk.simulating.world import PREFIX, World, open_server

LIVES = 100  # of one database: rows that were deleted make it slower
COLUMNS = ("on", "commit", "first_seed", "last_seed", "steps", "calls", "events", "orders", "fills",
           "crashes", "violations", "seconds")  # fmt: skip


@dataclass
class Keeper:
    """The world of one process, replaced when it is worn out."""

    cluster: Cluster
    planted: bytes = b""
    lock: Any = field(default_factory=nullcontext)  # deployments meet in the roles of the server
    world: World | None = None
    lives: int = 0
    worlds: int = 0

    def live(self, seed: int, steps: Sequence[Step], *, keeps: bool = False) -> Life:
        """One life."""
        if self.world is None or self.lives >= LIVES:
            self.renew()
        assert self.world is not None
        self.lives += 1
        return live(self.world, seed, steps, keeps=keeps)

    def renew(self) -> None:
        """Another database; the old one is dropped."""
        if self.world is not None:
            self.world.close()
            self.cluster.drop_database(self._name)
        self.worlds, self.lives = self.worlds + 1, 0
        self.cluster.ensure_database(self._name)
        with self.lock:
            self.world = World(self.cluster.url(self._name), self.planted)

    @property
    def _name(self) -> str:
        return f"{PREFIX}{os.getpid()}_{self.worlds}"


@dataclass
class Totals:
    """What a campaign has seen."""

    seeds: int = 0
    violations: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, life: Life) -> None:
        """One life more."""
        self.seeds += 1
        self.violations += bool(life.broken)
        self.counts.update(life.counts)


_keeper: Keeper | None = None


def _open(name: str, planted: bytes, lock: Any) -> None:
    global _keeper
    _keeper = Keeper(Cluster(name, durable=False), planted, lock)


def _live(seed: int, count: int) -> Life:
    assert _keeper is not None
    return _keeper.live(seed, draw_steps(seed, count))


def run_seeds(
    first: int, seeds: int, count: int, jobs: int, planted: bytes = b""
) -> Iterator[Life]:
    """The lives of these seeds, in their order."""
    with open_server() as cluster:
        if jobs == 1:
            keeper = Keeper(cluster, planted)
            for seed in range(first, first + seeds):
                yield keeper.live(seed, draw_steps(seed, count))
            return
        context = get_context("spawn")
        told = (cluster.name, planted, context.Lock())
        pool = ProcessPoolExecutor(jobs, context, initializer=_open, initargs=told)
        with pool:
            yield from pool.map(_live, range(first, first + seeds), [count] * seeds)


def shorten(cluster: Cluster, life: Life, planted: bytes = b"") -> Life:
    """The shortest life of a seed that is wrong in the same way."""
    keeper, kind = Keeper(cluster, planted), life.broken[0].partition(":")[0]

    def fails(steps: Sequence[Step]) -> bool:
        return any(b.startswith(kind) for b in keeper.live(life.seed, steps).broken)

    return keeper.live(life.seed, shrink(life.steps, fails))


def name_commit() -> str:
    """What is simulated: the commit, with a + if the checkout differs from it, else the program's hash."""
    found = find_commit()
    return (found["git_commit"] or find_build())[:12] + "+" * bool(found["git_is_dirty"])


def write_ledger(path: Path, totals: Totals, **about: Any) -> None:
    """A row more in the ledger of seeds: what was lived through, by which commit, with what result."""
    counts = {k: totals.counts[k] for k in ("calls", "events", "orders", "fills", "crashes")}
    last = about["first_seed"] + totals.seeds - 1
    row = {**about, **counts, "last_seed": last, "violations": totals.violations}
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)

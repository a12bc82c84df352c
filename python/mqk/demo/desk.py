"""Where the demo runs: two fresh databases on the embedded server, or the user's own server."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rich.console import Console

from mqk import deployer, sqitch
from mqk.db import Connection, connect
from mqk.desk import DATABASE, PAPER_DATABASE
from mqk.embedded import Cluster, database_url
from mqk.workers import ROLES as WORKER_ROLES

# The workers in the order in which they tick, each with its login's group.
ORDER = ("marketdata", "broker_events", "snapshots", "strategist", "gateway", "deadman")
ROLES = {kind: WORKER_ROLES[kind] for kind in ORDER}


@dataclass
class Desk:
    """Where the desk and the paper broker are, and under which names one logs in."""

    url: str
    paper_url: str
    cluster: Cluster | None

    def connect(self, role: str) -> Connection:
        """A session as a role's own login (on the user's server: as the user)."""
        url = self.cluster.url(DATABASE, f"desk_{role}") if self.cluster else self.url
        return connect(url, f"mqk-demo-{role}")

    def connect_paper(self, role: str) -> Connection:
        """A session with the paper broker."""
        url = self.cluster.url(PAPER_DATABASE, f"desk_{role}") if self.cluster else self.paper_url
        return connect(url, f"mqk-demo-paper-{role}")


def open_desk(say: Console) -> Desk:
    """Start and deploy: two fresh databases on the embedded server, or the user's own."""
    if url := database_url():
        paper_url = os.environ.get("MQK_PAPER_URL", url)
        for place, name in {paper_url: "the paper broker's server", url: "your server"}.items():
            sqitch.deploy(place)
            say.print(f"{name}: {len(deployer.status(place).deployed)} changes deployed")
        return Desk(url, paper_url, None)
    cluster = Cluster().start()
    for name in (DATABASE, PAPER_DATABASE):
        cluster.drop_database(name)
        cluster.ensure_database(name)
        sqitch.deploy(cluster.url(name))
        count = len(deployer.status(cluster.url(name)).deployed)
        say.print(f"embedded Postgres {cluster.major}: {count} changes deployed to {name}")
    for role in {*ROLES.values(), "operator"}:
        cluster.create_login(f"desk_{role}", f"mqk_{role}")
    return Desk(cluster.url(DATABASE), cluster.url(PAPER_DATABASE), cluster)

"""The workers by name. Each carries bytes between the world and one step of the database."""

from __future__ import annotations

from importlib import import_module

from mqk.errors import MqkError
from mqk.worker import Job

# Each worker, and the group that its login is a member of.
ROLES = {
    "marketdata": "md",
    "strategist": "strategy",
    "gateway": "dispatch",
    "broker_events": "inbox",
    "snapshots": "recon",
    "deadman": "recon",
    "notifier": "notify",
    "anchor": "notify",
}
NAMES = tuple(ROLES)


def load(name: str) -> Job:
    """The job of a worker. Raises MqkError MQA02 for an unknown name."""
    if name not in NAMES:
        raise MqkError("MQA02", "a value is out of its range", name, "One of " + ", ".join(NAMES))
    job = import_module(f"mqk.workers.{name}").JOB
    assert isinstance(job, Job)
    return job

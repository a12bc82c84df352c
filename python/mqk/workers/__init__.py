"""The workers by name. Each carries bytes between the world and one step of the database."""

from __future__ import annotations

from importlib import import_module

from mqk.errors import MqkError
from mqk.worker import Job

NAMES = (
    "marketdata",
    "strategist",
    "gateway",
    "broker_events",
    "snapshots",
    "deadman",
    "notifier",
)


def load(name: str) -> Job:
    """The job of a worker. Raises MqkError MQA02 for an unknown name."""
    if name not in NAMES:
        raise MqkError("MQA02", "a value is out of its range", name, "One of " + ", ".join(NAMES))
    job = import_module(f"mqk.workers.{name}").JOB
    assert isinstance(job, Job)
    return job

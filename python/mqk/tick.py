"""What one tick of a worker may use, and the lease under which it acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mqk.brokers import Broker, NotSent
from mqk.build import find_build
from mqk.clock import Clock
from mqk.config.secrets import Secrets
from mqk.db import Connection, call, call_row, call_value
from mqk.errors import MqkError
from mqk.halting import has_deadman_file, read_halt, remove_file
from mqk.log import log


class StandBy(Exception):
    """Another process leads this kind of worker."""


@dataclass
class Tick:
    """Everything a worker may use: a session, its run, its name, the clock, its wires outside; the
    token of its process, the epoch of its lease, the halt file of its engine, the secrets of its run.
    """

    conn: Connection
    run: dict[str, Any]
    kind: str
    name: str
    clock: Clock
    broker: Broker | None = None
    wires: dict[str, Any] = field(default_factory=dict)
    token: str = "this process"
    halt_file: Path | None = None
    deadman_file: Path | None = None
    epoch: int | None = None
    secrets: Secrets = field(default_factory=Secrets)

    @property
    def run_id(self) -> Any:
        """The run that this worker serves."""
        return self.run["run_id"]

    @property
    def now(self) -> datetime:
        """The time to pass as now_at."""
        return self.clock()

    @property
    def venue(self) -> Broker:
        """The broker; a worker that needs one is never started without."""
        if self.broker is None:
            raise MqkError("MQA01", "an argument is missing", "broker", "Configure broker.name.")
        return self.broker

    @property
    def lease(self) -> dict[str, Any]:
        """What every door of a leader asks for first: the run and the epoch of the lease."""
        return {"run_id": self.run_id, "lease_epoch": self.epoch}

    @property
    def held(self) -> str | None:
        """The reason in the halt file, if there is one."""
        return read_halt(self.halt_file) if self.halt_file else None

    def register(self) -> None:
        """Say what this worker is, before it acts: its name, its program, the secrets that it has."""
        call(
            self.conn,
            "io.register_worker",
            run_id=self.run_id,
            worker_kind=self.kind,
            worker_name=self.name,
            build=find_build(),
            secret_names=self.secrets.names,
            now_at=self.now,
        )

    def lead(self) -> int:
        """Take or renew the lease of this kind; give its epoch. Raises StandBy if another leads."""
        who = {"worker_kind": self.kind, "worker_name": self.name, "worker_token": self.token}
        row = call_row(self.conn, "io.acquire_lease", run_id=self.run_id, **who, now_at=self.now)
        assert row is not None
        self.epoch = row["lease_epoch"] if row["is_leader"] else None
        if self.epoch is None:
            raise StandBy(f"{row['holder']} leads until {row['expires_at']}")
        return self.epoch

    def release(self) -> None:
        """Give the lease back, if we have one and the database can be reached."""
        if self.epoch is None or self.conn.closed:
            return
        try:
            call(
                self.conn, "io.release_lease", **self.lease, worker_kind=self.kind, now_at=self.now
            )
        except MqkError as no:
            log(self.kind, "lease not released", error=str(no))
        self.epoch = None

    def beat(self) -> str:
        """Lead and show a sign of life; give the run's status. Raises StandBy."""
        self.lead()
        status = str(
            call_value(
                self.conn,
                "io.record_heartbeat",
                **self.lease,
                worker_kind=self.kind,
                worker_name=self.name,
                has_deadman_file=self.deadman_file and has_deadman_file(self.deadman_file),
                now_at=self.now,
            )
        )
        if status == "HALTED" and self.kind == "gateway" and self.deadman_file:
            self.drop(self.deadman_file)
        return status

    def drop(self, deadman_file: Path) -> None:
        """A halted run has no deadman file; one that cannot be removed is only said."""
        try:
            if remove_file(deadman_file):
                log(self.kind, "deadman file removed", file=str(deadman_file))
        except OSError as no:
            log(self.kind, "deadman file not removed", error=str(no))

    def refuse_while_held(self) -> None:
        """Stands before each request that would act at the broker. Raises NotSent while the halt file
        exists.
        """
        if why := self.held:
            raise NotSent(f"halt file: {why}")

    def report_halt_file(self) -> None:
        """Halt the run in the database while the halt file exists, and say so."""
        why = self.held
        if why and self.run["run_status"] != "HALTED":
            reason = f"halt file: {why}"
            call(self.conn, "io.halt_run", run_id=self.run_id, reason=reason, now_at=self.now)
            log(self.kind, "halted", run_id=self.run_id, reason=reason, file=str(self.halt_file))

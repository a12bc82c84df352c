"""mqk doctor: machine, server, logins, catalog: what the promises of this desk rest on."""

from __future__ import annotations

import os
from typing import Any

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.errors import MqkError


@click.command(cls=Command)
@click.option("--engine", default="MAIN", show_default=True, envvar="MQK_ENGINE")
@click.option("--deep", is_flag=True, help="Compare every object with a fresh deployment (10 s).")
@click.option("--strict", is_flag=True, help="Fail on advice, too.")
@pass_session
def doctor(session: Session, engine: str, deep: bool, strict: bool) -> None:
    """Examine machine, server, logins and catalog; exit 3 if a check fails. Calls api.doctor_all."""
    from psycopg import pq

    from mqk.deployer import sqitch_root
    from mqk.doctor import LEFT, check_code, check_structure, examine, read_files

    there = session.call("api.doctor_fingerprints")
    checks = [check_code(read_files(sqitch_root() / "sql"), there)]
    if deep:
        checks.append(check_structure(deploy_afresh(), there))
    info = session.conn.info
    checks += examine(engine, info.host, info.pgconn.ssl_in_use, pq.__impl__)
    rows = [check.row() for check in checks]
    rows += session.call("api.doctor_all", now_at=session.clock())
    rows.sort(key=lambda row: (row["is_ok"], not row["is_must"]))
    session.print([{**row, "fix": "" if row["is_ok"] else row["fix"]} for row in rows])
    if not session.as_json:
        click.echo("What Postgres cannot take away from a login, and what stands behind it:")
        click.echo("\n".join(f"  {what}: {why}" for what, why in LEFT))
    failed = [r["check_name"] for r in rows if not r["is_ok"] and (strict or r["is_must"])]
    if failed:
        fix = "Do what stands beside each, then again."
        raise MqkError("MQG64", "the ground that a desk stands on is sound", ", ".join(failed), fix)


def deploy_afresh() -> list[dict[str, Any]]:
    """The fingerprints of a new deployment of the plan, on a server that lives for that long."""
    from mqk import deployer
    from mqk.db import call, connect
    from mqk.embedded import Cluster

    cluster = Cluster(f"test-doctor-{os.getpid()}", durable=False).start()
    try:
        cluster.ensure_database("doctor")
        deployer.deploy(cluster.url("doctor"))
        with connect(cluster.url("doctor"), "mqk-doctor") as conn:
            return call(conn, "api.doctor_fingerprints")
    finally:
        cluster.stop(remove=True)

"""The deployer: killed in the middle and asked again; and asked while a desk trades."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from random import Random

from chaos.floor import Result
from chaos.server import TEMPLATE, Server
from mqk import deployer
from mqk.sqitch import find_sqitch, to_target
from support import ROOT

DEPLOY = """
import sys
from pathlib import Path
from mqk import sqitch
sqitch.deploy(sys.argv[1], Path(sys.argv[2]))
"""
HAS_LOG = "select to_regclass('sqitch.changes') is not null as has"
DEPLOYED = "select count(*) as n from sqitch.changes"
FINGERPRINT = "select core.compute_fingerprint() as text"
SECONDS = 120.0


def start_deployer(server: Server, name: str, kind: str) -> subprocess.Popen[bytes]:
    """The built-in deployer, or sqitch, in a process of its own."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}/python", "MQK_DEPLOYER": kind}
    return subprocess.Popen(
        [sys.executable, "-c", DEPLOY, server.url(name), str(ROOT)], env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the deployer and of what it has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def run_deploys(server: Server, result: Result, number: int) -> None:
    """Layer deploy: an empty database; killed at random moments; the second try completes it."""
    random = Random(f"{result.seed}/{number}")
    found = ("builtin", *(["sqitch"] if find_sqitch() else []))
    for kind in found:
        deploy_and_kill(server, result, f"chaos_deploy_{number}_{kind}", kind, random)


def deploy_and_kill(server: Server, result: Result, name: str, kind: str, random: Random) -> None:
    """Kill it until it has been killed thrice, then let it end; the schema is the template's."""
    with server.connect("postgres") as conn:
        conn.execute(f"create database {name}")
    try:
        for goal in sorted(random.choices(range(count_changes(server, TEMPLATE)), k=3)):
            process = start_deployer(server, name, kind)
            if wait_for_changes(server, name, process, goal):
                time.sleep(random.random() / 20)
                kill_tree(process)
                result.counts[f"{kind} killed"] += 1
                wait_for_sessions(server, name)
        began = time.monotonic()
        if said := complete(server, result, name, kind):
            result.violations.append(f"{kind}: the second try fails: {said[-800:]}")
            return
        result.time(f"{kind} again", began)
        with server.connect(name) as conn, server.connect(TEMPLATE) as whole:
            ours, theirs = (c.execute(FINGERPRINT).fetchone() for c in (conn, whole))
            if ours != theirs:
                result.violations.append(f"{kind}: the schema is not the plan's")
        if deployer.status(server.url(name), ROOT).pending:
            result.violations.append(f"{kind}: not all is deployed")
        result.counts[f"{kind} completed"] += 1
    finally:
        server.drop(name)


def count_changes(server: Server, name: str) -> int:
    """How many changes of the plan a database has, as the deployer has written it."""
    with server.connect(name) as conn:
        if conn.execute(HAS_LOG).fetchone()["has"]:
            return int(conn.execute(DEPLOYED).fetchone()["n"])
    return 0


def wait_for_changes(
    server: Server, name: str, process: subprocess.Popen[bytes], goal: int
) -> bool:
    """Until the deployer has come so far; false if it has ended before."""
    while process.poll() is None and count_changes(server, name) < goal:
        time.sleep(0.02)
    return process.poll() is None


def complete(server: Server, result: Result, name: str, kind: str) -> str:
    """Deploy; gives what it said if it fails. sqitch commits a script and writes its row afterwards: a
    change that was killed in between stands already, and is only logged, as docs/dba.md says.
    """
    for _ in range(2):
        process = start_deployer(server, name, kind)
        _, said = process.communicate(timeout=SECONDS)
        if not process.returncode:
            return ""
        if kind != "sqitch" or b"already exists" not in said:
            break
        stands = deployer.status(server.url(name), ROOT).pending[0]
        words = [str(find_sqitch()), "deploy", "--log-only", "--to", stands]
        subprocess.run(
            [*words, to_target(server.url(name))], cwd=ROOT, check=True, capture_output=True
        )
        result.counts["sqitch left a change that --log-only mends"] += 1
    return said.decode()


def wait_for_sessions(server: Server, name: str) -> None:
    """Until the server has noticed that the deployer is gone."""
    ask = (
        "select count(*) as n from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + SECONDS
    with server.connect("postgres") as conn:
        while conn.execute(ask, [name]).fetchone()["n"] and time.monotonic() < deadline:
            time.sleep(0.05)

"""Deploy, status, verify and revert: by sqitch where it is found, else by the built-in deployer.

Both write the same registry, so it does not matter who came first. MQK_DEPLOYER=builtin or =sqitch
takes the choice away. Every function gives the text to show to a person.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode

from mqk import deployer
from mqk.binaries import find_binaries
from mqk.db import read_conninfo
from mqk.embedded import find_checkout
from mqk.errors import MqkError


def find_sqitch() -> str | None:
    """sqitch of the PATH, else the one that ./dev put into .tool/bin, else None."""
    top = find_checkout()
    beside = f"{top}/.tool/bin" if top else None
    return shutil.which("sqitch") or (shutil.which("sqitch", path=beside) if beside else None)


def to_target(url: str) -> str:
    """The libpq URL or conninfo as sqitch writes it: db:pg://user@host:port/name?more=…"""
    parts = {name: str(value) for name, value in read_conninfo(url).items()}
    who = quote(parts.pop("user", ""), safe="")
    password = parts.pop("password", "")
    who += f":{quote(password, safe='')}" if password else ""
    name = quote(parts.pop("dbname", ""), safe="")
    place = ""
    if not parts.get("host", "/").startswith("/"):
        place = parts.pop("host") + (f":{parts.pop('port')}" if "port" in parts else "")
    more = f"?{urlencode(parts)}" if parts else ""
    return f"db:pg://{who}{'@' if who else ''}{place}/{name}{more}"


def deploy(url: str, root: Path | None = None, verify: bool = True) -> str:
    """Deploy what is pending. Raises: MQS91 to MQS94."""
    if sqitch := _choose():
        how = "--verify" if verify else "--no-verify"
        return _sqitch(sqitch, "deploy", [how, "--mode", "change"], url, root)
    count = deployer.deploy(url, root, verify)
    return f"{count} changes deployed" if count else "nothing to deploy (up to date)"


def status(url: str, root: Path | None = None) -> str:
    """What is deployed and what is pending."""
    if sqitch := _choose():
        return _sqitch(sqitch, "status", [], url, root, accept=(0, 1))
    found = deployer.status(url, root)
    lines = [f"project {found.project}: {len(found.deployed)} deployed"]
    lines += [f"  + {name}" for name in found.pending] or ["nothing to deploy (up to date)"]
    lines += [f"  ? {name} is deployed, but not as planned here" for name in found.strangers]
    return "\n".join(lines)


def verify(url: str, root: Path | None = None) -> str:
    """Run the verify scripts of all that is deployed. Raises: MQS92 naming each that fails."""
    if sqitch := _choose():
        return _sqitch(sqitch, "verify", [], url, root)
    failed = deployer.verify(url, root)
    if failed:
        detail = "; ".join(failed.values())
        raise MqkError("MQS92", "every script of the plan succeeds", detail, "restore what is gone")
    return f"{len(deployer.status(url, root).deployed)} changes verified"


def revert(url: str, to: str | None = None, root: Path | None = None) -> str:
    """Undo every change after `to` (a change or @tag; None: all). Raises: MQN91 without sqitch."""
    sqitch = find_sqitch()
    if sqitch is None:
        raise MqkError(
            "MQN91",
            "sqitch is at hand",
            "sqitch is neither on the PATH nor in .tool/bin",
            "apt-get install sqitch libdbd-pg-perl postgresql-client, or ./dev setup in a checkout",
        )
    return _sqitch(sqitch, "revert", ["-y", *(["--to", to] if to else [])], url, root)


def _choose() -> str | None:
    wish = os.environ.get("MQK_DEPLOYER", "")
    found = None if wish == "builtin" else find_sqitch()
    if wish == "sqitch" and not found:
        fix = "apt-get install sqitch libdbd-pg-perl postgresql-client, or unset MQK_DEPLOYER"
        raise MqkError("MQN91", "sqitch is at hand", "MQK_DEPLOYER=sqitch", fix)
    return found


def _sqitch(
    program: str,
    command: str,
    flags: list[str],
    url: str,
    root: Path | None,
    accept: tuple[int, ...] = (0,),
) -> str:
    env = dict(os.environ)
    if not shutil.which("psql"):
        env["PATH"] = f"{find_binaries()}:{env.get('PATH', os.defpath)}"
    done = subprocess.run(
        [program, command, *flags, to_target(url)],
        cwd=root or deployer.sqitch_root(),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in accept:
        detail = f"sqitch {command}: {done.stdout.strip()}"
        raise MqkError(
            "MQS92", "every script of the plan succeeds", detail, "read what sqitch says"
        )
    return done.stdout.rstrip()

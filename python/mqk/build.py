"""Which program this is, and where it runs: a hash over its files, its commit, its host."""

from __future__ import annotations

import platform
import shutil
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


@cache
def find_build() -> str:
    """SHA-256 over the names and bytes of the package's source files."""
    whole = sha256()
    for path in sorted(FOLDER.rglob("*.py")):
        body = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{path.relative_to(FOLDER).as_posix()} {len(body)}\n".encode())
        whole.update(body)
    return whole.hexdigest()


def find_commit() -> dict[str, Any]:
    """The commit of the checkout that this program runs from, and whether it was changed since.

    Both are null outside a checkout of ours, or without git.
    """
    top = _git("rev-parse", "--show-toplevel")
    if top is None or Path(top) / "python" / "mqk" != FOLDER:
        return {"git_commit": None, "git_is_dirty": None}
    return {
        "git_commit": _git("rev-parse", "HEAD"),
        "git_is_dirty": _git("status", "--porcelain", "--untracked-files=no") != "",
    }


def find_host() -> dict[str, str]:
    """What machine this is, and a fingerprint that tells it from others without naming it."""
    seen = {
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
    whole = "\n".join([platform.node(), platform.release(), *seen.values()])
    return {**seen, "fingerprint": sha256(whole.encode()).hexdigest()}


def _git(*words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(
        [git, "-C", str(FOLDER), *words], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None

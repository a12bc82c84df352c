"""Two files of this machine that stop an engine: the halt file by being there, the deadman file by not.

The halt file is a halt for when the database is away.

While <folder>/<engine> exists on a machine, no worker of the engine there sends anything; each reports
it to the database as a halt with the file's text as reason, as soon as it can. The folder is
MQK_HALT_DIR, else halt/ in MQK_HOME (else in ~/.mqk). Any text will do, also none:

    echo 'the feed is mad' > ~/.mqk/halt/MAIN

Only a person removes it: `mqk run clear-halted`, or rm.

The deadman file is <folder>/<engine>.armed. `mqk run arm` writes it when the run's config asks for it
(runtime.deadman_file), `mqk run halt` and `stop` remove it, and so does the gateway when its run was
halted. Each sign of life of the gateway says whether it is there; once it is not, the database halts.
"""

from __future__ import annotations

import os
from pathlib import Path

LONGEST = 400  # characters of the reason that are read


def find_folder() -> Path:
    """Where both files are."""
    home = Path(os.environ.get("MQK_HOME") or Path.home() / ".mqk")
    return Path(os.environ.get("MQK_HALT_DIR") or home / "halt")


def halt_path(engine: str) -> Path:
    """Where an engine's halt file would be."""
    return find_folder() / engine


def deadman_path(engine: str) -> Path:
    """Where an engine's deadman file is while it is armed."""
    return find_folder() / f"{engine}.armed"


def has_deadman_file(path: Path) -> bool:
    """Whether it is there; a folder that cannot be read has none."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_halt(path: Path) -> str | None:
    """The reason in a halt file; None when there is none. One that cannot be read is a halt too."""
    try:
        with path.open(encoding="utf-8", errors="replace") as text:
            return " ".join(text.read(LONGEST).replace("\0", " ").split()) or "no reason given"
    except (FileNotFoundError, NotADirectoryError):
        return "the halt file is a broken link" if path.is_symlink() else None
    except OSError as no:
        return f"the halt file cannot be read: {no.strerror}"


def write_file(path: Path, reason: str) -> None:
    """Write one of the files, whole or not at all; readable for every worker of this machine.

    Raises OSError when the folder cannot be made or written.
    """
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(reason + "\n", encoding="utf-8", errors="replace")
    draft.chmod(0o644)
    draft.replace(path)


def remove_file(path: Path) -> bool:
    """Remove one of the files; False when there was none. Raises OSError when it cannot be removed."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True

"""Every check that needs no database: style, types, rooms, built files.

python -m house.check           runs them all; exit 1 if one fails
"""

from __future__ import annotations

import subprocess
import sys

from house.tree import ROOT

CHECKS = {
    "ruff check": ["ruff", "check", "-q", "."],
    "ruff format": ["ruff", "format", "-q", "--check", "."],
    "mypy": ["mypy", "--no-error-summary"],
    "built files": ["house.code", "--check"],
    "pages": ["house.docs", "--check"],
    "rooms": ["house.rooms"],
    "tidy": ["house.tidy"],
}


def main() -> int:
    failed = []
    for name, (module, *args) in CHECKS.items():
        done = subprocess.run([sys.executable, "-m", module, *args], cwd=ROOT, check=False)
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}", flush=True)
        if done.returncode:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

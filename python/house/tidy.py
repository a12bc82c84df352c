"""Sizes, names, comments, and words that may not be used: what a linter does not know.

python -m house.tidy            exit 1 and one line a fault
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from house.tree import EXTRAS, ROOT, strip_comments

WIDTH = 108  # the hard limit; the formatter breaks Python at 100, and SQL should aim at it
SQL_LINES, FUNCTION_LINES, PYTHON_LINES, WORKER_LINES = 120, 60, 250, 130
TEST_LINES = 500  # a room's laws stand together in one file
# One loop whose calls of functions would cost more than all else in it: it may be longer than a screen.
KERNELS = {"sql/lab/run_kernel.sql"}
# A clock, chance or an id out of nothing may be read here only; elsewhere they are arguments.
CLOCKS = {
    "sql/core/is_clock_near.sql",  # the guard that only refuses
    "python/mqk/clock.py",
}
SQL_FORBIDDEN = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|random|gen_random_uuid|"
    r"uuid_generate_v4|uuidv7|timeofday)\s*\(|\b(current_timestamp|localtimestamp|current_date)\b|"
    r"\b(real|double precision|float[48]?|money)\b"
)
PYTHON_FORBIDDEN = re.compile(
    r"\b(datetime\.(?:datetime\.)?(?:now|utcnow|today)|date\.today|time\.time(?:_ns)?|uuid[14]|"
    r"random\.(?!Random\b)\w+)\s*\("
)
# SQL text lives in sql/; these four carry it for a reason of their own.
SQL_IN_PYTHON = {"db.py", "embedded.py", "deployer.py"}
EXECUTE = re.compile(r"\.execute(?:many)?\(\s*(?:[rfbu]{0,2}[\"'])")
OBJECT = re.compile(r"^create (?:or replace )?(?:function|view) (\w+)\.(\w+)", re.M)
BODY = re.compile(r"^create or replace function.*?^(?:\$function\$|\$\$|end);$", re.M | re.S)


def check_sql(path: Path, text: str) -> Iterator[str]:
    """Faults of sql/<room>/<name>.sql."""
    is_kernel = str(path).endswith(tuple(KERNELS))
    if len(text.splitlines()) > SQL_LINES and path.stem not in EXTRAS and not is_kernel:
        yield f"is longer than {SQL_LINES} lines"
    for body in [] if is_kernel else BODY.findall(text):
        if body.count("\n") + 1 > FUNCTION_LINES:
            yield f"has a function of {body.count(chr(10)) + 1} lines, over {FUNCTION_LINES}"
    made = OBJECT.findall(text)
    if path.stem.startswith("_"):
        if made:
            yield "makes an object, which belongs in a file of its own"
        return
    if {name for _, name in made} != {path.stem} or {room for room, _ in made} != {
        path.parent.name
    }:
        yield f"must make {path.parent.name}.{path.stem} and nothing else"
    comments = re.findall(r"^comment on (?:function|view) ", text, re.M)
    if len(comments) != len(made):
        yield f"makes {len(made)} objects and comments on {len(comments)}"


def check_words(path: str, text: str) -> Iterator[str]:
    """Faults of the words in any SQL or Python file that is shipped."""
    if path in CLOCKS:
        return
    if path.endswith(".sql"):
        bare = re.sub(r"^comment on .*?(\$\$|').*?\1;", "", strip_comments(text), flags=re.M | re.S)
        bare = re.sub(r"'(?:[^']|'')*'", "''", bare)
        found = SQL_FORBIDDEN.search(bare)
    else:
        found = PYTHON_FORBIDDEN.search(re.sub(r"^\s*#.*$", "", text, flags=re.M))
    if found:
        yield f"uses {found[0].strip()}: take it as an argument, in exact types"


def check_python(path: Path, text: str) -> Iterator[str]:
    """Faults of a Python file."""
    is_test = path.is_relative_to(ROOT / "tests")
    limit = WORKER_LINES if path.parent.name == "workers" else PYTHON_LINES
    limit = TEST_LINES if is_test else limit
    if len(text.splitlines()) > limit:
        yield f"is longer than {limit} lines"
    shipped = path.is_relative_to(ROOT / "python" / "mqk")
    if shipped and path.name not in SQL_IN_PYTHON and EXECUTE.search(text):
        yield "has SQL text: make a function of it and call that"


def check_looks(text: str) -> Iterator[str]:
    """Faults of any text file: width, tabs, loose ends."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > WIDTH:
            yield f"line {number} is {len(line)} columns wide, over {WIDTH}"
        if "\t" in line:
            yield f"line {number} has a tab"
        if line != line.rstrip():
            yield f"line {number} ends in blanks"
    if text and not text.endswith("\n"):
        yield "does not end with a line feed"


def check_tree(root: Path = ROOT) -> list[str]:
    """Every fault of the tree, as `path: what`."""
    faults = []
    built = {root / kind / p.name / "code.sql" for kind in ("deploy", "revert", "verify")
             for p in (root / "sql").glob("*")}  # fmt: skip
    folders = ("sql", "deploy", "revert", "verify", "python", "tests")
    files = [p for folder in folders for p in (root / folder).rglob("*") if p not in built]
    for path in sorted(p for p in files if p.suffix in (".sql", ".py")):
        text, name = path.read_text(encoding="utf-8"), str(path.relative_to(root))
        found = list(check_looks(text))
        if path.is_relative_to(root / "sql") and path.stem != "_room":
            found += check_sql(path, text)
        if path.stem == "_seed":  # rows of sentences: one row a line
            found = [fault for fault in found if "columns wide" not in fault]
        if path.suffix == ".py":
            found += check_python(path, text)
        if name.startswith(("sql/", "deploy/", "python/mqk/")) and path.name != "registry.sql":
            found += check_words(name, text)
        faults += [f"{name}: {what}" for what in found]
    return faults


def main() -> int:
    faults = check_tree()
    for line in faults:
        print(line)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

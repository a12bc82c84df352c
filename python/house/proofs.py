"""Run the tests that the laws and names rest on, and write down how they ended: tests/proofs.csv.

python -m house.proofs [PYTEST ARGS]         the named tests; or only those of the files and tests given
python -m house.proofs --campaign SECONDS    crashes in random order: the row campaign:crashes

What is not committed is not proven: with changed files it refuses. Nobody writes this ledger by hand.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from house.laws import CAMPAIGN, Proof, find_test, list_tests, read_areas, read_groups
from house.tree import ROOT
from mqk.clock import system_clock

LEDGER = ROOT / "tests" / "proofs.csv"
MADE = ("tests/proofs.csv", "docs/readiness.md", "python/mqk/readiness.json")
COLUMNS = [field.name for field in fields(Proof)]


def read_proofs() -> dict[str, Proof]:
    """The last proof of each test, by its path and name."""
    if not LEDGER.is_file():
        return {}
    rows = csv.DictReader(StringIO(LEDGER.read_text(encoding="utf-8")))
    found = {}
    for row in rows:
        passed, failed, skipped = (int(row[name]) for name in ("passed", "failed", "skipped"))
        ended = (row["outcome"], passed, failed, skipped, row["proven_on"], row["commit"])
        found[row["test"]] = Proof(row["test"], *ended)
    return found


def write_proofs(new: Mapping[str, Proof]) -> None:
    """Put these over the ledger; a test that is gone is dropped."""
    proofs = {**read_proofs(), **new}
    there = list_tests()
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for test in sorted(proofs):
        if test in there or test.startswith(CAMPAIGN):
            writer.writerow(asdict(proofs[test]))
    LEDGER.write_text(out.getvalue(), encoding="utf-8")


def list_named() -> list[str]:
    """Every test that a law or a name rests on."""
    laws = (row[2] for area in read_areas() for row in area.laws)
    names = (test for group in read_groups() for name in group.names for test in name.tests)
    found = {find_test(test) for test in (*laws, *names)}
    return sorted(test for test in found if test and not test.startswith(CAMPAIGN))


def read_report(text: str) -> Iterator[tuple[str, str]]:
    """(test, passed | failed | skipped) of every case of a JUnit report."""
    for case in ET.fromstring(text).iter("testcase"):
        place, law = case.get("file") or "", (case.get("name") or "").split("[")[0]
        words = {child.tag for child in case}
        ended = (
            "failed"
            if words & {"failure", "error"}
            else "skipped"
            if "skipped" in words
            else "passed"
        )
        yield place if place.endswith(".sql") else f"{place}::{law}", ended


def count(cases: Iterator[tuple[str, str]], proven_on: str, commit: str) -> dict[str, Proof]:
    """The proof of each test that ran: all its cases, and passed only if one did and none failed."""
    counts: dict[str, Counter[str]] = {}
    for test, ended in cases:
        counts.setdefault(test, Counter())[ended] += 1
    there = list_tests()
    return {test: prove(test, c, proven_on, commit) for test, c in counts.items() if test in there}


def prove(test: str, ended: Mapping[str, int], proven_on: str, commit: str) -> Proof:
    """A proof of these counts; what was skipped, even in part, is not passed."""
    passed, failed, skipped = (ended.get(k, 0) for k in ("passed", "failed", "skipped"))
    outcome = "FAILED" if failed else "PASSED" if passed and not skipped else "SKIPPED"
    return Proof(test, outcome, passed, failed, skipped, proven_on, commit)


def git(*words: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, text=True, capture_output=True
    ).stdout


def run_tests(words: list[str], proven_on: str, commit: str) -> dict[str, Proof]:
    """Run pytest, with the named tests unless others are given."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-o", "junit_family=xunit1"]
        chosen = (
            words if any(not word.startswith("-") for word in words) else [*words, *list_named()]
        )
        subprocess.run([*command, f"--junitxml={report}", *chosen], cwd=ROOT, check=False)
        text = report.read_text(encoding="utf-8") if report.is_file() else "<none/>"
    return count(read_report(text), proven_on, commit)


def run_campaign(seconds: str, proven_on: str, commit: str) -> dict[str, Proof]:
    """Run the campaign of crashes: a cell that was hit is a case."""
    command = [sys.executable, "-m", "chaos.campaign", "--seconds", seconds]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, text=True, stdout=subprocess.PIPE
    )
    print(done.stdout)
    test = f"{CAMPAIGN}crashes"
    ended = re.search(r"^cells hit (\d+), violations (\d+)$", done.stdout, re.M)
    hit, bad = (int(n) for n in ended.groups()) if ended else (0, 1)
    bad = max(bad, int(done.returncode != 0))
    return {test: prove(test, {"passed": hit, "failed": bad}, proven_on, commit)}


def main(words: list[str]) -> int:
    changed = [
        line[3:] for line in git("status", "--porcelain").splitlines() if line[3:] not in MADE
    ]
    if changed:
        print(f"commit first, what is not committed is not proven: {', '.join(changed)}")
        return 2
    day, commit = f"{system_clock():%Y-%m-%d}", git("rev-parse", "--short=12", "HEAD").strip()
    is_campaign = words[:1] == ["--campaign"]
    found = run_campaign(words[1], day, commit) if is_campaign else run_tests(words, day, commit)
    write_proofs(found)
    told = Counter(proof.outcome for proof in found.values())
    print(f"wrote {len(found)} proofs to tests/proofs.csv: {dict(told)}; now `make docs`")
    return 0 if found and set(told) == {"PASSED"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

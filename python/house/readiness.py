"""What was asked for, what proves it, and when that last ran: docs/readiness.md and mqk/readiness.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from house.laws import Name, Proof, find_test, list_views, read_areas, read_groups

NAMES_SAY = """\
Every name that was asked for, with the tests that prove it and when they last did; `mqk readiness` prints
it and exits with 4 while anything is missing. PROVEN: every test that is named passed when it was last
recorded (`make proofs` runs them and writes `tests/proofs.csv`). UNPROVEN: one of them was not recorded,
or failed, or was skipped. OPEN: something is missing, and the note says what. N/A: the note says why not.
The source is `docs/acceptance.toml`."""


def judge(name: Name, proofs: Mapping[str, Proof]) -> str:
    """N/A, OPEN, PROVEN (every test that is named passed when it was last recorded) or UNPROVEN."""
    if name.note.startswith("n/a:"):
        return "N/A"
    if name.note.startswith("open:"):
        return "OPEN"
    known = [proofs.get(find_test(test) or "") for test in name.tests]
    return "PROVEN" if known and all(p and p.outcome == "PASSED" for p in known) else "UNPROVEN"


def readiness(proofs: Mapping[str, Proof]) -> dict[str, object]:
    """All that `mqk readiness` tells."""
    views = list_views()
    groups = [
        {
            "title": group.title,
            "names": [
                {
                    "name": name.name,
                    "law": name.law,
                    "verdict": judge(name, proofs),
                    "note": name.note,
                    "views": views.get(name.name, []),
                    "tests": [last_of(test, proofs) for test in name.tests],
                }
                for name in group.names
            ],
        }
        for group in read_groups()
    ]
    tests = [find_test(row[2]) or "" for area in read_areas() for row in area.laws]
    passed = [t for t in tests if t in proofs and proofs[t].outcome == "PASSED"]
    return {"laws": {"all": len(tests), "proven": len(passed)}, "groups": groups}


def last_of(named: str, proofs: Mapping[str, Proof]) -> dict[str, object]:
    """A test with how it ended last, or UNPROVEN."""
    test = find_test(named) or named
    blank = Proof(test, "UNPROVEN", 0, 0, 0, "", "")
    return asdict(proofs.get(test, blank))


def readiness_json(proofs: Mapping[str, Proof]) -> str:
    """mqk/readiness.json: what the wheel carries."""
    return json.dumps(readiness(proofs), indent=1, ensure_ascii=False) + "\n"


def readiness_page(made: str, proofs: Mapping[str, Proof]) -> str:
    """docs/readiness.md."""
    told = readiness(proofs)
    laws = told["laws"]
    assert isinstance(laws, dict)
    counts = f"{laws['proven']} of the {laws['all']} laws of [guarantees](guarantees.md)"
    out = [f"# Readiness\n\n{made}\n", NAMES_SAY, f"\nAnd {counts} were proven when last recorded."]
    groups = told["groups"]
    assert isinstance(groups, list)
    for group in groups:
        out += [
            "",
            f"## {group['title']}",
            "",
            "| name | law | verdict | kept by | proven by | note |",
        ]
        out.append("|---|---|---|---|---|---|")
        for row in group["names"]:
            views = ", ".join(f"`inv.{view}`" for view in row["views"])
            tests = "<br>".join(tell(test) for test in row["tests"])
            cells = (row["name"], row["law"], row["verdict"], views, tests, row["note"])
            out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def tell(test: Mapping[str, object]) -> str:
    """A test with its last day and commit."""
    place = str(test["test"]).removeprefix("tests/")
    return f"{place} ({test['outcome']} {test['proven_on']} {test['commit']})".replace(" )", ")")

"""The ledger of proofs is written by running, and readiness says no more than it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from house import proofs
from house.laws import Proof, find_test
from house.tidy import check_words
from mqk import readiness
from mqk.cli.main import main
from support import ROOT

CLOCK = "tests/python/test_clock.py::test_a_virtual_clock_stands_where_it_was_put"
REPORT = """<testsuites><testsuite>
<testcase file="tests/python/test_clock.py" name="test_a_virtual_clock_stands_where_it_was_put[a]"/>
<testcase file="tests/python/test_clock.py"
 name="test_a_virtual_clock_stands_where_it_was_put[b]">{}</testcase>
<testcase file="tests/pgtap/core/numbers.sql" name="numbers.sql"/>
<testcase file="tests/gone.py" name="test_gone"/></testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("child", "outcome"),
    [("", "PASSED"), ("<failure/>", "FAILED"), ("<error/>", "FAILED"), ("<skipped/>", "SKIPPED")],
)
def test_a_test_is_proven_by_all_its_cases(child: str, outcome: str) -> None:
    found = proofs.count(proofs.read_report(REPORT.format(child)), "2026-01-02", "abc")
    assert sorted(found) == ["tests/pgtap/core/numbers.sql", CLOCK]
    assert found[CLOCK].outcome == outcome
    assert found["tests/pgtap/core/numbers.sql"].outcome == "PASSED"


def test_nothing_that_ran_proves_nothing() -> None:
    assert proofs.prove("campaign:crashes", {"passed": 0}, "d", "c").outcome == "SKIPPED"
    assert (
        proofs.prove("campaign:crashes", {"passed": 9, "failed": 1}, "d", "c").outcome == "FAILED"
    )


def test_a_new_proof_takes_the_place_of_the_old_and_a_test_that_is_gone_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "LEDGER", tmp_path / "proofs.csv")
    assert proofs.read_proofs() == {}
    old = Proof(CLOCK, "PASSED", 1, 0, 0, "2026-01-01", "a")
    gone = Proof("tests/test_gone.py::test_gone", "PASSED", 1, 0, 0, "2026-01-01", "a")
    proofs.write_proofs({CLOCK: old, gone.test: gone})
    assert proofs.read_proofs() == {CLOCK: old}
    new = Proof(CLOCK, "FAILED", 0, 1, 0, "2026-01-02", "b")
    proofs.write_proofs({CLOCK: new})
    assert proofs.read_proofs() == {CLOCK: new}


def test_what_is_not_committed_is_not_proven(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(proofs, "git", lambda *words: " M sql/core/x.sql\n M tests/proofs.csv\n")
    for name in (
        "run_tests",
        "run_campaign",
        "write_proofs",
    ):  # nothing is run or written from here
        monkeypatch.setattr(proofs, name, lambda *given: {})
    assert proofs.main([]) == 2
    assert "commit first" in (said := capsys.readouterr().out)
    assert "sql/core/x.sql" in said and "proofs.csv" not in said


def test_every_proof_of_the_ledger_is_of_a_test_that_exists() -> None:
    ledger = proofs.read_proofs()
    assert [test for test in ledger if find_test(test) != test] == []
    assert {proof.outcome for proof in ledger.values()} <= {"PASSED", "FAILED", "SKIPPED"}


def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *verdicts: str) -> Any:
    """What the command says of names with these verdicts."""
    tests = [{"test": CLOCK, "outcome": "PASSED", "proven_on": "2026-01-02", "commit": "abc"}]
    names = [
        {"name": f"X{n}", "law": "law", "verdict": v, "note": "", "views": [], "tests": tests}
        for n, v in enumerate(verdicts)
    ]
    page = tmp_path / "readiness.json"
    groups = [
        {"title": "t", "names": names[:1]},
        {"title": "u", "names": []},
        {"title": "v", "names": names[1:]},
    ]
    page.write_text(json.dumps({"laws": {"all": 2, "proven": 1}, "groups": groups}))
    monkeypatch.setattr(readiness, "PAGE", page)
    return CliRunner().invoke(main, ["readiness"])


def test_readiness_tells_the_test_the_day_and_the_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = told(monkeypatch, tmp_path, "PROVEN", "N/A")
    assert done.exit_code == 0, done.output
    assert "2026-01-02" in done.output and "abc" in done.output and "1 of 2" in done.output


@pytest.mark.parametrize("verdict", ["UNPROVEN", "OPEN", "a word of tomorrow"])
def test_readiness_exits_with_4_while_anything_is_not_proven(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verdict: str
) -> None:
    for verdicts in (("PROVEN", verdict), (verdict, "PROVEN")):
        done = told(monkeypatch, tmp_path, *verdicts)
        assert done.exit_code == 4
        assert "MQI92" in done.output


def test_readiness_of_this_tree_tells_the_statements_and_criteria() -> None:
    done = CliRunner().invoke(main, ["readiness", "--json"])
    names = [row["name"] for row in json.loads(done.stdout)["names"]]
    assert names[:8] == [f"G-{n}" for n in range(1, 9)]
    assert names[8:] == [n["name"] for n in readiness.read()["groups"][1]["names"]]
    everything = CliRunner().invoke(main, ["readiness", "--json", "--all"])
    assert {"T01", "N63", "I48", "K5"} <= {
        row["name"] for row in json.loads(everything.stdout)["names"]
    }


def test_no_line_reads_a_clock_or_a_random_number() -> None:
    for bad in ("select now()", "select clock_timestamp()", "select random()"):
        assert list(check_words("sql/core/x.sql", bad)) != [], bad
    for bad in ("datetime.now()", "uuid4()", "random.random()", "time.time()"):
        assert list(check_words("python/mqk/x.py", bad)) != [], bad
    files = [p for kind in ("sql", "deploy", "python/mqk") for p in (ROOT / kind).rglob("*")]
    built = ("registry.sql", "code.sql")  # of another project; of what stands in sql/
    shipped = [p for p in files if p.suffix in (".sql", ".py") and p.name not in built]
    assert len(shipped) > 300
    found = [(p.name, *check_words(str(p.relative_to(ROOT)), p.read_text())) for p in shipped]
    assert [one for one in found if len(one) > 1] == []


def test_a_test_without_its_server_fails_and_says_what_to_do(tmp_path: Path) -> None:
    named = f"host={tmp_path} dbname=nobody"
    nobody = {**os.environ, "MQK_DATABASE_URL": named, "MQK_TEST_URL": "", "MQK_TEST_TEMPLATE": ""}
    test = "tests/scenarios/test_audit.py::test_the_chain_of_a_real_run_holds"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        test,
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=nobody, text=True, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 1, done.stdout
    assert "1 skipped" not in done.stdout
    assert "unset the variable" in done.stdout

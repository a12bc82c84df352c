"""Laws of layers at the command line: which files made a config, what it is called, what is wrong where."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kit import BASE, CONFIG, Desk
from mqk.cli.main import main
from mqk.config.load import canonical

REAL = ("--environment", "linux-prod", "--engine", "main", "--risk-profile", "tier_A")


@pytest.fixture
def mqk(db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run a command on this test's database, in an empty folder."""
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        done = CliRunner().invoke(main, list(words))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


def test_the_layers_are_named_in_their_order_with_the_hash(mqk: Any) -> None:
    done = mqk("config", "check", *REAL)
    assert done.exit_code == 0
    told = done.stderr.splitlines()
    assert told[0] == "layers: base.yaml < linux-prod.yaml < main.yaml < tier_A.yaml"
    assert told[1] == "hash:   " + mqk("config", "hash", *REAL).stdout.strip()
    assert done.stdout == "no faults\n"


def test_the_hash_is_of_the_text_that_show_prints(mqk: Any) -> None:
    told = json.loads(mqk("config", "hash", *REAL, "--json").stdout)
    shown = json.loads(mqk("config", "show", *REAL, "--json").stdout, parse_float=str)
    assert told["layers"] == ["base.yaml", "linux-prod.yaml", "main.yaml", "tier_A.yaml"]
    assert len(told["config_hash"]) == 64
    assert shown["engine"] == {"engine_id": "MAIN", "mode": "LIVE"}
    assert shown["execution"] is None
    assert shown["risk"]["max_position_per_symbol"] == "0.20"


def test_a_key_is_shown_with_the_file_and_line_it_comes_from(mqk: Any) -> None:
    lines = mqk("config", "show", *REAL).stdout.splitlines()
    found = next(line.split() for line in lines if "risk.max_drawdown" in line)
    assert found == ["risk.max_drawdown", "0.18", "tier_A.yaml:4"]


def test_a_fault_is_named_with_its_file_and_line_and_exits_2(mqk: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("risk:\n  max_drawdown: 0.19\nexecution:\n  slippage_bps: 1\n", encoding="utf-8")
    done = mqk("config", "check", *REAL, "--config", "own.yaml")
    assert done.exit_code == 2
    assert "MQA07" in done.stderr
    assert (
        "CONFIG_LIMIT_UNSAFE own.yaml:2 risk.max_drawdown is wider than the base layer"
        in done.stderr
    )
    assert "CONFIG_UNUSED_KEY own.yaml:4 execution.slippage_bps is read by nothing" in done.stderr
    own.write_text("risk:\n  max_drawdown: 0.19\n", encoding="utf-8")
    paper = mqk("config", "check", "--config", "own.yaml")
    assert paper.exit_code == 0
    assert "LIMIT_UNSAFE" in paper.stdout


def test_two_configs_differ_in_the_keys_that_differ(mqk: Any, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("risk:\n  max_drawdown: 0.1\n", encoding="utf-8")
    told = json.loads(mqk("config", "diff", "--other", "own.yaml", "--json").stdout)
    assert told == [{"key": "risk.max_drawdown", "here": "0.18", "other": "0.1"}]
    assert (
        mqk("config", "diff", "--config", "own.yaml", "--other", "own.yaml").stdout
        == "no difference\n"
    )


def test_what_reads_each_key_is_listed(mqk: Any) -> None:
    rows = json.loads(mqk("config", "consumed", "--json").stdout)
    assert {"path": "execution.fee_bps", "kind": "integer", "consumer": "sim.fill_order",
            "brokers": "paper", "modes": "all"} in rows  # fmt: skip


@pytest.mark.parametrize("name", ["../defaults/base", "/etc/passwd", "nowhere"])
def test_a_layer_that_is_no_file_of_its_folder_is_refused(mqk: Any, name: str) -> None:
    for option in ("--environment", "--engine", "--risk-profile", "--stress-profile"):
        done = mqk("config", "check", option, name)
        assert done.exit_code == 2
        assert "MQA31" in done.stderr


@pytest.fixture
def own(db: Any, tmp_path: Path) -> Path:
    """A file that makes a run of the kit's market possible."""
    Desk(db.url).conn.close()
    path = tmp_path / "own.json"  # JSON is YAML
    path.write_text(canonical({**CONFIG, "engine": {"engine_id": "OWN"}}), encoding="utf-8")
    return path


def test_a_run_is_made_of_its_layers_and_bound_to_their_hash(mqk: Any, db: Any, own: Path) -> None:
    stress = ("--stress-profile", "slippage_x2", "--config", str(own))
    done = mqk("run", "create", *stress)
    assert done.exit_code == 0, done.stderr
    assert f"layers: {BASE.name} < slippage_x2.yaml < own.json" in done.stderr
    assert "warning: CONFIG_LIMIT_UNSAFE own.json:1 risk.daily_loss_limit is wider" in done.stderr
    digest = mqk("config", "hash", *stress).stdout.strip()
    with db.connect() as conn:
        row = conn.execute(
            "select c.canonical_json, r.config_hash from run.runs as r join run.configs as c"
            " using (config_hash) where r.engine_id = 'OWN'"
        ).fetchone()
    assert (
        row["config_hash"] == digest == hashlib.sha256(row["canonical_json"].encode()).hexdigest()
    )


def test_a_refused_config_makes_no_run_and_stores_nothing(
    mqk: Any, db: Any, tmp_path: Path
) -> None:
    secret = "".join(("xo", "xb-", "1234567890-abcdefghij"))
    faults = {
        f"strategy:\n  parameters:\n    a: {secret}\n": "MQA30",
        f"# {secret}\n": "MQA30",
        "risk:\n  max_drawdown: 0\n": "MQA07",
        "risk.pdt: 1\n": "MQA07",
        "broker:\n  name: alpaca\n": "MQA07",  # without names of keys
    }
    for text, code in faults.items():
        (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
        done = mqk("run", "create", "--config", "own.yaml")
        assert done.exit_code == 2
        assert code in done.stderr
        assert secret not in done.output + done.stderr
    with db.connect() as conn:
        assert conn.execute("select count(*) as n from run.configs").fetchone()["n"] == 0

"""Laws of promotion: what is armed LIVE was tested, stressed, tested on what it had not seen, proven not
to look ahead, and did the same through the real doors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from kit import LIVE, Desk
from mqk.config.load import canonical, merge
from mqk.errors import MqkError
from promotion_kit import BUILD, WaveDesk, promote_by_force
from support import SERVER, Database

TICKS = 130
PASSED = [{"check_name": "none", "is_ok": True}]
Waves = tuple[WaveDesk, Any]


@pytest.fixture(scope="module")
def told() -> Iterator[Waves]:
    """One rider of waves, its run, its backtest and all its studies; for tests that only add to it."""
    with SERVER.clone() as db:
        desk = WaveDesk(db.url)
        desk.ride(TICKS)
        test = desk.test(TICKS)
        desk.study_all(test)
        yield desk, test
        assert desk.broken_promises() == []
        desk.conn.close()


@pytest.fixture
def waves(told: Waves) -> Waves:
    """The same, proven and rehearsed: what the run did is handed in as the rehearsal."""
    desk, test = told
    assert desk.prove(test)["verdict"] == "CLEAN"
    assert desk.rehearse(test)["first_difference"] is None
    return told


@pytest.mark.parametrize("profile", ["MAIN", "EXP"])
def test_nothing_is_promoted_before_it_was_proven_and_rehearsed(told: Waves, profile: str) -> None:
    desk, test = told
    unproven = ["lookahead_cuts was not measured", "lookahead_violations was not measured"]
    unplayed = ["rehearsals 0 is below 1", "rehearsal_differences was not measured"]
    with desk.conn.transaction(force_rollback=True):
        assert desk.judge(test, profile)["reasons"] == [*unproven, *unplayed]
        desk.rehearse(test)
        assert desk.judge(test, profile)["reasons"] == unproven
        desk.prove(test, cuts=7)
        assert desk.judge(test, profile)["reasons"] == ["lookahead_cuts 7 is below 8"]
        desk.prove(test)
        assert desk.judge(test, profile)["reasons"] == []
        assert desk.judge(test, profile, "c" * 64)["reasons"] == unplayed  # another program


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ("code_sha256 = repeat('a', 64)", ["lookahead_cuts was not measured"]),
        ("config_hash = repeat('a', 64)", ["lookahead_cuts was not measured"]),
        ("data_sha256 = repeat('a', 64)", ["lookahead_cuts was not measured"]),
        (
            "verdict = 'LOOKAHEAD_VIOLATION', violation = 'x'",
            ["lookahead_cuts was not measured", "lookahead_violations 1 is above 0"],
        ),
    ],
)
def test_only_a_clean_proof_of_this_code_config_and_data_promotes(
    waves: Waves, change: str, reasons: list[str]
) -> None:
    desk, test = waves
    with desk.conn.transaction(force_rollback=True):
        desk.sql("set local session_replication_role = replica")
        desk.sql(f"update lab.proofs set {change}")
        desk.sql("set local session_replication_role = origin")
        assert desk.judge(test)["reasons"] == reasons


def test_a_clean_proof_does_not_unsay_a_difference_that_another_found(waves: Waves) -> None:
    desk, test = waves
    with desk.conn.transaction(force_rollback=True):
        desk.sql("insert into lab.trials values (%s, 9999, 'UP', 'x', 'x', %s)", test, desk.now)
        assert desk.judge(test)["reasons"] == ["lookahead_violations 1 is above 0"]


def test_a_strategy_that_was_changed_since_is_not_promoted(waves: Waves) -> None:
    desk, test = waves
    with desk.conn.transaction(force_rollback=True):
        code = desk.one("select pg_get_functiondef('strat.decide_sma_trend_sql'::regproc)")
        desk.sql(code.replace("then h.held", "then h.held + 0").replace("%", "%%"))
        assert desk.judge(test)["reasons"] == ["code_holds 0 is below 1"]


def test_t50_scenario_backtest_to_promotion_pipeline(waves: Waves, db: Database) -> None:
    desk, test = waves
    judged = desk.judge(test)
    assert (judged["reasons"], judged["is_promoted"]) == ([], True)
    assert judged["artifact"]["build"] == BUILD
    assert judged["artifact"]["strategy_id"] == "sma_trend_sql"
    ranked = desk.call("api.promote_rank", profile="MAIN")
    assert [r["backtest_id"] for r in ranked] == [test]
    losing = WaveDesk(db.url, is_rising=False)
    losing.load(TICKS)
    lost = losing.test(TICKS)
    losing.study_all(lost)
    refused = losing.judge(lost)
    assert not refused["is_promoted"]
    failing = {reason.split()[0] for reason in refused["reasons"]}
    assert {"cagr", "sharpe", "profit_factor", "stress_failures", "rehearsals",
            "lookahead_cuts"} <= failing  # fmt: skip
    assert "slippage_bps" not in failing
    assert losing.call("api.promote_rank", profile="MAIN") == []
    assert losing.one("select count(*) from run.artifacts") == 0
    assert losing.broken_promises() == []
    losing.conn.close()


def test_a_promotion_is_judged_once_and_kept_with_what_it_saw(waves: Waves) -> None:
    desk, test = waves
    first, again = desk.judge(test), desk.judge(test)
    assert first == again
    kept = desk.sql("select * from lab.promotions where promotion_id = %s", first["promotion_id"])[
        0
    ]
    assert kept["measures"] == first["measures"]
    chained = desk.one(
        "select count(*) from audit.events where event_name = 'PROMOTION_GRANTED'"
        " and payload ->> 'promotion_id' = %s", str(first["promotion_id"]),
    )  # fmt: skip
    assert chained == 1
    for change in ("update lab.promotions set score = 99", "delete from lab.promotions",
                   "truncate lab.promotions cascade", "update lab.rehearsals set differences = 0",
                   "delete from lab.rehearsals", "truncate lab.rehearsals cascade",
                   "update lab.outcomes set is_passed = true", "delete from run.artifacts"):  # fmt: skip
        with pytest.raises(psycopg.Error, match="history is not rewritten"):
            desk.sql(change)


def test_a_promotion_to_exp_arms_nothing_live(waves: Waves) -> None:
    desk, test = waves
    desk.judge(test)
    before = desk.one("select count(*) from run.artifacts")
    judged = desk.judge(test, "EXP")
    assert judged["is_promoted"]
    assert desk.one("select count(*) from run.artifacts") == before == 1


@pytest.mark.parametrize(
    ("forgery", "reason"),
    [
        ("update lab.fills set price_micros = price_micros - 1 where fill_no = 1", "digest_holds"),
        ("update audit.events set payload = '{}' where event_seq = 2", "audit_breaks"),
        ("update audit.events set event_name = 'NO' where event_name = 'BACKTEST_ENDED'",
         "audit_events"),
        ("update strat.strategies set is_enabled = false", "strategies"),
        ("delete from lab.outcomes", "stress_scenarios"),
        ("delete from lab.rehearsals", "rehearsals"),
        ("update lab.rehearsals set differences = 1, first_difference = 'x'",
         "rehearsal_differences"),
        ("update lab.rehearsals set digest = repeat('a', 64)", "rehearsals"),
        ("delete from lab.proofs", "lookahead_cuts"),
        ("update lab.backtests set backtest_status = 'HALTED', halt_reason = 'x', halted_at ="
         " created_at", "completed"),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_not_promoted(waves: Waves, forgery: str, reason: str) -> None:
    desk, test = waves
    with desk.conn.transaction(force_rollback=True):
        desk.sql("set local session_replication_role = replica")
        desk.sql(forgery)
        desk.sql("set local session_replication_role = origin")
        judged = desk.judge(test)
        assert reason in [r.split()[0] for r in judged["reasons"]]


def test_costs_that_favour_a_backtest_are_not_promoted(waves: Waves) -> None:
    desk, _ = waves
    kind = {"fill_profile": "next_open", "slippage_bps": 4, "volatility_mult_bps": 4999,
            "max_slippage_bps": 24, "participation_bps": 101}  # fmt: skip
    test = desk.test(TICKS, execution=kind)
    failing = {r.split()[0] for r in desk.judge(test)["reasons"]}
    assert {"worst_case", "slippage_bps", "volatility_mult_bps", "max_slippage_bps",
            "participation_bps", "rehearsals"} <= failing  # fmt: skip
    kept = desk.call("api.promote_parity", backtest_id=test, run_id=desk.run_id, now_at=desk.now)
    assert kept[0]["differences"] > 0


@pytest.mark.parametrize(
    "change", [{"execution": {"split_above_qty": 999999}}, {"risk": {"max_order_qty": 99999}}]
)
def test_other_costs_or_limits_than_the_runs_are_no_parity(
    waves: Waves, change: dict[str, Any]
) -> None:
    desk, _ = waves
    test = desk.test(TICKS, **change)
    ids = {"backtest_id": test, "run_id": desk.run_id}
    assert desk.call("api.backtest_parity", **ids) == []  # the same acts, by luck
    assert desk.call("api.promote_parity", **ids, now_at=desk.now)[0]["differences"] == 1


@pytest.mark.parametrize(
    ("args", "code"),
    [({"profile": "HOPE"}, "MQN87"), ({"build": "main"}, "MQA02"), ({"build": ""}, "MQA02")],
)
def test_a_promotion_needs_a_profile_and_a_program(
    waves: Waves, args: dict[str, str], code: str
) -> None:
    desk, test = waves
    with pytest.raises(MqkError) as no:
        desk.judge(test, **args)
    assert no.value.code == code


def test_a_backtest_that_was_not_run_has_no_study_no_parity_and_no_promotion(waves: Waves) -> None:
    desk, _ = waves
    config = canonical(merge(desk.config, {"risk": {"daily_loss_limit": 0.4}}))
    test = desk.call(
        "lab.open_backtest", code_sha256=None,
        dataset_id=desk.freeze(TICKS), canonical_json=config, latency_bars=0,
        now_at=desk.now,
    )[0]["backtest_id"]  # fmt: skip
    for ask in (
        lambda: desk.judge(test),
        lambda: desk.call("api.backtest_stress", backtest_id=test, now_at=desk.now),
        lambda: desk.call(
            "api.promote_parity", backtest_id=test, run_id=desk.run_id, now_at=desk.now
        ),
    ):
        with pytest.raises(MqkError) as no:
            ask()
        assert no.value.code == "MQA87"


@pytest.mark.parametrize(
    ("column", "value", "wall"),
    [
        ("reasons", "'{}'", "promotions_have_a_score"),
        ("live_id", "default", "promotions_live_id_fkey"),
        ("audit_seq", "0", "promotions_rest_on_a_diary"),
        ("strategy_version", "null", "promotions_name_a_version"),
        ("build", "''", "promotions_hashes_are_sha256"),
        ("config_hash", "repeat('a', 64)", "promotions_backtest_fkey"),
        ("profile", "'HOPE'", "promotions_profile_is_known"),
        ("proof_cuts", "null", "promotions_name_a_proof"),
        ("proof_seed", "null", "promotions_name_a_proof"),
        ("code_sha256", "null", "promotions_name_a_proof"),
        ("code_sha256", "repeat('a', 64)", "promotions_proof_fkey"),
        ("data_sha256", "repeat('a', 64)", "promotions_proof_fkey"),
        ("proof_seed", "2", "promotions_proof_fkey"),
        ("build", "repeat('c', 64)", "promotions_rehearsal_fkey"),
        ("digest", "repeat('a', 64)", "promotions_rehearsal_fkey"),
    ],
)  # fmt: skip
def test_a_promotion_that_no_function_judged_cannot_be_kept(
    waves: Waves, column: str, value: str, wall: str
) -> None:
    desk, test = waves
    desk.judge(test)
    kept = desk.sql(
        "select attname from pg_attribute where attrelid = 'lab.promotions'::regclass"
        " and attnum > 0 and attgenerated = ''"
    )
    names = [row["attname"] for row in kept]
    forged = {"promotion_id": "gen_random_uuid()", column: value}
    if column == "reasons":
        forged["score"] = "null"
    forged.pop("live_id", None)
    values = ", ".join(forged.get(name, name) for name in names)
    with pytest.raises(psycopg.Error) as no, desk.conn.transaction(force_rollback=True):
        desk.sql(
            f"insert into lab.promotions ({', '.join(names)}) select {values} from lab.promotions"
            " where is_promoted and profile = 'MAIN'"
        )
        desk.sql("set constraints all immediate")
    assert no.value.diag.constraint_name == wall


def live_desk(db: Database) -> tuple[Desk, Any]:
    """A LIVE run, approved, with its gates opened by force; and the server's time."""
    desk = Desk(db.url, **LIVE)
    desk.ticks["gateway"].clock = lambda: desk.one("select clock_timestamp()")
    desk.ticks["gateway"].register()
    now = desk.one("select clock_timestamp()")
    for gate in ("INTEGRITY", "RECON", "RISK"):
        desk.sql(
            "select run.set_gate(%s, %s, true, 'said so', '{}', %s::timestamptz + '1 hour', %s)",
            desk.run_id, gate, now, now,
        )  # fmt: skip
    desk.sql("insert into run.approvals values (%s, 'another', 'x', %s)", desk.run_id, now)
    return desk, now


def arm(desk: Desk, now: Any) -> str | None:
    """Arm behind the preflight; give the code of the refusal."""
    try:
        desk.sql("select run.arm_run(%s, 'x', %s, %s)", desk.run_id, Jsonb(PASSED), now)
    except psycopg.Error as no:
        return str(no.diag.constraint_name or no.sqlstate)
    return None


def is_promoted(desk: Desk, now: Any) -> bool:
    """What preflight says of the run's strategy."""
    checks = desk.call("api.run_preflight", run_id=desk.run_id, now_at=now)
    return next(bool(c["is_ok"]) for c in checks if c["check_name"] == "strategy_is_promoted")


def test_a_live_run_of_a_strategy_that_nobody_promoted_is_not_armed(db: Database) -> None:
    desk, now = live_desk(db)
    assert not is_promoted(desk, now)
    assert arm(desk, now) == "MQG80"
    promote_by_force(desk)
    assert is_promoted(desk, now)
    assert arm(desk, now) is None
    artifact = desk.one("select artifact_id from run.artifacts")
    assert desk.one("select artifact_id from run.armings") == artifact


def test_a_paper_run_needs_no_promotion(running: Desk) -> None:
    assert running.status == "RUNNING"
    assert running.one("select artifact_id from run.armings") is None


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        ({"strategy": {"parameters": {"fast_bars": 1, "slow_bars": 2, "weight_bps": 1999}}}, True),
        ({"strategy": {"window_bars": 3}}, True),
        ({"strategy": {"symbols": ["AAA"]}}, True),
        ({"risk": {"max_order_qty": 4999}}, True),
        ({"data": {"timeframe": "5m"}}, True),
        ({"execution": {"slippage_bps": 1}}, False),
        ({"broker": {"initial_cash": 99999}}, False),
    ],
)
def test_other_parameters_limits_or_bars_are_not_what_was_promoted(
    db: Database, change: dict[str, Any], is_another: bool
) -> None:
    desk, now = live_desk(db)
    other = canonical(merge(desk.config, change))
    desk.sql("select run.store_config(%s, %s)", other, now)
    digest = hashlib.sha256(other.encode()).hexdigest()
    desk.sql(
        "select run.store_artifact(gen_random_uuid(), %s, 'sma_trend_sql', '1', %s, %s)",
        digest, BUILD, now,
    )  # fmt: skip
    assert is_promoted(desk, now) is not is_another
    assert arm(desk, now) == ("MQG80" if is_another else None)


def test_another_version_of_a_strategy_is_not_what_was_promoted(db: Database) -> None:
    desk, now = live_desk(db)
    promote_by_force(desk)
    desk.sql("update strat.strategies set version = '2' where strategy_id = 'sma_trend_sql'")
    assert not is_promoted(desk, now)


def test_a_live_arming_without_an_artifact_cannot_be_kept(db: Database) -> None:
    desk, now = live_desk(db)
    desk.sql("insert into run.configs (canonical_json, created_at) values ('{}', %s)", now)
    desk.sql(
        "select run.store_artifact(gen_random_uuid(), core.hash_text('{}'), 'x', '1', %s, %s)",
        BUILD, now,
    )  # fmt: skip
    insert = (
        "insert into run.armings (run_id, history_seq, mode, config_hash, artifact_id, terms_hash,"
        " words, checks, armed_by, approved_by, approved_at, build, fingerprint, schema_mark,"
        " boot_at, armed_at)"
        " select r.run_id, 1, r.mode, r.config_hash, {artifact}, {terms}, 'x', %s, 'postgres',"
        " 'another', %s, %s, 'f', '0:0', %s, %s from run.runs as r"
        " join run.configs as c using (config_hash)"
    )
    its, other = "(select artifact_id from run.artifacts)", "(select terms_hash from run.artifacts)"
    for artifact, terms, wall in (
        ("null", "null", "armings_of_live_runs_have_an_artifact"),
        ("null", "c.terms_hash", "armings_of_live_runs_have_an_artifact"),
        (its, "null", "armings_of_live_runs_have_an_artifact"),
        (its, "c.terms_hash", "armings_terms_are_their_artifacts"),
        (its, other, "armings_terms_are_their_configs"),
    ):
        with pytest.raises(psycopg.Error) as no:
            desk.sql(
                insert.format(artifact=artifact, terms=terms), Jsonb(PASSED), now, BUILD, now, now
            )
        assert no.value.diag.constraint_name == wall


def test_a_person_promotes_by_the_command(waves: Waves, tmp_path: Any) -> None:
    from click.testing import CliRunner

    from mqk.cli.main import main

    desk, test = waves
    env = {"MQK_DATABASE_URL": desk.conn.info.dsn}

    def run(*words: str) -> Any:
        return CliRunner().invoke(main, [*words], env=env)

    played = run("promote", "rehearse", str(test))
    assert played.exit_code == 0, played.output
    report = tmp_path / "promotion_report.json"
    done = run("promote", "judge", str(test), "--profile", "MAIN", "--out", str(report))
    assert done.exit_code == 0, done.output
    told = json.loads(report.read_text())
    assert (told["is_promoted"], told["reasons"]) == (True, [])
    assert run("promote", "judge", str(test), "--profile", "HOPE").exit_code == 2
    assert str(test) in run("promote", "rank", "--json").output
    assert "walk_forward_positive" in run("promote", "gates", "--profile", "EXP").output
    parity = run("promote", "parity", str(test), str(desk.run_id))
    assert parity.exit_code == 0, parity.output
    other = desk.test(TICKS, risk={"daily_loss_limit": 0.3})
    refused = run("promote", "judge", str(other))
    assert refused.exit_code == 3
    assert "rehearsals 0 is below 1" in refused.output
    for words in (("stress",), ("walk-forward", "--folds", "3"),
                  ("cross-validate", "--folds", "3"), ("monte-carlo", "--samples", "100")):  # fmt: skip
        done = run("backtest", words[0], str(test), *words[1:])
        assert done.exit_code == 0, done.output

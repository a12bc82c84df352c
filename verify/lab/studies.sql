-- Verify mqk:lab/studies on pg

begin;

set local role mqk_owner;

select dataset_id, source_id, change_kind, first_tick, last_tick
  from lab.derivations
 where false;

select study_id, study_kind, backtest_id, config_hash, data_sha256, terms, begun_by, begun_at
  from lab.studies
 where false;

select study_id, step_no, fold_no, step_part, scenario, choice_no, backtest_id
  from lab.steps
 where false;

select study_id, step_no, is_ok, measures
  from lab.results
 where false;

select study_id, is_passed, measures, ended_at
  from lab.outcomes
 where false;

select backtest_id, run_id, digest, last_seq, differences, judged_at
  from lab.parities
 where false;

select backtest_id, build, digest, run_id, acts, acts_sha256, differences, verdict, first_difference,
       rehearsed_by, rehearsed_at
  from lab.rehearsals
 where false;

select promotion_id, backtest_id, profile, reasons, is_promoted, measures, score, config_hash,
       data_sha256, digest, build, code_sha256, proof_cuts, proof_seed, proof_verdict,
       rehearsal_verdict, strategy_id, strategy_version, audit_seq, audit_hash, live_id,
       judged_by, judged_at
  from lab.promotions
 where false;

select null::lab.stretch;

rollback;

-- Verify mqk:lab/proofs on pg

begin;

set local role mqk_owner;

select backtest_id, signals, signals_sha256, given_by, given_at
  from lab.signal_sets
 where false;

select backtest_id, cut_tick, poison, difference, tried_by, tried_at
  from lab.trials
 where false;

select backtest_id, strategy_id, code_sha256, config_hash, data_sha256, cuts, seed, trials, verdict,
       violation, proven_by, proven_at
  from lab.proofs
 where false;

rollback;

-- Verify mqk:lab/code on pg
-- built from sql/lab by `make code`: edit there

begin;

set local role mqk_owner;

select 'lab.compute_cagr(bigint, bigint, date, date)'::regprocedure;
select 'lab.compute_annual_return(numeric[], numeric)'::regprocedure;
select 'lab.compute_annual_volatility(numeric[])'::regprocedure;
select 'lab.compute_sharpe(numeric[])'::regprocedure;
select 'lab.compute_downside_risk(numeric[])'::regprocedure;
select 'lab.compute_sortino(numeric[])'::regprocedure;
select 'lab.compute_max_drawdown(numeric[])'::regprocedure;
select 'lab.compute_max_drawdown_micros(bigint[])'::regprocedure;
select 'lab.compute_calmar(numeric[], numeric)'::regprocedure;
select 'lab.compute_profit_factor(numeric[])'::regprocedure;
select 'lab.compute_value_at_risk(numeric[], numeric)'::regprocedure;
select 'lab.compute_recovery_days(bigint[])'::regprocedure;
select 'lab.compute_worst_span(bigint[], integer)'::regprocedure;
select 'lab.find_deepest_fall(bigint[])'::regprocedure;
select 'lab.list_periods(bigint, date[], bigint[], text)'::regprocedure;
select 'lab.list_return_buckets(bigint[])'::regprocedure;
select 'lab.list_rolling_sharpe(bigint[], integer)'::regprocedure;
select 'lab.describe_curve(bigint, date[], bigint[], bigint[])'::regprocedure;
select 'lab.describe_trades(bigint[], bigint[], bigint)'::regprocedure;
select 'lab.explain_undefined(jsonb)'::regprocedure;
select 'lab.list_packs(lab.datasets, timestamptz)'::regprocedure;
select 'lab.hash_pack(lab.packs)'::regprocedure;
select 'lab.list_dataset_ticks(uuid)'::regprocedure;
select 'lab.list_dataset_actions(lab.datasets, timestamptz)'::regprocedure;
select 'lab.format_actions(lab.datasets, timestamptz)'::regprocedure;
select 'lab.store_splits(lab.datasets)'::regprocedure;
select 'lab.store_dataset(lab.datasets, timestamptz)'::regprocedure;
select 'lab.freeze_dataset(text, jsonb, date, date, timestamptz)'::regprocedure;
select 'lab.find_strategy(text, text)'::regprocedure;
select 'lab.hash_strategy(text)'::regprocedure;
select 'lab.get_step_window(lab.backtests)'::regprocedure;
select 'lab.poison_splits(uuid, integer, text)'::regprocedure;
select 'lab.list_shown_splits(lab.backtests, integer, text)'::regprocedure;
select 'lab.list_split_factors(lab.splits[], integer)'::regprocedure;
select 'lab.restate(bigint, numeric, numeric)'::regprocedure;
select 'lab.list_bars_until(uuid, integer, integer, integer)'::regprocedure;
select 'lab.list_closes_until(lab.backtests, integer, integer, integer)'::regprocedure;
select 'lab.list_segments(lab.backtests, integer)'::regprocedure;
select 'lab.sum_last(bigint[], integer)'::regprocedure;
select 'lab.build_context(lab.backtests, integer, integer, bigint[], bigint)'::regprocedure;
select 'lab.decide_targets(lab.backtests, integer, integer, bigint[], bigint)'::regprocedure;
select 'lab.signal_sma_trend_sql(lab.backtests)'::regprocedure;
select 'lab.signal_by_name(lab.backtests)'::regprocedure;
select 'lab.get_standing(text, text, jsonb, timestamptz)'::regprocedure;
select 'lab.is_settled(lab.datasets, jsonb)'::regprocedure;
select 'lab.find_obstacle(lab.datasets, jsonb, timestamptz)'::regprocedure;
select 'lab.find_bad_action(lab.datasets, jsonb, timestamptz)'::regprocedure;
select 'lab.list_dividends(lab.datasets)'::regprocedure;
select 'lab.push_lot(lab.lot_queue, integer, integer, bigint)'::regprocedure;
select 'lab.list_lots(bigint[], bigint[])'::regprocedure;
select 'lab.split_lots(lab.lot_queue, bigint, bigint)'::regprocedure;
select 'lab.restate_stop(bigint, integer, integer[], integer[], bigint[], bigint[], integer, integer, integer)'::regprocedure;
select 'lab.count_day_trades(integer[], integer[], integer)'::regprocedure;
select 'lab.count_refused_stops(integer[], integer[], integer, integer)'::regprocedure;
select 'lab.count_since(bigint[], bigint)'::regprocedure;
select 'lab.derive_order_name(lab.terms, uuid, integer, integer)'::regprocedure;
select 'lab.run_kernel(lab.backtests, risk.limits, lab.terms)'::regprocedure;
select 'lab.list_lot_events(lab.backtests, lab.terms)'::regprocedure;
select 'lab.match_fills(lab.backtests, lab.terms)'::regprocedure;
select 'lab.build_rehearsal(jsonb)'::regprocedure;
select 'lab.get_rehearsal_start(uuid)'::regprocedure;
select 'lab.derive_rehearsal_run(lab.backtests)'::regprocedure;
select 'lab.compute_digest(uuid)'::regprocedure;
select 'lab.open_backtest(uuid, text, text, integer, timestamptz)'::regprocedure;
select 'lab.read_wish(jsonb)'::regprocedure;
select 'lab.store_signals(lab.backtests, jsonb)'::regprocedure;
select 'lab.post_signals(uuid, jsonb, timestamptz)'::regprocedure;
select 'lab.assert_signals(lab.backtests)'::regprocedure;
select 'lab.run_backtest(uuid, uuid, timestamptz)'::regprocedure;
select 'lab.poison_values(bigint[], integer, integer, integer, text)'::regprocedure;
select 'lab.poison_dataset(uuid, integer, text)'::regprocedure;
select 'lab.find_window_start(uuid, integer, integer, integer)'::regprocedure;
select 'lab.list_spans(lab.backtests, lab.splits[])'::regprocedure;
select 'lab.list_split_bars(uuid, integer, text)'::regprocedure;
select 'lab.list_bars(uuid, integer, text)'::regprocedure;
select 'lab.list_ticks(uuid)'::regprocedure;
select 'lab.open_trial(lab.backtests, integer, text, jsonb)'::regprocedure;
select 'lab.list_facts(uuid, integer)'::regprocedure;
select 'lab.find_difference(uuid, uuid, integer)'::regprocedure;
select 'lab.try_backtest(uuid, integer, text, jsonb, timestamptz)'::regprocedure;
select 'lab.list_cuts(uuid, integer, integer)'::regprocedure;
select 'lab.list_time_faults(uuid)'::regprocedure;
select 'lab.list_window_faults(uuid, integer)'::regprocedure;
select 'lab.list_reach_faults(text)'::regprocedure;
select 'lab.record_trial(uuid, integer, text, jsonb, timestamptz)'::regprocedure;
select 'lab.find_violation(uuid, integer[])'::regprocedure;
select 'lab.prove_lookahead(uuid, integer, integer, timestamptz)'::regprocedure;
select 'lab.tg_proofs__guard_verdict()'::regprocedure;
select 'lab.list_combinations(jsonb)'::regprocedure;
select 'lab.open_sweep(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'lab.claim_sweep_job(uuid, text, integer, timestamptz)'::regprocedure;
select 'lab.lock_sweep_job(uuid, integer, integer)'::regprocedure;
select 'lab.end_sweep_job(lab.sweep_jobs, uuid, text, timestamptz)'::regprocedure;
select 'lab.rank_sweep(uuid)'::regprocedure;
select 'lab.list_sweeps()'::regprocedure;
select 'lab.tg_sweep_jobs__guard_result()'::regprocedure;
select 'lab.list_acts(uuid)'::regprocedure;
select 'lab.list_run_splits(uuid)'::regprocedure;
select 'lab.list_run_acts(uuid)'::regprocedure;
select 'lab.list_differences(uuid, uuid)'::regprocedure;
select 'lab.find_mark(uuid, integer, integer)'::regprocedure;
select 'lab.list_session_ends(uuid)'::regprocedure;
select 'lab.list_session_prices(uuid)'::regprocedure;
select 'lab.list_sessions(uuid)'::regprocedure;
select 'lab.list_trades(uuid)'::regprocedure;
select 'lab.list_orders(uuid)'::regprocedure;
select 'lab.list_fills(uuid)'::regprocedure;
select 'lab.describe_backtest(uuid)'::regprocedure;
select 'lab.list_config_differences(jsonb, jsonb)'::regprocedure;
select 'lab.list_first_differences(uuid, uuid)'::regprocedure;
select 'lab.compare_backtests(uuid, uuid)'::regprocedure;
select 'lab.list_returns(uuid[])'::regprocedure;
select 'lab.measure_backtest(uuid)'::regprocedure;
select 'lab.shock_price(text, bigint, integer, integer, bigint, bigint)'::regprocedure;
select 'lab.list_derived_cells(uuid, lab.stretch)'::regprocedure;
select 'lab.list_derived_packs(lab.datasets, uuid, lab.stretch)'::regprocedure;
select 'lab.derive_dataset(uuid, lab.stretch, timestamptz)'::regprocedure;
select 'lab.list_scenarios()'::regprocedure;
select 'lab.build_config(jsonb, text, jsonb)'::regprocedure;
select 'lab.list_folds(text, integer, integer, integer, integer)'::regprocedure;
select 'lab.list_study_folds(lab.studies)'::regprocedure;
select 'lab.add_step(lab.studies, integer, text, text, integer, lab.stretch, integer, timestamptz)'::regprocedure;
select 'lab.find_choice(lab.studies, integer)'::regprocedure;
select 'lab.plan_tests(lab.studies, timestamptz)'::regprocedure;
select 'lab.plan_steps(lab.studies, timestamptz)'::regprocedure;
select 'lab.assert_study_terms(lab.backtests, text, jsonb)'::regprocedure;
select 'lab.begin_study(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'lab.find_step(uuid)'::regprocedure;
select 'lab.take_step(uuid, timestamptz)'::regprocedure;
select 'lab.ask_step(uuid, timestamptz)'::regprocedure;
select 'lab.answer_step(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'lab.derive_number(bigint, bigint, integer)'::regprocedure;
select 'lab.compute_path(bigint[], bigint, text, bigint, bigint)'::regprocedure;
select 'lab.judge_trades(lab.studies)'::regprocedure;
select 'lab.is_step_ok(text, text, jsonb)'::regprocedure;
select 'lab.judge_study(lab.studies)'::regprocedure;
select 'lab.end_study(lab.studies, timestamptz)'::regprocedure;
select 'lab.run_step(uuid, timestamptz)'::regprocedure;
select 'lab.list_studies(uuid)'::regprocedure;
select 'lab.judge_parity(uuid, uuid, timestamptz)'::regprocedure;
select 'lab.list_gates(text)'::regprocedure;
select 'lab.list_failures(text, jsonb)'::regprocedure;
select 'lab.compute_score(jsonb)'::regprocedure;
select 'lab.list_ranking(jsonb)'::regprocedure;
select 'lab.count_violations(uuid)'::regprocedure;
select 'lab.compare_acts(uuid, jsonb)'::regprocedure;
select 'lab.describe_rehearsal(uuid)'::regprocedure;
select 'lab.judge_rehearsal(uuid, text, jsonb, uuid, jsonb, timestamptz)'::regprocedure;
select 'lab.measure_promotion(uuid, text)'::regprocedure;
select 'lab.push_promotion(lab.promotions, timestamptz)'::regprocedure;
select 'lab.judge_promotion(uuid, text, text, timestamptz)'::regprocedure;
select 'lab.list_promotions(text)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.proofs'::regclass and tgname = '_100_guard_verdict';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.signal_sets'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.signal_sets'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.trials'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.trials'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.proofs'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.proofs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.sweep_jobs'::regclass and tgname = '_100_guard_result';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.sweeps'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.sweeps'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.sweep_jobs'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.sweep_jobs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.datasets'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.datasets'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.packs'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.packs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.derivations'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.derivations'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.studies'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.studies'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.steps'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.steps'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.results'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.results'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.outcomes'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.outcomes'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.parities'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.parities'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.rehearsals'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.rehearsals'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.promotions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.promotions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.orders'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.orders'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.denials'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.denials'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.moved_stops'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.moved_stops'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.flows'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.flows'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.splits'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.splits'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.adjustments'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.adjustments'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.fills'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.fills'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.closes'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.closes'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.curves'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.curves'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.backtests'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.backtests'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'lab.backtests'::regclass and tgname = '_900_refuse_truncate';

rollback;

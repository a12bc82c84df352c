-- Verify mqk:ops/code on pg
-- built from sql/ops by `make code`: edit there

begin;

set local role mqk_owner;

select 'ops.list_risk_rules()'::regprocedure;
select 'ops.list_data_rules()'::regprocedure;
select 'ops.list_config_rules()'::regprocedure;
select 'ops.list_risk_consumers()'::regprocedure;
select 'ops.list_data_consumers()'::regprocedure;
select 'ops.list_config_consumers()'::regprocedure;
select 'ops.list_live_limits()'::regprocedure;
select 'ops.describe_rule(text, numeric, numeric, text[])'::regprocedure;
select 'ops.is_config_value(jsonb, text, numeric, numeric, text[])'::regprocedure;
select 'ops.list_unknown_keys(jsonb)'::regprocedure;
select 'ops.list_unfit_values(jsonb)'::regprocedure;
select 'ops.list_unused_keys(jsonb)'::regprocedure;
select 'ops.list_wide_limits(jsonb)'::regprocedure;
select 'ops.list_unscoped_names(jsonb)'::regprocedure;
select 'ops.list_data_faults(jsonb)'::regprocedure;
select 'ops.check_config(jsonb)'::regprocedure;
select 'ops.assert_symbols(jsonb, timestamptz)'::regprocedure;
select 'ops.create_run(text, timestamptz, timestamptz)'::regprocedure;
select 'ops.amend_session(text, date, text, text, text, timestamptz)'::regprocedure;
select 'ops.check_run(uuid, timestamptz)'::regprocedure;
select 'ops.check_terms(uuid, timestamptz)'::regprocedure;
select 'ops.check_market(uuid, timestamptz)'::regprocedure;
select 'ops.check_evidence(uuid, timestamptz)'::regprocedure;
select 'ops.check_workers(uuid, timestamptz)'::regprocedure;
select 'ops.check_artifact(uuid)'::regprocedure;
select 'ops.check_preflight(uuid, timestamptz)'::regprocedure;
select 'ops.get_arm_words(uuid)'::regprocedure;
select 'ops.approve_run(uuid, text, timestamptz)'::regprocedure;
select 'ops.arm_run(uuid, text, timestamptz)'::regprocedure;
select 'ops.clear_halted(uuid, text, timestamptz)'::regprocedure;
select 'ops.list_token_commands()'::regprocedure;
select 'ops.assert_token_scopes(text, text[])'::regprocedure;
select 'ops.store_token(jsonb, text[], text, timestamptz)'::regprocedure;
select 'ops.issue_token(jsonb, timestamptz)'::regprocedure;
select 'ops.rotate_token(jsonb, timestamptz)'::regprocedure;
select 'ops.revoke_token(text, text, timestamptz)'::regprocedure;
select 'ops.find_token_denial(text, text, text, text, boolean, timestamptz)'::regprocedure;
select 'ops.count_token_failures(text, text, timestamptz)'::regprocedure;
select 'ops.refuse_token(text, text, text, text, timestamptz)'::regprocedure;
select 'ops.assert_token_call(text, text, text, jsonb, timestamptz)'::regprocedure;
select 'ops.accept_token(text, text, text, timestamptz)'::regprocedure;
select 'ops.list_tokens(timestamptz)'::regprocedure;
select 'ops.cancel_action(uuid, text, timestamptz)'::regprocedure;
select 'ops.act(text, uuid, jsonb, timestamptz)'::regprocedure;
select 'ops.judge_settings(jsonb)'::regprocedure;
select 'ops.judge_hba(jsonb)'::regprocedure;
select 'ops.count_faults(text, jsonb)'::regprocedure;
select 'ops.check_logins()'::regprocedure;
select 'ops.list_strange_owners()'::regprocedure;
select 'ops.list_ways_out()'::regprocedure;
select 'ops.check_catalog()'::regprocedure;
select 'ops.check_anchors(timestamptz)'::regprocedure;
select 'ops.check_server(timestamptz)'::regprocedure;
select 'ops.perform_action(text, uuid, jsonb, timestamptz)'::regprocedure;
select 'ops.act_as_token(text, text, text, jsonb, timestamptz)'::regprocedure;
select 'ops.list_data_holds(uuid, timestamptz)'::regprocedure;
select 'ops.list_market_holds(uuid, timestamptz)'::regprocedure;
select 'ops.list_action_holds(uuid, timestamptz)'::regprocedure;
select 'ops.list_run_holds(uuid, timestamptz)'::regprocedure;
select 'ops.list_halt_holds(uuid, timestamptz)'::regprocedure;
select 'ops.measure_gate(uuid, text)'::regprocedure;
select 'ops.list_gate_holds(uuid, timestamptz)'::regprocedure;
select 'ops.list_order_holds(uuid, timestamptz)'::regprocedure;
select 'ops.list_holds(uuid, timestamptz)'::regprocedure;
select 'ops.assert_no_live_run()'::regprocedure;
select 'ops.list_session_equity(uuid)'::regprocedure;
select 'ops.report_trades(uuid)'::regprocedure;
select 'ops.report_metrics(uuid)'::regprocedure;
select 'ops.report_positions(uuid, timestamptz)'::regprocedure;
select 'ops.report_exposure(uuid, text, timestamptz)'::regprocedure;
select 'ops.list_orders(uuid)'::regprocedure;
select 'ops.list_fills(uuid)'::regprocedure;
select 'ops.report_proof(uuid)'::regprocedure;
select 'ops.report_risk(uuid)'::regprocedure;
select 'ops.compute_digests(uuid)'::regprocedure;
select 'ops.report_history(uuid, timestamptz)'::regprocedure;
select 'ops.report_run(uuid)'::regprocedure;
select 'ops.build_report(uuid, timestamptz)'::regprocedure;
select 'ops.list_status(uuid, timestamptz)'::regprocedure;
select 'ops.list_order_causes(uuid, uuid)'::regprocedure;
select 'ops.list_order_steps(uuid, uuid)'::regprocedure;
select 'ops.list_order_books(uuid, uuid)'::regprocedure;
select 'ops.list_order_diary(uuid, uuid)'::regprocedure;
select 'ops.explain_order(uuid, uuid)'::regprocedure;
select 'ops.explain_run(uuid)'::regprocedure;
select 'ops.explain_any(text)'::regprocedure;
select 'ops.open_backtest(uuid, text, text, timestamptz)'::regprocedure;
select 'ops.finish_backtest(uuid, timestamptz)'::regprocedure;
select 'ops.run_backtest(uuid, text, timestamptz)'::regprocedure;
select 'ops.finish_sweep_job(uuid, integer, integer, uuid, timestamptz)'::regprocedure;
select 'ops.fail_sweep_job(uuid, integer, integer, text, timestamptz)'::regprocedure;
select 'ops.report_backtest_history(uuid)'::regprocedure;
select 'ops.report_backtest_prices(uuid)'::regprocedure;
select 'ops.report_backtest_risk(uuid)'::regprocedure;
select 'ops.report_paper(uuid, uuid)'::regprocedure;
select 'ops.report_studies(uuid)'::regprocedure;
select 'ops.build_tearsheet(uuid, uuid)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.operator_actions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.operator_actions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.tokens'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.tokens'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.token_ends'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.token_ends'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.token_uses'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ops.token_uses'::regclass and tgname = '_900_refuse_truncate';

rollback;

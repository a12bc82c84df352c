-- Revert mqk:ops/code from pg
-- built from sql/ops by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop trigger _900_refuse_truncate on ops.token_uses;
drop trigger _900_refuse_change on ops.token_uses;
drop trigger _900_refuse_truncate on ops.token_ends;
drop trigger _900_refuse_change on ops.token_ends;
drop trigger _900_refuse_truncate on ops.tokens;
drop trigger _900_refuse_change on ops.tokens;
drop trigger _900_refuse_truncate on ops.operator_actions;
drop trigger _900_refuse_change on ops.operator_actions;
drop function ops.build_tearsheet(uuid, uuid);
drop function ops.report_studies(uuid);
drop function ops.report_paper(uuid, uuid);
drop function ops.report_backtest_risk(uuid);
drop function ops.report_backtest_prices(uuid);
drop function ops.report_backtest_history(uuid);
drop function ops.fail_sweep_job(uuid, integer, integer, text, timestamptz);
drop function ops.finish_sweep_job(uuid, integer, integer, uuid, timestamptz);
drop function ops.run_backtest(uuid, text, timestamptz);
drop function ops.finish_backtest(uuid, timestamptz);
drop function ops.open_backtest(uuid, text, text, timestamptz);
drop function ops.explain_any(text);
drop function ops.explain_run(uuid);
drop function ops.explain_order(uuid, uuid);
drop function ops.list_order_diary(uuid, uuid);
drop function ops.list_order_books(uuid, uuid);
drop function ops.list_order_steps(uuid, uuid);
drop function ops.list_order_causes(uuid, uuid);
drop function ops.list_status(uuid, timestamptz);
drop function ops.build_report(uuid, timestamptz);
drop function ops.report_run(uuid);
drop function ops.report_history(uuid, timestamptz);
drop function ops.compute_digests(uuid);
drop function ops.report_risk(uuid);
drop function ops.report_proof(uuid);
drop function ops.list_fills(uuid);
drop function ops.list_orders(uuid);
drop function ops.report_exposure(uuid, text, timestamptz);
drop function ops.report_positions(uuid, timestamptz);
drop function ops.report_metrics(uuid);
drop function ops.report_trades(uuid);
drop function ops.list_session_equity(uuid);
drop function ops.assert_no_live_run();
drop function ops.list_holds(uuid, timestamptz);
drop function ops.list_order_holds(uuid, timestamptz);
drop function ops.list_gate_holds(uuid, timestamptz);
drop function ops.measure_gate(uuid, text);
drop function ops.list_halt_holds(uuid, timestamptz);
drop function ops.list_run_holds(uuid, timestamptz);
drop function ops.list_action_holds(uuid, timestamptz);
drop function ops.list_market_holds(uuid, timestamptz);
drop function ops.list_data_holds(uuid, timestamptz);
drop function ops.act_as_token(text, text, text, jsonb, timestamptz);
drop function ops.perform_action(text, uuid, jsonb, timestamptz);
drop function ops.check_server(timestamptz);
drop function ops.check_anchors(timestamptz);
drop function ops.check_catalog();
drop function ops.list_ways_out();
drop function ops.list_strange_owners();
drop function ops.check_logins();
drop function ops.count_faults(text, jsonb);
drop function ops.judge_hba(jsonb);
drop function ops.judge_settings(jsonb);
drop function ops.act(text, uuid, jsonb, timestamptz);
drop function ops.cancel_action(uuid, text, timestamptz);
drop function ops.list_tokens(timestamptz);
drop function ops.accept_token(text, text, text, timestamptz);
drop function ops.assert_token_call(text, text, text, jsonb, timestamptz);
drop function ops.refuse_token(text, text, text, text, timestamptz);
drop function ops.count_token_failures(text, text, timestamptz);
drop function ops.find_token_denial(text, text, text, text, boolean, timestamptz);
drop function ops.revoke_token(text, text, timestamptz);
drop function ops.rotate_token(jsonb, timestamptz);
drop function ops.issue_token(jsonb, timestamptz);
drop function ops.store_token(jsonb, text[], text, timestamptz);
drop function ops.assert_token_scopes(text, text[]);
drop function ops.list_token_commands();
drop function ops.clear_halted(uuid, text, timestamptz);
drop function ops.arm_run(uuid, text, timestamptz);
drop function ops.approve_run(uuid, text, timestamptz);
drop function ops.get_arm_words(uuid);
drop function ops.check_preflight(uuid, timestamptz);
drop function ops.check_artifact(uuid);
drop function ops.check_workers(uuid, timestamptz);
drop function ops.check_evidence(uuid, timestamptz);
drop function ops.check_market(uuid, timestamptz);
drop function ops.check_terms(uuid, timestamptz);
drop function ops.check_run(uuid, timestamptz);
drop function ops.amend_session(text, date, text, text, text, timestamptz);
drop function ops.create_run(text, timestamptz, timestamptz);
drop function ops.assert_symbols(jsonb, timestamptz);
drop function ops.check_config(jsonb);
drop function ops.list_data_faults(jsonb);
drop function ops.list_unscoped_names(jsonb);
drop function ops.list_wide_limits(jsonb);
drop function ops.list_unused_keys(jsonb);
drop function ops.list_unfit_values(jsonb);
drop function ops.list_unknown_keys(jsonb);
drop function ops.is_config_value(jsonb, text, numeric, numeric, text[]);
drop function ops.describe_rule(text, numeric, numeric, text[]);
drop function ops.list_live_limits();
drop function ops.list_config_consumers();
drop function ops.list_data_consumers();
drop function ops.list_risk_consumers();
drop function ops.list_config_rules();
drop function ops.list_data_rules();
drop function ops.list_risk_rules();

commit;

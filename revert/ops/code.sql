-- Revert mqk:ops/code from pg
-- built from sql/ops by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on ops.operator_actions;
drop trigger _900_refuse_change on ops.operator_actions;
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
drop function ops.report_trades(uuid);
drop function ops.report_positions(uuid, timestamptz);
drop function ops.report_metrics(uuid);
drop function ops.list_session_equity(uuid);
drop function ops.assert_no_live_run();
drop function ops.list_holds(uuid, timestamptz);
drop function ops.list_order_holds(uuid, timestamptz);
drop function ops.list_gate_holds(uuid, timestamptz);
drop function ops.measure_gate(uuid, text);
drop function ops.list_run_holds(uuid, timestamptz);
drop function ops.list_market_holds(uuid, timestamptz);
drop function ops.perform_action(text, uuid, jsonb, timestamptz);
drop function ops.act(text, uuid, jsonb, timestamptz);
drop function ops.clear_halted(uuid, text, timestamptz);
drop function ops.arm_run(uuid, text, timestamptz);
drop function ops.approve_run(uuid, text, timestamptz);
drop function ops.get_arm_words(uuid);
drop function ops.check_preflight(uuid, timestamptz);
drop function ops.check_workers(uuid, timestamptz);
drop function ops.check_evidence(uuid, timestamptz);
drop function ops.check_market(uuid, timestamptz);
drop function ops.check_terms(uuid, timestamptz);
drop function ops.check_run(uuid, timestamptz);
drop function ops.create_run(text, timestamptz, timestamptz);
drop function ops.check_config(jsonb);
drop function ops.is_config_value(jsonb, text, numeric, numeric, text[]);
drop function ops.describe_rule(text, numeric, numeric, text[]);
drop function ops.list_config_rules();
drop function ops.list_risk_rules();

commit;

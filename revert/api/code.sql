-- Revert mqk:api/code from pg
-- built from sql/api by `make code`: edit there

begin;

set local role mqk_owner;

revoke usage on schema api
  from mqk_operator,
       mqk_approver,
       mqk_auditor,
       mqk_readonly,
       mqk_console;
drop function api.promote_gates(text);
drop function api.promote_rank(text);
drop function api.promote_judge(uuid, text, text, timestamptz);
drop function api.promote_parity(uuid, uuid, timestamptz);
drop function api.backtest_studies(uuid);
drop function api.backtest_step(uuid, timestamptz);
drop function api.backtest_monte_carlo(uuid, integer, text, bigint, timestamptz);
drop function api.backtest_cross_validate(uuid, integer, integer, text, jsonb, timestamptz);
drop function api.backtest_walk_forward(uuid, integer, text, jsonb, timestamptz);
drop function api.backtest_stress(uuid, timestamptz);
drop function api.backtest_parity(uuid, uuid);
drop function api.backtest_list();
drop function api.backtest_run(uuid, text, timestamptz);
drop function api.backtest_freeze(text, jsonb, date, date, timestamptz);
drop function api.config_consumed();
drop function api.config_check(jsonb);
drop function api.db_errors();
drop function api.db_assert_no_live();
drop function api.doctor_fingerprints();
drop function api.doctor_all(timestamptz);
drop function api.as_token(text, text, text, jsonb, timestamptz);
drop function api.token_list(timestamptz);
drop function api.token_revoke(text, text, timestamptz);
drop function api.token_rotate(text, text, text, timestamptz, timestamptz);
drop function api.token_issue(text, text, text, jsonb, timestamptz, timestamptz);
drop function api.run_scope(text, jsonb, timestamptz);
drop function api.verify_all();
drop function api.report_show(uuid, timestamptz);
drop function api.notices_rules();
drop function api.notices_list(text, integer);
drop function api.audit_actions(integer);
drop function api.audit_verify();
drop function api.audit_tail(uuid, bigint, integer);
drop function api.recon_verify(uuid);
drop function api.recon_refusals(uuid, integer);
drop function api.recon_drifts(uuid);
drop function api.recon_list(uuid, integer);
drop function api.risk_clear_day_trader(uuid, text, timestamptz);
drop function api.risk_restrictions(timestamptz);
drop function api.risk_restrict(jsonb, text, text, timestamptz, timestamptz);
drop function api.risk_trips(uuid, integer);
drop function api.risk_decisions(uuid, integer);
drop function api.risk_show(uuid);
drop function api.position_exposure(uuid, text, timestamptz);
drop function api.position_trades(uuid);
drop function api.position_list(uuid, timestamptz);
drop function api.orders_cancel_all(uuid, text, timestamptz);
drop function api.orders_cancel(text, text, timestamptz);
drop function api.orders_fills(uuid);
drop function api.explain_all(text);
drop function api.orders_list(uuid);
drop function api.md_resolve(text, text, text, text, text, timestamptz);
drop function api.md_quality(text, integer, timestamptz);
drop function api.md_sessions(uuid);
drop function api.md_report(uuid, integer);
drop function api.md_ingests(integer);
drop function api.md_raw(text);
drop function api.md_lineage(text, text, text);
drop function api.md_conflicts(text, timestamptz);
drop function api.md_defects(uuid, timestamptz);
drop function api.md_feed_marks(text);
drop function api.md_digest();
drop function api.md_status(timestamptz);
drop function api.md_findings(uuid);
drop function api.md_sync(text, jsonb, text, date, date, timestamptz);
drop function api.md_clear_jump(text, date, text, timestamptz);
drop function api.md_actions(text, timestamptz);
drop function api.md_cancel_action(uuid, text, timestamptz);
drop function api.md_load_actions(text, text, jsonb, timestamptz);
drop function api.md_ingest(text, boolean, jsonb, text, text, text, jsonb, timestamptz);
drop function api.md_instruments(text);
drop function api.md_clock(text, timestamptz);
drop function api.md_calendar(text, date, date, timestamptz);
drop function api.md_amend_session(text, date, text, text, text, timestamptz);
drop function api.md_load_classifications(jsonb, timestamptz);
drop function api.md_keep_raw(text, jsonb, text, bytea, timestamptz);
drop function api.md_load_instruments(jsonb, timestamptz);
drop function api.md_load_calendar(text, text, jsonb, timestamptz);
drop function api.run_strategies();
drop function api.run_show(uuid);
drop function api.run_list();
drop function api.run_check_health(timestamptz);
drop function api.why_all(uuid, timestamptz);
drop function api.status_all(uuid, timestamptz);
drop function api.run_find(text);
drop function api.run_change_mode(text, text, text, timestamptz);
drop function api.run_arm_words(uuid);
drop function api.run_preflight(uuid, timestamptz);
drop function api.run_clear_halted(uuid, text, timestamptz);
drop function api.run_flatten(uuid, text, timestamptz);
drop function api.run_halt(uuid, text, timestamptz);
drop function api.run_stop(uuid, text, timestamptz);
drop function api.run_begin(uuid, timestamptz);
drop function api.run_arm(uuid, text, timestamptz);
drop function api.run_approve(uuid, text, timestamptz);
drop function api.run_create(text, timestamptz, timestamptz);

commit;

-- Verify mqk:api/code on pg
-- built from sql/api by `make code`: edit there

begin;

set local role mqk_owner;

select 'api.run_create(text, timestamptz, timestamptz)'::regprocedure;
select 'api.run_approve(uuid, text, timestamptz)'::regprocedure;
select 'api.run_arm(uuid, text, timestamptz)'::regprocedure;
select 'api.run_begin(uuid, timestamptz)'::regprocedure;
select 'api.run_stop(uuid, text, timestamptz)'::regprocedure;
select 'api.run_halt(uuid, text, timestamptz)'::regprocedure;
select 'api.run_flatten(uuid, text, timestamptz)'::regprocedure;
select 'api.run_clear_halted(uuid, text, timestamptz)'::regprocedure;
select 'api.run_preflight(uuid, timestamptz)'::regprocedure;
select 'api.run_arm_words(uuid)'::regprocedure;
select 'api.run_change_mode(text, text, text, timestamptz)'::regprocedure;
select 'api.run_find(text)'::regprocedure;
select 'api.status_all(uuid, timestamptz)'::regprocedure;
select 'api.why_all(uuid, timestamptz)'::regprocedure;
select 'api.run_check_health(timestamptz)'::regprocedure;
select 'api.run_list()'::regprocedure;
select 'api.run_show(uuid)'::regprocedure;
select 'api.run_strategies()'::regprocedure;
select 'api.md_load_calendar(text, text, jsonb, timestamptz)'::regprocedure;
select 'api.md_load_instruments(jsonb, timestamptz)'::regprocedure;
select 'api.md_ingest(text, text, text, text, jsonb, timestamptz)'::regprocedure;
select 'api.md_findings(uuid)'::regprocedure;
select 'api.md_status(timestamptz)'::regprocedure;
select 'api.orders_list(uuid)'::regprocedure;
select 'api.explain_all(text)'::regprocedure;
select 'api.orders_fills(uuid)'::regprocedure;
select 'api.orders_cancel(text, text, timestamptz)'::regprocedure;
select 'api.orders_cancel_all(uuid, text, timestamptz)'::regprocedure;
select 'api.position_list(uuid, timestamptz)'::regprocedure;
select 'api.position_trades(uuid)'::regprocedure;
select 'api.risk_show(uuid)'::regprocedure;
select 'api.risk_decisions(uuid, integer)'::regprocedure;
select 'api.risk_trips(uuid, integer)'::regprocedure;
select 'api.risk_restrict(jsonb, text, text, timestamptz)'::regprocedure;
select 'api.risk_restrictions()'::regprocedure;
select 'api.risk_clear_day_trader(uuid, text, timestamptz)'::regprocedure;
select 'api.recon_list(uuid, integer)'::regprocedure;
select 'api.recon_drifts(uuid)'::regprocedure;
select 'api.recon_refusals(uuid, integer)'::regprocedure;
select 'api.recon_verify(uuid)'::regprocedure;
select 'api.audit_tail(uuid, bigint, integer)'::regprocedure;
select 'api.audit_verify()'::regprocedure;
select 'api.audit_actions(integer)'::regprocedure;
select 'api.notices_list(text, integer)'::regprocedure;
select 'api.notices_rules()'::regprocedure;
select 'api.report_show(uuid, timestamptz)'::regprocedure;
select 'api.verify_all()'::regprocedure;
select 'api.run_scope(text, jsonb, timestamptz)'::regprocedure;
select 'api.token_issue(text, text, text, jsonb, timestamptz, timestamptz)'::regprocedure;
select 'api.token_rotate(text, text, text, timestamptz, timestamptz)'::regprocedure;
select 'api.token_revoke(text, text, timestamptz)'::regprocedure;
select 'api.token_list(timestamptz)'::regprocedure;
select 'api.as_token(text, text, text, jsonb, timestamptz)'::regprocedure;
select 'api.doctor_all(timestamptz)'::regprocedure;
select 'api.doctor_fingerprints()'::regprocedure;
select 'api.db_assert_no_live()'::regprocedure;
select 'api.db_errors()'::regprocedure;
select 'api.config_check(jsonb)'::regprocedure;
select 'api.config_consumed()'::regprocedure;

rollback;

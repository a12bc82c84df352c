-- Revert mqk:api/code from pg
-- built from sql/api by `make code`: edit there

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

revoke usage on schema api
  from mqk_operator,
       mqk_approver,
       mqk_auditor,
       mqk_readonly,
       mqk_console,
       mqk_lab;
drop function api.promote_gates(text);
drop function api.promote_rank(text);
drop function api.promote_judge(uuid, text, text, timestamptz);
drop function api.promote_rehearse(uuid, text, jsonb, uuid, jsonb, timestamptz);
drop function api.promote_acts(uuid);
drop function api.promote_plan(uuid);
drop function api.promote_parity(uuid, uuid, timestamptz);
drop function api.backtest_studies(uuid);
drop function api.backtest_step(uuid, timestamptz);
drop function api.backtest_answer(uuid, text, jsonb, timestamptz);
drop function api.backtest_ask(uuid, timestamptz);
drop function api.backtest_monte_carlo(uuid, integer, text, bigint, timestamptz);
drop function api.backtest_cross_validate(uuid, integer, integer, text, jsonb, timestamptz);
drop function api.backtest_walk_forward(uuid, integer, text, jsonb, timestamptz);
drop function api.backtest_stress(uuid, timestamptz);
drop function api.backtest_compare(uuid, uuid);
drop function api.backtest_show(uuid, uuid);
drop function api.backtest_parity(uuid, uuid);
drop function api.backtest_list();
drop function api.backtest_rank(uuid);
drop function api.backtest_sweeps();
drop function api.backtest_fail_job(uuid, integer, integer, text, timestamptz);
drop function api.backtest_finish_job(uuid, integer, integer, uuid, timestamptz);
drop function api.backtest_claim_job(uuid, text, integer, timestamptz);
drop function api.backtest_sweep(uuid, text, jsonb, timestamptz);
drop function api.backtest_run(uuid, text, timestamptz);
drop function api.backtest_proofs();
drop function api.backtest_prove_lookahead(uuid, integer, integer, timestamptz);
drop function api.backtest_poison(uuid, integer, text, jsonb, timestamptz);
drop function api.backtest_cuts(uuid, integer, integer);
drop function api.backtest_try(uuid, integer, text, jsonb, timestamptz);
drop function api.backtest_ticks(uuid);
drop function api.backtest_bars(uuid, integer, text);
drop function api.backtest_finish(uuid, timestamptz);
drop function api.backtest_put_signals(uuid, jsonb, timestamptz);
drop function api.backtest_open(uuid, text, text, timestamptz);
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
drop function api.replay_log(uuid);
drop function api.replay_rows(uuid, text, timestamptz);
drop function api.replay_all(uuid, timestamptz);
drop function api.verify_all();
drop function api.report_show(uuid, timestamptz);
drop function api.notices_rules();
drop function api.notices_list(text, integer);
drop function api.audit_actions(integer);
drop function api.audit_anchor(text, timestamptz);
drop function api.audit_events(uuid, bigint, integer);
drop function api.audit_chains(text, uuid);
drop function api.audit_compare(text, jsonb, boolean);
drop function api.audit_anchors(text, bigint, integer);
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

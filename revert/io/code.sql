-- Revert mqk:io/code from pg
-- built from sql/io by `make code`: edit there

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

revoke usage on schema io
  from mqk_dispatch,
       mqk_inbox,
       mqk_recon,
       mqk_md,
       mqk_strategy,
       mqk_notify;
drop function io.record_anchor(uuid, bigint, jsonb, text, timestamptz);
drop function io.claim_anchor(uuid, bigint, jsonb, text, timestamptz);
drop function io.paper_observe(text, jsonb, timestamptz);
drop function io.paper_act(text, jsonb, timestamptz);
drop function io.paper_events(text, bigint, integer);
drop function io.paper_snapshot(text, timestamptz);
drop function io.paper_replace(text, uuid, bigint, bigint, bigint, timestamptz);
drop function io.paper_cancel(text, uuid, timestamptz);
drop function io.paper_submit(text, text, text, bigint, text, bigint, bigint, text, timestamptz);
drop function io.paper_open(text, jsonb, timestamptz);
drop function io.list_strategy_ids(uuid);
drop function io.get_run(text);
drop function io.assert_login();
drop function io.mark_notices_failed(uuid, text, bigint, text, integer, timestamptz);
drop function io.mark_notices_delivered(uuid, text, bigint, text, integer, timestamptz);
drop function io.claim_notices(uuid, text, timestamptz);
drop function io.report_budget(uuid, integer, timestamptz, timestamptz);
drop function io.take_budget(uuid, text, timestamptz);
drop function io.halt_run(uuid, text, timestamptz);
drop function io.expire_deadmen(timestamptz);
drop function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz);
drop function io.register_worker(uuid, text, text, text, jsonb, timestamptz);
drop function io.release_lease(uuid, text, bigint, timestamptz);
drop function io.acquire_lease(uuid, text, text, text, timestamptz);
drop function io.submit_snapshot(uuid, bigint, jsonb, timestamptz);
drop function io.get_cursor(uuid);
drop function io.set_continuity(uuid, bigint, text, text, timestamptz);
drop function io.receive_messages(uuid, bigint, jsonb, text, timestamptz);
drop function io.record_absence(uuid, bigint, bigint, integer, jsonb, timestamptz);
drop function io.list_unresolved(uuid, bigint, text, timestamptz);
drop function io.mark_not_sent(uuid, bigint, bigint, integer, text, timestamptz, timestamptz);
drop function io.mark_ambiguous(uuid, bigint, bigint, text, timestamptz);
drop function io.mark_failed(uuid, bigint, bigint, text, timestamptz);
drop function io.mark_sent(uuid, bigint, bigint, text, timestamptz);
drop function io.get_permit(uuid, bigint, bigint, integer, timestamptz);
drop function io.begin_dispatch(uuid, bigint, bigint, text, timestamptz);
drop function io.count_claimable(uuid, timestamptz);
drop function io.claim_outbox(uuid, bigint, text, integer, timestamptz);
drop function io.plan_flatten(uuid, bigint, timestamptz);
drop function io.plan_stops(uuid, bigint, timestamptz);
drop function io.plan_intents(uuid, bigint, jsonb, timestamptz);
drop function io.get_strategy_context(uuid, timestamptz);
drop function io.register_strategy(text, text, timestamptz);
drop function io.evaluate_risk(uuid, timestamptz);
drop function io.evaluate_integrity(uuid, timestamptz);
drop function io.list_paper_actions(uuid, timestamptz);
drop function io.apply_actions(uuid, timestamptz);
drop function io.list_new_bars(uuid, timestamptz, timestamptz);
drop function io.take_feed_wants(uuid, text, boolean, timestamptz);
drop function io.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz);
drop function io.keep_raw(text, jsonb, text, bytea, timestamptz);

commit;

-- Verify mqk:io/code on pg
-- built from sql/io by `make code`: edit there

begin;

set local role mqk_owner;

select 'io.keep_raw(text, jsonb, text, bytea, timestamptz)'::regprocedure;
select 'io.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz)'::regprocedure;
select 'io.take_feed_wants(uuid, text, boolean, timestamptz)'::regprocedure;
select 'io.list_new_bars(uuid, timestamptz, timestamptz)'::regprocedure;
select 'io.apply_actions(uuid, timestamptz)'::regprocedure;
select 'io.list_paper_actions(uuid, timestamptz)'::regprocedure;
select 'io.evaluate_integrity(uuid, timestamptz)'::regprocedure;
select 'io.evaluate_risk(uuid, timestamptz)'::regprocedure;
select 'io.register_strategy(text, text, timestamptz)'::regprocedure;
select 'io.get_strategy_context(uuid, timestamptz)'::regprocedure;
select 'io.plan_intents(uuid, bigint, jsonb, timestamptz)'::regprocedure;
select 'io.plan_stops(uuid, bigint, timestamptz)'::regprocedure;
select 'io.plan_flatten(uuid, bigint, timestamptz)'::regprocedure;
select 'io.claim_outbox(uuid, bigint, text, integer, timestamptz)'::regprocedure;
select 'io.count_claimable(uuid, timestamptz)'::regprocedure;
select 'io.begin_dispatch(uuid, bigint, bigint, text, timestamptz)'::regprocedure;
select 'io.get_permit(uuid, bigint, bigint, integer, timestamptz)'::regprocedure;
select 'io.mark_sent(uuid, bigint, bigint, text, timestamptz)'::regprocedure;
select 'io.mark_failed(uuid, bigint, bigint, text, timestamptz)'::regprocedure;
select 'io.mark_ambiguous(uuid, bigint, bigint, text, timestamptz)'::regprocedure;
select 'io.mark_not_sent(uuid, bigint, bigint, integer, text, timestamptz, timestamptz)'::regprocedure;
select 'io.list_unresolved(uuid, bigint, text, timestamptz)'::regprocedure;
select 'io.record_absence(uuid, bigint, bigint, integer, jsonb, timestamptz)'::regprocedure;
select 'io.receive_messages(uuid, bigint, jsonb, text, timestamptz)'::regprocedure;
select 'io.set_continuity(uuid, bigint, text, text, timestamptz)'::regprocedure;
select 'io.get_cursor(uuid)'::regprocedure;
select 'io.submit_snapshot(uuid, bigint, jsonb, timestamptz)'::regprocedure;
select 'io.acquire_lease(uuid, text, text, text, timestamptz)'::regprocedure;
select 'io.release_lease(uuid, text, bigint, timestamptz)'::regprocedure;
select 'io.register_worker(uuid, text, text, text, jsonb, timestamptz)'::regprocedure;
select 'io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz)'::regprocedure;
select 'io.expire_deadmen(timestamptz)'::regprocedure;
select 'io.halt_run(uuid, text, timestamptz)'::regprocedure;
select 'io.take_budget(uuid, text, timestamptz)'::regprocedure;
select 'io.report_budget(uuid, integer, timestamptz, timestamptz)'::regprocedure;
select 'io.claim_notices(uuid, text, timestamptz)'::regprocedure;
select 'io.mark_notices_delivered(uuid, text, bigint, text, integer, timestamptz)'::regprocedure;
select 'io.mark_notices_failed(uuid, text, bigint, text, integer, timestamptz)'::regprocedure;
select 'io.assert_login()'::regprocedure;
select 'io.get_run(text)'::regprocedure;
select 'io.list_strategy_ids(uuid)'::regprocedure;
select 'io.paper_open(text, jsonb, timestamptz)'::regprocedure;
select 'io.paper_submit(text, text, text, bigint, text, bigint, bigint, text, timestamptz)'::regprocedure;
select 'io.paper_cancel(text, uuid, timestamptz)'::regprocedure;
select 'io.paper_replace(text, uuid, bigint, bigint, bigint, timestamptz)'::regprocedure;
select 'io.paper_snapshot(text, timestamptz)'::regprocedure;
select 'io.paper_events(text, bigint, integer)'::regprocedure;
select 'io.paper_act(text, jsonb, timestamptz)'::regprocedure;
select 'io.paper_observe(text, jsonb, timestamptz)'::regprocedure;
select 'io.claim_anchor(uuid, bigint, jsonb, text, timestamptz)'::regprocedure;
select 'io.record_anchor(uuid, bigint, jsonb, text, timestamptz)'::regprocedure;

rollback;

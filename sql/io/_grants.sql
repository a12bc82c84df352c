grant usage on schema io to mqk_dispatch, mqk_inbox, mqk_recon, mqk_md, mqk_strategy, mqk_notify;

grant execute on function io.assert_login() to mqk_dispatch;
grant execute on function io.get_run(text) to mqk_dispatch;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_dispatch;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_dispatch;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_dispatch;
grant execute on function io.count_claimable(uuid, timestamptz) to mqk_dispatch;
grant execute on function io.claim_outbox(uuid, bigint, text, integer, timestamptz) to mqk_dispatch;
grant execute on function io.plan_flatten(uuid, bigint, timestamptz) to mqk_dispatch;
grant execute on function io.begin_dispatch(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.get_permit(uuid, bigint, bigint, integer, timestamptz) to mqk_dispatch;
grant execute on function io.mark_sent(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.mark_failed(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.mark_ambiguous(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.mark_not_sent(
    uuid, bigint, bigint, integer, text, timestamptz, timestamptz) to mqk_dispatch;
grant execute on function io.list_unresolved(uuid, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.record_absence(uuid, bigint, bigint, integer, jsonb, timestamptz)
   to mqk_dispatch;
grant execute on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz)
   to mqk_dispatch;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_dispatch;
grant execute on function io.take_budget(uuid, text, timestamptz) to mqk_dispatch;
grant execute on function io.report_budget(uuid, integer, timestamptz, timestamptz) to mqk_dispatch;
grant execute on function io.expire_deadmen(timestamptz) to mqk_dispatch;
grant execute on function io.paper_submit(
    text, text, text, bigint, text, bigint, bigint, text, timestamptz)
   to mqk_dispatch;
grant execute on function io.paper_cancel(text, uuid, timestamptz) to mqk_dispatch;
grant execute on function io.paper_replace(
    text, uuid, bigint, bigint, bigint, timestamptz) to mqk_dispatch;
grant execute on function io.paper_snapshot(text, timestamptz) to mqk_dispatch;

grant execute on function io.assert_login() to mqk_inbox;
grant execute on function io.get_run(text) to mqk_inbox;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_inbox;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_inbox;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_inbox;
grant execute on function io.receive_messages(uuid, bigint, jsonb, text, timestamptz) to mqk_inbox;
grant execute on function io.get_cursor(uuid) to mqk_inbox;
grant execute on function io.set_continuity(uuid, bigint, text, text, timestamptz) to mqk_inbox;
grant execute on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz) to mqk_inbox;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_inbox;
grant execute on function io.take_budget(uuid, text, timestamptz) to mqk_inbox;
grant execute on function io.report_budget(uuid, integer, timestamptz, timestamptz) to mqk_inbox;
grant execute on function io.expire_deadmen(timestamptz) to mqk_inbox;
grant execute on function io.paper_events(text, bigint, integer) to mqk_inbox;

grant execute on function io.assert_login() to mqk_recon;
grant execute on function io.get_run(text) to mqk_recon;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_recon;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_recon;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_recon;
grant execute on function io.submit_snapshot(uuid, bigint, jsonb, timestamptz) to mqk_recon;
grant execute on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz) to mqk_recon;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_recon;
grant execute on function io.take_budget(uuid, text, timestamptz) to mqk_recon;
grant execute on function io.report_budget(uuid, integer, timestamptz, timestamptz) to mqk_recon;
grant execute on function io.expire_deadmen(timestamptz) to mqk_recon;
grant execute on function io.paper_snapshot(text, timestamptz) to mqk_recon;
grant execute on function io.paper_open(text, jsonb, timestamptz) to mqk_recon;

grant execute on function io.assert_login() to mqk_md;
grant execute on function io.get_run(text) to mqk_md;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_md;
grant execute on function io.keep_raw(text, jsonb, text, bytea, timestamptz) to mqk_md;
grant execute on function io.ingest_bars(
    text, boolean, jsonb, text, text, text, jsonb, timestamptz) to mqk_md;
grant execute on function io.take_feed_wants(uuid, text, boolean, timestamptz) to mqk_md;
grant execute on function io.list_new_bars(uuid, timestamptz, timestamptz) to mqk_md;
grant execute on function io.evaluate_integrity(uuid, timestamptz) to mqk_md;
grant execute on function io.evaluate_risk(uuid, timestamptz) to mqk_md;
grant execute on function io.apply_actions(uuid, timestamptz) to mqk_md;
grant execute on function io.list_paper_actions(uuid, timestamptz) to mqk_md;
grant execute on function io.paper_act(text, jsonb, timestamptz) to mqk_md;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_md;
grant execute on function io.expire_deadmen(timestamptz) to mqk_md;
grant execute on function io.paper_observe(text, jsonb, timestamptz) to mqk_md;

grant execute on function io.assert_login() to mqk_strategy;
grant execute on function io.get_run(text) to mqk_strategy;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_strategy;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_strategy;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_strategy;
grant execute on function io.register_strategy(text, text, timestamptz) to mqk_strategy;
grant execute on function io.list_strategy_ids(uuid) to mqk_strategy;
grant execute on function io.get_strategy_context(uuid, timestamptz) to mqk_strategy;
grant execute on function io.plan_intents(uuid, bigint, jsonb, timestamptz) to mqk_strategy;
grant execute on function io.plan_stops(uuid, bigint, timestamptz) to mqk_strategy;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_strategy;
grant execute on function io.expire_deadmen(timestamptz) to mqk_strategy;

grant execute on function io.assert_login() to mqk_notify;
grant execute on function io.get_run(text) to mqk_notify;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz) to mqk_notify;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_notify;
grant execute on function io.claim_anchor(uuid, bigint, jsonb, text, timestamptz) to mqk_notify;
grant execute on function io.record_anchor(uuid, bigint, jsonb, text, timestamptz) to mqk_notify;
grant execute on function io.claim_notices(uuid, text, timestamptz) to mqk_notify;
grant execute on function io.mark_notices_delivered(uuid, text, bigint, text, integer, timestamptz)
   to mqk_notify;
grant execute on function io.mark_notices_failed(uuid, text, bigint, text, integer, timestamptz)
   to mqk_notify;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_notify;
grant execute on function io.expire_deadmen(timestamptz) to mqk_notify;

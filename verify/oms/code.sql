-- Verify mqk:oms/code on pg
-- built from sql/oms by `make code`: edit there

begin;

set local role mqk_owner;

select 'oms.assert_order(text)'::regprocedure;
select 'oms.derive_intent_id(uuid, text, timestamptz, text)'::regprocedure;
select 'oms.derive_client_order_id(text, uuid)'::regprocedure;
select 'oms.list_said(oms.orders, oms.inbox)'::regprocedure;
select 'oms.list_versions(oms.orders, oms.inbox)'::regprocedure;
select 'oms.list_asked(oms.orders, oms.inbox)'::regprocedure;
select 'oms.fold_order(oms.orders, oms.inbox)'::regprocedure;
select 'oms.move_order(oms.orders, text, timestamptz)'::regprocedure;
select 'oms.move_outbox(uuid, bigint, text, text, text, timestamptz)'::regprocedure;
select 'oms.settle_order(oms.orders, oms.inbox, text, timestamptz)'::regprocedure;
select 'oms.enqueue_request(uuid, uuid, text, bigint, text, timestamptz, timestamptz)'::regprocedure;
select 'oms.enqueue_order(oms.intents, bigint, timestamptz, timestamptz)'::regprocedure;
select 'oms.fail_order(oms.outbox, text, text, timestamptz)'::regprocedure;
select 'oms.release_order(uuid, bigint, text, timestamptz)'::regprocedure;
select 'oms.get_open_qty(uuid, text)'::regprocedure;
select 'oms.cancel_order(oms.orders, text, timestamptz)'::regprocedure;
select 'oms.cancel_orders(uuid, text, text, timestamptz)'::regprocedure;
select 'oms.tell_target(oms.deferrals, timestamptz)'::regprocedure;
select 'oms.drop_targets(uuid, text, timestamptz)'::regprocedure;
select 'oms.clear_symbol(uuid, text, text, timestamptz)'::regprocedure;
select 'oms.apply_actions(uuid, timestamptz)'::regprocedure;
select 'oms.find_action_defect(uuid, text, timestamptz)'::regprocedure;
select 'oms.get_stop(uuid, text)'::regprocedure;
select 'oms.record_wait(strat.targets, oms.orders, timestamptz)'::regprocedure;
select 'oms.is_in_the_way(oms.orders, strat.targets)'::regprocedure;
select 'oms.make_room(strat.targets, timestamptz)'::regprocedure;
select 'oms.make_way(strat.targets, timestamptz)'::regprocedure;
select 'oms.get_expiry(text, timestamptz)'::regprocedure;
select 'oms.is_unfinished(oms.orders)'::regprocedure;
select 'oms.list_open_shares(uuid, uuid)'::regprocedure;
select 'oms.get_open_shares(uuid)'::regprocedure;
select 'oms.count_messages(uuid, timestamptz)'::regprocedure;
select 'oms.get_terms(strat.targets)'::regprocedure;
select 'oms.plan_symbol(strat.targets, timestamptz)'::regprocedure;
select 'oms.assert_queue(uuid)'::regprocedure;
select 'oms.plan_intents(uuid, jsonb, timestamptz)'::regprocedure;
select 'oms.compute_stop_price(bigint, bigint, integer, bigint)'::regprocedure;
select 'oms.restate_stop(bigint, integer, numeric, numeric)'::regprocedure;
select 'oms.get_last_stop_micros(uuid, text, timestamptz)'::regprocedure;
select 'oms.count_refused_stops(uuid, text)'::regprocedure;
select 'oms.is_being_traded(uuid, text)'::regprocedure;
select 'oms.place_stop(uuid, text, bigint, bigint, timestamptz)'::regprocedure;
select 'oms.end_flatten(uuid, text, timestamptz)'::regprocedure;
select 'oms.plan_stop(uuid, text, bigint, integer, timestamptz)'::regprocedure;
select 'oms.resume_targets(uuid, timestamptz)'::regprocedure;
select 'oms.plan_stops(uuid, timestamptz)'::regprocedure;
select 'oms.get_broker_order_id(uuid, uuid)'::regprocedure;
select 'oms.get_reduction(oms.outbox)'::regprocedure;
select 'oms.is_reducing(oms.outbox)'::regprocedure;
select 'oms.is_exposed(uuid)'::regprocedure;
select 'oms.count_unresolved(uuid)'::regprocedure;
select 'oms.find_run_defect(run.runs, text)'::regprocedure;
select 'oms.find_reduction_defect(uuid, timestamptz)'::regprocedure;
select 'oms.find_lane_defect(run.runs, oms.outbox, timestamptz)'::regprocedure;
select 'oms.count_refused_flattens(risk.flattens, text)'::regprocedure;
select 'oms.count_refused_cancels(risk.flattens, text)'::regprocedure;
select 'oms.flatten_symbol(risk.flattens, text, timestamptz)'::regprocedure;
select 'oms.plan_flatten(uuid, timestamptz)'::regprocedure;
select 'oms.cancel_flatten(uuid, text, timestamptz)'::regprocedure;
select 'oms.is_claimable(oms.outbox, boolean, boolean, timestamptz)'::regprocedure;
select 'oms.count_claimable(uuid, timestamptz)'::regprocedure;
select 'oms.claim_outbox(uuid, text, integer, timestamptz)'::regprocedure;
select 'oms.begin_dispatch(uuid, bigint, text, timestamptz)'::regprocedure;
select 'oms.record_attempt(run.runs, oms.outbox, text, timestamptz)'::regprocedure;
select 'oms.derive_request_name(oms.outbox, text)'::regprocedure;
select 'oms.get_permit(uuid, bigint, integer, timestamptz)'::regprocedure;
select 'oms.confirm_sent(uuid, bigint, text, text, timestamptz)'::regprocedure;
select 'oms.map_successor(uuid, bigint, text, timestamptz)'::regprocedure;
select 'oms.mark_sent(uuid, bigint, text, timestamptz)'::regprocedure;
select 'oms.count_halt_refusals(uuid, uuid)'::regprocedure;
select 'oms.tell_refused_cancel(oms.outbox, text, timestamptz)'::regprocedure;
select 'oms.mark_failed(uuid, bigint, text, timestamptz)'::regprocedure;
select 'oms.mark_ambiguous(uuid, bigint, text, timestamptz)'::regprocedure;
select 'oms.mark_not_sent(uuid, bigint, integer, text, timestamptz, timestamptz)'::regprocedure;
select 'oms.compute_pause(bigint)'::regprocedure;
select 'oms.list_doubts(uuid, timestamptz)'::regprocedure;
select 'oms.cancel_halted(uuid, timestamptz)'::regprocedure;
select 'oms.list_unresolved(uuid, text, timestamptz)'::regprocedure;
select 'oms.record_absence(uuid, bigint, integer, jsonb, timestamptz)'::regprocedure;
select 'oms.is_known_event(text)'::regprocedure;
select 'oms.is_fill(oms.inbox)'::regprocedure;
select 'oms.find_order(uuid, text, jsonb)'::regprocedure;
select 'oms.parse_message(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'oms.find_defect(oms.inbox)'::regprocedure;
select 'oms.find_twin(oms.inbox)'::regprocedure;
select 'oms.reverse_fill(oms.inbox, text, timestamptz)'::regprocedure;
select 'oms.apply_fill(oms.inbox, oms.orders, timestamptz)'::regprocedure;
select 'oms.check_position(oms.inbox, timestamptz)'::regprocedure;
select 'oms.close_requests(oms.inbox, timestamptz)'::regprocedure;
select 'oms.acknowledge(oms.inbox, timestamptz)'::regprocedure;
select 'oms.apply_event(oms.inbox, timestamptz)'::regprocedure;
select 'oms.apply_message(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'oms.follow_status(uuid, uuid, text, text, timestamptz)'::regprocedure;
select 'oms.keep_message(oms.inbox, timestamptz)'::regprocedure;
select 'oms.receive_messages(uuid, jsonb, text, timestamptz)'::regprocedure;
select 'oms.set_continuity(uuid, text, text, timestamptz)'::regprocedure;
select 'oms.open_budget(text, timestamptz)'::regprocedure;
select 'oms.count_budget(oms.budgets, timestamptz)'::regprocedure;
select 'oms.take_budget(uuid, text, timestamptz)'::regprocedure;
select 'oms.report_budget(uuid, integer, timestamptz, timestamptz)'::regprocedure;
select 'oms.tg_orders__guard_terms()'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.intents'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.order_history'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox_history'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.attempts'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.permits'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.absence_misses'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.absence_proofs'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.broker_map'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.inbox'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.orders'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.inbox'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.order_history'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox_history'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.attempts'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.orders'::regclass and tgname = '_100_guard_terms';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.intents'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.permits'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.absence_misses'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.absence_proofs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.broker_map'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.orders'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.order_moves'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.order_moves'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox_moves'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox_moves'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'oms.outbox'::regclass and tgname = '_900_refuse_new_terms';

rollback;
